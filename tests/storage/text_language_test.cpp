#include "beaver/storage/text_language.hpp"

#include <boost/test/unit_test.hpp>

using namespace beaver;
using namespace beaver::text_language;

namespace {

/// What a text means, in normal spelling.
std::string meaning(std::string_view text) { return print(parse(text)); }

struct example {
  std::string_view text;
  std::string_view meaning;
};

void check(std::initializer_list<example> examples) {
  for (const auto& e : examples) {
    BOOST_TEST_CONTEXT("text: " << e.text) {
      BOOST_TEST(meaning(e.text) == e.meaning);
      const auto query = parse(e.text);
      BOOST_TEST(query.cut.empty());
      BOOST_TEST((parse(print(query)) == query));
    }
  }
}

std::string repeated(std::size_t times, std::string_view text) {
  std::string out;
  for (; times > 0; --times)
    out += text;
  return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(the_text_language)

BOOST_AUTO_TEST_CASE(reads_words_phrases_and_prefixes) {
  check({{"red fox", "red fox"},
         {"  red\tfox\n", "red fox"},
         {R"("red fox")", R"("red fox")"},
         {R"("red   fox ")", R"("red fox")"},
         {R"("red")", "red"},
         {R"("red fox)", R"("red fox")"},
         {R"(a"b c"d)", R"(a "b c" d)"},
         {"qui*", "qui*"},
         {"qui**", "qui*"},
         {R"("red fo"*)", R"("red fo"*)"},
         {R"("red fo*")", R"("red fo*")"},
         {"a*b", R"("a*b")"}});
  const auto leaf = parse(R"(title:"red fo"*)").leaves.at(0);
  BOOST_TEST(leaf.text == "red fo");
  BOOST_TEST(leaf.prefix);
  BOOST_TEST(!leaf.distance);
  BOOST_TEST(leaf.field == "title");
}

BOOST_AUTO_TEST_CASE(reads_words_near_each_other) {
  check({{R"("red fox"~5)", R"("red fox"~5)"},
         {R"("red fox"~5*)", R"("red fox"*~5)"},
         {R"("red fox"*~05)", R"("red fox"*~5)"},
         {R"("red fox"~0)", R"("red fox"~0)"},
         {R"("red"~5)", "red"}, // near what?
         {R"("red fox"~99999999999999999999)", R"("red fox"~1000000000)"},
         {R"("red fox"~)", R"("red fox" "~")"},
         {"red~5", "red~5"}});
  BOOST_TEST(parse(R"("red fox"~5)").leaves.at(0).distance.value() == 5u);
}

BOOST_AUTO_TEST_CASE(reads_alternatives_which_bind_tighter_than_spaces) {
  check({{"a OR b", "a OR b"},
         {"a | b", "a OR b"},
         {"a|b", "a OR b"},
         {"a b OR c", "a b OR c"},
         {"a (b OR c)", "a b OR c"},
         {"(a b) OR c", "(a b) OR c"},
         {"x (a b) OR c", "x (a b) OR c"},
         {"a OR b OR (c OR d)", "a OR b OR c OR d"},
         {"a OR b c OR d", "a OR b c OR d"},
         {"a or b", "a or b"},
         {"a AND b", "a b"},
         {"a OR b AND c", "a OR b c"}});
}

BOOST_AUTO_TEST_CASE(reads_exclusions) {
  check({{"-a", "-a"},
         {"a -b", "a -b"},
         {"a NOT b", "a -b"},
         {R"(-"a b")", R"(-"a b")"},
         {"-f:a", "-f:a"},
         {"-(a b)", "-(a b)"},
         {"-(a OR b)", "-(a OR b)"},
         {"NOT(a b)", "-(a b)"},
         {"a OR -b", "a OR -b"},
         {"a|-b", "a OR -b"},
         {"(-a)", "-a"},
         {"NOT -a", "a"},
         {"NOT NOT a", "a"},
         {"-(-(a b)) OR c", "(a b) OR c"},
         {"-OR", R"(-"OR")"},
         {"--force", R"("--force")"},
         {"a-b", "a-b"},
         {"a -- b", R"(a "--" b)"},
         {"(a)-b", R"(a "-b")"},
         {"- a", R"("-" a)"}});
}

BOOST_AUTO_TEST_CASE(reads_groups_and_fields) {
  check({{"((a))", "a"},
         {"f(x)", "f x"},
         {"title:fox", "title:fox"},
         {"a.b/c-d_1:fox", "a.b/c-d_1:fox"},
         {"1st:fox", "1st:fox"},
         {R"(title:"red fox")", R"(title:"red fox")"},
         {R"(title:"red fox"~5)", R"(title:"red fox"~5)"},
         {"title:fo*", "title:fo*"},
         {"title:(red OR fox) a", "title:red OR title:fox a"},
         {"a:(b c:d e:(f g) h)", "a:b c:d e:f e:g a:h"},
         {"größe:klein", "größe:klein"},
         {"title:OR", R"(title:"OR")"}});
}

BOOST_AUTO_TEST_CASE(takes_a_colon_that_names_no_field_for_text) {
  check({{"12:30", R"("12:30")"},
         {"http://x.org/a:b", R"("http://x.org/a:b")"},
         {"std::string", R"("std::string")"},
         {R"(C:\x)", R"("C:\x")"},
         {"TODO: x", R"("TODO:" x)"},
         {"title:", R"("title:")"},
         {"a:-b", R"("a:-b")"},
         {"-:)", R"(-":")"},
         {"/a:b", R"("/a:b")"},
         {"a:b:c", R"(a:"b:c")"}});
}

BOOST_AUTO_TEST_CASE(makes_the_best_of_what_people_type) {
  check({{"what's this?", "what's this?"},
         {"sqlite-001", "sqlite-001"},
         {"C++", "C++"},
         {"e-mail", "e-mail"},
         {"***", ""},
         {"foo AND", "foo"},
         {"OR", ""},
         {"AND foo OR", "foo"},
         {"a OR AND b", "a OR b"},
         {"a AND OR OR b", "a OR b"},
         {"foo NOT", "foo"},
         {"(foo OR) bar", "foo bar"},
         {"foo ||", "foo"},
         {"- -", R"("-" "-")"},
         {R"(")()", R"(")(")"},
         {"NEAR(", "NEAR"},
         {"^a", R"("^a")"},
         {"{x}: y", R"("{x}:" y)"},
         {"+a", R"("+a")"},
         {")a( b", "a b"},
         {"((a b) c", "a b c"},
         {"😀 שלום", "😀 שלום"},
         {"“red fox” „red fox“", R"("red fox" "red fox")"},
         {"a\u00a0b\u3000-c", "a b -c"},
         {"", ""},
         {" ", ""},
         {"\"", ""},
         {std::string_view{"a\0b", 3}, "a b"},
         {"a\x01\xff\xc3 b\x7f", "a b"},
         {"\xed\xa0\x80z", "z"}});
}

BOOST_AUTO_TEST_CASE(lets_an_empty_operand_go_with_its_operators) {
  check({{R"(a "" b)", "a b"},
         {R"(a OR "" b)", "a b"},
         {R"(a OR "" OR b)", "a OR b"},
         {R"(a "" OR b)", "a b"},
         {"a -() b", "a b"},
         {"-*** b", "b"},
         {"a OR (OR) OR b", "a OR b"},
         {"f:() a", "a"}});
}

BOOST_AUTO_TEST_CASE(names_equal_leaves_once) {
  const auto query = parse(R"(to be OR "be" f:be -to be*)");
  BOOST_TEST(query.leaves.size() == 4u);
  BOOST_TEST(query.leaves[1].text == "be");
  BOOST_TEST(print(query) == "to be OR be f:be -to be*");
}

BOOST_AUTO_TEST_CASE(says_where_a_text_is_too_much_and_reads_it_up_to_there) {
  const auto words = repeated(max_leaves, "a ");
  BOOST_TEST(parse(words).cut == "");
  BOOST_TEST(parse(words + "OR (").cut == "");
  const auto many = parse(words + "b");
  BOOST_TEST(many.cut == "has more than 256 words and phrases");
  BOOST_TEST(print(many) + ' ' == words);

  const std::string longest(max_bytes, 'x');
  BOOST_TEST(parse(longest).cut == "");
  BOOST_TEST(parse(" " + longest + "* \"\"").cut == "");
  const auto longer = parse("a " + longest + " b");
  BOOST_TEST(longer.cut == "has words and phrases of more than 8192 bytes");
  BOOST_TEST(print(longer) == "a");
  BOOST_TEST(!parse("f:" + longest).cut.empty());

  BOOST_TEST(parse(repeated(max_depth, "a OR (b ") + "c").cut == "");
  const auto deep = parse(repeated(max_depth + 1, "a OR (b ") + "c");
  BOOST_TEST(deep.cut == "has more than 32 groups in groups");
  const auto again = parse(print(deep));
  BOOST_TEST(again.cut == "");
  BOOST_TEST((again.root == deep.root));
}

BOOST_AUTO_TEST_CASE(takes_a_megabyte_of_anything) {
  for (const auto* piece :
       {"a",    "a ",           "(", ")",  "()",    "\"",   "\"\" ", "-",   "- ", "-(",
        "*",    "* ",           "|", "a|", "OR ",   "NOT ", "f:",    "f:(", "~1", "\"a b\"~1 ",
        "\xff", "\xf0\x9f\x98", "😀", "😀 ", "\u202e"}) {
    const auto query = parse(repeated((1u << 20) / std::string_view{piece}.size(), piece));
    const auto again = parse(print(query));
    BOOST_TEST_CONTEXT(piece) {
      BOOST_TEST(again.cut == "");
      BOOST_TEST((again.leaves == query.leaves));
      BOOST_TEST((again.root == query.root));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
