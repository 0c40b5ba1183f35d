#include "beaver/api/blob.hpp"

#include "support/machine.hpp"
#include "support/memory_peak.hpp"
#include "support/open_database.hpp"
#include "support/raw_file.hpp"
#include "support/settings.hpp"

#include <boost/test/unit_test.hpp>
#include <cstring>
#include <random>

using namespace beaver;
using namespace beaver::test;
using namespace std::chrono_literals;

namespace {

/// Bytes `offset`, `offset + 1`, ... of an endless text that repeats itself nowhere soon.
void fill(std::span<char> target, std::uint64_t offset) {
  for (auto& c : target) {
    const auto x = offset++ * 0x9e3779b97f4a7c15ull;
    c = static_cast<char>(x >> 56);
  }
}

std::string text(std::size_t size, std::uint64_t offset = 0) {
  std::string out(size, '\0');
  fill(out, offset);
  return out;
}

/// Writes and reads back a blob of `size` bytes in pieces; gives the extra memory that it took.
std::uint64_t pass_through(database& db, std::uint64_t size) {
  std::vector<char> piece(700'000); // no divisor of anything
  auto blobs = db.blob("b");
  memory_peak memory;
  auto out = blobs.writer("big", json_text{R"({"kind":"film"})"});
  for (std::uint64_t at = 0; at < size;) {
    const auto n = std::min<std::uint64_t>(piece.size(), size - at);
    fill({piece.data(), n}, at);
    out.write(std::string_view{piece.data(), n});
    at += n;
    memory.look();
  }
  BOOST_TEST(out.size() == size);
  BOOST_TEST(!blobs.contains("big"));
  BOOST_TEST(out.commit() == size);
  memory.look();

  auto in = blobs.reader("big");
  BOOST_REQUIRE(in.has_value());
  BOOST_TEST(in->size() == size);
  std::vector<char> expected(piece.size());
  std::uint64_t at = 0;
  while (const auto n = in->read(std::as_writable_bytes(std::span{piece}))) {
    fill({expected.data(), n}, at);
    BOOST_REQUIRE(std::memcmp(piece.data(), expected.data(), n) == 0);
    at += n;
    memory.look();
  }
  BOOST_TEST(at == size);
  BOOST_TEST(blobs.stat("big")->size == size);
  BOOST_TEST(blobs.stat("big")->metadata->text() == R"({"kind": "film"})");
  return memory.extra();
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(blob, open_database)

BOOST_AUTO_TEST_CASE(bytes_come_back_with_their_metadata) {
  auto b = db.blob("files");
  BOOST_TEST(b.name() == "files");
  const std::string every_byte = [] {
    std::string all;
    for (int i = 0; i < 256; ++i)
      all += static_cast<char>(i);
    return all;
  }();
  b.put("all", every_byte, json_text{R"({"mimetype":"x"})"});
  b.put("empty", "");
  BOOST_TEST((b.get("all").text() == every_byte));
  BOOST_TEST(b.find("all")->metadata->text() == R"({"mimetype": "x"})");
  BOOST_TEST(b.get("empty").size() == 0u);
  BOOST_TEST(!b.find("empty")->metadata);
  BOOST_TEST(!b.find("other"));
  BOOST_TEST(b.contains("empty"));
  BOOST_TEST(!b.contains("other"));
  const auto end = outcome_of([&] { (void)b.get("other"); });
  BOOST_TEST(end.is(errc::not_found));
  BOOST_TEST(end.text == "blob store 'files' has no key 'other'");
  b.put("all", "short"); // replaces metadata too
  BOOST_TEST(!b.stat("all")->metadata);
  BOOST_TEST(b.stat("all")->size == 5u);
  raw_file raw{home.path()};
  BOOST_TEST(*raw.text("SELECT data FROM __beaver_blobs__ WHERE key = 'all'") == "short");
}

BOOST_AUTO_TEST_CASE(a_range_is_read_alone) {
  auto b = db.blob("b");
  const auto whole = text(3'000'000);
  b.put("k", whole);
  BOOST_TEST((b.read("k", 0, 10)->text() == whole.substr(0, 10)));
  BOOST_TEST((b.read("k", 2'222'222, 5'000)->text() == whole.substr(2'222'222, 5'000)));
  BOOST_TEST((b.read("k", 2'999'990, 100)->text() == whole.substr(2'999'990)));
  BOOST_TEST(b.read("k", 3'000'000, 100)->size() == 0u);
  BOOST_TEST(b.read("k", 1ull << 60, 100)->size() == 0u);
  BOOST_TEST((b.read("k", 0, 1ull << 62)->text() == whole));
  BOOST_TEST(!b.read("other", 0, 1));
}

BOOST_AUTO_TEST_CASE(metadata_changes_without_the_content) {
  auto b = db.blob("b");
  const auto large = text(3'000'000);
  for (const auto& content : {std::string{"small"}, large}) {
    b.put("k", content, json_text{"1"});
    BOOST_TEST(b.set_metadata("k", json_text{R"({"longer":"than before"})"}));
    BOOST_TEST(b.stat("k")->metadata->text() == R"({"longer": "than before"})");
    BOOST_TEST(b.set_metadata("k", json_text{"2"}));
    BOOST_TEST(b.stat("k")->metadata->text() == "2");
    BOOST_TEST(b.set_metadata("k", std::nullopt));
    BOOST_TEST(!b.stat("k")->metadata);
    BOOST_TEST((b.get("k").text() == content));
  }
  BOOST_TEST(!b.set_metadata("other", json_text{"1"}));
  BOOST_TEST(outcome_of([&] { b.set_metadata("k", json_text{"{"}); }).is(errc::invalid_argument));
}

BOOST_AUTO_TEST_CASE(listings_give_sizes_without_content) {
  auto b = db.blob("b");
  for (int i = 0; i < 600; ++i)
    b.put("k" + std::to_string(1'000 + i), std::string(static_cast<std::size_t>(i), 'x'));
  const auto some = b.list({.from = "k1100", .limit = 3});
  BOOST_REQUIRE(some.size() == 3u);
  BOOST_TEST(some[2].key == "k1102");
  BOOST_TEST(some[2].size == 102u);
  std::uint64_t n = 0;
  for (const auto& entry : b.entries())
    BOOST_REQUIRE(entry.size == n++);
  BOOST_TEST(n == 600u);
  BOOST_TEST(b.count() == 600u);
  BOOST_TEST(b.count("k12") == 100u);
  BOOST_TEST(b.info().blobs == 600u);
  BOOST_TEST(b.info().bytes == 600u * 599 / 2);
  BOOST_TEST(b.erase("k1000"));
  BOOST_TEST(!b.erase("k1000"));
  b.clear();
  BOOST_TEST(b.count() == 0u);
  BOOST_TEST(db.blobs().empty());
}

BOOST_AUTO_TEST_CASE(a_blob_passes_through_in_pieces_of_bounded_memory,
                     *boost::unit_test::precondition(has_proc) * in_this_process()) {
  const std::uint64_t size = long_tests() ? 900'000'000 : 64 << 20;
  const auto extra = pass_through(db, size);
  BOOST_TEST_MESSAGE(size << " bytes passed with " << extra << " bytes of extra memory");
  BOOST_TEST(extra < with_sanitizers(32u << 20));
}

BOOST_AUTO_TEST_CASE(a_writer_shows_nothing_before_commit_and_leaves_nothing_without_it) {
  auto b = db.blob("b");
  b.put("k", "old");
  {
    auto out = b.writer("k");
    out.write(text(2'500'000));
    BOOST_TEST(b.get("k").text() == "old");
    BOOST_TEST(b.info().uploads == 1u);
  }
  BOOST_TEST(b.get("k").text() == "old");
  BOOST_TEST(b.info().uploads == 0u);
  raw_file raw{home.path()};
  BOOST_TEST(raw.integer("SELECT count(*) FROM __beaver_blob_chunks__") == 0);

  auto out = b.writer("k");
  out.write("new");
  BOOST_TEST(out.commit() == 3u);
  BOOST_TEST(b.get("k").text() == "new");
  BOOST_TEST(outcome_of([&] { out.write("more"); }).is(errc::closed));
  BOOST_TEST(outcome_of([&] { out.commit(); }).is(errc::closed));
  BOOST_TEST(b.writer("empty").commit() == 0u);
  BOOST_TEST(b.get("empty").size() == 0u);
}

BOOST_AUTO_TEST_CASE(a_writer_inside_a_transaction_is_part_of_it, *in_this_process()) {
  BOOST_CHECK_THROW(db.transaction([](transaction& tx) {
    auto out = tx.blob("b").writer("k");
    out.write(text(2'500'000));
    out.commit();
    BOOST_TEST(tx.blob("b").stat("k")->size == 2'500'000u);
    throw std::logic_error("changed my mind");
  }),
                    std::logic_error);
  BOOST_TEST(!db.blob("b").contains("k"));
  db.transaction([](transaction& tx) {
    auto out = tx.blob("b").writer("k");
    out.write(text(2'500'000));
    out.commit();
  });
  BOOST_TEST((db.blob("b").get("k").text() == text(2'500'000)));
}

BOOST_AUTO_TEST_CASE(what_an_abandoned_writer_has_staged_is_swept_after_a_day) {
  temp_folder other_folder;
  test_clock clock;
  auto how = quick();
  how.clock = clock.function();
  how.sweep_period = 0ms;
  database other{other_folder.file(), how};
  auto out = other.blob("b").writer("k");
  out.write(text(2'500'000));
  clock.advance(23 * 3'600);
  BOOST_TEST(other.sweep().blob_uploads == 0u);
  clock.advance(2 * 3'600);
  BOOST_TEST(other.sweep().blob_uploads == 1u);
  BOOST_TEST(raw_file{other.path()}.integer("SELECT count(*) FROM __beaver_blob_chunks__") == 0);
  BOOST_TEST(outcome_of([&] { out.commit(); }).failed); // not half of it
  BOOST_TEST(!other.blob("b").contains("k"));
}

BOOST_AUTO_TEST_CASE(a_reader_keeps_to_the_blob_that_it_was_opened_on, *in_this_process()) {
  auto b = db.blob("b");
  const auto old = text(5'000'000);
  b.put("k", old);
  BOOST_TEST(!b.reader("other").has_value());
  auto in = b.reader("k");
  BOOST_REQUIRE(in.has_value());
  std::string got(1'000, '\0');
  in->seek(4'000'000);
  BOOST_TEST(in->read(std::as_writable_bytes(std::span{got})) == 1'000u);
  BOOST_TEST((got == old.substr(4'000'000, 1'000)));
  BOOST_TEST(in->position() == 4'001'000u);
  b.put("k", "new");
  b.erase("k");
  in->seek(0);
  std::string all(old.size() + 10, '\0');
  BOOST_TEST(in->read(std::as_writable_bytes(std::span{all})) == old.size());
  BOOST_TEST((all.substr(0, old.size()) == old));
  BOOST_TEST(in->read(std::as_writable_bytes(std::span{all})) == 0u);
  auto kept = b.writer("late");
  db.close();
  in->seek(0);
  BOOST_TEST(
    outcome_of([&] { (void)in->read(std::as_writable_bytes(std::span{all})); }).is(errc::closed));
  kept.write("x");
  BOOST_TEST(outcome_of([&] { kept.commit(); }).is(errc::closed));
}

BOOST_AUTO_TEST_CASE(bad_arguments_are_refused_by_name) {
  auto b = db.blob("b");
  BOOST_TEST(outcome_of([&] { b.put("", "x"); }).is(errc::invalid_argument));
  BOOST_TEST(outcome_of([&] { b.put(std::string(1'025, 'k'), "x"); }).is(errc::invalid_argument));
  BOOST_TEST(outcome_of([&] { b.put("k", "x", json_text{"{"}); }).is(errc::invalid_argument));
  BOOST_TEST(outcome_of([&] { b.writer("").commit(); }).is(errc::invalid_argument));
  BOOST_TEST(b.count() == 0u);
}

BOOST_AUTO_TEST_CASE(random_operations_agree_with_a_map) {
  const auto seed = fresh_seed();
  BOOST_TEST_MESSAGE("seed " << seed);
  std::mt19937_64 dice{seed};
  const auto below = [&](std::uint64_t n) { return dice() % n; };
  std::map<std::string, std::string> oracle;
  temp_folder other_folder;
  auto open = std::make_unique<database>(other_folder.file(), quick());
  for (int step = 0; step < 4'000; ++step) {
    BOOST_TEST_INFO("seed " << seed << ", step " << step);
    auto b = open->blob("b");
    const auto key = "k" + std::to_string(below(12));
    const auto at = oracle.find(key);
    switch (below(7)) {
    case 0:
    case 1: {
      auto value = text(below(10) ? below(9'000) : 1'000'000 + below(400'000), below(1'000));
      b.put(key, value);
      oracle[key] = std::move(value);
      break;
    }
    case 2: {
      auto out = b.writer(key);
      std::string value;
      for (auto parts = below(4); parts > 0; --parts) {
        value += text(below(600'000), below(1'000));
        out.write(std::string_view{value}.substr(static_cast<std::size_t>(out.size())));
      }
      if (below(2)) {
        BOOST_REQUIRE(out.commit() == value.size());
        oracle[key] = std::move(value);
      }
      break;
    }
    case 3:
      BOOST_REQUIRE(b.erase(key) == (oracle.erase(key) == 1));
      break;
    case 4: {
      const auto offset = below(1'500'000);
      const auto got = b.read(key, offset, 10'000);
      BOOST_REQUIRE(got.has_value() == (at != oracle.end()));
      if (got) {
        const auto from = std::min<std::uint64_t>(offset, at->second.size());
        BOOST_REQUIRE(got->text() == std::string_view{at->second}.substr(from, 10'000));
      }
      break;
    }
    case 5: {
      const auto got = b.find(key);
      BOOST_REQUIRE(got.has_value() == (at != oracle.end()));
      if (got)
        BOOST_REQUIRE(got->data.text() == at->second);
      break;
    }
    default:
      BOOST_REQUIRE(b.count() == oracle.size());
      if (below(100) == 0) {
        open.reset();
        open = std::make_unique<database>(other_folder.file(), quick());
      }
    }
  }
  BOOST_TEST(raw_file{other_folder.file()}.integrity() == "ok");
}

BOOST_AUTO_TEST_SUITE_END()
