#include "beaver/api/dump.hpp"

#include "support/open_database.hpp"
#include "support/pieces_of.hpp"
#include "support/raw_file.hpp"

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <limits>
#include <nlohmann/json.hpp>

using namespace beaver;
using namespace beaver::test;

namespace {

template <class Handle>
std::string text_of(const database& db, const Handle& manager,
                    dump_format format = dump_format::jsonl) {
  std::string text;
  const auto status =
    db.dump(manager, [&](std::string_view part) { text += part; }, {.format = format});
  BOOST_TEST(status.bytes == text.size());
  return text;
}

struct dump_fixture : open_database {
  docs<> notes = db.docs("notes");

  void fill_notes() {
    notes.index("b", json_text{R"({"n": 2})"});
    notes.index("a", json_text{R"("one")"});
  }

  dump_status load_notes(std::string_view text, load_options how = {}) {
    return db.load(notes, pieces_of(text, 1 << 16), how);
  }
};

const std::string two_notes = "{\n  \"metadata\": {\"type\": \"Documents\", \"name\": \"notes\", "
                              "\"count\": 2},\n  \"items\": [\n"
                              "    {\"id\": \"a\", \"body\": \"one\"},\n"
                              "    {\"id\": \"b\", \"body\": {\"n\": 2}}\n  ]\n}\n";

} // namespace

BOOST_FIXTURE_TEST_SUITE(dumps, dump_fixture)

BOOST_AUTO_TEST_CASE(a_dump_has_the_form_of_the_original) {
  fill_notes();
  BOOST_TEST(text_of(db, notes, dump_format::json) == two_notes);
  BOOST_TEST(text_of(db, notes)
             == "{\"id\": \"a\", \"body\": \"one\"}\n{\"id\": \"b\", \"body\": {\"n\": 2}}\n");
  const auto empty = nlohmann::json::parse(text_of(db, db.docs("none"), dump_format::json));
  BOOST_TEST(empty.at("items").empty());
  BOOST_TEST(empty.at("metadata").at("count") == 0);
}

BOOST_AUTO_TEST_CASE(what_python_writes_is_loaded_whatever_its_spelling) {
  const auto load = [&](const auto& manager, std::string_view type, std::string_view items) {
    const auto text =
      "\xef\xbb\xbf\n{\n  \"metadata\": {\n    \"type\": \"" + std::string{type}
      + "\",\n    \"name\": \"x\",\n    \"count\": 1,\n    \"more\": [{\"items\": 1}]"
        "\n  },\n  \"items\": "
      + std::string{items} + "\n}\r\n";
    return db.load(manager, pieces_of(text, 1)).items;
  };
  BOOST_TEST(load(notes, "Documents", R"([
    {
      "id": "k\u00e9 \"]},",
      "body": {
        "text": "}]\\",
        "more": [
          1.50
        ]
      }
    }
  ])") == 1u);
  BOOST_TEST(notes.get("k\xc3\xa9 \"]},").text() == R"({"text": "}]\\", "more": [1.5]})");
  BOOST_TEST(load(notes, "Collection", R"([{"id": "old", "embedding": [0.5], "body": {}}])") == 1u);
  BOOST_TEST(notes.count() == 1u);

  BOOST_TEST(load(db.dict("d"), "Dict", R"([{"key": "k", "value": null}, {"key":"l","value":2}])")
             == 2u);
  BOOST_TEST(db.dict("d").get("k").text() == "null");

  BOOST_TEST(load(db.list("l"), "List", R"([1, "]", {"a": [2]}, [3], true])") == 5u);
  BOOST_TEST(db.list("l").get(2).text() == R"({"a": [2]})");
  BOOST_TEST(load(db.list("l"), "List", "[ ]") == 0u);
  BOOST_TEST(db.list("l").count() == 0u);

  BOOST_TEST(load(db.queue("q"), "Queue", R"([
    {"priority": Infinity, "timestamp": 5.0, "data": "last"},
    {"priority": -1, "timestamp": 6.0, "data": "first"}])")
             == 2u);
  BOOST_TEST(db.queue<std::string>("q").get()->value == "first");
  BOOST_TEST(db.queue<std::string>("q").get()->value == "last");

  BOOST_TEST(load(db.log("g"), "Log", R"([{"timestamp": 7.25, "data": {"a": 1}}])") == 1u);
  BOOST_TEST((*db.log("g").begin()).timestamp == 7.25);

  BOOST_TEST(load(db.blob("f"), "BlobStore",
                  R"([{"key": "a", "metadata": null, "size": 3, "payload": "AAEC"},
                      {"key": "b", "metadata": {"t": 1}, "size": 0, "payload": ""}])")
             == 2u);
  BOOST_TEST(db.blob("f").get("a").text() == std::string_view("\0\1\2", 3));
  BOOST_TEST(!db.blob("f").stat("a")->metadata);
  BOOST_TEST(db.blob("f").stat("b")->metadata->text() == R"({"t": 1})");
}

