#include "beaver/actors/scope.hpp"

#include "beaver/actors/registry.hpp"
#include "support/failure.hpp"
#include "support/settings.hpp"

#include <boost/test/unit_test.hpp>
#include <random>
#include <vector>

using namespace beaver;
using namespace beaver::test;

namespace {

using kind = access_kind;

/// What a scope with this text is refused for; empty if it is one.
std::string refusal(const std::string& text) {
  const auto end = outcome_of([&] { static_cast<void>(scope{text}); });
  BOOST_TEST((!end.failed || end.is(errc::invalid_argument)));
  return end.text;
}

/// One place of a pattern, with its own meaning.
struct piece {
  enum { letter, any, many, set } kind;
  char which{};
  std::string members{};
  bool negated = false;

  [[nodiscard]] bool takes(char c) const {
    return kind == any || (kind == letter && c == which)
           || (kind == set && (members.find(c) != members.npos) != negated);
  }
  [[nodiscard]] std::string text() const {
    if (kind == set)
      return std::string{"["} + (negated ? "^" : "") + members + ']';
    return std::string{kind == any ? '?' : kind == many ? '*' : which};
  }
};

bool matches(std::span<const piece> pattern, std::string_view name) {
  if (pattern.empty())
    return name.empty();
  if (pattern[0].kind == piece::many)
    return matches(pattern.subspan(1), name) || (!name.empty() && matches(pattern, name.substr(1)));
  return !name.empty() && pattern[0].takes(name[0]) && matches(pattern.subspan(1), name.substr(1));
}

} // namespace

BOOST_AUTO_TEST_SUITE(scopes)

BOOST_AUTO_TEST_CASE(cover_a_kind_and_what_is_less) {
  const scope reading{"read:dicts/cfg"};
  BOOST_TEST(reading.covers(kind::read, "dicts", "cfg"));
  BOOST_TEST(!reading.covers(kind::write, "dicts", "cfg"));
  const scope writing{"write:dicts/cfg"};
  BOOST_TEST(writing.covers(kind::read, "dicts", "cfg"));
  BOOST_TEST(writing.covers(kind::write, "dicts", "cfg"));
  BOOST_TEST(!writing.covers(kind::admin, "dicts", "cfg"));
  BOOST_TEST(scope{"admin:*"}.covers(kind::admin, "tokens", ""));
  BOOST_TEST(scope{"admin:*"}.covers(kind::read, "dicts", "cfg"));
}

BOOST_AUTO_TEST_CASE(cover_one_type_or_all) {
  const scope dicts{"read:dicts"};
  BOOST_TEST(dicts.covers(kind::read, "dicts", "any"));
  BOOST_TEST(!dicts.covers(kind::read, "lists", "any"));
  BOOST_TEST(!dicts.covers_all(kind::read, "*"));
  const scope all{"read:*/a*"};
  BOOST_TEST(all.covers(kind::read, "lists", "ab"));
  BOOST_TEST(!all.covers(kind::read, "lists", "ba"));
}

BOOST_AUTO_TEST_CASE(cover_names_by_patterns) {
  const scope jobs{"write:queues/jobs.*"};
  BOOST_TEST(jobs.covers(kind::write, "queues", "jobs.mail"));
  BOOST_TEST(jobs.covers(kind::write, "queues", "jobs."));
  BOOST_TEST(!jobs.covers(kind::write, "queues", "jobs"));
  BOOST_TEST(!jobs.covers(kind::write, "queues", "my.jobs.mail"));
  BOOST_TEST(scope{"read:blobs/a/b"}.covers(kind::read, "blobs", "a/b"));
  BOOST_TEST(scope{"read:dicts/CFG"}.covers(kind::read, "dicts", "CFG"));
  BOOST_TEST(!scope{"read:dicts/CFG"}.covers(kind::read, "dicts", "cfg"));
  BOOST_TEST(scope{"read:dicts/t[]x]"}.covers(kind::read, "dicts", "t]"));
  BOOST_TEST(!scope{"read:dicts/t[^]x]"}.covers(kind::read, "dicts", "t]"));
  BOOST_TEST(scope{"read:dicts/h?t"}.covers(kind::read, "dicts", "hät"));
}

BOOST_AUTO_TEST_CASE(are_not_misled_by_what_stands_behind_a_nul) {
  using namespace std::string_literals;
  BOOST_TEST(!scope{"read:dicts/cfg"}.covers(kind::read, "dicts", "cfg\0secret"s));
  BOOST_TEST(!scope{"read:dicts/cfg*"}.covers(kind::read, "dicts", "cfg\0secret"s));
}

