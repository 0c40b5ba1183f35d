#include "beaver/storage/blob_upload.hpp"

#include "beaver/storage/blob_stream.hpp"
#include "beaver/storage/blob_table.hpp"
#include "blob_support.hpp"
#include "support/failure.hpp"
#include "support/settings.hpp"

#include <sys/resource.h>

using namespace beaver;
using namespace beaver::test;

namespace {

struct fixture : table_fixture {
  std::uint64_t stage(std::string_view upload, std::string_view chunk, unix_seconds now = 1) {
    return write([&] { return blob_table::stage(c(), "s", upload, bytes{chunk}, now); });
  }
  std::uint64_t commit(std::string_view upload, std::string_view key,
                       const std::optional<json_text>& metadata = {}) {
    return write([&] { return blob_table::commit_upload(c(), "s", upload, key, metadata); });
  }
  std::string find(std::string_view key) {
    const auto found = blob_table::find(c(), "s", key);
    return found ? std::string{found->data.text()} : "(none)";
  }
  std::int64_t chunks() { return c().integer("SELECT count(*) FROM __beaver_blob_chunks__"); }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(blob_upload_suite, fixture)

BOOST_AUTO_TEST_CASE(chunks_become_a_blob_in_the_order_of_their_arrival) {
  for (const std::size_t size : {10, 300'000, 1'500'000}) {
    std::string data;
    for (int i = 0; i < 4; ++i) {
      const std::string chunk = pattern(size, size + static_cast<std::uint64_t>(i));
      data += chunk;
      BOOST_TEST(stage("u", chunk) == data.size());
    }
    BOOST_TEST(blob_table::info(c(), "s").uploads == 1u);
    BOOST_TEST(commit("u", "k", json_text{"[1]"}) == data.size());
    BOOST_TEST((find("k") == data));
    BOOST_TEST((blob_table::find(c(), "s", "k")->metadata == json_text{"[1]"}));
    BOOST_TEST(blob_table::info(c(), "s").uploads == 0u);
    BOOST_TEST(blob_table::count(c(), "s", std::nullopt) == 1u); // it replaced the one before
    BOOST_TEST(chunks() == 0);
  }
}

BOOST_AUTO_TEST_CASE(an_upload_of_nothing_is_an_empty_blob) {
  BOOST_TEST(stage("u", "") == 0u);
  BOOST_TEST(commit("u", "k") == 0u);
  BOOST_TEST(find("k") == "");
}

BOOST_AUTO_TEST_CASE(nothing_is_visible_before_the_commit_and_uploads_do_not_mix) {
  stage("u", "1");
  stage("v", "a");
  stage("u", "2");
  BOOST_TEST(!blob_table::contains(c(), "s", "k"));
  BOOST_TEST(blob_table::names(c()).empty());
  commit("v", "a");
  commit("u", "b");
  BOOST_TEST(find("a") == "a");
  BOOST_TEST(find("b") == "12");
}

BOOST_AUTO_TEST_CASE(an_upload_belongs_to_one_store_and_needs_a_name) {
  stage("u", "1");
  const auto other = [&](auto work) { return outcome_of([&] { write(work); }); };
  BOOST_TEST(other([&] {
               blob_table::stage(c(), "t", "u", bytes{std::string_view{"x"}}, 1);
             }).is(errc::already_exists));
  BOOST_TEST(other([&] { blob_table::commit_upload(c(), "t", "u", "k", {}); }).is(errc::not_found));
  BOOST_TEST(!blob_table::discard(c(), "t", "u"));
  BOOST_TEST(outcome_of([&] { stage("", "1"); }).is(errc::invalid_argument));
  BOOST_TEST(outcome_of([&] { commit("v", "k"); }).says("no upload 'v'"));
  BOOST_TEST(commit("u", "k") == 1u);
}

BOOST_AUTO_TEST_CASE(a_discarded_upload_is_gone) {
  stage("u", pattern(3'000'000, 1));
  BOOST_TEST(chunks() == 3); // pieces of a MiB
  BOOST_TEST(blob_table::discard(c(), "s", "u"));
  BOOST_TEST(!blob_table::discard(c(), "s", "u"));
  BOOST_TEST(chunks() == 0);
  BOOST_TEST(stage("u", "new") == 3u);
}

BOOST_AUTO_TEST_CASE(a_sweep_takes_uploads_that_nobody_touched_lately) {
  stage("old", "1", 100);
  stage("touched", "1", 100);
  stage("touched", "2", 201);
  stage("new", "1", 200);
  BOOST_TEST(write([&] { return blob_table::sweep_uploads(c(), 200); }) == 1u);
  BOOST_TEST(outcome_of([&] { commit("old", "k"); }).is(errc::not_found));
  commit("touched", "k");
  BOOST_TEST(find("k") == "12");
  BOOST_TEST(chunks() == 1);
}

BOOST_AUTO_TEST_CASE(an_upload_beyond_the_limit_of_a_row_is_refused_with_nothing_written) {
  sqlite3_limit(c().handle(), SQLITE_LIMIT_LENGTH, 100'000);
  stage("u", std::string(60'000, 'x'));
  BOOST_TEST(outcome_of([&] { stage("u", std::string(60'000, 'x')); }).is(errc::full));
  const json_text large{"\"" + std::string(50'000, 'm') + "\""};
  BOOST_TEST(outcome_of([&] { commit("u", "k", large); }).is(errc::full));
  BOOST_TEST(chunks() == 1);
  BOOST_TEST(commit("u", "k") == 60'000u);
}

BOOST_AUTO_TEST_CASE(an_upload_with_a_missing_chunk_is_refused) {
  for (const std::size_t size : {1000, 3'000'000}) {
    stage("u", pattern(size, 1));
    stage("u", pattern(size, 2));
    c().execute("DELETE FROM __beaver_blob_chunks__ WHERE seq = 1");
    BOOST_TEST(outcome_of([&] { commit("u", "k"); }).is(errc::corrupt));
    BOOST_TEST(find("k") == "(none)"); // rolled back
    blob_table::discard(c(), "s", "u");
  }
}

BOOST_AUTO_TEST_CASE(a_huge_blob_passes_through_in_little_memory) {
  c().execute("PRAGMA synchronous=OFF");
  const std::uint64_t mebibytes = long_tests() ? 900 : 64;
  constexpr std::int64_t allowed = 32 << 20;
  const std::string chunk = pattern(1 << 20, 9);
  const auto upload = [&](const char* id) {
    for (std::uint64_t i = 0; i < mebibytes; ++i) {
      const bytes part{chunk.substr(i % 1000) + chunk.substr(0, i % 1000)};
      write([&] { blob_table::stage(c(), "s", id, part, 1); });
      if (i % 64 == 63)
        c().execute("PRAGMA wal_checkpoint(TRUNCATE)");
    }
  };
  const auto in_little = [&](const char* what, auto work) {
    const peak_memory peak;
    write([&] {
      savepoint job{c()};
      work();
      job.release();
    });
    BOOST_TEST(peak.growth() < allowed, what << " took " << peak.growth() << " bytes");
    c().execute("PRAGMA wal_checkpoint(TRUNCATE)");
  };
  rusage before{};
  getrusage(RUSAGE_SELF, &before);
  upload("u");
  in_little("the commit", [&] { blob_table::commit_upload(c(), "s", "u", "k", json_text{"[1]"}); });
  upload("v");
  in_little("replacing", [&] { blob_table::commit_upload(c(), "s", "v", "k", json_text{"[2]"}); });
  in_little("metadata in place",
            [&] { blob_table::set_metadata(c(), "s", "k", json_text{"[3]"}); });
  in_little("metadata removed", [&] { blob_table::set_metadata(c(), "s", "k", std::nullopt); });
  in_little("metadata added", [&] { blob_table::set_metadata(c(), "s", "k", json_text{"[4]"}); });
  {
    const peak_memory peak;
    const auto stream = blob_stream::open(c(), "s", "k");
    std::vector<std::byte> part(1 << 20);
    std::uint64_t at = 0;
    for (std::uint64_t i = 0; const auto n = stream->read(at, part); ++i, at += n) {
      const std::string_view got{reinterpret_cast<const char*>(part.data()), n};
      if (got.substr(0, got.size() - i % 1000) != std::string_view{chunk}.substr(i % 1000))
        BOOST_FAIL("chunk " << i << " differs");
    }
    BOOST_TEST(at == mebibytes << 20);
    BOOST_TEST((blob_table::stat(c(), "s", "k")->metadata == json_text{"[4]"}));
    BOOST_TEST(peak.growth() < allowed);
  }
  rusage after{};
  getrusage(RUSAGE_SELF, &after);
  BOOST_TEST_MESSAGE("largest resident set " << before.ru_maxrss / 1024 << " -> "
                                             << after.ru_maxrss / 1024
                                             << " MiB, mapped pages of the file included");
}

BOOST_AUTO_TEST_SUITE_END()
