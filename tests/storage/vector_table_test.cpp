#include "support/failure.hpp"
#include "support/raw_file.hpp"
#include "vector_support.hpp"

#include <cmath>
#include <limits>

using namespace beaver;
using namespace beaver::test;
using boost::test_tools::per_element;

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();

json_text condition(std::string_view path, std::string_view op, std::string_view value) {
  return json_text{R"([{"path": ")" + std::string{path} + R"(", "operator": ")" + std::string{op}
                   + R"(", "value": )" + std::string{value} + "}]"};
}

/// Rows that other programs may store and that are no vectors of three numbers, by id.
const std::vector<std::pair<std::string, std::string>>& bad_vectors() {
  static const std::vector<std::pair<std::string, std::string>> all{
    {"empty", "x''"},
    {"odd", "x'0000803f0000'"},
    {"longer by a byte", "x'0000803f0000803f0000803f00'"},
    {"short", blob_of({1, 2})},
    {"long", blob_of({1, 2, 3, 4})},
    {"nan", blob_of({1, not_a_number, 3})},
    {"infinite", blob_of({1, 2, -infinity})},
    {"text", "'twelve bytes'"},
    {"number", "123456789012"}};
  return all;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(vector_tables, vector_fixture)

BOOST_AUTO_TEST_CASE(a_vector_is_found_under_its_id_until_it_is_erased) {
  set("a", {1, 2, 3}, R"({"kind": "x"})");
  set("a", {4, -5.5, 1e-40f});
  set("b", {0, 0, 0}, "7");
  BOOST_TEST(find("a")->vector == (floats{4, -5.5, 1e-40f}), per_element());
  BOOST_TEST(!find("a")->metadata);
  BOOST_TEST(find("b")->metadata->text() == "7");
  BOOST_TEST(vector_table::count(c(), "e") == 2u);
  BOOST_TEST(erase("a"));
  BOOST_TEST(!erase("a"));
  BOOST_TEST(!find("a"));
  BOOST_TEST(vector_table::names(c()) == strings{"e"}, per_element());
  BOOST_TEST(vector_table::info(c(), "e").vectors == 1u);
  BOOST_TEST(vector_table::info(c(), "e").bytes == 13u);
  BOOST_TEST(*vector_table::info(c(), "e").dims == 3u);
  BOOST_TEST(vector_table::info(c(), "none").vectors == 0u);
}

BOOST_AUTO_TEST_CASE(is_stored_as_the_little_endian_floats_of_the_original) {
  set("a", {1, -2});
  BOOST_TEST(raw_file{path()}.text("SELECT hex(vector) FROM __beaver_vectors__").value()
             == "0000803F000000C0");
}

BOOST_AUTO_TEST_CASE(several_are_given_in_the_order_that_was_asked_for) {
  set("a", {1});
  set("b", {2});
  const strings wanted{"b", "none", "a", "b"};
  BOOST_TEST(ids_of(vector_table::get_many(c(), "e", wanted)) == (strings{"b", "a", "b"}),
             per_element());
}

BOOST_AUTO_TEST_CASE(the_first_vector_decides_how_many_numbers_all_have) {
  BOOST_TEST(!vector_table::dims(c(), "e"));
  set("a", {1, 2, 3});
  BOOST_TEST(*vector_table::dims(c(), "e") == 3u);
  BOOST_TEST(*vector_table::options(c(), "e").dims == 3u);
  const auto refused = outcome_of([&] { set("b", {1, 2}); });
  BOOST_TEST(refused.is(errc::invalid_argument));
  BOOST_TEST(refused.says("2 numbers"));
  BOOST_TEST(refused.says("have 3"));
  BOOST_TEST(outcome_of([&] {
               write([&] {
                 vector_table::vector_writer both{c(), "new"};
                 both.set("a", floats{1});
                 both.set("b", floats{1, 2});
               });
             }).is(errc::invalid_argument));
  BOOST_TEST(!vector_table::dims(c(), "new")); // rolled back
}

BOOST_AUTO_TEST_CASE(what_is_no_vector_is_refused_and_nothing_written) {
  for (const auto& bad :
       {floats{}, floats{not_a_number, 1}, floats{1, infinity}, floats{-infinity, 1}})
    BOOST_TEST(outcome_of([&] { set("a", bad); }).is(errc::invalid_argument));
  BOOST_TEST(vector_table::count(c(), "e") == 0u);
  BOOST_TEST(!vector_table::dims(c(), "e"));
  set("a", {std::numeric_limits<float>::max(), -std::numeric_limits<float>::denorm_min()});
  BOOST_TEST(find("a").has_value());
}

BOOST_AUTO_TEST_CASE(options_are_kept_and_the_first_vector_leaves_the_others_alone) {
  const vector_options wanted{{}, "euclid", "lsh", 0.9};
  configure(wanted);
  BOOST_TEST((vector_table::options(c(), "e") == wanted));
  set("a", {1, 2});
  reopen();
  BOOST_TEST((vector_table::options(c(), "e") == vector_options{2, "euclid", "lsh", 0.9}));
  configure({});
  BOOST_TEST((vector_table::options(c(), "e") == vector_options{.dims = 2}));
  BOOST_TEST((vector_table::options(c(), "none") == vector_options{}));
}

BOOST_AUTO_TEST_CASE(dims_can_be_changed_only_in_an_empty_collection) {
  BOOST_TEST(outcome_of([&] { configure({.dims = 0}); }).is(errc::invalid_argument));
  configure({.dims = 4});
  BOOST_TEST(outcome_of([&] { set("a", {1, 2}); }).is(errc::invalid_argument));
  configure({.dims = 2});
  set("a", {1, 2});
  const auto refused = outcome_of([&] { configure({.dims = 3}); });
  BOOST_TEST(refused.is(errc::invalid_argument));
  BOOST_TEST(refused.says("2 numbers, not 3"));
  write([&] { return vector_table::clear(c(), "e"); });
  BOOST_TEST(*vector_table::dims(c(), "e") == 2u);
  configure({});
  set("a", {1, 2, 3});
  BOOST_TEST(*vector_table::dims(c(), "e") == 3u);
}

BOOST_AUTO_TEST_CASE(dims_of_what_others_have_written_come_from_hyperplanes_or_the_first_vector) {
  c().execute("INSERT INTO __beaver_vectors__ VALUES ('e', 'a', 'text', NULL), "
              "('e', 'b', x'00', NULL), ('e', 'c', zeroblob(80), NULL), "
              "('e', 'd', zeroblob(40), NULL)");
  BOOST_TEST(*vector_table::dims(c(), "e") == 20u);
  // d planes below 16 dims, else 16.
  for (const auto& [dims, bytes] : {std::pair{1, 4}, {3, 36}, {15, 900}, {16, 1024}, {20, 1280}}) {
    c().execute(("INSERT OR REPLACE INTO __beaver_lsh_config__ VALUES ('e', zeroblob("
                 + std::to_string(bytes) + "))")
                  .c_str());
    BOOST_TEST(*vector_table::dims(c(), "e") == static_cast<std::uint64_t>(dims));
  }
  c().execute("UPDATE __beaver_lsh_config__ SET hyperplanes = zeroblob(1000)");
  BOOST_TEST(*vector_table::dims(c(), "e") == 20u);
  BOOST_TEST(outcome_of([&] { set("x", {1}); }).is(errc::invalid_argument));
  set("x", floats(20, 1.0f));
  BOOST_TEST(*vector_table::options(c(), "e").dims == 20u);
}

BOOST_AUTO_TEST_CASE(what_others_have_stored_wrongly_spoils_only_itself) {
  set("good", {1, 2, 3}, "1");
  for (const auto& [id, literal] : bad_vectors())
    c().execute(
      ("INSERT INTO __beaver_vectors__ VALUES ('e', '" + id + "', " + literal + ", '2')").c_str());
  for (const auto& bad : bad_vectors()) {
    const auto refused = outcome_of([&] { static_cast<void>(find(bad.first)); });
    BOOST_TEST(refused.is(errc::corrupt));
    BOOST_TEST(refused.says('\'' + bad.first + '\''));
  }
  BOOST_TEST(find("good").has_value());
  int usable = 0;
  vector_table::each_vector(c(), "e", [&](std::string_view id, std::span<const std::byte> vector) {
    if (vector_table::usable(vector, 3)) {
      BOOST_TEST(id == "good");
      ++usable;
    }
  });
  BOOST_TEST(usable == 1);
  for (const auto& item : vector_table::list(c(), "e", {}))
    BOOST_TEST(item.vector.size() == (item.id == "good" ? 3u : 0u));
  BOOST_TEST(vector_table::count(c(), "e", condition(".", "==", "2")) == bad_vectors().size());
  set("nan", {1, 2, 3});
  BOOST_TEST(find("nan").has_value());
  BOOST_TEST(erase("text"));
}

BOOST_AUTO_TEST_CASE(an_id_that_is_no_text_is_out_of_reach_but_for_a_clear) {
  set("a", {1});
  c().execute("INSERT INTO __beaver_vectors__ VALUES ('e', x'61', x'0000803f', NULL)");
  BOOST_TEST(vector_table::count(c(), "e") == 1u);
  BOOST_TEST(all().size() == 1u);
  BOOST_TEST(write([&] { return vector_table::clear(c(), "e"); }) == 2u);
}

BOOST_AUTO_TEST_CASE(a_listing_is_in_the_order_of_ids_and_bounded) {
  for (const auto* id : {"a", "b", "ba", "c", "\u00e9"})
    set(id, {1}, R"({"id": ")" + std::string{id} + "\"}");
  BOOST_TEST(ids({}) == (strings{"a", "b", "ba", "c", "\u00e9"}), per_element());
  BOOST_TEST(ids({.after = "b", .limit = 2}) == (strings{"ba", "c"}), per_element());
  BOOST_TEST(ids({.prefix = "b"}) == (strings{"b", "ba"}), per_element());
  BOOST_TEST(ids({.after = "c", .descending = true}) == (strings{"ba", "b", "a"}), per_element());
  BOOST_TEST(ids({.max_bytes = 30}) == (strings{"a", "b"}), per_element()); // 16 bytes each
  BOOST_TEST(ids({.limit = 0}).empty());
  BOOST_TEST(ids({}, condition("id", ">", "\"b\"")) == (strings{"ba", "c", "\u00e9"}),
             per_element());
}

