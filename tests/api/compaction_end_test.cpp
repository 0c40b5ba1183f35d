#include "compaction_support.hpp"

using namespace beaver;
using namespace beaver::test;

BOOST_FIXTURE_TEST_SUITE(compaction_ends, compaction_fixture)

BOOST_AUTO_TEST_CASE(progress_is_told_and_rises) {
  fill(1'500);
  std::vector<double> shares;
  held_compaction held{2};
  std::atomic<bool> released{false};
  v->compact([&](double share) {
    shares.push_back(share);
    if (!released.exchange(true))
      held.release();
  });
  BOOST_REQUIRE(!shares.empty());
  BOOST_TEST(shares.front() >= 0);
  BOOST_TEST(shares.back() <= 1);
  BOOST_TEST(std::is_sorted(shares.begin(), shares.end()));
  BOOST_TEST(!v->info().compacting);
}

BOOST_AUTO_TEST_CASE(what_progress_throws_ends_the_compaction) {
  fill(1'500);
  held_compaction held{2};
  BOOST_CHECK_THROW(v->compact([&](double) {
    held.release();
    throw std::range_error("mine");
  }),
                    std::range_error);
  BOOST_TEST(v->compact().vectors == model.size());
}

BOOST_AUTO_TEST_CASE(a_compaction_that_is_stopped_leaves_everything_as_it_was) {
  fill(1'500);
  const auto first = v->compact();
  v->erase(id_of(3));
  model.erase(id_of(3));
  const auto before = v->info();
  const auto state = [this] {
    return *raw().text("SELECT group_concat(epoch || ' ' || snap || ' ' || base_seq) "
                       "FROM __beaver_vector_heads__");
  };
  const auto head = state();
  for (const int step : {1, 2, 3}) {
    BOOST_TEST_CONTEXT("step " << step) {
      held_compaction held{step};
      std::stop_source stop;
      outcome ended;
      std::thread compacting{
        [&] { ended = outcome_of([&] { v->compact({}, stop.get_token()); }); }};
      held.await();
      stop.request_stop();
      v->erase("none"); // goes the way of the request to stop, behind it
      held.release();
      compacting.join();
      BOOST_TEST(ended.is(errc::cancelled));
      BOOST_TEST(ended.says("'v'"));
      BOOST_TEST(state() == head);
      BOOST_TEST(
        raw().integer("SELECT count(*) FROM __beaver_vector_snapshots__ WHERE state = 'writing'")
        == 0);
      const auto after = v->info();
      BOOST_TEST(after.snapshot_bytes == first.bytes);
      BOOST_TEST(after.delta == before.delta);
      BOOST_TEST(after.dead == before.dead);
      BOOST_TEST(!after.compacting);
      BOOST_TEST(fault() == "");
    }
  }
  std::stop_source stopped;
  stopped.request_stop();
  BOOST_TEST(outcome_of([&] { v->compact({}, stopped.get_token()); }).is(errc::cancelled));
  BOOST_TEST(v->compact().vectors == model.size());
  BOOST_TEST(raw().integer("SELECT count(DISTINCT snap) FROM __beaver_vector_chunks__") == 2);
}

BOOST_AUTO_TEST_CASE(who_waits_behind_another_compaction_can_withdraw) {
  fill(1'000);
  auto w = db->vectors("w");
  set_all(w, model);
  held_compaction held{2};
  std::stop_source stop;
  outcome ended;
  std::thread first{[&] { v->compact(); }};
  held.await();
  std::thread second{[&] { ended = outcome_of([&] { w.compact({}, stop.get_token()); }); }};
  stop.request_stop(); // whether it has been asked for yet or not
  held.release();
  first.join();
  second.join();
  BOOST_TEST(ended.is(errc::cancelled));
  BOOST_TEST(w.info().snapshot_bytes == 0u);
}

BOOST_AUTO_TEST_CASE(a_database_that_closes_does_not_wait_for_a_compaction) {
  fill(8'000); // a chunk for each 682
  held_compaction held{3};
  outcome ended;
  std::thread compacting{[&] { ended = outcome_of([&] { v->compact(); }); }};
  held.await();
  std::thread closing{[&] { db->close(); }};
  BOOST_TEST(comes_true(
    [&] { return outcome_of([&] { static_cast<void>(v->count()); }).is(errc::closed); }));
  held.release();
  closing.join();
  compacting.join();
  BOOST_TEST(ended.is(errc::closed));
  BOOST_TEST(held.steps() <= 4);
  BOOST_TEST(raw().integer("SELECT count(*) FROM __beaver_vector_heads__") == 0);
  reopen();
  BOOST_TEST(fault() == "");
  BOOST_TEST(v->compact().vectors == model.size()); // nobody holds a lease
}

BOOST_AUTO_TEST_CASE(dims_that_change_meanwhile_end_a_compaction) {
  fill(1'000);
  held_compaction held{3};
  outcome ended;
  std::thread compacting{[&] { ended = outcome_of([&] { v->compact(); }); }};
  held.await();
  v->clear();
  v->configure({.dims = 2});
  model = {{"a", {1, 2}}};
  set_all(*v, model);
  held.release();
  compacting.join();
  BOOST_TEST(ended.is(errc::lost_lock));
  BOOST_TEST(fault() == "");
  v->compact();
  reopen();
  BOOST_TEST(fault() == "");
}

BOOST_AUTO_TEST_SUITE_END()
