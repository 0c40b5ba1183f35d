#include "docs_support.hpp"
#include "support/failure.hpp"
#include "support/filter_oracle.hpp"
#include "support/raw_file.hpp"
#include "support/settings.hpp"

#include "beaver/storage/utf8.hpp"

#include <algorithm>
#include <map>

using namespace beaver;
using namespace beaver::test;

namespace {

/// One collection with field indexes, the same without, and a map. Documents come and go by our
/// calls and by another program's statements; every answer must be the same three times.
class index_comparison : public docs_fixture {
public:
  void run(int rounds, int filters) {
    BOOST_TEST_CONTEXT("seed " << seed_) {
      write([&] {
        for (const auto* name : {"indexed", "plain"})
          docs_table::set_options(c(), name, {.full_text = strings{}});
      });
      for (int i = 0; i < rounds; ++i) {
        change();
        for (int n = 0; n < filters / rounds; ++n)
          ask();
        if (i % 10 == 9)
          reopen();
      }
      BOOST_TEST(raw_file{path()}.integrity() == "ok");
      BOOST_TEST(by_index_ > filters / 20); // a test of something
    }
  }

private:
  static constexpr const char* fields[] = {"k", "k", "/k", "a", "b", "/0", "a.b", "."};

  std::uint64_t below(std::uint64_t n) { return source_.below(n); }
  std::string id() { return "d" + std::to_string(below(600)); }
  json_text text_of(const json_tree& tree) {
    std::string text;
    tree.write(text, [this](std::uint64_t n) { return below(n); });
    return json_text{text};
  }
  json_text wire_of(const filter_oracle& oracle) {
    std::string wire;
    oracle.write(wire, [this](std::uint64_t n) { return below(n); });
    return json_text{wire};
  }

  /// Few documents have the same.
  json_tree key() {
    if (below(3) == 0)
      return {json_tree::string{U"key "} + static_cast<char32_t>(U'A' + below(50))};
    return {json_tree::integer{static_cast<int>(below(100))}};
  }
  json_tree body() {
    if (below(8) == 0)
      return source_.value(1);
    auto tree = source_.object(2);
    std::get<json_tree::object>(tree.value).emplace_back(U"k", key());
    return tree;
  }

  void change() {
    switch (below(6)) {
    case 0: {
      const auto* field = fields[below(std::size(fields))];
      write([&] {
        if (!docs_table::create_index(c(), "indexed", field) && below(3) == 0)
          docs_table::drop_index(c(), "indexed", field);
      });
      return;
    }
    case 1:
      write([&] { docs_table::reindex(c(), "indexed", {}, 1 + below(800)); });
      return;
    case 2:
      return change_as_another_program();
    default:
      return change_as_ourselves();
    }
  }

  void change_as_ourselves() {
    write([&] {
      docs_table::document_writer indexed{c(), "indexed"};
      docs_table::document_writer plain{c(), "plain"};
      for (auto n = 1 + below(40); n > 0; --n) {
        const auto one = id();
        if (below(4) == 0) {
          BOOST_TEST(indexed.erase(one) == (bodies_.erase(one) == 1));
          plain.erase(one);
        } else {
          bodies_[one] = body();
          const auto text = text_of(bodies_[one]).normalised();
          indexed.put(one, text);
          plain.put(one, text);
        }
      }
      indexed.finish();
      plain.finish();
    });
  }

  void change_as_another_program() {
    connection other{path(), {}};
    for (auto n = 1 + below(6); n > 0; --n) {
      const auto one = id();
      if (below(4) == 0) {
        other.prepare("DELETE FROM __beaver_documents__ WHERE item_id = ?1").bind(one).run();
        bodies_.erase(one);
      } else {
        bodies_[one] = body();
        const auto text = text_of(bodies_[one]);
        other
          .prepare("INSERT OR REPLACE INTO __beaver_documents__ VALUES ('indexed', ?1, ?2), "
                   "('plain', ?1, ?2)")
          .bind(one, text)
          .run();
      }
    }
  }

