#include "vector_support.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <limits>
#include <set>

using namespace beaver;
using namespace beaver::test;
using boost::test_tools::per_element;

// What every strategy has to do.

namespace beaver {

inline std::ostream& operator<<(std::ostream& out, strategy s) {
  return out << (s == strategy::linear ? "linear" : s == strategy::lsh ? "lsh" : "hnsw");
}

} // namespace beaver

namespace {

#ifdef BEAVER_WITH_HNSW
const strategy strategies[] = {strategy::linear, strategy::lsh, strategy::hnsw};
#else
const strategy strategies[] = {strategy::linear, strategy::lsh};
#endif

/// A collection and what it should hold.
class pair_of {
public:
  pair_of(index_config config, std::size_t dims)
    : config_(config), collection_(empty_base(config, dims), *config.kernels) {}

  void put(const std::string& id, const vector& v) {
    collection_.put(id, v);
    truth_[id] = v;
  }

  bool erase(const std::string& id) {
    const bool gone = collection_.erase(id);
    BOOST_TEST(gone == (truth_.erase(id) == 1));
    return gone;
  }

  /// Makes everything a base, as a compaction does.
  void fold() {
    base_builder builder{collection_.dims()};
    for (const auto& [id, v] : truth_)
      builder.add(id, v);
    collection_ = vector_collection{builder.build(config_), *config_.kernels};
    BOOST_TEST(collection_.delta() == 0u);
    BOOST_TEST(collection_.dead() == 0u);
  }

  /// The same out of bytes.
  void save_and_load() {
    std::map<std::string, std::vector<std::byte>, std::less<>> parts;
    save_base(collection_.base(), [&](std::string_view name, std::span<const std::byte> bytes) {
      auto& all = parts[std::string{name}];
      all.insert(all.end(), bytes.begin(), bytes.end());
    });
    std::vector<std::string> names;
    for (const auto& [name, bytes] : parts)
      names.push_back(name);
    auto base =
      load_base(config_, collection_.dims(), collection_.base().rows->count(), names,
                [&](std::string_view name, const auto& take) { take(parts.find(name)->second); });
    collection_ = vector_collection{std::move(base), *config_.kernels};
  }

  /// Searches; checks all that must hold whichever way rows are found. Gives the share of the truth
  /// that was found.
  double search(const vector& query, metric by, std::size_t k,
                const std::set<std::string>* among = nullptr) {
    std::optional<vector_collection::choice> choice;
    if (among) {
      choice.emplace(collection_);
      for (const auto& id : *among)
        choice->add(id);
    }
    const near_query what{.vector = query, .by = by, .k = k};
    const auto found = collection_.search(what, choice ? &*choice : nullptr);
    const std::vector<std::span<const float>> together(9, query);
    for (const auto& one : collection_.search_many(what, together, choice ? &*choice : nullptr)) {
      BOOST_REQUIRE(one.items == found.items);
      BOOST_REQUIRE((one.how == found.how && one.exact == found.exact));
    }
    const auto expected = true_nearest(
      truth_, by, query, k, [&](const std::string& id) { return !among || among->contains(id); });
    BOOST_TEST(collection_.count() == truth_.size());
    BOOST_REQUIRE(found.items.size() == expected.size());
    if (found.exact)
      BOOST_REQUIRE(found.items == expected);
    std::set<std::string> ids;
    for (std::size_t i = 0; i < found.items.size(); ++i) {
      const auto& [id, score] = found.items[i];
      BOOST_REQUIRE(ids.insert(id).second);
      BOOST_REQUIRE((!among || among->contains(id)));
      BOOST_REQUIRE(score == true_score(by, query, truth_.at(id)));
      if (i > 0)
        BOOST_REQUIRE((found.items[i - 1].score < score
                       || (found.items[i - 1].score == score && found.items[i - 1].id < id)));
    }
    std::size_t hits = 0;
    for (const auto& e : expected)
      hits += ids.count(e.id);
    return expected.empty() ? 1 : static_cast<double>(hits) / static_cast<double>(expected.size());
  }

  [[nodiscard]] const std::map<std::string, vector>& truth() const noexcept { return truth_; }
  [[nodiscard]] vector_collection& collection() noexcept { return collection_; }

private:
  index_config config_;
  vector_collection collection_;
  std::map<std::string, vector> truth_;
};

bool can(strategy how, metric by) { return how != strategy::lsh || by != metric::manhattan; }

} // namespace

BOOST_AUTO_TEST_SUITE(vector_collections)

BOOST_DATA_TEST_CASE(an_empty_one_finds_nothing, strategies, how) {
  pair_of all{{.how = how}, 3};
  BOOST_TEST(all.search({1, 2, 3}, metric::cosine, 5) == 1);
  BOOST_TEST(!all.erase("a"));
  all.fold();
  BOOST_TEST(all.search({1, 2, 3}, metric::euclid, 5) == 1);
  all.put("a", {1, 1, 1});
  BOOST_TEST(all.search({1, 2, 3}, metric::euclid, 5) == 1);
  all.erase("a");
  BOOST_TEST(all.search({1, 2, 3}, metric::euclid, 5) == 1);
}

