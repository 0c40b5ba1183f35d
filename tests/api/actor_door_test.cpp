#include "beaver/api/actors.hpp"
#include "support/temp_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <future>

using namespace beaver;
using namespace beaver::test;

namespace {

struct fixture {
  fixture() { register_messages(config); }

  template <class Reply, class Handle, class M>
  caf::expected<Reply> ask(const Handle& to, M m) {
    caf::expected<Reply> outcome{caf::error{}};
    self->request(to, caf::infinite, std::move(m))
      .receive([&](Reply& value) { outcome = std::move(value); },
               [&](caf::error& why) { outcome = std::move(why); });
    return outcome;
  }

  template <class Handle, class M>
  caf::error tell(const Handle& to, M m) {
    caf::error outcome;
    self->request(to, caf::infinite, std::move(m))
      .receive([] {}, [&](caf::error& why) { outcome = std::move(why); });
    return outcome;
  }

  temp_folder folder;
  caf::actor_system_config config;
  caf::actor_system system{config};
  caf::scoped_actor self{system};
};

/// A program's own actor: copies a value from one dict to another without blocking anybody.
class copier : public caf::event_based_actor {
public:
  copier(caf::actor_config& cfg, dict_actor from, dict_actor to)
    : caf::event_based_actor(cfg), from_(std::move(from)), to_(std::move(to)) {}