BOOST_AUTO_TEST_CASE(cover_all_names_only_where_they_say_so) {
  for (const auto* text : {"read:dicts", "read:dicts/*", "read:dicts/**", "read:*"})
    BOOST_TEST(scope{text}.covers_all(kind::read, "dicts"), text);
  for (const auto* text : {"read:dicts/?*", "read:dicts/[^a]*", "read:lists", "read:*/c*"})
    BOOST_TEST(!scope{text}.covers_all(kind::read, "dicts"), text);
  BOOST_TEST(scope{"read:*"}.covers_all(kind::read, "*"));
}

BOOST_AUTO_TEST_CASE(that_are_none_are_refused_with_the_reason) {
  BOOST_TEST(
    refusal("").ends_with("it must be KIND:TYPES or KIND:TYPES/NAMES, as in read:dicts/cfg"));
  BOOST_TEST(refusal("read") != "");
  BOOST_TEST(refusal("see:dicts")
             == "scope 'see:dicts': its kind is 'see', not read, write or admin");
  BOOST_TEST(refusal("Read:dicts") != "");
  BOOST_TEST(
    refusal("read:dict/cfg")
      .starts_with(
        "scope 'read:dict/cfg': there is no data type 'dict'; known are database, dicts, "));
  BOOST_TEST(refusal("read:").find("no data type ''") != std::string::npos);
  BOOST_TEST(refusal("read: dicts") != "");
  BOOST_TEST(refusal("read:dicts/") != "");
  BOOST_TEST(refusal("read:*/") != "");
  for (const auto* text :
       {"read:dicts/[", "read:dicts/a[bc", "read:dicts/[]", "read:dicts/[^]", "read:dicts/[a][b"})
    BOOST_TEST(refusal(text).ends_with("a [ in its names is not closed"), text);
  BOOST_TEST(refusal("read:dicts/\xff") != "");
  BOOST_TEST(refusal("read:dicts/" + std::string(3'000, 'x')) != "");
  for (const auto* text : {"read:changes", "read:channel_patterns"}) // those of other types
    BOOST_TEST(refusal(text) != "", text);
}

BOOST_AUTO_TEST_CASE(about_the_whole_file_have_one_form) {
  for (const auto* word : {"tokens", "database"}) {
    const std::string name{word};
    BOOST_TEST(refusal("admin:" + name) == "");
    BOOST_TEST(refusal("admin:" + name + "/*") == "");
    BOOST_TEST(refusal("write:" + name).ends_with(name + " needs the kind admin"));
    BOOST_TEST(refusal("admin:" + name + "/x").ends_with("there are no names under " + name));
  }
}

BOOST_AUTO_TEST_CASE(use_the_words_of_the_routes) {
  for (const auto* type : registry()) {
    const auto word = std::string{type_word(*type)};
    if (!patterns_over(*type).empty())
      continue;
    BOOST_TEST(refusal("admin:" + word) == "");
    for (const auto& op : type->operations)
      if (has_name(op))
        BOOST_TEST(op.route->path.starts_with('/' + word + "/{name}"), op.name);
  }
}

BOOST_AUTO_TEST_CASE(random_ones_cover_what_their_parts_say) {
  const auto seed = fresh_seed();
  std::mt19937_64 random{seed};
  const auto below = [&](std::uint64_t n) { return random() % n; };
  const std::vector<std::string> kinds{"read", "write", "admin"};
  const std::vector<std::string> types{"dicts", "queues", "documents", "*"};
  int covered = 0;
  BOOST_TEST_CONTEXT("seed " << seed) {
    for (int i = 0; i < (long_tests() ? 1'000'000 : 50'000); ++i) {
      std::vector<piece> pattern;
      std::string names;
      for (auto n = 1 + below(4); n > 0; --n) {
        static constexpr decltype(piece::kind) all[] = {piece::letter, piece::any, piece::many,
                                                        piece::set};
        piece p{.kind = all[below(4)], .which = static_cast<char>('a' + below(3))};
        for (auto m = 1 + below(2); p.kind == piece::set && m > 0; --m)
          p.members += static_cast<char>('a' + below(3));
        p.negated = below(2) == 0;
        pattern.push_back(p);
        names += p.text();
      }
      std::string name;
      for (auto n = below(5); n > 0; --n)
        name += static_cast<char>('a' + below(4));
      const auto given = below(3), asked = below(3), type = below(4), asked_type = below(3);
      const auto text = kinds[given] + ':' + types[type] + '/' + names;
      const bool fits = asked <= given && (types[type] == "*" || type == asked_type);
      const scope s{text};
      const bool expected = fits && matches(pattern, name);
      covered += expected;
      BOOST_REQUIRE_MESSAGE(s.covers(static_cast<kind>(asked), types[asked_type], name) == expected,
                            text << " over " << name);
      const bool stars = names.find_first_not_of('*') == names.npos;
      BOOST_REQUIRE_MESSAGE(
        s.covers_all(static_cast<kind>(asked), types[asked_type]) == (fits && stars), text);
    }
  }
  BOOST_TEST(covered > 1'000); // a test of something
}

BOOST_AUTO_TEST_SUITE_END()