BOOST_AUTO_TEST_CASE(every_type_comes_back_from_both_formats) {
  db.dict("a").set("k\n", json_text{R"(["\ud83d\ude00", 1e-7, 12345678901234567890])"});
  db.dict("a").set("l", json_text{"{}"});
  db.list("a").extend(std::vector{json_text{"1"}, json_text{"[2]"}, json_text{"1"}});
  auto queue = db.queue("a");
  queue.put(json_text{"1"}, 2.5);
  home.queue("a").put(json_text{"2"}, -std::numeric_limits<double>::infinity());
  queue.put(json_text{"3"}, 1, std::chrono::hours{1}); // delayed
  BOOST_REQUIRE(queue.take());                         // leased
  db.log("a").append(json_text{"1"}, 0.1);
  db.log("a").append(json_text{"2"}, -5);
  db.blob("a").put("x", std::string_view("\0\xff", 2), json_text{"{\"m\": 1}"});
  db.blob("a").put("y", std::string(3'000'000, 'z'));
  db.graph("a").link("s", "t", "l", json_text{"{\"w\": 1}"});
  db.graph("a").link("s", "t", "m");
  db.vectors("a").set("v", std::vector<float>{0.1f, -2.5f}, json_text{"[null]"});
  db.vectors("a").set("w", std::vector<float>{1e-30f, 3});
  fill_notes();

  const auto check = [&](const auto& from, auto to) {
    BOOST_TEST_CONTEXT(from.type_name) {
      // A queue's items get new times.
      const auto same = [](std::string text) {
        for (std::size_t at = 0; (at = text.find("\"timestamp\": 17", at)) != text.npos;)
          text.erase(at + 13, text.find(',', at) - at - 13);
        return text;
      };
      const auto lines = text_of(db, from);
      db.load(to, pieces_of(lines, 7), {.format = dump_format::jsonl});
      BOOST_TEST(same(text_of(db, to)) == same(lines));
      db.load(to, pieces_of(text_of(db, from, dump_format::json), 1 << 16));
      BOOST_TEST(same(text_of(db, to)) == same(lines));
      BOOST_TEST(std::count(lines.begin(), lines.end(), '\n') >= 2);
      const auto parsed =
        nlohmann::json::parse(text_of(db, from, dump_format::json), nullptr, false);
      if (from.type_name != "queue") // its infinite priority is too much for that library
        BOOST_TEST(parsed.at("metadata").at("count") == parsed.at("items").size());
    }
  };
  check(db.dict("a"), db.dict("b"));
  check(db.list("a"), db.list("b"));
  check(queue, db.queue("b"));
  check(db.log("a"), db.log("b"));
  check(db.blob("a"), db.blob("b"));
  check(notes, db.docs("b"));
  check(db.graph("a"), db.graph("b"));
  check(db.vectors("a"), db.vectors("b"));
  BOOST_TEST(db.queue("b").count() == 3u); // nothing is away in the copy
}

BOOST_AUTO_TEST_CASE(a_load_replaces_what_was_there_or_adds_to_it) {
  notes.index("a", json_text{"0"});
  notes.index("c", json_text{"3"});
  BOOST_TEST(load_notes(two_notes, {.mode = load_mode::append}).items == 2u);
  BOOST_TEST(notes.count() == 3u);
  BOOST_TEST(notes.get("a").text() == "\"one\"");
  load_notes(two_notes);
  BOOST_TEST(notes.count() == 2u);
  BOOST_TEST(text_of(db, notes, dump_format::json) == two_notes);
  BOOST_TEST(notes.search({.query = "one"}).hits.size() == 1u); // the index follows
}

