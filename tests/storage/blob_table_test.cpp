#include "beaver/storage/blob_table.hpp"

#include "beaver/storage/blob_stream.hpp"
#include "blob_support.hpp"
#include "key_range_oracle.hpp"
#include "support/failure.hpp"

#include <tuple>

using namespace beaver;
using namespace beaver::test;

namespace {

struct fixture : table_fixture {
  void put(std::string_view key, std::string_view data, std::optional<json_text> metadata = {}) {
    blob_table::put(c(), "s", key, bytes{data}, metadata);
  }
  std::string find(std::string_view key) {
    const auto found = blob_table::find(c(), "s", key);
    return found ? std::string{found->data.text()} : "(none)";
  }
  std::string metadata(std::string_view key) {
    const auto found = blob_table::stat(c(), "s", key);
    return !found ? "(none)" : !found->metadata ? "(absent)" : std::string{found->metadata->text()};
  }
  std::string part(std::string_view key, std::uint64_t offset, std::uint64_t length) {
    const auto found = blob_table::read(c(), "s", key, offset, length);
    return found ? std::string{found->text()} : "(none)";
  }
  bool set_metadata(std::string_view key, const std::optional<json_text>& metadata) {
    return write([&] { return blob_table::set_metadata(c(), "s", key, metadata); });
  }
  std::string storage_class() {
    statement row = c().prepare("SELECT typeof(metadata) FROM __beaver_blobs__ WHERE key = 'k'");
    return row.step() ? std::string{row.text(0)} : "(none)";
  }
  std::int64_t rowid() { return c().integer("SELECT rowid FROM __beaver_blobs__ WHERE key = 'k'"); }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(blob_table_suite, fixture)

BOOST_AUTO_TEST_CASE(a_blob_of_any_size_comes_back_with_its_metadata) {
  for (const std::size_t size : {0, 1, 5000, 65536, 65537, 1 << 20, (1 << 20) + 1, 3'000'000}) {
    const std::string data = pattern(size, size);
    put("k", data, json_text{R"({"é":1})"});
    BOOST_TEST((find("k") == data), "size " << size);
    BOOST_TEST(metadata("k") == R"({"é":1})");
    BOOST_TEST(blob_table::stat(c(), "s", "k")->size == size);
  }
  put("k", "x");
  BOOST_TEST(metadata("k") == "(absent)"); // gone with the blob that was replaced
  BOOST_TEST(find("l") == "(none)");
  BOOST_TEST(metadata("l") == "(none)");
}

BOOST_AUTO_TEST_CASE(a_part_ends_with_the_blob) {
  for (const std::size_t size : {100, 200'000}) { // loaded as a whole, opened piecewise
    const std::string data = pattern(size, 7);
    put("k", data);
    BOOST_TEST((part("k", 0, size) == data));
    BOOST_TEST((part("k", 10, 20) == data.substr(10, 20)));
    BOOST_TEST((part("k", size - 3, ~std::uint64_t{0}) == data.substr(size - 3)));
    BOOST_TEST(part("k", size, 1) == "");
    BOOST_TEST(part("k", ~std::uint64_t{0}, ~std::uint64_t{0}) == "");
    BOOST_TEST(part("k", 5, 0) == "");
  }
  BOOST_TEST(part("l", 0, 1) == "(none)");
}

BOOST_AUTO_TEST_CASE(metadata_is_read_in_both_storage_classes) {
  c().execute(
    "INSERT INTO __beaver_blobs__ VALUES('s', 'text', x'61', '{\"a\": 1}');"
    "INSERT INTO __beaver_blobs__ VALUES('s', 'blob', x'61', CAST('{\"a\": 1}  ' AS BLOB))");
  BOOST_TEST(metadata("text") == R"({"a": 1})");
  BOOST_TEST(metadata("blob") == R"({"a": 1})");
  BOOST_TEST((blob_table::find(c(), "s", "blob")->metadata == json_text{R"({"a": 1})"}));
  BOOST_TEST((blob_table::list(c(), "s", {}).at(0).metadata == json_text{R"({"a": 1})"}));
}

BOOST_AUTO_TEST_CASE(content_that_another_program_stored_as_text_has_its_size_in_bytes) {
  c().execute("INSERT INTO __beaver_blobs__ VALUES('s', 'k', 'é', NULL)");
  BOOST_TEST(find("k") == "é");
  BOOST_TEST(blob_table::stat(c(), "s", "k")->size == 2u);
  BOOST_TEST(blob_table::info(c(), "s").bytes == 2u);
  BOOST_TEST(part("k", 1, 9) == "\xa9");
}

BOOST_AUTO_TEST_CASE(metadata_of_a_small_blob_is_replaced_and_removed) {
  put("k", "abc");
  BOOST_TEST(set_metadata("k", json_text{"1"}));
  BOOST_TEST(metadata("k") == "1");
  BOOST_TEST(set_metadata("k", std::nullopt));
  BOOST_TEST(metadata("k") == "(absent)");
  BOOST_TEST(find("k") == "abc");
  BOOST_TEST(!set_metadata("l", json_text{"1"}));
}

BOOST_AUTO_TEST_CASE(metadata_of_a_large_blob_is_written_in_place_where_it_fits) {
  const std::string data = pattern(2'500'000, 1);
  put("k", data, json_text{"[1234]"});
  const auto before = rowid();
  for (const char* text : {"[5678]", "[9]", "[12]", "[3456]"}) {
    BOOST_TEST(set_metadata("k", json_text{text}));
    BOOST_TEST(metadata("k") == text);
    BOOST_TEST(storage_class() == "text");
  }
  BOOST_TEST(rowid() == before);
  BOOST_TEST((find("k") == data));
}

BOOST_AUTO_TEST_CASE(a_large_blob_is_rebuilt_for_metadata_that_does_not_fit) {
  const std::string data = pattern(2'500'000, 2);
  put("j", "before");
  put("k", data);
  const std::string longer = "\"" + std::string(3000, 'm') + "\"";
  for (const auto& text : {std::string{"[1]"}, longer}) {
    BOOST_TEST(set_metadata("k", json_text{text}));
    BOOST_TEST((metadata("k") == text));
    BOOST_TEST(storage_class() == "blob");
    BOOST_TEST((find("k") == data));
  }
  BOOST_TEST(set_metadata("k", std::nullopt));
  BOOST_TEST(metadata("k") == "(absent)");
  BOOST_TEST(storage_class() == "null");
  const auto last = rowid();
  BOOST_TEST(set_metadata("k", std::nullopt)); // nothing to do
  BOOST_TEST(rowid() == last);
  BOOST_TEST((find("k") == data));
  BOOST_TEST(find("j") == "before");
  BOOST_TEST(c().integer("SELECT count(*) FROM __beaver_blob_chunks__") == 0);
}

BOOST_AUTO_TEST_CASE(a_row_beyond_the_limit_is_refused_before_anything_is_written) {
  put("k", "old", json_text{"1"});
  sqlite3_limit(c().handle(), SQLITE_LIMIT_LENGTH, 100'000);
  const auto refused = outcome_of([&] { put("k", std::string(100'000, 'x')); });
  BOOST_TEST(refused.is(errc::full));
  BOOST_TEST(refused.says("blob store 's' key 'k'"), refused.text);
  BOOST_TEST(outcome_of([&] {
               put("k", "x", json_text{"\"" + std::string(100'000, 'x') + "\""});
             }).is(errc::full));
  BOOST_TEST(find("k") == "old");
  put("k", std::string(99'000, 'x'), json_text{"1"}); // just below
  BOOST_TEST(find("k").size() == 99'000u);
}

BOOST_AUTO_TEST_CASE(erase_contains_count_and_clear_agree) {
  for (const char* key : {"a1", "a2", "b"})
    put(key, key);
  blob_table::put(c(), "other", "a1", bytes{std::string_view{"x"}}, {});
  BOOST_TEST(blob_table::count(c(), "s", std::nullopt) == 3u);
  BOOST_TEST(blob_table::count(c(), "s", "a") == 2u);
  BOOST_TEST(blob_table::contains(c(), "s", "b"));
  BOOST_TEST(blob_table::erase(c(), "s", "b"));
  BOOST_TEST(!blob_table::erase(c(), "s", "b"));
  BOOST_TEST(!blob_table::contains(c(), "s", "b"));
  BOOST_TEST((blob_table::names(c()) == (std::vector<std::string>{"other", "s"})));
  BOOST_TEST(blob_table::info(c(), "s").blobs == 2u);
  BOOST_TEST(blob_table::info(c(), "s").bytes == 4u);
  BOOST_TEST(blob_table::clear(c(), "s") == 2u);
  BOOST_TEST((blob_table::names(c()) == (std::vector<std::string>{"other"})));
  BOOST_TEST(blob_table::info(c(), "s").blobs == 0u);
}

BOOST_AUTO_TEST_CASE(a_listing_says_sizes_in_key_order) {
  put("b", "22", json_text{"2"});
  put("a", "1");
  put("c", "333");
  const auto all = blob_table::list(c(), "s", {.to = "c", .descending = true});
  BOOST_REQUIRE(all.size() == 2u);
  BOOST_TEST(all[0].key == "b");
  BOOST_TEST(all[0].size == 2u);
  BOOST_TEST((all[0].metadata == json_text{"2"}));
  BOOST_TEST(all[1].key == "a");
  BOOST_TEST(!all[1].metadata);
  BOOST_TEST(blob_table::list(c(), "s", {.max_bytes = 2}).size() == 2u); // content does not count
}

BOOST_AUTO_TEST_CASE(every_statement_searches_an_index_and_none_sorts) {
  put("k", "1");
  find("k");
  part("k", 0, 1);
  metadata("k");
  set_metadata("k", json_text{"2"});
  for (const bool down : {false, true})
    std::ignore = blob_table::list(c(), "s", {.prefix = "k", .descending = down});
  std::ignore = blob_table::count(c(), "s", "k");
  std::ignore = blob_table::contains(c(), "s", "k");
  std::ignore = blob_table::info(c(), "s");
  std::ignore = blob_table::names(c());
  blob_table::erase(c(), "s", "k");
  blob_table::clear(c(), "s");
  int listings = 0;
  for (const auto& plan : plans("__beaver_blobs__")) {
    BOOST_TEST(plan.find("SCAN __beaver_blobs__") == std::string::npos, plan);
    BOOST_TEST(plan.find("TEMP B-TREE") == std::string::npos, plan);
    if (plan.find("ORDER BY key") != std::string::npos) {
      ++listings;
      BOOST_TEST(plan.find("(store_name=? AND key>? AND key<?)") != std::string::npos, plan);
    }
  }
  BOOST_TEST(listings == 2);
}

BOOST_AUTO_TEST_CASE(sizes_are_told_without_reading_the_content) {
  for (const char* key : {"a", "b", "c"})
    put(key, pattern(8 << 20, 3));
  put("d", pattern(8 << 20, 3), json_text{"[4]"});
  connection_options options;
  options.mmap_bytes = 0;
  connection fresh{path(), options};
  const auto misses = [&] {
    int count = 0;
    int unused = 0;
    sqlite3_db_status(fresh.handle(), SQLITE_DBSTATUS_CACHE_MISS, &count, &unused, 0);
    return count;
  };
  const auto listed = blob_table::list(fresh, "s", {.to = "d"});
  BOOST_TEST(listed.size() == 3u);
  BOOST_TEST(blob_table::info(fresh, "s").bytes == 4u * (8 << 20));
  BOOST_TEST(misses() < 40); // pages of 4 KiB; the content has 6,000

  const peak_memory peak;
  BOOST_TEST((blob_table::stat(fresh, "s", "d")->metadata == json_text{"[4]"}));
  BOOST_TEST(misses() > 2000);            // the chain of pages up to the metadata was followed
  BOOST_TEST(peak.growth() < (10 << 20)); // the page cache
}

BOOST_AUTO_TEST_CASE(a_stream_reads_on_from_the_state_of_its_opening) {
  const std::string data = pattern(3'000'000, 5);
  put("k", data, json_text{"1"});
  BOOST_TEST(!blob_stream::open(c(), "s", "l"));
  connection reader{path(), {}};
  reader.execute("BEGIN");
  {
    const auto stream = blob_stream::open(reader, "s", "k");
    BOOST_REQUIRE(stream.has_value());
    BOOST_TEST(stream->size() == data.size());
    put("k", "new");
    std::string all;
    std::vector<std::byte> part(700'001);
    while (const auto n = stream->read(all.size(), part))
      all.append(reinterpret_cast<const char*>(part.data()), n);
    BOOST_TEST((all == data));
    BOOST_TEST(stream->read(~std::uint64_t{0}, part) == 0u);
    BOOST_TEST(stream->read(0, {}) == 0u);
  }
  reader.execute("COMMIT");
  BOOST_TEST(blob_stream::open(reader, "s", "k")->size() == 3u);
}

BOOST_AUTO_TEST_CASE(a_stream_ends_with_an_error_if_its_own_connection_changes_the_blob) {
  put("k", pattern(200'000, 6));
  const auto stream = blob_stream::open(c(), "s", "k");
  put("k", "new");
  std::byte one[1];
  BOOST_TEST(outcome_of([&] { stream->read(0, one); }).is(errc::cancelled));
}

BOOST_AUTO_TEST_SUITE_END()
