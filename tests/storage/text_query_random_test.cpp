#include "beaver/storage/connection.hpp"
#include "beaver/storage/text_language.hpp"
#include "beaver/storage/utf8.hpp"
#include "support/settings.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <optional>
#include <random>
#include <set>

using namespace beaver;
using namespace beaver::test;
using text_language::parse;
using text_language::print;

namespace {

class chooser {
public:
  explicit chooser(std::uint64_t seed) : random_(seed) {}

  /// Evenly from 0..n-1.
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(random_() % n); }

  std::string_view one_of(std::initializer_list<std::string_view> all) {
    return all.begin()[below(all.size())];
  }

private:
  std::mt19937_64 random_;
};

constexpr std::size_t words = 6;

/// A search as a tree of words, with its meaning and many spellings: the rules of the language once
/// more.
struct search {
  enum class kind { word, nothing, all, any, negation };

  kind what = kind::nothing;
  std::size_t word = 0;
  std::vector<search> parts{};

  static search random(chooser& choose, int depth) {
    search out;
    const auto n = choose.below(depth > 0 ? 8 : 4);
    if (n < 4) {
      out.what = n == 3 && choose.below(3) == 0 ? kind::nothing : kind::word;
      out.word = choose.below(words);
      return out;
    }
    out.what = n < 6 ? kind::all : n == 6 ? kind::any : kind::negation;
    for (auto parts = out.what == kind::negation ? 1 : 1 + choose.below(3); parts > 0; --parts)
      out.parts.push_back(random(choose, depth - 1));
    return out;
  }

  /// Empty if nothing is left to say about a document with these words.
  [[nodiscard]] std::optional<bool> holds(std::size_t document, std::size_t gone) const {
    if (what == kind::nothing || (what == kind::word && (gone >> word & 1) != 0))
      return {};
    if (what == kind::word)
      return (document >> word & 1) != 0;
    std::optional<bool> result;
    for (const auto& part : parts)
      if (const auto one = part.holds(document, gone))
        result = !result ? *one : what == kind::any ? *result || *one : *result && *one;
    return what == kind::negation && result ? !*result : result;
  }

  void write(std::string& out, chooser& choose) const {
    if (choose.below(10) == 0)
      return write_group(out, choose);
    switch (what) {
    case kind::word: {
      const auto* quote = choose.below(3) == 0 ? "\"" : "";
      out.append(quote) += static_cast<char>('a' + word);
      out += quote;
      break;
    }
    case kind::nothing:
      out += choose.one_of({"\"\"", "()", "***", "\"  \"", "(OR)"});
      break;
    case kind::negation:
      write_negation(out, choose);
      break;
    default:
      for (std::size_t i = 0; i < parts.size(); ++i) {
        if (i > 0)
          out += what == kind::all ? choose.one_of({" ", " ", "  ", " AND ", " AND AND "})
                                   : choose.one_of({" OR ", "|", " | ", " OR AND ", " OR|"});
        if (parts[i].what == kind::all)
          parts[i].write_group(out, choose);
        else
          parts[i].write(out, choose);
      }
    }
  }

private:
  void write_group(std::string& out, chooser& choose) const {
    out += choose.one_of({"(", "( "});
    write(out, choose);
    out += choose.one_of({")", " )", " OR)"});
  }

  void write_negation(std::string& out, chooser& choose) const {
    const auto& part = parts.front();
    const bool simple = part.what == kind::word;
    if (choose.below(2) == 0) {
      out += "NOT ";
      if (simple || part.what == kind::negation)
        return part.write(out, choose);
    } else {
      out += '-';
      if (simple)
        return part.write(out, choose);
    }
    part.write_group(out, choose);
  }
};

/// Which leaves a document with these words has.
std::vector<bool> leaves_of(const text_query& query, std::size_t document) {
  std::vector<bool> out;
  for (const auto& leaf : query.leaves)
    out.push_back((document >> (leaf.text[0] - 'a') & 1) != 0);
  return out;
}

bool is_normal(const text_query_node& node) {
  using kind = text_query_node::kind;
  const bool enough = node.what == kind::leaf       ? node.parts.empty()
                      : node.what == kind::negation ? node.parts.size() == 1
                                                    : node.parts.size() > 1;
  return enough && std::all_of(node.parts.begin(), node.parts.end(), [&](const auto& part) {
           return part.what != node.what && is_normal(part);
         });
}