  caf::behavior make_behavior() override {
    return {[this](const std::string& key) -> caf::result<bool> {
      auto promise = make_response_promise<bool>();
      request(from_, caf::infinite, dict_find{{}, key})
        .then(
          [=, this](std::optional<json_text>& value) mutable {
            if (!value) {
              promise.deliver(false);
              return;
            }
            request(to_, caf::infinite, dict_set{{}, key, *value, {}})
              .then([=]() mutable { promise.deliver(true); },
                    [=](caf::error& why) mutable { promise.deliver(std::move(why)); });
          },
          [=](caf::error& why) mutable { promise.deliver(std::move(why)); });
      return promise;
    }};
  }

private:
  dict_actor from_;
  dict_actor to_;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(the_actor_door, fixture)

BOOST_AUTO_TEST_CASE(managers_answer_messages_and_the_facade_sees_the_same_data) {
  actor_database db{system, folder.file("a.db")};
  const auto users = db.dict("users");
  BOOST_TEST(!tell(users, dict_set{"users", "ada", json_text{"{\"age\":36}"}, {}}));
  BOOST_TEST((db.facade().dict("users").get("ada") == json_text{"{\"age\": 36}"}));
  db.facade().dict<int>("users").set("n", 41);
  BOOST_TEST((*ask<json_text>(users, dict_increment{{}, "n", {}}) == json_text{"42"}));
  BOOST_TEST(*ask<std::uint64_t>(users, dict_count{{}, {}}) == 2u);
}

BOOST_AUTO_TEST_CASE(a_programs_own_actors_mix_with_managers) {
  actor_database db{system, folder.file("a.db")};
  db.facade().dict<std::string>("from").set("k", "v");
  const auto worker = system.spawn<copier>(db.dict("from"), db.dict("to"));
  BOOST_TEST(*ask<bool>(worker, std::string{"k"}));
  BOOST_TEST(!*ask<bool>(worker, std::string{"missing"}));
  BOOST_TEST(db.facade().dict<std::string>("to").get("k") == "v");
  caf::anon_send_exit(worker, caf::exit_reason::user_shutdown);
}

BOOST_AUTO_TEST_CASE(failures_arrive_as_errors_that_compare_with_codes) {
  actor_database db{system, folder.file("a.db")};
  const auto users = db.dict("users");
  BOOST_TEST((tell(users, dict_set{{}, "", json_text{"1"}, {}}) == errc::invalid_argument));
  BOOST_TEST((tell(users, dict_set{{}, "k", json_text{"nonsense"}, {}}) == errc::invalid_argument));
  const auto why = tell(users, dict_set{"others", "k", json_text{"1"}, {}});
  BOOST_TEST((why == errc::invalid_argument));
  BOOST_TEST(system.render(why).find("others") != std::string::npos, system.render(why));
  BOOST_TEST(!tell(users, dict_set{{}, "k", json_text{"\"text\""}, {}}));
  BOOST_TEST((ask<json_text>(users, dict_increment{{}, "k", {}}).error() == errc::type_mismatch));
}

BOOST_AUTO_TEST_CASE(a_subscription_is_an_actor_that_gives_messages_when_it_is_asked) {
  actor_database db{system, folder.file("a.db")};
  const auto news = db.channel("news");
  const auto stream = *ask<stream_actor<channel_subscribe>>(news, channel_subscribe{});
  db.facade().channel<int>("news").publish_many(std::vector<int>{1, 2, 3});
  const auto first = *ask<channel_batch>(stream, stream_pull{2});
  BOOST_REQUIRE(first.items.size() == 2u);
  BOOST_TEST(first.items[0].payload.text() == "1");
  BOOST_TEST(!first.ended);
  BOOST_TEST(ask<channel_batch>(stream, stream_pull{9})->items.size() == 1u);
  // asked before there is anything
  std::promise<channel_batch> answer;
  std::promise<caf::error> refusal;
  system.spawn([&](caf::event_based_actor* asker) {
    asker->request(stream, caf::infinite, stream_pull{9})
      .then([&](channel_batch& batch) { answer.set_value(batch); }, [](caf::error&) {});
    asker->request(stream, caf::infinite, stream_pull{9})
      .then([](channel_batch&) {},
            [&](caf::error& why) {
              refusal.set_value(why);
              db.facade().async().channel<int>("news").publish(4).then([](const auto&) {});
            });
  });
  BOOST_TEST((refusal.get_future().get() == errc::invalid_argument));
  BOOST_TEST(answer.get_future().get().items.at(0).payload.text() == "4");
  caf::anon_send(stream, stream_close::value);
  BOOST_TEST((
    ask<stream_actor<channel_subscribe>>(news, channel_subscribe{{true, 1, {}, {}}, {}, {}}).error()
    == errc::invalid_argument));
}

BOOST_AUTO_TEST_CASE(an_actor_pulls_frames_of_a_log) {
  actor_database db{system, folder.file("a.db")};
  db.facade().log("l").append(json_text{R"({"ms": 5})"});
  const auto log = db.log("l");
  log_live opening;
  opening.window_seconds = 600;
  opening.field = "ms";
  const auto stream = *ask<stream_actor<log_live>>(log, opening);
  const auto batch = ask<live_batch>(stream, stream_pull{9});
  BOOST_TEST(!batch->ended);
  BOOST_REQUIRE(batch->items.size() == 1u);
  BOOST_TEST(*batch->items[0].rows.at(0).sum == 5);
  caf::anon_send(stream, stream_close::value);
  opening.window_seconds = -1;
  BOOST_TEST((ask<stream_actor<log_live>>(log, opening).error() == errc::invalid_argument));
}

BOOST_AUTO_TEST_CASE(closing_ends_the_streams_of_actors) {
  std::promise<caf::error> end;
  {
    actor_database db{system, folder.file("a.db")};
    const auto stream =
      *ask<stream_actor<channel_subscribe>>(db.channel("news"), channel_subscribe{});
    system.spawn([&end, stream](caf::event_based_actor* asker) {
      asker->request(stream, caf::infinite, stream_pull{9})
        .then([](channel_batch&) {}, [&](caf::error& why) { end.set_value(why); });
    });
    db.close();
  }
  BOOST_TEST((end.get_future().get() == errc::closed));
}

BOOST_AUTO_TEST_CASE(messages_are_delivered_to_any_actor_until_one_of_them_ends) {
  actor_database db{system, folder.file("a.db")};
  std::promise<std::string> all;
  std::promise<void> over;
  const auto subscriber = system.spawn([&](caf::event_based_actor*) -> caf::behavior {
    return {[&, text = std::string{}](const channel_batch& batch) mutable {
      for (const auto& m : batch.items)
        text += m.payload.text();
      if (text.size() == 3)
        all.set_value(std::exchange(text, "over"));
      if (batch.ended)
        over.set_value();
    }};
  });
  const auto pump = db.deliver(channel_pattern_subscribe{{}, "n*", true, {}, {}}, subscriber);
  for (const int i : {1, 2, 3})
    db.facade().channel<int>(i % 2 ? "news" : "notes").publish(i);
  BOOST_TEST(all.get_future().get() == "123");
  db.close();
  over.get_future().get();
  caf::anon_send_exit(subscriber, caf::exit_reason::user_shutdown);
}

BOOST_AUTO_TEST_CASE(asking_twice_gives_the_same_manager) {
  actor_database db{system, folder.file("a.db")};
  BOOST_TEST((db.dict("x") == db.dict("x")));
  BOOST_TEST((db.dict("x") != db.dict("y")));
  BOOST_CHECK_EXCEPTION((void)db.dict(""), error,
                        [](const error& e) { return e.code() == errc::invalid_argument; });
}

BOOST_AUTO_TEST_CASE(blobs_and_the_whole_database_answer_too) {
  actor_database db{system, folder.file("a.db")};
  BOOST_TEST(!tell(db.blob("files"), blob_put{{}, "logo", bytes{std::string_view{"png"}}, {}}));
  const auto found = ask<std::optional<blob_value>>(db.blob("files"), blob_find{{}, "logo"});
  BOOST_REQUIRE((found && *found));
  BOOST_TEST((**found).data.text() == "png");
  const batch_step good{"dict_set", json_text{R"({"name": "d", "key": "k", "value": 1})"}};
  const batch_step bad{"dict_find", json_text{R"({"name": "d", "key": "k"})"}};
  BOOST_TEST((tell(db.whole(), database_batch{{good, bad}}) == errc::invalid_argument));
  BOOST_TEST(!db.facade().dict("d").contains("k"));
  BOOST_TEST(!tell(db.whole(), database_batch{{good}}));
  BOOST_TEST(db.facade().dict("d").contains("k"));
  const auto status = ask<database_status>(db.whole(), database_info{});
  BOOST_REQUIRE(status);
  BOOST_REQUIRE_EQUAL(status->managers.size(), 2u);
  BOOST_TEST(status->managers[0].name == "d");
  BOOST_TEST(status->managers[1].type == "blob");
  const auto tokens = ask<std::vector<token_entry>>(db.tokens(), token_list{});
  BOOST_REQUIRE(tokens);
  BOOST_TEST(tokens->empty());
  BOOST_TEST(!*ask<bool>(db.tokens(), token_revoke{"none"}));
}

BOOST_AUTO_TEST_CASE(queues_answer_too) {
  actor_database db{system, folder.file("a.db")};
  const auto jobs = db.queue("jobs");
  BOOST_TEST(!tell(jobs, queue_put{{}, json_text{"{\"n\":1}"}, 2, {}}));
  const auto taken = ask<std::optional<queue_taken>>(jobs, queue_take{{.block = false}, {}, 60.0});
  BOOST_REQUIRE((taken && *taken));
  BOOST_TEST((*taken)->data.text() == "{\"n\": 1}");
  BOOST_TEST(ask<queue_counts>(jobs, queue_count_by_state{})->leased == 1u);
  BOOST_TEST(*ask<bool>(jobs, queue_ack{{}, (*taken)->receipt}));
  const auto none = ask<std::optional<queue_item>>(jobs, queue_get{{.block = false}, {}});
  BOOST_TEST((none && !*none));
  BOOST_TEST((tell(jobs, queue_configure{{.max_attempts = 0}, {}}) == errc::invalid_argument));
}

BOOST_AUTO_TEST_CASE(logs_answer_too) {
  actor_database db{system, folder.file("a.db")};
  const auto audit = db.log("audit");
  BOOST_TEST(*ask<double>(audit, log_append{{}, json_text{"{\"n\":1}"}, 2.5}) == 2.5);
  BOOST_TEST(!tell(audit, log_append_many{{}, {{json_text{"2"}, 1.0}, {json_text{"3"}, {}}}}));
  const auto newest = ask<std::vector<log_entry>>(
    audit, log_range{{.end = 2.5, .order = sort_order::desc, .limit = 1}, {}});
  BOOST_REQUIRE((newest && newest->size() == 1));
  BOOST_TEST(newest->at(0).data.text() == "{\"n\": 1}");
  BOOST_TEST(*ask<std::uint64_t>(audit, log_erase{{}, {}, 1, {}}) == 2u);
  BOOST_TEST(
    (ask<double>(audit, log_append{{}, json_text{"x"}, {}}).error() == errc::invalid_argument));
}

BOOST_AUTO_TEST_CASE(after_close_requests_fail_and_the_system_goes_on) {
  dict_actor users;
  {
    actor_database db{system, folder.file("a.db")};
    users = db.dict("users");
    BOOST_TEST(!tell(users, dict_set{{}, "k", json_text{"1"}, {}}));
  }
  BOOST_TEST(bool(tell(users, dict_set{{}, "k", json_text{"2"}, {}})));
  actor_database again{system, folder.file("a.db")};
  BOOST_TEST((again.facade().dict("users").get("k") == json_text{"1"}));
}

BOOST_AUTO_TEST_CASE(an_actor_waits_for_an_item_without_blocking_anybody) {
  actor_database db{system, folder.file("a.db")};
  const auto jobs = db.queue("jobs");
  std::promise<std::string> got;
  auto answer = got.get_future();
  auto waiter = system.spawn([&, jobs](caf::event_based_actor* me) {
    me->request(jobs, caf::infinite, queue_get{}).then([&](std::optional<queue_item>& item) {
      got.set_value(item ? std::string{item->data.text()} : "nothing");
    });
  });
  BOOST_TEST(!tell(jobs, queue_put{{}, json_text{"7"}, 1, {}}));
  BOOST_TEST(answer.get() == "7");
}

BOOST_AUTO_TEST_CASE(an_actor_that_dies_while_it_waits_swallows_nothing) {
  actor_database db{system, folder.file("a.db")};
  const auto jobs = db.queue("jobs");
  std::promise<void> asked;
  auto waiter = system.spawn([&, jobs](caf::event_based_actor* me) -> caf::behavior {
    me->request(jobs, caf::infinite, queue_get{}).then([](std::optional<queue_item>&) {});
    asked.set_value();
    return {[](int) {}};
  });
  asked.get_future().wait();
  self->monitor(waiter);
  caf::anon_send_exit(waiter, caf::exit_reason::kill);
  self->receive([](caf::down_msg&) {}); // as the manager hears it, before or after
  auto second = db.facade().async().queue<int>("jobs").get(for_ever);
  db.facade().queue<int>("jobs").put(1);
  const auto item = second.get().value();
  BOOST_REQUIRE(item);
  BOOST_TEST(item->value == 1);
}

BOOST_AUTO_TEST_SUITE_END()