  void ask() {
    filter_oracle oracle{.what = filter_oracle::kind::all};
    for (auto n = 1 + below(2); n > 0; --n) {
      if (below(2)) {
        static const std::string operators[] = {"==", "==", "<", ">=", "in"};
        filter_oracle f{.what = filter_oracle::kind::condition, .path = {U"k"}};
        f.op = operators[below(std::size(operators))];
        f.value = f.op == "in" ? json_tree{json_tree::array{key(), key()}} : key();
        oracle.parts.push_back(std::move(f));
      } else {
        oracle.parts.push_back(random_filter(source_, below(4) == 0 ? 1 : 0));
      }
    }
    const auto where = wire_of(oracle);
    key_range range{.descending = below(2) == 0};
    if (below(3) == 0)
      range.from = id();
    if (below(2))
      range.limit = below(5);
    strings expected;
    for (const auto& [one, tree] : bodies_)
      if ((!range.from || one >= *range.from) && oracle.matches(tree))
        expected.push_back(one);
    if (*range.descending)
      std::reverse(expected.begin(), expected.end());
    if (range.limit && *range.limit < expected.size())
      expected.resize(*range.limit);
    by_index_ += docs_table::explain(c(), "indexed", where).scanned ? 0 : 1;
    BOOST_TEST_CONTEXT("where " << where.text())
    for (const auto* name : {"indexed", "plain"}) {
      strings found;
      for (const auto& d : docs_table::list(c(), name, range, where))
        found.push_back(d.id);
      BOOST_REQUIRE(found == expected);
    }
  }

  const std::uint64_t seed_ = fresh_seed();
  random_tree source_{seed_};
  std::map<std::string, json_tree> bodies_;
  int by_index_ = 0;
};

/// Text as nobody should type it: operators of ours and of FTS5, words, any characters and bytes.
std::string random_text(dice& random) {
  static const strings pieces{"beaver",  "dam", "\"",   "\"\"",   "*",     "-", "(",      ")",
                              " OR ",    "AND", " NOT", "NEAR(",  "~3",    ":", "title:", " ",
                              "^",       "{",   "}",    "+",      ",",     "'", "\\",     "|",
                              "col : x", "\0",  "\xff", "\u00e9", "\u3000"};
  std::string text;
  for (auto n = random.below(12); n > 0; --n) {
    if (random.one_in(4)) {
      auto c = static_cast<char32_t>(random.below(0x110000));
      utf8::append(text, c >= 0xd800 && c < 0xe000 ? U'x' : c);
    } else {
      text += random.of(pieces);
    }
  }
  return text;
}

} // namespace

BOOST_AUTO_TEST_SUITE(docs_random)

BOOST_AUTO_TEST_CASE(answers_with_an_index_without_one_and_by_an_oracle_agree) {
  index_comparison{}.run(long_tests() ? 4'000 : 200, long_tests() ? 100'000 : 5'000);
}

BOOST_FIXTURE_TEST_CASE(no_text_of_a_user_is_an_error, docs_fixture) {
  const auto seed = fresh_seed();
  dice random{seed};
  configure({.fuzzy = true});
  put("a", R"({"title": "beaver dams", "body": "a beaver builds a dam"})");
  put("b", R"({"title": "x", "body": "col title near and or not"})");
  BOOST_TEST_CONTEXT("seed " << seed) {
    int found = 0;
    for (int i = 0; i < (long_tests() ? 100'000 : 20'000); ++i) {
      const auto text = random_text(random);
      docs_query query{.query = text, .total = true};
      if (random.one_in(3))
        query.fuzzy = true;
      if (random.one_in(3))
        query.snippet = 3;
      BOOST_TEST_INFO(text);
      const auto end =
        outcome_of([&] { found += docs_table::search(c(), "d", query).hits.empty() ? 0 : 1; });
      BOOST_REQUIRE_MESSAGE(!end.failed, end.text);
    }
    BOOST_TEST(found > 1'000); // a test of something
  }
}

BOOST_AUTO_TEST_SUITE_END()