/// Anything that somebody might type, and much that nobody would.
std::string random_text(chooser& choose) {
  std::string out;
  for (auto pieces = choose.below(16); pieces > 0; --pieces)
    switch (choose.below(8)) {
    case 0:
      out +=
        choose.one_of({"OR", "AND", "NOT", "NEAR", "NEAR(", "|", "-", "*", "~", "~3", "^", "+"});
      break;
    case 1:
      out += choose.one_of({"(", ")", "\"", "\"\"", "{", "}", "[", ":", ",", "'", ";", "\\", "/"});
      break;
    case 2:
      out +=
        choose.one_of({"f:", "a.b:", "12:30", "http://", "field_content", "-f:(", "\"a b\"~2"});
      break;
    case 3:
      for (auto n = choose.below(4); n > 0; --n)
        out += static_cast<char>(choose.below(256));
      break;
    case 4: {
      auto c = static_cast<char32_t>(choose.below(choose.below(2) == 0 ? 0x3100 : 0x110000));
      utf8::append(out, c >= 0xd800 && c < 0xe000 ? U'\uFFFD' : c);
      break;
    }
    case 5:
      out += choose.one_of({"fox", "running", "a", "B", "café", "שלום", "東京", "😀"});
      break;
    default:
      out += ' ';
    }
  return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(text_queries_random)

BOOST_AUTO_TEST_CASE(random_searches_mean_what_their_trees_do) {
  const auto seed = fresh_seed();
  chooser choose{seed};
  std::size_t matching = 0;
  const std::size_t searches = long_tests() ? 500'000 : 10'000;
  constexpr std::size_t documents = 1 << words;
  BOOST_TEST_CONTEXT("seed " << seed) {
    for (std::size_t i = 0; i < searches; ++i) {
      const auto oracle = search::random(choose, 4);
      std::string text;
      oracle.write(text, choose);
      const auto whole = parse(text);
      const auto gone = choose.below(3) == 0 ? choose.below(documents) : 0;
      const auto query = whole.without(leaves_of(whole, gone));
      BOOST_REQUIRE_MESSAGE(query.empty() || is_normal(query.root), text);
      BOOST_REQUIRE_MESSAGE(whole.cut.empty() && parse(print(query)) == query, text);
      for (std::size_t document = 0; document < documents; ++document) {
        const bool expected = oracle.holds(document, gone).value_or(true);
        matching += expected ? 1 : 0;
        BOOST_REQUIRE_MESSAGE(query.matches(leaves_of(query, document)) == expected,
                              text << " without " << gone << " of " << document << " should be "
                                   << expected);
      }
    }
  }
  BOOST_TEST(matching > searches * documents / 10); // a test of something
  BOOST_TEST(matching < searches * documents / 10 * 9);
}

BOOST_AUTO_TEST_CASE(a_match_has_a_positive_leaf_or_is_one_of_all_others) {
  const auto seed = fresh_seed();
  chooser choose{seed};
  std::size_t others = 0;
  const std::size_t searches = long_tests() ? 200'000 : 5'000;
  BOOST_TEST_CONTEXT("seed " << seed) {
    for (std::size_t i = 0; i < searches; ++i) {
      std::string text;
      search::random(choose, 4).write(text, choose);
      const auto query = parse(text);
      const auto positive = query.positive();
      others += query.matches_others() ? 1 : 0;
      for (std::size_t document = 0; document < (1 << words); ++document) {
        const auto found = leaves_of(query, document);
        bool wanted = query.matches_others();
        for (std::size_t leaf = 0; leaf < found.size(); ++leaf) {
          wanted = wanted || (found[leaf] && positive[leaf]);
          auto more = found;
          more[leaf] = true; // what is only excluded never helps
          BOOST_REQUIRE_MESSAGE(positive[leaf] || query.matches(found) || !query.matches(more),
                                text);
        }
        BOOST_REQUIRE_MESSAGE(wanted || !query.matches(found), text);
      }
    }
  }
  BOOST_TEST(others > searches / 10);
  BOOST_TEST(others < searches / 10 * 9);
}

BOOST_AUTO_TEST_CASE(no_text_upsets_fts5_and_every_query_is_read_back_as_it_was_printed) {
  const auto seed = fresh_seed();
  chooser choose{seed};
  connection c(":memory:", {});
  c.execute("CREATE VIRTUAL TABLE texts USING fts5(field_path, field_content, tokenize='porter')");
  c.execute("INSERT INTO texts VALUES ('f', 'a fox running a café'), ('a.b', '12:30 b NEAR not')");
  std::set<std::string> asked;
  std::int64_t found = 0;
  BOOST_TEST_CONTEXT("seed " << seed) {
    for (int i = 0; i < (long_tests() ? 2'000'000 : 100'000); ++i) {
      const auto text = random_text(choose);
      BOOST_TEST_CONTEXT("text: " << text) {
        const auto query = parse(text);
        const auto printed = print(query);
        BOOST_REQUIRE_MESSAGE(query.cut.empty() && parse(printed) == query, printed);
        BOOST_REQUIRE(query.empty() || is_normal(query.root));
        for (const auto& leaf : query.leaves) {
          BOOST_REQUIRE(utf8::find_invalid(leaf.text + leaf.field) == std::string::npos);
          const auto match = leaf.match();
          if (!asked.insert(match).second)
            continue;
          auto rows = c.prepare("SELECT count(*) FROM texts WHERE field_content MATCH ?1");
          rows.bind(match);
          BOOST_REQUIRE(rows.step());
          found += rows.integer(0);
        }
      }
    }
  }
  BOOST_TEST(found > 1'000); // a test of something
}

BOOST_AUTO_TEST_SUITE_END()
