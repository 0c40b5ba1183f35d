#include "beaver/actors/engine.hpp"

#include "beaver/api/actors.hpp"
#include "support/open_database.hpp"
#include "support/raw_file.hpp"

#include <boost/test/unit_test.hpp>
#include <caf/actor_registry.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <future>

using namespace beaver;
using namespace beaver::test;
using namespace std::chrono_literals;

namespace {

engine_options quick_engine(const std::string& path) {
  engine_options how;
  how.path = path;
  how.connecting.full_sync = false;
  how.threads = 2;
  return how;
}

struct open_engine_fixture {
  open_engine_fixture() : inside(engine::open(quick_engine(folder.file()))), db(inside) {}

  temp_folder folder;
  std::shared_ptr<engine> inside;
  database db;
};

/// Ends a manager and waits until another would be started.
void kill(engine& e, std::string_view type, std::string_view name, caf::exit_reason why) {
  const auto manager = e.manager(type, name);
  caf::anon_send_exit(manager, why);
  while (e.manager(type, name) == manager)
    std::this_thread::yield();
}

/// Asks an actor from outside of all actors.
template <class Reply, class Handle, class M>
std::variant<Reply, caf::error> ask(caf::actor_system& system, const Handle& whom, M m) {
  caf::scoped_actor self{system};
  std::variant<Reply, caf::error> end;
  self->request(whom, caf::infinite, std::move(m))
    .receive([&](Reply& reply) { end = std::move(reply); },
             [&](caf::error& why) { end = std::move(why); });
  return end;
}

template <class Reply>
bool failed_with(const std::variant<Reply, caf::error>& end, errc code) {
  const auto* why = std::get_if<caf::error>(&end);
  return why && *why == code;
}

} // namespace

BOOST_AUTO_TEST_SUITE(engine)

BOOST_FIXTURE_TEST_CASE(there_is_one_manager_for_a_name, open_engine_fixture) {
  const auto a = inside->manager("dict", "a");
  BOOST_CHECK(a == inside->manager("dict", "a"));
  BOOST_CHECK(a != inside->manager("dict", "b"));
  BOOST_CHECK(a != inside->manager("blob", "a"));
  BOOST_TEST(outcome_of([&] { (void)inside->manager("unicorn", "a"); }).is(errc::not_supported));
  BOOST_TEST(outcome_of([&] { (void)inside->manager("dict", ""); }).is(errc::invalid_argument));
  std::vector<caf::actor> seen(8);
  BOOST_TEST(failures_of_threads(
               8, [&](int i) { seen[static_cast<std::size_t>(i)] = inside->manager("dict", "c"); })
             == 0);
  for (const auto& one : seen)
    BOOST_CHECK(one == seen[0]);
}

BOOST_AUTO_TEST_CASE(managers_that_nobody_uses_are_dropped) {
  constexpr std::size_t names = 5'000;
  temp_folder folder;
  caf::actor_system_config config;
  caf::actor_system system{config};
  const auto before = system.registry().running();
  {
    const auto inside = beaver::engine::open(quick_engine(folder.file()), &system);
    beaver::database db{inside};
    const auto held = inside->manager("dict", "0");
    BOOST_TEST(
      failures_of_threads(2,
                          [&](int thread) {
                            for (std::size_t i = 0; i < names; ++i)
                              db.dict<int>(std::to_string(i)).set(std::to_string(thread), 1);
                          })
      == 0);
    BOOST_CHECK(inside->manager("dict", "0") == held); // for somebody has it
    BOOST_TEST(db.dicts().size() == names);
    BOOST_TEST(db.dict<int>("1").count() == 2u);
    BOOST_TEST(system.registry().running() - before < names / 2);
  }
  system.registry().await_running_count_equal(before);
}

BOOST_FIXTURE_TEST_CASE(a_manager_that_died_is_started_again_by_the_next_call,
                        open_engine_fixture) {
  auto d = db.dict<int>("d");
  d.set("k", 1);
  for (const auto why : {caf::exit_reason::kill, caf::exit_reason::unhandled_exception,
                         caf::exit_reason::user_shutdown}) {
    const auto before = inside->manager("dict", "d");
    kill(*inside, "dict", "d", why);
    d.increment("k");
    BOOST_CHECK(before != inside->manager("dict", "d"));
  }
  BOOST_TEST(d.get("k") == 4);
  auto started = db.async().dict<int>("d").increment("k");
  BOOST_TEST(started.get().value() == 5);
}

