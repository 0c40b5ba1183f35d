#include "compaction_support.hpp"
#include "support/settings.hpp"

#include <boost/describe/class.hpp>

using namespace beaver;
using namespace beaver::test;

namespace {

constexpr metric all_metrics[] = {metric::cosine, metric::euclid, metric::manhattan,
                                  metric::inner_product};

/// A collection of few vectors, and what it should be. Metadata is a number.
class collection_and_model {
public:
  collection_and_model(const std::string& file, std::uint64_t seed, vectors_strategy how)
    : file_(file), random_(seed), how_(how) {
    open();
    v_->create_index("n");
  }

  void open() {
    v_.reset();
    db_.reset();
    db_.emplace(file_, quick());
    v_ = db_->vectors<tagged>("v", {.how = how_});
    other_.emplace(file_);
  }

  void step() {
    const auto id = any_id();
    switch (random_.below(16)) {
    case 0:
      return check(v_->erase(id) == (model_.erase(id) == 1), "erase");
    case 1:
      return set_several();
    case 2:
      return set_by_sql(id);
    case 3:
      other_->execute("DELETE FROM __beaver_vectors__ WHERE collection = 'v' AND item_id = '" + id
                      + "'");
      model_.erase(id);
      return;
    case 4:
      return roll_back();
    case 5:
      return commit();
    case 6:
      if (random_.below(10) == 0) {
        v_->clear();
        model_.clear();
      }
      return;
    case 7:
      // The collection has dims unless it has never had a vector.
      if (v_->options().dims)
        check(v_->compact().vectors == model_.size(), "what was compacted");
      return;
    case 8:
      if (random_.below(4) == 0)
        v_->configure({.by = by_ = all_metrics[random_.below(3) == 0 ? 0 : 1], .how = how_});
      return;
    case 9:
      return compare_rows();
    case 10:
    case 11:
      model_[id] = any_item();
      return v_->set(id, model_[id].vector, model_[id].tag);
    default:
      return search();
    }
  }

  /// Looks at everything.
  void compare_rows() {
    std::map<std::string, item> stored;
    for (auto& e : *v_)
      stored[e.id] = {e.vector, e.metadata};
    check(stored == model_, "rows");
    check(v_->count() == model_.size(), "count");
    check(v_->info().vectors == model_.size(), "info");
  }

private:
  struct tagged {
    int n = 0;
    friend bool operator==(const tagged&, const tagged&) = default;
    BOOST_DESCRIBE_CLASS(tagged, (), (n), (), ())
  };
  struct item {
    numbers vector;
    std::optional<tagged> tag;
    friend bool operator==(const item&, const item&) = default;
  };
  static constexpr std::size_t dims = 6;

  std::string any_id() { return "id" + std::to_string(random_.below(40)); }

  item any_item() {
    item made{random_.next(dims), {}};
    switch (random_.below(6)) {
    case 0:
      made.vector.assign(dims, 0); // has no direction
      break;
    case 1: // as another one
      if (!model_.empty())
        made.vector = model_.begin()->second.vector;
      break;
    case 2: // of very different sizes
      made.vector[0] *= 1e18F;
      made.vector[1] *= 1e-30F;
      break;
    }
    if (random_.below(3) > 0)
      made.tag = tagged{static_cast<int>(random_.below(4))};
    return made;
  }

  void set_several() {
    std::vector<vectors<tagged>::entry> entries;
    for (auto n = 1 + random_.below(8); n > 0; --n) {
      const auto id = any_id();
      model_[id] = any_item();
      entries.push_back({id, model_[id].vector, model_[id].tag});
    }
    v_->set_many(entries);
  }

  void set_by_sql(const std::string& id) {
    auto& put = model_[id] = any_item();
    other_->execute("INSERT OR REPLACE INTO __beaver_vectors__ VALUES('v', '" + id + "', "
                    + blob_literal(put.vector) + ", "
                    + (put.tag ? "'{\"n\": " + std::to_string(put.tag->n) + "}'" : "NULL") + ')');
  }

  void roll_back() {
    try {
      db_->transaction([&](transaction& tx) {
        auto inside = tx.vectors<tagged>("v");
        const auto put = any_item();
        inside.set("id7", put.vector, put.tag);
        inside.erase("id8");
        const auto found = inside.near(put.vector, {.k = 100, .by = metric::euclid});
        check(found.hits.at(0).score == 0, "a search in a transaction");
        throw std::range_error("back");
      });
    } catch (const std::range_error&) {
      return;
    }
  }