BOOST_AUTO_TEST_CASE(no_metadata_is_no_value_for_filters) {
  set("none", {1});
  set("null", {1}, "null");
  set("other", {1}, R"({"m": 1})");
  set("value", {1}, R"({"n": 1})");
  BOOST_TEST(ids({}, json_text{R"([{"path": "n", "operator": "exists", "value": false}])"})
               == (strings{"none", "null", "other"}),
             per_element());
  BOOST_TEST(ids({}, json_text{R"([{"path": ".", "operator": "exists"}])"})
               == (strings{"null", "other", "value"}),
             per_element());
  BOOST_TEST(ids({}, condition("n", "!=", "7")) == strings{"value"}, per_element());
  BOOST_TEST(ids({}, json_text{"[]"}).size() == 4u);
}

BOOST_AUTO_TEST_CASE(filters_with_an_index_find_what_a_scan_finds_whoever_has_written) {
  for (int i = 0; i < 100; ++i)
    set("k" + std::to_string(i), {1},
        i % 10 == 9 ? std::nullopt : std::optional{R"({"n": )" + std::to_string(i % 20) + "}"});
  const auto where = condition("n", "==", "3");
  const auto count = [&] {
    std::uint64_t visited = 0;
    vector_table::each_id(c(), "e", where, [&](std::string_view) { ++visited; });
    BOOST_TEST(ids({}, where).size() == visited);
    return visited;
  };
  const auto scan = count();
  BOOST_TEST(scan == 5u);
  BOOST_TEST(write([&] { return vector_table::create_index(c(), "e", "n"); }));
  BOOST_TEST(vector_table::explain(c(), "e", where).scanned);
  reindex();
  BOOST_TEST(vector_table::indexes(c(), "e").at(0).complete);
  BOOST_TEST(vector_table::indexes(c(), "e").at(0).entries == 90u);
  BOOST_TEST(!vector_table::explain(c(), "e", where).scanned);
  BOOST_TEST(count() == scan);
  c().execute("INSERT INTO __beaver_vectors__ VALUES ('e', 'foreign', x'0000803f', '{\"n\": 3}')");
  c().execute("UPDATE __beaver_vectors__ SET metadata = NULL WHERE item_id = 'k3'");
  c().execute("UPDATE __beaver_vectors__ SET metadata = '{\"n\": 3}' WHERE item_id = 'k9'");
  c().execute("DELETE FROM __beaver_vectors__ WHERE item_id = 'k23'");
  BOOST_TEST(!vector_table::explain(c(), "e", where).scanned);
  BOOST_TEST(count() == scan);
  set("k43", {1}, R"({"n": "3"})");
  set("k63", {1});
  BOOST_TEST(count() == scan - 2);
  set("k63", {1}, R"({"n": 3})");
  BOOST_TEST(erase("k83"));
  BOOST_TEST(count() == scan - 2);
  reopen();
  BOOST_TEST(count() == scan - 2);
  reindex();
  BOOST_TEST(rows("__beaver_index_dirty__") == 0);
  BOOST_TEST(write([&] { return vector_table::drop_index(c(), "e", "n"); }));
  BOOST_TEST(rows("__beaver_index_entries__") == 0);
  BOOST_TEST(count() == scan - 2);
}