BOOST_AUTO_TEST_CASE(a_bad_item_is_named_and_nothing_is_loaded) {
  fill_notes();
  const auto before = text_of(db, notes);
  const auto refused = [&](const std::string& items, const std::string& why) {
    const auto failed = outcome_of(
      [&] { load_notes("{\"items\": [{\"id\": \"new\", \"body\": 1}, " + items + "]}"); });
    BOOST_TEST(failed.is(errc::invalid_argument));
    BOOST_TEST(failed.says("docs 'notes': "), failed.text);
    BOOST_TEST(failed.says(why), failed.text);
    BOOST_TEST(text_of(db, notes) == before);
  };
  refused("1", "item 2: item must be an object");
  refused("{\"id\": \"x\"}", "item 2: item.body is missing");
  refused("{\"id\": 7, \"body\": 1}", "item 2: item.id must be a string");
  refused("{\"id\": \"\", \"body\": 1}", "item 2: ");
  refused("{\"id\": \"x\", \"body\": NaN}", "NaN and infinities are not allowed");
  refused("{\"id\": \"x\", \"body\": }", "item 2: ");
  refused("{\"id\": \"x\", \"body\": [}]", "item 2: ");
  refused("{\"id\": \"x\", \"body\": 1},", "no value");
  refused("", "no value");
  refused("nul", "item 2: ");

  const auto lines = outcome_of([&] {
    load_notes("{\"id\": \"x\", \"body\": 1}\n\n \r\n{\"id\": \"y\"}\n",
               {.format = dump_format::jsonl});
  });
  BOOST_TEST(lines.says("line 4: item.body is missing"), lines.text);
  BOOST_TEST(text_of(db, notes) == before);
  const auto size = outcome_of([&] {
    db.load(db.blob("f"), pieces_of(R"({"items": [{"key": "a", "metadata": 1, "size": 2, )"
                                    R"("payload": "AAEC"}]})",
                                    100));
  });
  BOOST_TEST(size.says("blob 'f': item 1: item.payload has 3 bytes, not 2"), size.text);
}

BOOST_AUTO_TEST_CASE(what_is_no_dump_of_this_type_is_refused) {
  fill_notes();
  const auto before = text_of(db, notes);
  const auto refused = [&](const std::string& text, const std::string& why) {
    const auto failed = outcome_of([&] { load_notes(text); });
    BOOST_TEST(failed.is(errc::invalid_argument));
    BOOST_TEST(failed.says(why), failed.text);
    BOOST_TEST(text_of(db, notes) == before);
  };
  refused(R"({"metadata": {"type": "Dict"}, "items": []})",
          "a dump of the type 'Dict', not 'Documents'");
  refused(R"({"items": [], "metadata": {"type": "Dict"}})", "a dump of the type 'Dict'");
  refused(R"({"metadata": [], "items": []})", "");
  refused("", "ends early");
  refused("[]", "not a JSON object, at byte 1");
  refused("{}", "without a member 'items'");
  refused(R"({"items": {}})", "'items' is no list");
  refused(R"({"items": [], "items": []})", "a second list");
  refused(R"({"items": []} x)", "more text behind the object, at byte 14");
  refused(R"({"items": [] "a": 1})", "no ',' or '}'");
  refused(R"({"a": [}, "items": []})", "");
  refused(R"({items: []})", "no name");
  refused(R"({"items" []})", "no ':'");
  refused(R"({"items": [{"id": "x", "body": 1} {"id": "y", "body": 1}]})", "no ',' or ']'");
  for (std::size_t n = 0; n < two_notes.rfind('}'); ++n)
    refused(two_notes.substr(0, n), "");
}