  void commit() {
    const auto id = any_id();
    model_.erase(id);
    const auto other = any_id();
    model_[other] = any_item();
    db_->transaction([&](transaction& tx) {
      auto inside = tx.vectors<tagged>("v");
      inside.erase(id);
      inside.set(other, model_[other].vector, model_[other].tag);
    });
  }

  void search() {
    const auto query = any_item().vector;
    const auto k = random_.below(60);
    near_options how{.k = k};
    auto by = by_;
    if (random_.below(3) == 0)
      how.by = by = all_metrics[random_.below(4)];
    if (random_.below(4) == 0)
      how.exact = true;
    std::optional<int> tag;
    if (random_.below(3) == 0) {
      tag = static_cast<int>(random_.below(4));
      how.where = field("n") == *tag;
    }
    if (random_.below(4) == 0) {
      how.candidates.emplace();
      for (auto n = random_.below(30); n > 0; --n)
        how.candidates->push_back(any_id());
    }
    vectors_by_id allowed;
    for (const auto& [id, i] : model_)
      if ((!tag || i.tag == tagged{*tag})
          && (!how.candidates
              || std::find(how.candidates->begin(), how.candidates->end(), id)
                   != how.candidates->end()))
        allowed[id] = i.vector;
    const auto found = v_->near(query, how);
    check(found.exact, "whether it is exact");
    if (const auto fault = fault_in_order(found, allowed, query, k, by); !fault.empty())
      check(false, fault);
    for (const auto& hit : found.hits)
      check(hit.metadata == model_[hit.id].tag, "metadata");
  }

  /// Scores of huge numbers differ by how they are summed up, and with them the order of what is
  /// next to equal.
  static std::string fault_in_order(near_hits_of<tagged> found, const vectors_by_id& all,
                                    const numbers& query, std::size_t k, metric by) {
    const auto truth = true_nearest(all, query, k, by);
    if (found.hits.size() != truth.size())
      return "the number of hits";
    found.exact = false;
    for (std::size_t i = 0; i < truth.size(); ++i) {
      const auto wanted = true_score(by, query, all.at(truth[i]));
      if (std::abs(found.hits[i].score - wanted) > 1e-9 * std::max(1.0, std::abs(wanted)))
        return "'" + found.hits[i].id + "' where '" + truth[i] + "' is nearer";
    }
    return fault_in(found, all, query, k, by);
  }

  static void check(bool good, const std::string& what) {
    if (!good)
      throw std::logic_error(what + " is not as it should be");
  }

  std::string file_;
  number_source random_;
  vectors_strategy how_;
  metric by_ = metric::cosine;
  std::optional<database> db_;
  std::optional<vectors<tagged>> v_;
  std::optional<raw_file> other_;
  std::map<std::string, item> model_;
};

} // namespace

BOOST_AUTO_TEST_SUITE(vectors_random)

