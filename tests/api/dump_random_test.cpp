#include "beaver/api/dump.hpp"

#include "support/open_database.hpp"
#include "support/pieces_of.hpp"
#include "support/random_json.hpp"

#include <boost/test/unit_test.hpp>
#include <map>

using namespace beaver;
using namespace beaver::test;

namespace {

using entries = std::map<std::string, std::string>;

entries content_of(const docs<>& from) {
  entries all;
  for (const auto& [id, body] : from)
    all.emplace(id, body.text());
  return all;
}

/// A dump in any spelling, with members that nobody asked for.
std::string foreign_dump(random_json& json, const entries& documents) {
  std::string text = "{\"more\": " + json() + ", \"metadata\": {\"extra\": " + json()
                     + ", \"type\": \"Documents\"},\n\"items\": [";
  const char* between = "";
  for (const auto& [id, body] : documents) {
    text += std::exchange(between, ",\n  ");
    text += "{\"x\": " + json() + ", \"body\": " + body + ", \"id\": ";
    json::append_string(text, id);
    text += " }";
  }
  return text + "], \"y\": " + json() + " }";
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(dumps_random, open_database)

BOOST_AUTO_TEST_CASE(any_documents_come_back_and_damaged_dumps_change_nothing) {
  const auto seed = fresh_seed();
  BOOST_TEST_MESSAGE("seed " << seed);
  BOOST_TEST_INFO_SCOPE("seed " << seed);
  random_json json{seed};
  auto notes = db.docs("notes", {.full_text = std::vector<std::string>{}});
  auto copy = db.docs("copy", {.full_text = std::vector<std::string>{}});
  int refused = 0;
  for (int round = 0; round < 40; ++round) {
    entries texts;
    entries expected;
    for (auto n = json.below(30); n > 0; --n) {
      const auto id = "id \"" + std::to_string(json.below(1'000)) + "\n\xc3\xa9";
      texts[id] = json();
      expected[id] = json_text{texts[id]}.normalised().text();
    }
    const auto step = 1 + json.below(200);
    const auto text = foreign_dump(json, texts);
    db.load(notes, pieces_of(text, step));
    BOOST_TEST((content_of(notes) == expected));

    const auto format = json.below(2) ? dump_format::json : dump_format::jsonl;
    std::string dumped;
    db.dump(notes, [&](std::string_view part) { dumped += part; }, {.format = format});
    db.load(copy, pieces_of(dumped, step), {.format = format});
    BOOST_TEST((content_of(copy) == expected));

    for (int mutant = 0; mutant < 25; ++mutant) {
      auto damaged = dumped;
      if (damaged.empty())
        break;
      constexpr std::string_view marks = "{}[]\",:\\0 e";
      const auto at = json.below(damaged.size());
      if (json.below(2))
        damaged[at] = marks[json.below(marks.size())];
      else
        damaged.erase(at, 1 + json.below(5));
      const auto before = content_of(copy);
      const auto outcome =
        outcome_of([&] { db.load(copy, pieces_of(damaged, step), {.format = format}); });
      if (!outcome.failed)
        continue;
      ++refused;
      BOOST_TEST(outcome.is(errc::invalid_argument), outcome.text);
      BOOST_TEST((content_of(copy) == before));
    }
  }
  BOOST_TEST(refused > 100);
}

BOOST_AUTO_TEST_SUITE_END()
