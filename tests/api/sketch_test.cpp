#include "beaver/api/sketch.hpp"

#include "support/open_database.hpp"
#include "support/raw_file.hpp"
#include "support/settings.hpp"

#include <boost/test/unit_test.hpp>
#include <random>

using namespace beaver;
using namespace beaver::test;

namespace {

using strings = std::vector<std::string>;

std::string user(int n) { return "user-" + std::to_string(n); }

strings users(int from, int to) {
  strings all;
  for (int i = from; i < to; ++i)
    all.push_back(user(i));
  return all;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(sketches_of_all_kinds, open_database)

BOOST_AUTO_TEST_CASE(the_sketch_of_the_original_is_read_and_made_again_byte_by_byte) {
  std::filesystem::copy_file(BEAVER_TEST_DATA "/beaver-2.3.0.db", folder.file("original.db"));
  database original{folder.file("original.db")};
  const auto theirs = original.sketch<std::string>("visitors", {10'000, 0.01});
  BOOST_TEST(theirs.count() == 5'054u);
  std::vector<int> found;
  for (int i = 0; i < 10'000; ++i)
    if (theirs.contains("probe-" + std::to_string(i)))
      found.push_back(i);
  BOOST_TEST(found == (std::vector<int>{99, 2'073, 4'007, 5'107}),
             boost::test_tools::per_element());

  auto ours = db.sketch<std::string>("visitors", {10'000, 0.01});
  ours.add_many(users(0, 2'500)); // read whole
  for (int i = 2'500; i < 5'000; ++i)
    ours.add(user(i)); // byte by byte
  BOOST_CHECK(ours.dump_bytes() == theirs.dump_bytes());
  raw_file raw{folder.file()};
  BOOST_TEST(raw
               .text("SELECT type || ' ' || capacity || ' ' || error_rate FROM "
                     "__beaver_sketches__")
               .value()
             == "approx_set 10000 0.01");
}

BOOST_AUTO_TEST_CASE(a_sketch_is_made_with_its_first_item_or_as_it_is_wanted) {
  auto s = db.sketch<std::string>("s");
  BOOST_TEST(s.count() == 0u);
  BOOST_TEST(!s.contains("a"));
  BOOST_TEST(!s.info());
  BOOST_TEST(!s.dump_bytes());
  s.clear();
  BOOST_TEST(!s.drop());
  s.add("a");
  BOOST_TEST(s.contains("a"));
  BOOST_TEST(s.info()->capacity.value() == 1'000'000u);
  BOOST_TEST(s.info()->bytes == 1'214'517u);
  BOOST_TEST(db.sketches() == strings{"s"}, boost::test_tools::per_element());

  static_cast<void>(db.sketch("s", {1'000'000, 0.01})); // as it is
  const auto other = outcome_of([&] { static_cast<void>(db.sketch("s", {10, 0.01})); });
  BOOST_TEST(other.is(errc::already_exists));
  BOOST_TEST(
    outcome_of([&] { static_cast<void>(db.count_min("s", {})); }).is(errc::already_exists));
  BOOST_TEST(outcome_of([&] { db.top_k<std::string>("s").add("a"); }).is(errc::invalid_argument));
  BOOST_TEST(outcome_of([&] {
               static_cast<void>(db.quantiles("s").quantile(0.5));
             }).is(errc::invalid_argument));
  for (const auto& size : {sketch_size{0, 0.1}, {10, 0}, {10, 1}, {10, -1}, {1ull << 63, 0.1}})
    BOOST_TEST(
      outcome_of([&] { static_cast<void>(db.sketch("bad", size)); }).is(errc::invalid_argument));
  BOOST_TEST(db.sketches().size() == 1u);

  s.clear();
  BOOST_TEST(s.count() == 0u);
  BOOST_TEST(s.info()->fill.value() == 0);
  BOOST_TEST(s.drop());
  BOOST_TEST(!s.info());
}

BOOST_AUTO_TEST_CASE(a_set_tells_how_full_it_is_and_what_it_shares_with_another) {
  auto a = db.sketch<std::string>("a", {1'000, 0.01});
  auto b = db.sketch<std::string>("b", {1'000, 0.01});
  a.add_many(users(0, 800));
  b.add_many(users(400, 1'000));
  BOOST_TEST(!a.info()->over_capacity.value());
  BOOST_TEST(a.info()->expected_error.value() < 0.01);
  const auto overlap = a.compare("b");
  BOOST_TEST(std::abs(static_cast<double>(overlap.in_either) - 1'000) < 30);
  BOOST_TEST(std::abs(static_cast<double>(overlap.in_both) - 400) < 40);

  a.merge("b");
  auto all = db.sketch<std::string>("all", {1'000, 0.01});
  all.add_many(users(0, 1'000));
  BOOST_CHECK(a.dump_bytes() == all.dump_bytes());
  all.add_many(users(1'000, 2'000));
  BOOST_TEST(all.info()->over_capacity.value());
  BOOST_TEST(all.info()->expected_error.value() > 0.05);

  static_cast<void>(db.sketch("large", {2'000, 0.01}));
  BOOST_TEST(outcome_of([&] { a.merge("large"); }).is(errc::invalid_argument));
  BOOST_TEST(outcome_of([&] { a.merge("none"); }).is(errc::not_found));
  BOOST_TEST(outcome_of([&] { static_cast<void>(a.compare("none")); }).is(errc::not_found));
}

BOOST_AUTO_TEST_CASE(frequencies_are_never_too_low_and_the_top_is_found) {
  auto counts = db.count_min<std::string>("counts", {0.001, 0.01});
  auto top = db.top_k<std::string>("top", {3, 0.01});
  std::map<std::string, std::uint64_t> truth;
  std::mt19937_64 random{7};
  strings all;
  for (int i = 0; i < 20'000; ++i) {
    const auto item = user(static_cast<int>(5'000 / (1 + random() % 5'000)));
    ++truth[item];
    all.push_back(item);
  }
  counts.add_many(all);
  top.add_many(all);
  counts.add("often", 5'000);
  top.add("often", 5'000);
  truth["often"] = 5'000;
  BOOST_TEST(counts.count() == 25'000u);
  BOOST_TEST(top.count() == 25'000u);
  for (const auto& [item, times] : truth) {
    const auto [count, error] = counts.estimate(item);
    BOOST_TEST(count >= times);
    BOOST_TEST(error <= 25u);
    const auto kept = top.estimate(item);
    BOOST_TEST(kept.count >= times);
    BOOST_TEST(kept.count - kept.error <= times);
  }
  const auto best = top.top();
  BOOST_TEST(best.size() == 3u);
  BOOST_TEST(best[0].item == "user-1");
  BOOST_TEST(best[0].count >= truth["user-1"]);
  BOOST_TEST(top.top(1).size() == 1u);
  BOOST_TEST(counts.estimate("never").count <= 25u);
  BOOST_TEST(counts.info()->failure_rate.value() <= 0.01);
  BOOST_TEST(
    outcome_of([&] { db.count_min("zero").add(json_text{"1"}, 0); }).is(errc::invalid_argument));
}

BOOST_AUTO_TEST_CASE(quantiles_of_numbers_are_within_their_error) {
  auto q = db.quantiles("q", {0.01});
  BOOST_TEST(!q.quantile(0.5));
  BOOST_TEST(!q.rank(1));
  std::vector<double> numbers;
  for (int i = 0; i < 50'000; ++i)
    numbers.push_back(i);
  std::shuffle(numbers.begin(), numbers.end(), std::mt19937_64{3});
  q.add_many(numbers);
  q.add(-1.5);
  BOOST_TEST(q.count() == 50'001u);
  BOOST_TEST(q.quantile(0).value() == -1.5);
  BOOST_TEST(q.quantile(1).value() == 49'999);
  BOOST_TEST(std::abs(q.quantile(0.5).value() - 25'000) < 1'000);
  BOOST_TEST(std::abs(q.rank(5'000).value() - 0.1) < 0.02);
  BOOST_TEST(q.at({0.25, 0.75}).size() == 2u);
  BOOST_TEST(q.ranks({1, 2, 3}).size() == 3u);
  BOOST_TEST(outcome_of([&] { static_cast<void>(q.quantile(1.5)); }).is(errc::invalid_argument));
  const beaver::sync direct = db.style();
  BOOST_TEST(outcome_of([&] {
               direct(sketch_add{"q", json_text{"\"no number\""}, {}, {}});
             }).is(errc::invalid_argument));
  BOOST_TEST(q.count() == 50'001u);
}

BOOST_AUTO_TEST_CASE(bytes_go_out_and_come_back_and_others_are_refused) {
  const auto check = [&](auto from, auto to, auto add) {
    BOOST_TEST_CONTEXT(from.name()) {
      add(from, 0, 300);
      to.load_bytes(*from.dump_bytes());
      BOOST_CHECK(to.dump_bytes() == from.dump_bytes());
      add(to, 300, 400);
      to.merge(*from.dump_bytes());
      BOOST_TEST(to.count() >= 390u);
      const auto before = to.dump_bytes();
      auto damaged = std::string{before->text()};
      damaged.pop_back();
      for (const auto& bad : {damaged, std::string{}, std::string(damaged.size() + 1, '\xff')}) {
        BOOST_TEST(outcome_of([&] { to.load_bytes(bytes{bad}); }).is(errc::invalid_argument));
        BOOST_TEST(outcome_of([&] { to.merge(bytes{bad}); }).is(errc::invalid_argument));
      }
      BOOST_CHECK(to.dump_bytes() == before);
    }
  };
  const auto add_users = [](auto& to, int from, int end) { to.add_many(users(from, end)); };
  check(db.sketch<std::string>("a", {500, 0.01}), db.sketch<std::string>("b", {500, 0.01}),
        add_users);
  check(db.count_min<std::string>("c", {}), db.count_min<std::string>("d", {}), add_users);
  check(db.top_k<std::string>("e", {}), db.top_k<std::string>("f", {}), add_users);
  check(db.quantiles("g", {}), db.quantiles("h", {}), [](auto& to, int from, int end) {
    for (int i = from; i < end; ++i)
      to.add(i);
  });
}

BOOST_AUTO_TEST_CASE(batches_transactions_snapshots_and_futures_work_as_everywhere,
                     *in_this_process()) {
  auto s = db.sketch<std::string>("s", {1'000, 0.01});
  auto batch = s.batched();
  batch.add("a");
  batch.add_many(users(0, 3));
  BOOST_TEST(s.count() == 0u);
  batch.commit();
  BOOST_TEST(s.count() == 4u);

  const auto now = db.snapshot();
  const auto undone = outcome_of([&] {
    db.transaction([&](transaction& tx) {
      tx.sketch<std::string>("s").add("b");
      tx.sketch<std::string>("s").add_many(users(10, 900));
      BOOST_TEST(tx.sketch<std::string>("s").contains("b"));
      throw error(errc::cancelled, "not now");
    });
  });
  BOOST_TEST(undone.is(errc::cancelled));
  BOOST_TEST(s.count() == 4u);
  BOOST_TEST(db.async().sketch<std::string>("s").contains("a").get().value());
  s.add("c");
  BOOST_TEST(s.contains("c"));
  BOOST_TEST(!now.sketch<std::string>("s").contains("c"));
}

BOOST_AUTO_TEST_CASE(a_damaged_row_is_said_to_be_corrupt_and_the_others_work) {
  db.sketch<std::string>("s", {100, 0.01}).add("a");
  db.top_k<std::string>("t").add("a");
  db.quantiles("q").add(1);
  db.count_min<std::string>("c").add("a");
  raw_file raw{folder.file()};
  const auto broken = [&](const std::string& name, auto call) {
    raw.execute("UPDATE __beaver_sketches__ SET data = substr(data, 1, length(data) - 1) "
                "WHERE name = '"
                + name + "'");
    BOOST_TEST_CONTEXT(name) BOOST_TEST(outcome_of(call).is(errc::corrupt));
  };
  broken("s", [&] { static_cast<void>(db.sketch<std::string>("s").contains("a")); });
  broken("t", [&] { db.top_k<std::string>("t").add("b"); });
  broken("q", [&] { static_cast<void>(db.quantiles("q").count()); });
  broken("c", [&] { static_cast<void>(db.count_min<std::string>("c").estimate("a")); });
  raw.execute("UPDATE __beaver_sketches__ SET type = 'new' WHERE name = 's'");
  BOOST_TEST(
    outcome_of([&] { static_cast<void>(db.sketch("s").count()); }).is(errc::not_supported));
  db.sketch<std::string>("fresh").add("a");
  BOOST_TEST(db.sketch<std::string>("fresh").count() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