BOOST_AUTO_TEST_CASE(random_operations_agree_with_a_model_also_after_reopening) {
  const auto seed = fresh_seed();
  for (const auto how : strategies()) {
    temp_folder folder;
    BOOST_TEST_CONTEXT("seed " << seed << ", strategy " << static_cast<int>(how)) {
      collection_and_model both{folder.file(), seed, how};
      for (int round = 0; round < 4; ++round) {
        for (int i = 0; i < (long_tests() ? 5'000 : 250); ++i)
          BOOST_REQUIRE_NO_THROW(both.step());
        both.open();
        BOOST_REQUIRE_NO_THROW(both.compare_rows());
      }
    }
    BOOST_TEST(raw_file{folder.file()}.integrity() == "ok");
  }
}

// Large enough that not all are looked at.
BOOST_AUTO_TEST_CASE(approximate_answers_are_full_and_true_while_vectors_change) {
  constexpr std::size_t dims = 512;
  constexpr std::size_t count = 2'300;
  const auto seed = fresh_seed();
  for (const auto how : strategies())
    BOOST_TEST_CONTEXT("seed " << seed << ", strategy " << static_cast<int>(how)) {
      if (how == vectors_strategy::linear)
        continue;
      open_database opened;
      auto v = opened.db.vectors("v", {.how = how});
      number_source random{seed};
      vectors_by_id model;
      for (std::size_t i = 0; i < count; ++i)
        model[id_of(i)] = random.clustered(dims);
      set_all(v, model);
      v.compact();
      std::size_t approximate = 0;
      for (int i = 0; i < (long_tests() ? 5'000 : 300); ++i) {
        const auto id = id_of(random.below(count + 100));
        if (random.below(3) == 0) {
          BOOST_REQUIRE(v.erase(id) == (model.erase(id) == 1));
        } else if (random.below(2) == 0) {
          model[id] = random.clustered(dims);
          v.set(id, model[id]);
        } else {
          const auto query = random.clustered(dims);
          const auto k = random.below(10) == 0 ? model.size() + 1 : 1 + random.below(30);
          near_options asked{.k = k};
          if (random.below(2) == 0)
            asked.effort = 1 + random.below(50);
          const auto found = v.near(query, asked);
          approximate += found.exact ? 0 : 1;
          BOOST_REQUIRE_EQUAL(fault_in(found, model, query, k), "");
        }
        if (i % 100 == 99) { // what has changed is not looked at by the index
          while (model.size() < count) {
            const auto missing = id_of(random.below(count + 100));
            model[missing] = random.clustered(dims);
            v.set(missing, model[missing]);
          }
          v.compact();
        }
      }
      BOOST_TEST(approximate > 30u);
      BOOST_TEST(stored_in(v) == model);
    }
}

BOOST_AUTO_TEST_CASE(recall_after_much_change_and_compaction_is_that_of_a_fresh_collection) {
  constexpr std::size_t dims = 512;
  const std::size_t count = long_tests() ? 20'000 : 2'200;
  constexpr int rounds = 20;
  const auto seed = fresh_seed();
  for (const auto how : strategies())
    BOOST_TEST_CONTEXT("seed " << seed << ", strategy " << static_cast<int>(how)) {
      if (how == vectors_strategy::linear)
        continue;
      open_database old;
      open_database fresh;
      auto changed = old.db.vectors("v", {.how = how});
      auto made = fresh.db.vectors("v", {.how = how});
      number_source random{seed};
      vectors_by_id model;
      for (std::size_t i = 0; i < count; ++i)
        model[id_of(i)] = random.clustered(dims);
      set_all(changed, model);
      changed.compact();
      auto next = count;
      for (int round = 0; round < rounds; ++round) {
        auto batch = changed.batched();
        vectors_by_id added;
        for (std::size_t i = 0; i < count / 10; ++i) {
          const auto gone =
            std::next(model.begin(), static_cast<std::ptrdiff_t>(random.below(model.size())));
          batch.erase(gone->first);
          model.erase(gone);
          const auto id = id_of(next++);
          added[id] = random.clustered(dims);
          batch.set(id, added[id]);
        }
        batch.commit();
        model.merge(added);
        changed.compact();
      }
      set_all(made, model);
      made.compact();
      std::size_t found_in_old = 0;
      std::size_t found_in_fresh = 0;
      constexpr std::size_t queries = 200;
      for (std::size_t i = 0; i < queries; ++i) {
        const auto query = random.clustered(dims);
        const auto truth = true_nearest(model, query, 10);
        const auto found = [&](const vectors<>& v) {
          // So little effort that something is missed.
          const auto hits = v.near(query, {.effort = how == vectors_strategy::lsh ? 20 : 10});
          BOOST_REQUIRE(!hits.exact);
          std::size_t right = 0;
          for (const auto& id : ids_of(hits))
            right += static_cast<std::size_t>(std::count(truth.begin(), truth.end(), id));
          return right;
        };
        found_in_old += found(changed);
        found_in_fresh += found(made);
      }
      const auto recall = [](std::size_t n) { return static_cast<double>(n) / (10 * queries); };
      BOOST_TEST_MESSAGE("recall " << recall(found_in_old) << ", fresh " << recall(found_in_fresh));
      BOOST_TEST(recall(found_in_old) >= recall(found_in_fresh) - 0.01);
      BOOST_TEST(changed.info().recall.value() >= made.info().recall.value() - 0.01);
    }
}

BOOST_AUTO_TEST_SUITE_END()
