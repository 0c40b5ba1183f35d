#include "beaver/storage/text_query.hpp"

#include "beaver/storage/connection.hpp"
#include "beaver/storage/text_language.hpp"

#include <boost/test/unit_test.hpp>

using namespace beaver;
using text_language::parse;
using text_language::print;

namespace {

using bits = std::vector<bool>;

/// The places of the strings that the leaf of a text finds.
std::string found(connection& c, std::string_view text) {
  const auto query = parse(text);
  BOOST_REQUIRE(query.leaves.size() == 1u);
  auto rows = c.prepare("SELECT rowid FROM texts WHERE field_content MATCH ?1 ORDER BY rowid");
  const auto match = query.leaves[0].match();
  rows.bind(match);
  std::string out;
  while (rows.step())
    out += std::to_string(rows.integer(0));
  return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(text_queries)

BOOST_AUTO_TEST_CASE(a_leaf_is_an_expression_of_fts5) {
  const auto match = [](std::string_view text) { return parse(text).leaves.at(0).match(); };
  BOOST_TEST(match("red") == R"("red")");
  BOOST_TEST(match(R"("red fox")") == R"("red fox")");
  BOOST_TEST(match("re*") == R"("re" *)");
  BOOST_TEST(match(R"("red fo"*)") == R"("red fo" *)");
  BOOST_TEST(match(R"("red fox"~5)") == R"(NEAR("red" "fox", 5))");
  BOOST_TEST(match(R"("a-b c fo"~0*)") == R"(NEAR("a-b" "c" "fo" *, 0))");
  BOOST_TEST(match("f:a") == R"("a")");
  BOOST_TEST((text_query_leaf{.text = R"(5" x 7")"}.match()) == R"("5"" x 7""")");
}

BOOST_AUTO_TEST_CASE(a_leaf_finds_what_the_language_promises) {
  connection c(":memory:", {});
  c.execute("CREATE VIRTUAL TABLE texts USING fts5(item_id, field_content, tokenize = 'porter')");
  c.execute("INSERT INTO texts VALUES "
            "('brown', 'The quick brown fox'), "      // 1
            "('x', 'foxes are quick'), "              // 2
            "('x', 'an e-mail about C++ at 12:30'), " // 3
            "('x', 'NEAR AND OR NOT'), "              // 4
            "('x', 'e mail; café 12 30')");           // 5
  BOOST_TEST(found(c, "fox") == "12");
  BOOST_TEST(found(c, "brown") == "1");
  BOOST_TEST(found(c, R"("quick brown")") == "1");
  BOOST_TEST(found(c, R"("brown quick")") == "");
  BOOST_TEST(found(c, R"("quick bro"*)") == "1");
  BOOST_TEST(found(c, "qui*") == "12");
  BOOST_TEST(found(c, R"("fox quick"~0)") == "");
  BOOST_TEST(found(c, R"("fox quick"~1)") == "12");
  BOOST_TEST(found(c, R"("fox quick"~999999999999)") == "12");
  BOOST_TEST(found(c, R"("fox qui"*~1)") == "12");
  BOOST_TEST(found(c, R"("the fox brown"~1)") == "");
  BOOST_TEST(found(c, R"("the fox brown"~2)") == "1");
  BOOST_TEST(found(c, "e-mail") == "35");
  BOOST_TEST(found(c, "C++") == "3");
  BOOST_TEST(found(c, "12:30") == "35");
  BOOST_TEST(found(c, "CAFE") == "5");
  BOOST_TEST(found(c, "near(") == "4");
  BOOST_TEST(found(c, R"("OR")") == "4");
  BOOST_TEST(found(c, "^quick") == "12");
  BOOST_TEST(found(c, "!") == "");
}

BOOST_AUTO_TEST_CASE(a_tree_is_true_of_the_leaves_that_a_document_has) {
  const auto query = parse("a b OR c -(d e)");
  BOOST_TEST(query.matches(bits{true, true, false, false, false}));
  BOOST_TEST(query.matches(bits{true, false, true, true, false}));
  BOOST_TEST(!query.matches(bits{true, false, false, false, false}));
  BOOST_TEST(!query.matches(bits{false, true, true, false, false}));
  BOOST_TEST(!query.matches(bits{true, true, false, true, true}));
  BOOST_TEST(!query.matches_others());
}

BOOST_AUTO_TEST_CASE(exclusions_alone_match_all_other_documents) {
  for (const auto* text : {"-a", "-a -b", "-(a b)", "b OR -a", ""})
    BOOST_TEST(parse(text).matches_others(), text);
  for (const auto* text : {"a", "a -b", "a OR b", "b (c OR -a)", "-(-a)"})
    BOOST_TEST(!parse(text).matches_others(), text);
  BOOST_TEST(!parse("-a").matches(bits{true}));
}

BOOST_AUTO_TEST_CASE(what_is_wanted_somewhere_is_positive) {
  BOOST_TEST((parse("a -b").positive() == bits{true, false}));
  BOOST_TEST((parse("a -(b -c)").positive() == bits{true, false, true}));
  BOOST_TEST((parse("a OR b -a").positive() == bits{true, true}));
  BOOST_TEST(parse("").positive().empty());
}

BOOST_AUTO_TEST_CASE(leaves_can_be_taken_away_as_if_never_typed) {
  const auto without = [](std::string_view text, const bits& gone) {
    const auto query = parse(text).without(gone);
    BOOST_TEST((parse(print(query)) == query));
    return print(query);
  };
  BOOST_TEST(without("a ! b", {false, true, false}) == "a b");
  BOOST_TEST(without("a OR ! b", {false, true, false}) == "a b");
  BOOST_TEST(without("a OR ! OR b", {false, true, false}) == "a OR b");
  BOOST_TEST(without("a -! b", {false, true, false}) == "a b");
  BOOST_TEST(without("a -(! b) !", {false, true, false}) == "a -b");
  BOOST_TEST(without("(a !) OR (b c) ", {false, true, false, false}) == "a OR (b c)");
  BOOST_TEST(without("(! OR (b c)) d", {true, false, false, false}) == "b c d");
  BOOST_TEST(without("-(! -(b c)) d", {true, false, false, false}) == "b c d");
  BOOST_TEST(without("-!", {true}) == "");
  BOOST_TEST(parse("!").without({true}).empty());
  BOOST_TEST(parse(std::string(1 << 20, '(')).without({}).cut != "");
}

BOOST_AUTO_TEST_CASE(what_stands_side_by_side_can_be_loosened) {
  const auto loosened = [](std::string_view text) { return print(parse(text).loosened()); };
  BOOST_TEST(loosened("a b") == "a OR b");
  BOOST_TEST(loosened("a (b OR c) -d \"e f\"") == "a OR b OR c OR \"e f\" -d");
  BOOST_TEST(loosened("(a b) OR c") == "(a b) OR c");
  BOOST_TEST(loosened("-a -b") == "-a -b");
  BOOST_TEST(loosened("a -b") == "a -b");
  BOOST_TEST(loosened("") == "");
}

BOOST_AUTO_TEST_SUITE_END()
