#include "support/child.hpp"
#include "support/failure.hpp"
#include "support/open_database.hpp"
#include "support/processes.hpp"
#include "support/raw_file.hpp"

#include <boost/test/unit_test.hpp>
#include <future>
#include <map>

using namespace beaver;
using namespace beaver::test;
using namespace std::chrono_literals;

namespace {

struct changes_fixture {
  open_database opened;
  database& db = opened.db;

  [[nodiscard]] static std::string text_of(const change& c) {
    return (c.operation == change_operation::set ? "set " : "erase ") + c.type + ':' + c.name + ' '
           + std::string{c.key.text()};
  }
  /// The next `n` changes, for which it waits.
  [[nodiscard]] static std::vector<std::string> next_of(subscription<followed_change>& s,
                                                        std::size_t n) {
    std::vector<std::string> result;
    while (result.size() < n)
      result.push_back(text_of(*s.next()));
    return result;
  }
};

using texts = std::vector<std::string>;

} // namespace

BOOST_FIXTURE_TEST_SUITE(changes, changes_fixture)

BOOST_AUTO_TEST_CASE(changes_of_the_managers_that_match_are_followed) {
  auto settings = db.dict<int>("settings");
  settings.set("before", 1);
  auto s = db.watch("dict:set*");
  settings.set("a", 1);
  db.dict<int>("other").set("a", 1);
  db.list<int>("settings").push(1);
  settings.set("a", 2);
  settings.erase("a");
  BOOST_TEST(
    next_of(s, 3)
      == (texts{"set dict:settings \"a\"", "set dict:settings \"a\"", "erase dict:settings \"a\""}),
    boost::test_tools::per_element());
  BOOST_TEST(db.watched() == texts{"dict:set*"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_is_recorded_can_be_read_again_after_a_restart) {
  static_cast<void>(db.watch("*:*"));
  db.queue<int>("q").put(1);
  db.log<int>("l").append(1, 2.5);
  std::uint64_t first = 0;
  {
    auto s = db.watch("*:*", {.from_beginning = true});
    first = s.next()->sequence;
    BOOST_TEST(text_of(*s.next()) == "set log:l 2.5");
  }
  db.close();
  database again{opened.folder.file(), quick()};
  auto s = again.watch("*:*", {.after = first});
  BOOST_TEST(text_of(*s.next()) == "set log:l 2.5");
  again.dict<int>("d").set("k", 1);
  BOOST_TEST(text_of(*s.next()) == "set dict:d \"k\"");
}

BOOST_AUTO_TEST_CASE(changes_by_other_programs_are_seen) {
  auto s = db.watch("dict:*");
  raw_file other{opened.folder.file()};
  other.execute("INSERT INTO __beaver_dicts__ VALUES ('d', 'k', '1', NULL)");
  other.execute("DELETE FROM __beaver_dicts__");
  BOOST_TEST(next_of(s, 2) == (texts{"set dict:d \"k\"", "erase dict:d \"k\""}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(handles_call_back_for_their_own_changes) {
  auto a = db.dict<int>("a*");
  std::promise<std::string> set;
  std::promise<std::string> erased;
  std::promise<std::string> any;
  const auto on_set =
    a.on(change_operation::set, [&](const followed_change& c) { set.set_value(text_of(c)); });
  const auto on_erase =
    a.on(change_operation::erase, [&](const followed_change& c) { erased.set_value(text_of(c)); });
  const auto on_any = db.on("dict:a*", change_operation::erase,
                            [&](const followed_change& c) { any.set_value(text_of(c)); });
  db.dict<int>("ab").set("k", 1); // not meant by the handles
  a.set("k", 1);
  a.erase("k");
  BOOST_TEST(set.get_future().get() == "set dict:a* \"k\"");
  BOOST_TEST(erased.get_future().get() == "erase dict:a* \"k\"");
  BOOST_TEST(any.get_future().get() == "erase dict:a* \"k\"");
}

BOOST_AUTO_TEST_CASE(a_callback_that_throws_ends_its_own_subscription) {
  auto list = db.list<int>("l");
  std::promise<failure> why;
  const auto bad = list.on_change([](const followed_change&) { throw std::runtime_error("no"); },
                                  [&](const failure& f) { why.set_value(f); });
  list.push(1);
  BOOST_TEST(why.get_future().get().text.find("no") != std::string::npos);
  list.push(2);
}

BOOST_AUTO_TEST_CASE(a_transaction_shows_its_changes_when_it_is_committed, *in_this_process()) {
  auto s = db.watch("dict:*");
  db.transaction([&](transaction& tx) {
    tx.dict<int>("d").set("a", 1);
    BOOST_TEST(!s.next(0s));
    tx.dict<int>("d").set("b", 1);
  });
  BOOST_CHECK_THROW(db.transaction([](transaction& tx) {
    tx.dict<int>("d").set("c", 1);
    throw std::runtime_error("no");
  }),
                    std::runtime_error);
  db.dict<int>("d").set("e", 1);
  BOOST_TEST(next_of(s, 3) == (texts{"set dict:d \"a\"", "set dict:d \"b\"", "set dict:d \"e\""}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(unwatching_ends_the_record) {
  auto s = db.watch("dict:*");
  BOOST_TEST(db.unwatch("dict:*"));
  BOOST_TEST(!db.unwatch("dict:*"));
  db.dict<int>("d").set("k", 1);
  BOOST_TEST(!s.next(0s));
  BOOST_TEST(db.watched().empty());
}

BOOST_AUTO_TEST_CASE(a_read_only_database_follows_what_is_recorded) {
  db.close();
  {
    database writer{opened.folder.file(), quick()};
    static_cast<void>(writer.watch("dict:*"));
    writer.dict<int>("d").set("k", 1);
  }
  auto how = quick();
  how.read_only = true;
  database reader{opened.folder.file(), how};
  auto s = reader.watch("dict:*", {.from_beginning = true});
  BOOST_TEST(text_of(*s.next()) == "set dict:d \"k\"");
  BOOST_TEST(outcome_of([&] { static_cast<void>(reader.watch("list:*")); }).is(errc::not_found));
  database writer{opened.folder.file(), quick()};
  writer.dict<int>("d").set("l", 1);
  BOOST_TEST(text_of(*s.next()) == "set dict:d \"l\"");
}

BOOST_AUTO_TEST_CASE(bad_patterns_are_refused) {
  for (const auto* pattern : {"", "settings", "dcit:x", "dict:"})
    BOOST_TEST(outcome_of([&] { static_cast<void>(db.watch(pattern)); }).is(errc::invalid_argument),
               pattern);
  BOOST_TEST(db.watched().empty());
}

BOOST_AUTO_TEST_CASE(events_reach_those_who_listen_in_the_form_of_the_original) {
  auto orders = db.events<int>("orders");
  std::promise<event_of<int>> paid;
  std::promise<void> both;
  int all = 0;
  const auto on_paid = orders.on("paid", [&](const event_of<int>& e) { paid.set_value(e); });
  const auto on_any = orders.on_any([&](const event_of<int>&) {
    if (++all == 3)
      both.set_value();
  });
  orders.emit("made", 1);
  orders.emit("paid", 7);
  // As the original emits one.
  raw_file other{opened.folder.file()};
  other.execute("INSERT INTO __beaver_pubsub_log__ VALUES (9e9, '__events_orders__', "
                "'{\"id\": \"00ff\", \"event\": \"sent\", \"payload\": 3, \"timestamp\": 5.5}')");
  const auto e = paid.get_future().get();
  BOOST_TEST(e.event == "paid");
  BOOST_TEST(e.payload == 7);
  BOOST_TEST(e.id.size() == 32u);
  both.get_future().get();
  const auto first = db.channel("__events_orders__").history().at(0).payload;
  BOOST_TEST(first.text().starts_with("{\"id\": \""));
  BOOST_TEST(first.text().find("\", \"event\": \"made\", \"payload\": 1, \"timestamp\": ")
             != std::string_view::npos);
}

BOOST_AUTO_TEST_SUITE_END()

// Children are forked, and that must be done while no database is open in the parent.
BOOST_AUTO_TEST_SUITE(changes_of_processes)

BOOST_AUTO_TEST_CASE(a_mirror_is_equal_in_the_end_whoever_writes) {
  temp_folder folder;
  {
    database db{folder.file(), quick()};
    static_cast<void>(db.watch("dict:*"));
  }
  await_single_thread();
  const int failed = failures_of_processes(3, [&](int process) {
    database writer{folder.file(), quick()};
    auto d = writer.dict<int>("d");
    for (int i = 0; i < 400; ++i) {
      const auto key = std::to_string((i * 7 + process) % 40);
      if (i % 5 == process)
        d.erase(key);
      else
        d.set(key, i * 3 + process);
    }
    return 0;
  });
  BOOST_TEST(failed == 0);
  database source{folder.file(), quick()};
  std::map<std::string, int> mirror;
  auto s = source.watch("dict:d", {.from_beginning = true});
  while (const auto c = s.next(0s)) {
    std::string key{c->key.text().substr(1)};
    key.pop_back();
    if (const auto value = source.dict<int>("d").find(key))
      mirror[key] = *value;
    else
      mirror.erase(key);
  }
  std::map<std::string, int> expected;
  for (const auto& [key, value] : source.dict<int>("d"))
    expected[key] = value;
  BOOST_TEST((mirror == expected));
}

BOOST_AUTO_TEST_SUITE_END()
