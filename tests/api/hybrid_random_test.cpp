#include "vectors_support.hpp"

#include <boost/describe/class.hpp>

using namespace beaver;
using namespace beaver::test;

namespace {

using strings = std::vector<std::string>;

struct animal {
  std::string gloss;
  int legs = 0;
};
BOOST_DESCRIBE_STRUCT(animal, (), (gloss, legs))

const strings vocabulary{"alpha", "bravo", "carbon", "delta", "ember", "flinty"};

/// Documents and vectors that share some of their ids, and what the nearest documents are.
class collection {
public:
  explicit collection(database& db, number_source& random)
    : docs_(db.docs<animal>("some")), vectors_(db.vectors("some")), random_(random) {}

  void step() {
    const auto id = "d" + std::to_string(random_.below(40));
    switch (random_.below(6)) {
    case 0:
      docs_.drop(id);
      legs_.erase(id);
      break;
    case 1:
      vectors_.erase(id);
      near_.erase(id);
      break;
    case 2:
    case 3:
      near_[id] = random_.next(4);
      vectors_.set(id, near_[id]);
      break;
    default:
      legs_[id] = static_cast<int>(random_.below(4));
      docs_.index(id, {words(1 + random_.below(4)), legs_[id]});
    }
  }

  /// Whether a random search gives what two plain lists give that are fused.
  void compare() {
    docs_query query{
      .query = words(random_.below(3)), .any = random_.below(2) == 0, .vector = random_.next(4)};
    std::optional<int> below;
    if (random_.below(2) == 0) {
      below = static_cast<int>(random_.below(5));
      query.where = field("legs") < *below;
    }
    const auto depth = 1 + random_.below(50);
    query.depth = depth;
    query.fusion = docs_fusion{.method = random_.below(2) == 0 ? fusion_method::weighted_scores
                                                               : fusion_method::reciprocal_rank,
                               .text_weight = static_cast<double>(random_.below(3)),
                               .vector_weight = 0.5 * static_cast<double>(1 + random_.below(3))};

    std::vector<std::vector<ranked>> lists(2);
    auto plain = query;
    plain.vector.reset();
    plain.depth.reset();
    plain.fusion.reset();
    plain.limit = depth;
    for (const auto& hit : docs_.search(plain).hits)
      lists[0].push_back({hit.id, hit.score});
    std::map<std::string, numbers> allowed;
    for (const auto& [id, v] : near_)
      if (const auto found = legs_.find(id);
          found != legs_.end() && (!below || found->second < *below))
        allowed.emplace(id, v);
    for (const auto& id : true_nearest(allowed, *query.vector, depth))
      lists[1].push_back({id, -cosine_score(*query.vector, allowed.at(id))});
    const auto expected =
      fuse(lists, {.method = *query.fusion->method,
                   .weights = {*query.fusion->text_weight, *query.fusion->vector_weight}});

    const auto got = docs_.search(query).hits;
    BOOST_REQUIRE_EQUAL(got.size(), expected.size());
    for (std::size_t i = 0; i < got.size(); ++i) {
      BOOST_REQUIRE_EQUAL(got[i].id, expected[i].id);
      BOOST_REQUIRE_EQUAL(got[i].score, expected[i].score);
      BOOST_REQUIRE_EQUAL(got[i].body.legs, legs_.at(got[i].id));
      check_place(got[i].id, got[i].text, lists[0], 1);
      check_place(got[i].id, got[i].near, lists[1], -1);
    }
    query.limit = random_.below(10);
    query.offset = random_.below(10);
    strings page;
    for (auto i = *query.offset; i < got.size() && page.size() < *query.limit; ++i)
      page.push_back(got[i].id);
    const auto found = ids_of(docs_.search(query));
    BOOST_REQUIRE_EQUAL_COLLECTIONS(found.begin(), found.end(), page.begin(), page.end());
  }

private:
  std::string words(std::size_t n) {
    std::string text;
    for (; n > 0; --n)
      text += vocabulary[random_.below(vocabulary.size())] + ' ';
    return text;
  }

  static void check_place(const std::string& id, const std::optional<docs_place>& got,
                          const std::vector<ranked>& list, double sign) {
    const auto found =
      std::find_if(list.begin(), list.end(), [&](const ranked& one) { return one.id == id; });
    BOOST_REQUIRE_EQUAL(got.has_value(), found != list.end());
    if (!got)
      return;
    BOOST_REQUIRE_EQUAL(got->rank, 1 + static_cast<std::uint64_t>(found - list.begin()));
    BOOST_REQUIRE_EQUAL(got->score, sign * found->score);
  }

  beaver::docs<animal> docs_;
  beaver::vectors<> vectors_;
  number_source& random_;
  std::map<std::string, int> legs_;
  std::map<std::string, numbers> near_;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(hybrid_searches_by_chance, open_database)

BOOST_AUTO_TEST_CASE(random_searches_are_two_plain_lists_that_are_fused) {
  const auto seed = fresh_seed();
  BOOST_TEST_CONTEXT("seed " << seed) {
    number_source random{seed};
    collection some{db, random};
    for (int round = 0; round < 600; ++round) {
      some.step();
      some.compare();
      if (round == 300)
        db.vectors("some").compact();
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