BOOST_FIXTURE_TEST_CASE(callers_of_a_manager_that_dies_get_an_answer, open_engine_fixture) {
  std::atomic<int> acknowledged{0};
  std::atomic<int> refused{0};
  std::atomic<int> running{4};
  std::thread killer{[&] {
    for (int seen = 0; running > 0; std::this_thread::yield())
      if (const int now = acknowledged; now != seen) { // between two kills something gets through
        seen = now;
        caf::anon_send_exit(inside->manager("dict", "d"), caf::exit_reason::kill);
      }
  }};
  const auto failures = failures_of_threads(4, [&](int) {
    auto d = db.dict<int>("d");
    for (int i = 0; i < 1'000; ++i) {
      const auto end = outcome_of([&] { d.increment("n"); });
      acknowledged += !end.failed;
      refused += end.is(errc::closed);
    }
    --running;
  });
  killer.join();
  BOOST_TEST(failures == 0);
  BOOST_TEST(acknowledged + refused == 4'000);
  BOOST_TEST(acknowledged > 0);
  BOOST_TEST_MESSAGE(refused << " of 4000 calls met a dying manager");
  BOOST_TEST(db.dict<int>("d").find("n").value_or(0) == acknowledged);
}

BOOST_AUTO_TEST_CASE(a_blocking_call_runs_on_its_callers_thread) {
  temp_folder folder;
  std::mutex mutex;
  std::map<std::thread::id, int> ran; // jobs ask for the time where they run
  auto how = quick();
  how.sweep_period = 0ms;
  how.clock = [&] {
    std::lock_guard guard{mutex};
    ++ran[std::this_thread::get_id()];
    return 1e9;
  };
  {
    database db{folder.file(), how};
    auto d = db.dict<int>("d");
    for (int i = 0; i < 100; ++i) {
      d.set("k", i);
      BOOST_TEST(d.get("k") == i);
    }
  }
  BOOST_TEST(ran[std::this_thread::get_id()] >= 190); // a reader's idle tick may be in the way
}

BOOST_AUTO_TEST_CASE(an_engine_may_be_dropped_with_calls_under_way) {
  const executor nowhere = [](std::function<void()>) {};
  for (int round = 0; round < 20; ++round) {
    temp_folder folder;
    auto inside = beaver::engine::open(quick_engine(folder.file()));
    raw_file other{folder.file()};
    std::vector<future<void>> all;
    other.execute("BEGIN IMMEDIATE"); // the calls cannot end before
    dict<int, async> d{"d", async{inside, nowhere}};
    for (int i = 0; i < 20; ++i) {
      all.push_back(d.set("k", i));
      all.push_back(d.set("", i)); // the manager answers this one
    }
    std::thread owner{[e = std::move(inside), d = std::move(d)]() mutable {
      e.reset();
      auto last = std::move(d); // its end waits for the calls, and the engine's end happens here
    }};
    other.execute("COMMIT");
    owner.join();
    for (std::size_t i = 0; i < all.size(); ++i) {
      BOOST_TEST(all[i].ready());
      BOOST_TEST(all[i].get().has_error() == (i % 2 == 1));
    }
    BOOST_TEST(other.integer("SELECT value FROM __beaver_dicts__") == 19);
  }
}

BOOST_AUTO_TEST_CASE(engines_live_beside_other_actors_in_a_foreign_system) {
  caf::actor_system_config config;
  caf::actor_system system{config};
  temp_folder folder;
  actor_database one{system, folder.file("one.db"), quick()};
  actor_database two{system, folder.file("two.db"), quick()};

  const auto d = one.dict("d");
  caf::scoped_actor self{system};
  self->request(d, caf::infinite, dict_set{"", "k", json_text{"1"}, {}})
    .receive([] {}, [](caf::error& why) { BOOST_ERROR("refused: " << why.code()); });
  const auto found = ask<std::optional<json_text>>(system, d, dict_find{"", "k"});
  BOOST_TEST(std::get<0>(found)->text() == "1");
  BOOST_TEST(failed_with(ask<std::optional<json_text>>(system, d, dict_find{"", ""}),
                         errc::invalid_argument));
  BOOST_TEST(failed_with(ask<std::optional<json_text>>(system, d, dict_find{"other", "k"}),
                         errc::invalid_argument));
  BOOST_TEST(one.facade().dict<int>("d").get("k") == 1);
  BOOST_TEST(two.facade().dict<int>("d").count() == 0u);

  // A user's actor, in the middle of its own work.
  std::promise<std::string> sum;
  system.spawn(
    [&](caf::event_based_actor* me, const dict_actor& target) {
      me->request(target, caf::infinite, dict_increment{"", "k", json_text{"41"}})
        .then([&](json_text& text) { sum.set_value(std::string{text.text()}); },
              [&](caf::error&) { sum.set_value("refused"); });
    },
    d);
  BOOST_TEST(sum.get_future().get() == "42");

  one.close();
  const auto late = ask<std::optional<json_text>>(system, d, dict_find{"", "k"});
  BOOST_TEST(std::holds_alternative<caf::error>(late));
  BOOST_TEST(outcome_of([&] { (void)one.dict("d"); }).is(errc::closed));
  two.facade().dict<int>("d").set("k", 2); // the other one goes on
  BOOST_TEST(two.facade().dict<int>("d").get("k") == 2);
}

BOOST_AUTO_TEST_CASE(requests_that_meet_the_end_of_their_database_are_answered) {
  caf::actor_system_config config;
  caf::actor_system system{config};
  for (int round = 0; round < 30; ++round) {
    temp_folder folder;
    auto db = std::make_unique<actor_database>(system, folder.file(), quick());
    const auto d = db->dict("d");
    std::atomic<int> answers{0};
    std::atomic<bool> ended{false};
    std::thread other{[&] {
      caf::scoped_actor self{system};
      while (!ended) {
        for (int i = 0; i < 3; ++i)
          self->request(d, caf::infinite, dict_increment{"", "n", {}})
            .receive([&](json_text&) { ++answers; }, [&](caf::error&) { ended = true; });
        self->request(d, caf::infinite, dict_count{"", {}})
          .receive([&](std::uint64_t) { ++answers; }, [&](caf::error&) { ended = true; });
      }
    }};
    while (answers < round && !ended)
      std::this_thread::yield();
    db.reset();
    other.join();
    BOOST_TEST(ended);
  }
}

BOOST_AUTO_TEST_SUITE_END()