BOOST_DATA_TEST_CASE(what_is_put_replaced_and_erased_is_found_as_it_is, strategies, how) {
  for (const bool folded : {false, true}) {
    pair_of all{{.how = how, .by = metric::euclid}, 2};
    all.put("a", {1, 0});
    all.put("b", {2, 0});
    all.put("c", {3, 0});
    if (folded)
      all.fold();
    const vector origin{0, 0};
    all.put("a", {9, 0});
    all.search(origin, metric::euclid, 2);
    all.put("a", {1, 1});
    all.search(origin, metric::euclid, 9);
    BOOST_TEST(all.erase("b"));
    BOOST_TEST(!all.erase("b"));
    BOOST_TEST(!all.collection().contains("b"));
    all.search(origin, metric::euclid, 9);
    all.put("b", {0, 0});
    BOOST_TEST(all.collection().contains("b"));
    all.search(origin, metric::euclid, 1);
    BOOST_TEST(all.erase("a"));
    all.put("a", {0, 0});
    all.search(origin, metric::euclid, 1); // of equal ones the smaller id
  }
}

BOOST_DATA_TEST_CASE(bad_vectors_are_refused_and_change_nothing, strategies, how) {
  pair_of all{{.how = how}, 2};
  all.put("a", {1, 0});
  constexpr auto infinity = std::numeric_limits<float>::infinity();
  constexpr auto nan = std::numeric_limits<float>::quiet_NaN();
  for (const auto& bad :
       {vector{}, vector{1}, vector{1, 2, 3}, vector{1, nan}, vector{infinity, 1}}) {
    BOOST_CHECK_THROW(all.collection().put("a", bad), std::invalid_argument);
    BOOST_CHECK_THROW(all.collection().put("b", bad), std::invalid_argument);
    BOOST_CHECK_THROW((void)all.collection().search({.vector = bad}), std::invalid_argument);
  }
  BOOST_TEST(all.search({1, 1}, metric::cosine, 3) == 1);
}

BOOST_DATA_TEST_CASE(duplicates_and_zero_vectors_are_all_found, strategies, how) {
  for (const auto by : all_metrics) {
    if (!can(how, by))
      continue;
    pair_of all{{.how = how, .by = by}, 4};
    for (std::size_t i = 0; i < 300; ++i)
      all.put(id_of(i), i % 3 == 0 ? vector{1, 2, 3, 4} : vector(4, i % 3 == 1 ? 0.0F : 5.0F));
    all.fold();
    for (const auto& query : {vector{1, 2, 3, 4}, vector(4, 0), vector{-1, 0, 0, 0}})
      for (const std::size_t k : {1u, 100u, 150u, 300u, 1'000u})
        all.search(query, by, k);
  }
}

BOOST_DATA_TEST_CASE(a_choice_gives_the_nearest_of_those_and_no_others, strategies, how) {
  vector_source random{3};
  pair_of all{{.how = how, .by = metric::euclid}, 16};
  for (std::size_t i = 0; i < 3'000; ++i)
    all.put(id_of(i), random.gaussian(16));
  all.fold();
  for (std::size_t i = 2'900; i < 3'100; ++i) {
    all.put(id_of(i), random.gaussian(16));
    all.erase(id_of(i - 1'000));
  }
  for (const auto share : {0.0, 0.001, 0.01, 0.1, 0.5, 1.0}) {
    std::set<std::string> some{"nobody"};
    for (const auto& [id, v] : all.truth())
      if (random.chance(share))
        some.insert(id);
    for (int i = 0; i < 5; ++i)
      BOOST_TEST(all.search(random.gaussian(16), metric::euclid, 10, &some) >= 0.5);
  }
}

// Random operations against a map, through compactions and bytes.
BOOST_DATA_TEST_CASE(it_is_always_what_a_map_says, strategies, how) {
  const auto seed = fresh_seed();
  vector_source random{seed};
  BOOST_TEST_CONTEXT("seed " << seed) {
    for (int round = 0; round < 8; ++round) {
      const auto dims = 1 + random.below(40);
      const auto by = can(how, metric::manhattan) ? all_metrics[random.below(4)]
                      : random.chance(0.5)        ? metric::cosine
                                                  : metric::euclid;
      pair_of all{{.how = how, .by = by, .seed = seed}, dims};
      std::vector<vector> seen{random.gaussian(dims)};
      for (int i = 0; i < 1'500; ++i) {
        const auto id = id_of(random.below(400));
        switch (random.below(8)) {
        case 0:
          all.erase(id);
          break;
        case 1:
          all.search(random.chance(0.5) ? random.gaussian(dims) : seen[random.below(seen.size())],
                     random.chance(0.8) ? by : all_metrics[random.below(4)], random.below(30));
          break;
        case 2:
          if (random.chance(0.05))
            all.fold();
          else if (random.chance(0.05)) {
            all.fold();
            all.save_and_load();
          }
          break;
        default:
          seen.push_back(random.chance(0.1)   ? vector(dims, 0)
                         : random.chance(0.1) ? seen[random.below(seen.size())]
                                              : random.gaussian(dims));
          all.put(id, seen.back());
        }
      }
    }
  }
}

BOOST_DATA_TEST_CASE(most_of_the_nearest_are_found, strategies, how) {
  clustered_source source{48, 12, 30, 5};
  pair_of all{{.how = how}, 48};
  for (std::size_t i = 0; i < 8'000; ++i)
    all.put(id_of(i), source.next());
  all.fold();
  for (std::size_t i = 8'000; i < 8'500; ++i)
    all.put(id_of(i), source.next());
  double recall = 0;
  for (int i = 0; i < 100; ++i)
    recall += all.search(source.next(), metric::cosine, 10) / 100;
  BOOST_TEST(recall >= 0.95);
  all.save_and_load();
}

BOOST_AUTO_TEST_SUITE_END()
