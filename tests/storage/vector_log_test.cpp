#include "support/raw_file.hpp"
#include "vector_support.hpp"

#include <limits>

using namespace beaver;
using namespace beaver::test;
using boost::test_tools::per_element;

namespace {

class log_fixture : public vector_fixture {
public:
  /// "a=xyz b-": ids with their bytes, or without a row, in the order of the tail.
  std::string behind(std::uint64_t after, std::string_view name = "e") {
    std::string text;
    vector_log::tail(
      c(), name, after,
      [&](std::uint64_t, std::string_view id, std::optional<std::span<const std::byte>> vector) {
        (text += text.empty() ? "" : " ").append(id);
        text += vector ? '=' + text_of(*vector) : "-";
      });
    return text;
  }
  /// By a program that knows nothing of us.
  void run(const std::string& sql) { raw_file{path()}.execute(sql); }
  std::uint64_t last() { return vector_log::last(c()); }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(the_log_of_vectors, log_fixture)

BOOST_AUTO_TEST_CASE(has_every_way_to_write_a_row) {
  BOOST_TEST(last() == 0u);
  run("INSERT INTO __beaver_vectors__ VALUES ('e', 'a', x'61', NULL), ('e', 'b', x'62', NULL)");
  BOOST_TEST(behind(0) == "a=a b=b");
  auto seen = last();
  run("INSERT OR REPLACE INTO __beaver_vectors__ VALUES ('e', 'a', x'78', NULL)");
  BOOST_TEST(behind(seen) == "a=x");
  seen = last();
  run("INSERT INTO __beaver_vectors__ VALUES ('e', 'b', x'79', NULL) "
      "ON CONFLICT DO UPDATE SET vector = excluded.vector");
  BOOST_TEST(behind(seen) == "b=y");
  seen = last();
  run("UPDATE __beaver_vectors__ SET vector = x'7a' WHERE item_id = 'b'");
  BOOST_TEST(behind(seen) == "b=z");
  seen = last();
  run("DELETE FROM __beaver_vectors__ WHERE item_id = 'a'");
  BOOST_TEST(behind(seen) == "a-");
  seen = last();
  run("PRAGMA recursive_triggers = ON; "
      "REPLACE INTO __beaver_vectors__ VALUES ('e', 'b', x'62', NULL)");
  BOOST_TEST(behind(seen) == "b=b");
  seen = last();
  run("DELETE FROM __beaver_vectors__");
  BOOST_TEST(behind(seen) == "b-");
}

BOOST_AUTO_TEST_CASE(has_both_keys_of_a_row_that_is_moved) {
  run("INSERT INTO __beaver_vectors__ VALUES ('e', 'a', x'61', NULL), ('e', 'b', x'62', NULL)");
  auto seen = last();
  run("UPDATE __beaver_vectors__ SET item_id = 'c' WHERE item_id = 'a'");
  BOOST_TEST(behind(seen) == "a- c=a");
  seen = last();
  run("UPDATE OR REPLACE __beaver_vectors__ SET item_id = 'b' WHERE item_id = 'c'");
  BOOST_TEST(behind(seen) == "c- b=a");
  seen = last();
  run("UPDATE __beaver_vectors__ SET collection = 'other'");
  BOOST_TEST(behind(seen) == "b-");
  BOOST_TEST(behind(seen, "other") == "b=a");
}

BOOST_AUTO_TEST_CASE(has_our_own_writes) {
  set("a", {1});
  set("b", {2});
  set("a", {3});
  BOOST_TEST(behind(0) == "b=" + bytes_of({2}) + " a=" + bytes_of({3}));
  const auto seen = last();
  erase("b");
  erase("none");
  BOOST_TEST(behind(seen) == "b-");
  write([&] { return vector_table::clear(c(), "e"); });
  BOOST_TEST(behind(seen) == "b- a-");
}

BOOST_AUTO_TEST_CASE(gives_each_vector_once_as_it_is_now) {
  for (const float x : {1.0f, 2.0f, 3.0f}) {
    set("a", {x});
    set("b", {x});
  }
  set("a", {9});
  BOOST_TEST(behind(0) == "b=" + bytes_of({3}) + " a=" + bytes_of({9}));
  BOOST_TEST(behind(1) == "b=" + bytes_of({3}) + " a=" + bytes_of({9}));
  BOOST_TEST(vector_log::count(c(), "e", 0) == 7u);
  BOOST_TEST(vector_log::count(c(), "e", 6) == 1u);
  BOOST_TEST(vector_log::count(c(), "e", std::numeric_limits<std::uint64_t>::max()) == 0u);
  BOOST_TEST(behind(last()).empty());
  BOOST_TEST(behind(0, "other").empty());
}

BOOST_AUTO_TEST_CASE(fails_no_writer_whatever_the_row) {
  run("INSERT INTO __beaver_vectors__ VALUES (x'00', x'', 1, NULL), ('', '', '', 7), "
      "(1, 2.5, 3e300, 'x'), ('e', 'a', 'text', NULL), ('e', x'61', x'61', NULL)");
  BOOST_TEST(behind(0) == "a="); // no BLOB, no vector; the other id is no text
  run("PRAGMA trusted_schema = OFF; UPDATE __beaver_vectors__ SET vector = x'61'");
  run("DELETE FROM __beaver_vectors__");
  BOOST_TEST(behind(0) == "a-");
  BOOST_TEST(vector_log::count(c(), "e", 0) == 6u);
}

BOOST_AUTO_TEST_CASE(leaves_the_counts_of_its_writer_alone) {
  c().execute("INSERT INTO __beaver_vectors__ VALUES ('e', 'a', x'61', NULL), "
              "('e', 'b', x'62', NULL)");
  BOOST_TEST(c().changes() == 2);
  BOOST_TEST(c().last_insert_rowid() == 2);
}

BOOST_AUTO_TEST_CASE(is_pruned_in_pieces_and_never_gives_a_number_twice) {
  for (int i = 0; i < 10; ++i)
    set("a" + std::to_string(i), {1});
  BOOST_TEST(write([&] { return vector_log::prune(c(), "e", 8, 3); }) == 3u);
  BOOST_TEST(vector_log::count(c(), "e", 0) == 7u);
  BOOST_TEST(vector_log::count(c(), "e", 3) == 7u);
  constexpr auto all = std::numeric_limits<std::uint64_t>::max();
  BOOST_TEST(write([&] { return vector_log::prune(c(), "other", all, all); }) == 0u);
  BOOST_TEST(write([&] { return vector_log::prune(c(), "e", 8, all); }) == 5u);
  BOOST_TEST(write([&] { return vector_log::prune(c(), "e", all, all); }) == 1u);
  BOOST_TEST(last() == 10u);
  reopen();
  set("b", {1});
  BOOST_TEST(last() == 11u);
  BOOST_TEST(behind(10) == "b=" + bytes_of({1}));
}

BOOST_AUTO_TEST_CASE(is_read_by_its_index) {
  set("a", {1});
  static_cast<void>(behind(0));
  static_cast<void>(vector_log::count(c(), "e", 0));
  write([&] { return vector_log::prune(c(), "e", 5, 5); });
  int seen = 0;
  for (const auto& plan : plans("INDEXED BY __beaver_vector_change_log_name__"))
    if (plan.find("__beaver_vector_change_log_name__ (collection=? AND rowid>?") != plan.npos)
      ++seen;
  BOOST_TEST(seen == 3);
}

BOOST_AUTO_TEST_SUITE_END()
