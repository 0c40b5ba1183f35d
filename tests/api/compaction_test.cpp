#include "compaction_support.hpp"
#include "support/child.hpp"

#include <boost/describe/class.hpp>

using namespace beaver;
using namespace beaver::test;

namespace {

struct numbered {
  int n = 0;
};
BOOST_DESCRIBE_STRUCT(numbered, (), (n))

} // namespace

BOOST_FIXTURE_TEST_SUITE(compactions, compaction_fixture)

BOOST_AUTO_TEST_CASE(a_compaction_tells_what_it_made_and_the_same_are_found) {
  fill(11'500); // above 4 MiB, below which all are looked at
  for (const auto how : strategies())
    BOOST_TEST_CONTEXT("strategy " << static_cast<int>(how)) {
      v->configure({.how = how});
      const auto report = v->compact();
      BOOST_TEST(report.vectors == model.size());
      BOOST_TEST(report.bytes > model.size() * dims * sizeof(float));
      BOOST_TEST((report.how == made_by(how)));
      BOOST_TEST(report.seconds > 0);
      BOOST_TEST(report.recall.has_value() == (how != vectors_strategy::linear));
      BOOST_TEST(report.recall.value_or(1) >= 0.95);
      const auto check = [&] {
        const auto info = v->info();
        BOOST_TEST(info.vectors == model.size());
        BOOST_TEST((info.active == made_by(how)));
        BOOST_TEST(info.snapshot_bytes == report.bytes);
        BOOST_TEST(info.delta == 0u);
        BOOST_TEST(info.dead == 0u);
        BOOST_TEST((info.recall == report.recall));
        BOOST_TEST(!info.compacting);
        const auto query = random.clustered(dims);
        const auto found = v->near(query, {.k = 100});
        BOOST_TEST((found.how == made_by(how)));
        BOOST_TEST(found.exact == (how == vectors_strategy::linear));
        BOOST_TEST(fault_in(found, model, query, 100) == "");
        BOOST_TEST(fault_in(v->near(query, {.exact = true}), model, query, 10) == "");
        BOOST_TEST(recall() >= 0.9);
        BOOST_TEST(recall({.exact = true}) == 1);
        return found;
      };
      const auto query = random.clustered(dims);
      check();
      const auto before = v->near(query, {.k = 50});
      reopen();
      check();
      BOOST_TEST(ids_of(v->near(query, {.k = 50})) == ids_of(before),
                 boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_CASE(what_is_written_between_its_steps_is_not_lost) {
  fill(1'500);
  v->compact();
  raw_file other{folder.file()};
  for (const auto how : strategies())
    BOOST_TEST_CONTEXT("strategy " << static_cast<int>(how)) {
      v->configure({.how = how});
      int steps = 0;
      {
        const step_watch watch{[&](int step) {
          steps = step;
          const auto put = random.clustered(dims);
          const auto id = id_of(random.below(1'600));
          other.execute("INSERT OR REPLACE INTO __beaver_vectors__ VALUES('v', '" + id + "', "
                        + blob_literal(put) + ", NULL)");
          model[id] = put;
          const auto gone = id_of(random.below(1'600));
          other.execute("DELETE FROM __beaver_vectors__ WHERE item_id = '" + gone + "'");
          model.erase(gone);
        }};
        v->compact();
      }
      BOOST_TEST(steps > 5);
      BOOST_TEST(fault() == "");
      BOOST_TEST(v->info().delta + v->info().dead > 0u);
      reopen();
      BOOST_TEST(fault() == "");
      v->compact();
      BOOST_TEST(fault() == "");
      BOOST_TEST(v->info().delta == 0u);
    }
}

BOOST_AUTO_TEST_CASE(others_write_and_search_while_it_is_made) {
  fill(1'500);
  std::atomic<bool> done{false};
  vectors_by_id theirs;
  const int failed = failures_of_threads(3, [&](int thread) {
    if (thread == 0) {
      for (int i = 0; i < 8; ++i)
        v->compact();
      done = true;
      return;
    }
    if (thread == 1) {
      number_source numbers_of_this{fresh_seed()};
      for (int i = 0; !done; ++i) {
        const auto id = id_of(numbers_of_this.below(1'500));
        if (i % 3 == 0) {
          v->erase(id);
          theirs[id].clear();
        } else {
          theirs[id] = numbers_of_this.clustered(dims);
          v->set(id, theirs[id]);
          // Whoever has written finds it at once.
          if (const auto found = v->near(theirs[id], {.k = 1}); found.hits.at(0).id != id)
            throw std::logic_error("a vector that was set is not found");
        }
      }
      return;
    }
    number_source numbers_of_this{fresh_seed()};
    while (!done)
      if (v->near(numbers_of_this.next(dims)).hits.size() != 10)
        throw std::logic_error("hits are missing");
  });
  BOOST_TEST(failed == 0);
  for (const auto& [id, vector] : theirs)
    if (vector.empty())
      model.erase(id);
    else
      model[id] = vector;
  BOOST_TEST(fault() == "");
  reopen();
  BOOST_TEST(fault() == "");
}

BOOST_AUTO_TEST_CASE(the_hits_of_a_search_are_of_one_commit) {
  constexpr int writers = 2;
  constexpr int searchers = 2;
  const int commits = long_tests() ? 20'000 : 1'500;
  std::atomic<int> writing{writers};
  auto typed = db->vectors<numbered>("pairs", {.dims = 2, .by = metric::euclid});
  using entry = vectors<numbered>::entry;
  const auto put = [&](int pair, int n) {
    const std::string name(1, static_cast<char>('a' + pair));
    const auto x = static_cast<float>(n);
    typed.set_many(
      std::vector<entry>{{name + "1", {x, 0}, numbered{n}}, {name + "2", {0, x}, numbered{n}}});
  };
  for (int pair = 0; pair < writers; ++pair)
    put(pair, 1);
  const int failed = failures_of_threads(writers + searchers + 1, [&](int thread) {
    if (thread < writers) {
      for (int n = 2; n < commits; ++n)
        put(thread, n);
      --writing;
    } else if (thread == writers) {
      while (writing > 0)
        typed.compact();
    } else {
      while (writing > 0) {
        std::map<char, int> seen;
        for (const auto& hit : typed.near(numbers{0, 0}, {.where = field("n") > 0}).hits)
          if (!hit.metadata || hit.score != hit.metadata->n
              || seen.emplace(hit.id[0], hit.metadata->n).first->second != hit.metadata->n)
            throw std::logic_error("a pair is torn");
        if (seen.size() != writers)
          throw std::logic_error("a pair is missing");
      }
    }
  });
  BOOST_TEST(failed == 0);
}

BOOST_AUTO_TEST_CASE(another_database_is_told_that_somebody_is_at_it) {
  fill(1'000);
  database other{folder.file(), quick()};
  held_compaction held{2};
  std::thread compacting{[&] { v->compact(); }};
  held.await();
  BOOST_TEST(v->info().compacting.has_value());
  BOOST_TEST(!other.vectors("v").info().compacting);
  BOOST_TEST(outcome_of([&] { other.vectors("v").compact(); }).is(errc::busy));
  held.release();
  compacting.join();
  BOOST_TEST(fault_in(other.vectors("v"), model, random) == "");
  BOOST_TEST(other.vectors("v").compact().vectors == model.size());
}

BOOST_AUTO_TEST_CASE(a_snapshot_is_made_by_itself_after_many_changes) {
  fill(2'100);
  static_cast<void>(v->near(random.next(dims))); // no snapshot holds what this reads
  BOOST_TEST(comes_true([&] { return v->info().snapshot_bytes > 0; }));
  BOOST_TEST(comes_true([&] { return v->info().delta == 0; }));
  BOOST_TEST(fault() == "");
  fill(2'100);
  BOOST_TEST(comes_true([&] { return v->info().delta == 0; }));
  BOOST_TEST(fault() == "");
  const auto bytes = v->info().snapshot_bytes;
  fill(100);
  BOOST_TEST(fault() == "");
  BOOST_TEST(v->info().delta == 100u);
  reopen();
  BOOST_TEST(v->info().delta == 100u);
  BOOST_TEST(v->info().snapshot_bytes == bytes);
}

BOOST_AUTO_TEST_CASE(a_file_that_is_only_read_gets_no_snapshot) {
  fill(2'100);
  auto how = quick();
  how.read_only = true;
  reopen(how);
  BOOST_TEST(fault() == "");
  BOOST_TEST(v->info().delta == model.size());
  db.reset(); // which waits for what is under way
  BOOST_TEST(raw().integer("SELECT count(*) FROM __beaver_vector_snapshots__") == 0);
}

BOOST_AUTO_TEST_CASE(other_options_take_effect) {
  fill(1'000);
  v->compact();
  v->configure({.by = metric::euclid});
  BOOST_TEST(fault_in(*v, model, random, metric::euclid) == "");
  v->compact();
  BOOST_TEST(fault_in(*v, model, random, metric::euclid) == "");
  BOOST_TEST(*raw().text("SELECT metric FROM __beaver_vector_snapshots__ WHERE state = 'live'")
             == "euclid");
  v->configure({.by = metric::inner_product, .how = vectors_strategy::lsh});
  BOOST_TEST((v->info().active == strategy::linear)); // until it is built
  v->compact();
  BOOST_TEST((v->info().active == strategy::lsh));
  BOOST_TEST(fault_in(*v, model, random, metric::inner_product) == "");
  v->configure({.how = vectors_strategy::linear});
  v->compact();
  BOOST_TEST((v->info().active == strategy::linear));
  BOOST_TEST(fault() == "");
  v->clear();
  v->configure({.dims = 3});
  model = {{"a", {1, 2, 3}}, {"b", {3, 2, 1}}};
  set_all(*v, model);
  BOOST_TEST(fault() == "");
  BOOST_TEST(v->compact().vectors == 2u);
  reopen();
  BOOST_TEST(fault() == "");
  BOOST_TEST(v->info().delta == 0u);
  v->clear();
  model.clear();
  BOOST_TEST(v->compact().vectors == 0u);
  BOOST_TEST(v->near(numbers{1, 2, 3}).hits.empty());
  BOOST_TEST(outcome_of([&] { db->vectors("none").compact(); }).is(errc::not_found));
}

BOOST_AUTO_TEST_CASE(another_process_with_an_old_snapshot_goes_on_rightly) {
  fill(1'500);
  v->compact();
  v.reset();
  db.reset();
  child other{[&](line& parent) {
    database theirs{folder.file(), quick()};
    const auto seen = theirs.vectors("v");
    number_source numbers_of_this{7};
    const auto look = [&] {
      if (const auto fault = fault_in(seen, stored_in(seen), numbers_of_this); !fault.empty())
        throw std::logic_error(fault);
      parent.send(seen.near(model.begin()->second, {.k = 2'000}).hits.size());
    };
    for (look(); parent.receive();)
      look();
    return 0;
  }};
  BOOST_TEST(other.io().receive().value() == model.size());
  db.emplace(folder.file(), quick());
  v = db->vectors("v");
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 2; ++i) {
      const auto gone = id_of(random.below(model.size()));
      v->erase(gone);
      model.erase(gone);
      fill(10);
      v->compact();
    }
    BOOST_TEST(raw().integer("SELECT count(*) FROM __beaver_vector_change_log__") == 1);
    other.io().send(1);
    BOOST_TEST(other.io().receive().value() == model.size());
  }
}

BOOST_AUTO_TEST_CASE(a_log_that_somebody_has_emptied_costs_no_answers) {
  fill(1'000);
  v->compact();
  fill(10);
  BOOST_TEST(fault() == "");
  raw_file other{folder.file()};
  model.erase(id_of(5));
  other.execute("DELETE FROM __beaver_vectors__ WHERE item_id = '" + id_of(5) + "'");
  other.execute("DELETE FROM __beaver_vector_change_log__");
  BOOST_TEST(fault() == "");
  fill(10);
  BOOST_TEST(fault() == "");
  // So does one without triggers, until the next who opens the file mends them.
  v->compact();
  BOOST_TEST(fault() == "");
  other.execute("DROP TRIGGER __beaver_vector_log_delete__");
  other.execute("DELETE FROM __beaver_vectors__ WHERE item_id = '" + id_of(6) + "'");
  model.erase(id_of(6));
  { const database mends{folder.file(), quick()}; }
  BOOST_TEST(fault() == "");
  reopen();
  BOOST_TEST(fault() == "");
}

BOOST_AUTO_TEST_SUITE_END()