BOOST_AUTO_TEST_CASE(a_replaced_or_erased_vector_leaves_no_entry_behind) {
  write([&] { return vector_table::create_index(c(), "e", "n"); });
  set("a", {1}, R"({"n": 1})");
  set("b", {1}, R"({"n": 1})");
  set("a", {1}, R"({"n": 2})");
  BOOST_TEST(rows("__beaver_index_entries__") == 2);
  set("a", {1});
  BOOST_TEST(rows("__beaver_index_entries__") == 1);
  BOOST_TEST(erase("b"));
  BOOST_TEST(rows("__beaver_index_entries__") == 0);
  BOOST_TEST(rows("__beaver_index_dirty__") == 0);
}

BOOST_AUTO_TEST_CASE(metadata_that_is_no_json_is_corrupt_where_it_has_to_be_looked_at) {
  set("a", {1}, "1");
  c().execute("INSERT INTO __beaver_vectors__ VALUES ('e', 'bad', x'0000803f', '{')");
  BOOST_TEST(vector_table::count(c(), "e") == 2u);
  const auto refused = outcome_of(
    [&] { static_cast<void>(vector_table::count(c(), "e", condition("n", "==", "1"))); });
  BOOST_TEST(refused.is(errc::corrupt));
  BOOST_TEST(refused.says("'bad'"));
  BOOST_TEST(find("bad")->metadata->text() == "{");
  BOOST_TEST(erase("bad"));
}

BOOST_AUTO_TEST_CASE(a_clear_removes_vectors_and_entries_of_one_collection) {
  write([&] { return vector_table::create_index(c(), "e", "n"); });
  set("a", {1, 2}, R"({"n": 1})");
  set("a", {1}, R"({"n": 1})", "other");
  BOOST_TEST(rows("__beaver_index_entries__") == 1);
  BOOST_TEST(write([&] { return vector_table::clear(c(), "e"); }) == 1u);
  BOOST_TEST(vector_table::count(c(), "other") == 1u);
  BOOST_TEST(rows("__beaver_index_entries__") == 0);
  BOOST_TEST(vector_table::indexes(c(), "e").size() == 1u);
  BOOST_TEST(*vector_table::dims(c(), "e") == 2u);
  BOOST_TEST(vector_table::names(c()) == strings{"other"}, per_element());
}

BOOST_AUTO_TEST_SUITE_END()
