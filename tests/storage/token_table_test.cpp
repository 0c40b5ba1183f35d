#include "beaver/storage/token_table.hpp"

#include "beaver/storage/base64.hpp"
#include "support/failure.hpp"
#include "table_fixture.hpp"

using namespace beaver;
using namespace beaver::test;

namespace {

using strings = std::vector<std::string>;

token_table::digest digest(int byte) {
  token_table::digest d;
  d.fill(std::byte(byte));
  return d;
}

struct fixture : table_fixture {
  bool insert(const token_table::row& row, int byte = 7) {
    return write([&] { return token_table::insert(c(), row, digest(byte)); });
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(a_token_table, fixture)

BOOST_AUTO_TEST_CASE(gives_back_what_was_put_into_it) {
  BOOST_TEST(!token_table::find(c(), "a"));
  BOOST_TEST(insert({"a", {"read:*", "write:dicts/\"é\""}, "web", 1.5, 61.5}));
  BOOST_TEST(insert({"b", {"admin:*"}, {}, 1, {}}, 8));
  reopen();
  const auto a = token_table::find(c(), "a");
  BOOST_REQUIRE(a);
  BOOST_TEST(a->id == "a");
  BOOST_TEST(a->scopes == (strings{"read:*", "write:dicts/\"é\""}),
             boost::test_tools::per_element());
  BOOST_TEST((a->label == "web" && a->created_at == 1.5 && a->expires_at == 61.5));
  BOOST_TEST((a->secret_digest == digest(7)));
  const auto b = token_table::find(c(), "b");
  BOOST_REQUIRE(b);
  BOOST_TEST((!b->label && !b->expires_at && b->secret_digest == digest(8)));
}

BOOST_AUTO_TEST_CASE(lists_in_the_order_of_making) {
  BOOST_TEST(token_table::list(c()).empty());
  BOOST_TEST(insert({"z", {"read:*"}, {}, 1, {}}));
  BOOST_TEST(insert({"c", {"read:*"}, {}, 2, {}}));
  BOOST_TEST(insert({"b", {"read:*"}, {}, 2, {}}));
  std::string ids;
  for (const auto& row : token_table::list(c()))
    ids += row.id;
  BOOST_TEST(ids == "zbc");
}

BOOST_AUTO_TEST_CASE(keeps_the_first_of_two_with_one_id) {
  BOOST_TEST(insert({"a", {"read:*"}, {}, 1, {}}, 1));
  BOOST_TEST(!insert({"a", {"admin:*"}, {}, 2, {}}, 2));
  BOOST_TEST((token_table::find(c(), "a")->secret_digest == digest(1)));
}

BOOST_AUTO_TEST_CASE(erases_one_and_tells_whether_it_was_there) {
  BOOST_TEST(insert({"a", {"read:*"}, {}, 1, {}}));
  BOOST_TEST(insert({"b", {"read:*"}, {}, 1, {}}));
  BOOST_TEST(write([&] { return token_table::erase(c(), "a"); }));
  BOOST_TEST(!write([&] { return token_table::erase(c(), "a"); }));
  BOOST_TEST(!token_table::find(c(), "a"));
  BOOST_TEST(token_table::list(c()).size() == 1u);
}

BOOST_AUTO_TEST_CASE(finds_a_token_without_a_scan) {
  static_cast<void>(token_table::find(c(), "a"));
  int looked_at = 0;
  for (const auto& plan : plans("__beaver_tokens__")) {
    BOOST_TEST(plan.starts_with("SEARCH __beaver_tokens__ USING PRIMARY KEY"), plan);
    ++looked_at;
  }
  BOOST_TEST(looked_at == 1);
}

BOOST_AUTO_TEST_CASE(says_what_is_wrong_with_a_row_that_is_none_of_ours) {
  write([&] {
    c().execute("INSERT INTO __beaver_tokens__ VALUES ('short', x'00', '[]', NULL, 1, NULL);"
                "INSERT INTO __beaver_tokens__ VALUES ('words', zeroblob(32), 'all', NULL, 1, 2)");
  });
  const auto digest = outcome_of([&] { static_cast<void>(token_table::find(c(), "short")); });
  BOOST_TEST((digest.is(errc::corrupt) && digest.says("'short'")));
  const auto scopes = outcome_of([&] { static_cast<void>(token_table::find(c(), "words")); });
  BOOST_TEST((scopes.is(errc::corrupt) && scopes.says("'words'")));
}

BOOST_AUTO_TEST_CASE(is_empty_in_a_file_of_before_that_is_only_read) {
  write([&] { c().execute("DROP TABLE __beaver_tokens__"); });
  connection_options options;
  options.read_only = true;
  connection old{path(), options};
  schema::prepare(old);
  BOOST_TEST(!token_table::find(old, "a"));
  BOOST_TEST(token_table::list(old).empty());
}

BOOST_AUTO_TEST_CASE(tokens_are_written_in_letters_that_urls_take) {
  const auto text_of = [](std::string_view raw) {
    std::string text;
    base64::append_url(text, raw);
    return text;
  };
  BOOST_TEST(text_of("") == "");
  BOOST_TEST(text_of("f") == "Zg");
  BOOST_TEST(text_of("fo") == "Zm8");
  BOOST_TEST(text_of("foo") == "Zm9v");
  BOOST_TEST(text_of("\xfb\xef\xbe\xff\xff\xff") == "----____");
}

BOOST_AUTO_TEST_SUITE_END()