BOOST_AUTO_TEST_CASE(both_tell_how_far_they_are_and_can_be_stopped) {
  auto list = db.list<int>("l");
  std::vector<int> numbers(300'000);
  for (std::size_t i = 0; i < numbers.size(); ++i)
    numbers[i] = static_cast<int>(i);
  list.extend(numbers);
  std::vector<dump_status> told;
  std::string text;
  db.dump(list, [&](std::string_view part) { text += part; },
          {.progress = [&](const dump_status& s) { told.push_back(s); }});
  BOOST_TEST(told.size() > 2u);
  BOOST_TEST(told.back().items == numbers.size());
  BOOST_TEST(told.back().bytes == text.size());
  told.clear();
  db.load(list, pieces_of(text, 1 << 18),
          {.progress = [&](const dump_status& s) { told.push_back(s); }});
  BOOST_TEST(told.size() > 2u);
  BOOST_TEST(told.back().items == numbers.size());
  BOOST_TEST(told.back().bytes == text.size());

  std::stop_source stop;
  const auto when_told = [&](const dump_status&) { stop.request_stop(); };
  const auto dumped = outcome_of([&] {
    db.dump(list, [](std::string_view) {}, {.progress = when_told, .stop = stop.get_token()});
  });
  BOOST_TEST(dumped.is(errc::cancelled));
  stop = {};
  const auto loaded = outcome_of([&] {
    db.load(list, pieces_of("{\"items\": [1" + text.substr(text.find("2,")), 1 << 18),
            {.progress = when_told, .stop = stop.get_token()});
  });
  BOOST_TEST(loaded.is(errc::cancelled));
  BOOST_TEST(list.count() == numbers.size());
  stop = {};
  const byte_source ends = [&](std::span<char>) { return stop.request_stop(), std::size_t{0}; };
  for (const auto format : {dump_format::json, dump_format::jsonl})
    BOOST_TEST(outcome_of([&] {
                 db.load(list, ends, {.format = format, .stop = stop.get_token()});
               }).is(errc::cancelled));
  BOOST_CHECK_THROW(
    db.load(list, pieces_of(text, 1 << 18),
            {.progress = [](const dump_status&) { throw std::runtime_error("enough"); }}),
    std::runtime_error);
  BOOST_TEST(list.count() == numbers.size());
}

BOOST_AUTO_TEST_CASE(a_dump_shows_one_instant_and_a_load_is_part_of_a_transaction,
                     *in_this_process()) {
  fill_notes();
  const auto now = db.snapshot();
  notes.index("c", json_text{"3"});
  std::string text;
  dump(now.docs("notes"), [&](std::string_view part) { text += part; });
  BOOST_TEST(text == two_notes);
  const auto writing = outcome_of([&] { load(pieces_of(text, 9), now.docs("notes")); });
  BOOST_TEST(writing.is(errc::read_only));

  const auto undone = outcome_of([&] {
    db.transaction([&](transaction& tx) {
      load(pieces_of(text, 9), tx.docs("notes"));
      BOOST_TEST(tx.docs("notes").count() == 2u);
      throw error(errc::cancelled, "not this time");
    });
  });
  BOOST_TEST(undone.is(errc::cancelled));
  BOOST_TEST(notes.count() == 3u);
}

BOOST_AUTO_TEST_CASE(a_database_in_memory_dumps_and_loads_too) {
  database memory{":memory:"};
  memory.load(memory.docs("notes"), pieces_of(two_notes, 10));
  BOOST_TEST(text_of(memory, memory.docs("notes"), dump_format::json) == two_notes);
}

BOOST_AUTO_TEST_CASE(what_others_have_stored_stays_on_its_line_or_is_named) {
  fill_notes();
  raw_file raw{folder.file()};
  raw.execute("UPDATE __beaver_documents__ SET data = '{\"n\":' || char(10) || '2}' "
              "WHERE item_id = 'b'");
  BOOST_TEST(text_of(db, notes)
             == "{\"id\": \"a\", \"body\": \"one\"}\n{\"id\": \"b\", \"body\": {\"n\": 2}}\n");
  raw.execute("UPDATE __beaver_documents__ SET data = 'oops' WHERE item_id = 'b'");
  const auto failed = outcome_of([&] { text_of(db, notes); });
  BOOST_TEST(failed.is(errc::corrupt));
  BOOST_TEST(failed.says("Documents 'notes', 'b': not JSON"), failed.text);
}

BOOST_AUTO_TEST_CASE(a_load_may_last_longer_than_a_transaction) {
  auto how = quick();
  how.transaction_timeout = std::chrono::milliseconds{1};
  database hurried{folder.file("hurried.db"), how};
  const auto begun = std::chrono::steady_clock::now();
  const auto ended = outcome_of([&] {
    hurried.transaction([](transaction& tx) {
      for (;;)
        (void)tx.dict("d").count();
    });
  });
  BOOST_TEST(ended.is(errc::timeout));
  const auto limit = std::chrono::steady_clock::now() - begun;
  auto source = pieces_of(two_notes, 1);
  const byte_source slow = [&, start = std::chrono::steady_clock::now()](std::span<char> part) {
    while (std::chrono::steady_clock::now() - start < 3 * limit)
      std::this_thread::yield();
    return source(part);
  };
  BOOST_TEST(hurried.load(hurried.docs("notes"), slow).items == 2u);
  BOOST_TEST(hurried.docs("notes").count() == 2u);
}

BOOST_AUTO_TEST_SUITE_END()
