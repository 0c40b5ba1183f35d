#include "docs_support.hpp"
#include "support/failure.hpp"

#include <limits>

using namespace beaver;
using namespace beaver::test;
using boost::test_tools::per_element;

namespace {

using near_list = std::vector<near_document>;

struct animals : docs_fixture {
  animals() {
    configure({.fuzzy = true});
    put("beaver", R"({"t": "rodent that builds dams", "legs": 4})");
    put("muskrat", R"({"t": "aquatic rodent", "legs": 4})");
    put("otter", R"({"t": "swims and eats fish", "legs": 4})");
    put("pike", R"({"t": "fish", "legs": 0})");
  }

  [[nodiscard]] docs_hits fused(docs_query query, const near_list& near) {
    query.vector.emplace(); // who calls has looked at it
    return docs_table::search(c(), "d", query, near);
  }
  [[nodiscard]] strings fused_ids(const docs_query& query, const near_list& near) {
    strings found;
    for (const auto& hit : fused(query, near).hits)
      found.push_back(hit.id);
    return found;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(docs_fused_searches, animals)

BOOST_AUTO_TEST_CASE(documents_of_both_lists_come_before_those_of_one) {
  // By words: muskrat, which is the shorter, then beaver.
  const auto found = fused({.query = "rodent"}, {{"otter", 0.125}, {"beaver", 0.5}});
  BOOST_REQUIRE(found.hits.size() == 3u);
  const auto& beaver = found.hits[0];
  BOOST_TEST(beaver.id == "beaver");
  BOOST_TEST(beaver.body.text() == R"({"t": "rodent that builds dams", "legs": 4})");
  BOOST_TEST(beaver.score == 2.0 / 62);
  BOOST_TEST(beaver.text.value().rank == 2u);
  BOOST_TEST(beaver.text.value().score
             == docs_table::search(c(), "d", {.query = "rodent"}).hits.at(1).score);
  BOOST_TEST(beaver.near.value().rank == 2u);
  BOOST_TEST(beaver.near.value().score == 0.5);
  BOOST_TEST(found.hits[1].id == "muskrat"); // both first in one list: by id
  BOOST_TEST(found.hits[1].score == 1.0 / 61);
  BOOST_TEST(!found.hits[1].near);
  BOOST_TEST(found.hits[2].id == "otter");
  BOOST_TEST(!found.hits[2].text);
  BOOST_TEST(found.hits[2].near.value().score == 0.125);
  BOOST_TEST(found.hits[2].body.text() == R"({"t": "swims and eats fish", "legs": 4})");
}

BOOST_AUTO_TEST_CASE(either_list_may_be_empty) {
  BOOST_TEST(fused_ids({}, {{"pike", 1}, {"otter", 2}}) == (strings{"pike", "otter"}),
             per_element());
  BOOST_TEST(fused_ids({.query = "rodent"}, {}) == (strings{"muskrat", "beaver"}), per_element());
  BOOST_TEST(fused({}, {}).hits.empty());
  BOOST_TEST(fused_ids({.fts5 = true}, {{"pike", 1}}) == strings{"pike"}, per_element());
}

BOOST_AUTO_TEST_CASE(weights_and_scores_decide_where_that_is_wanted) {
  const near_list near{{"otter", 1}, {"pike", 2}, {"beaver", 5}};
  const auto by = [&](docs_fusion how) {
    return fused_ids({.query = "rodent", .fusion = how}, near);
  };
  BOOST_TEST(by({.vector_weight = 0}) == (strings{"muskrat", "beaver"}), per_element());
  BOOST_TEST(by({.text_weight = 0}) == (strings{"otter", "pike", "beaver"}), per_element());
  BOOST_TEST(by({.k = 0.01, .vector_weight = 2}).front() == "otter");
  BOOST_TEST(by({.k = 0.01, .text_weight = 2}).front() == "muskrat");
  // Scores of either list are brought to 0..1: the last of both has nothing.
  const auto found =
    fused({.query = "rodent",
           .fusion = docs_fusion{.method = fusion_method::weighted_scores, .vector_weight = 2}},
          near);
  BOOST_TEST(found.hits.at(0).id == "otter");
  BOOST_TEST(found.hits.at(0).score == 2.0);
  BOOST_TEST(found.hits.at(1).id == "pike");
  BOOST_TEST(found.hits.at(1).score == 1.5);
  BOOST_TEST(found.hits.at(2).id == "muskrat");
  BOOST_TEST(found.hits.at(2).score == 1.0);
  BOOST_TEST(found.hits.at(3).id == "beaver");
  BOOST_TEST(found.hits.at(3).score == 0.0);
}

BOOST_AUTO_TEST_CASE(pages_follow_one_another) {
  const near_list near{{"otter", 1}, {"beaver", 2}, {"pike", 3}};
  const docs_query query{.query = "rodent"};
  const auto whole = fused_ids(query, near);
  BOOST_REQUIRE(whole.size() == 4u);
  strings pages;
  for (std::uint64_t offset = 0; offset < 6; ++offset) {
    auto page = query;
    page.limit = 1;
    page.offset = offset;
    for (auto& id : fused_ids(page, near))
      pages.push_back(std::move(id));
  }
  BOOST_TEST(pages == whole, per_element());
  auto rest = query;
  rest.offset = 3;
  BOOST_TEST(fused_ids(rest, near) == strings{whole.back()}, per_element());
  rest.limit = std::numeric_limits<std::uint64_t>::max();
  BOOST_TEST(fused_ids(rest, near) == strings{whole.back()}, per_element());
  rest.limit = 0;
  BOOST_TEST(fused_ids(rest, near).empty());
}

BOOST_AUTO_TEST_CASE(so_many_of_each_list_are_put_together_as_the_depth_says) {
  const near_list near{{"otter", 1}, {"beaver", 2}};
  BOOST_TEST(fused_ids({.query = "rodent", .depth = 1}, near) == (strings{"muskrat", "otter"}),
             per_element());
  const auto depth = [](const docs_query& q) { return docs_table::depth(q); };
  BOOST_TEST(depth({.limit = 10}) == 100u);
  BOOST_TEST(depth({.limit = 70, .offset = 50}) == 120u);
  BOOST_TEST(depth({.depth = 5, .limit = 70}) == 5u);
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  BOOST_TEST(depth({}) == most);
  BOOST_TEST(depth({.limit = 2, .offset = most - 1}) == most);
}

BOOST_AUTO_TEST_CASE(words_are_marked_in_what_words_have_found) {
  const near_list near{{"beaver", 1}, {"otter", 2}};
  for (const bool fuzzy : {false, true}) {
    const auto found = fused({.query = fuzzy ? "roddent" : "rodent",
                              .fuzzy = fuzzy,
                              .where = json_text{R"([{"path": "t", "operator": "exists"}])"},
                              .highlight = true},
                             near);
    BOOST_REQUIRE(found.hits.size() == 3u);
    BOOST_TEST(found.hits[0].id == "beaver");
    BOOST_TEST(found.hits[0].fragments.value().at(0).text == "<b>rodent</b> that builds dams");
    BOOST_TEST(found.hits[1].fragments.value().at(0).text == "aquatic <b>rodent</b>");
    BOOST_TEST(!found.hits[2].fragments);
  }
}

BOOST_AUTO_TEST_CASE(the_filter_holds_for_what_words_find) {
  const docs_query query{.query = "fish",
                         .where = json_text{R"([{"path": "legs", "operator": "==", "value": 4}])"}};
  BOOST_TEST(fused_ids(query, {{"muskrat", 1}}) == (strings{"muskrat", "otter"}), per_element());
}

BOOST_AUTO_TEST_CASE(what_goes_with_a_vector_only_is_refused_without_one_and_total_with_it) {
  const auto refusal = [](const docs_query& query) {
    const auto how = outcome_of([&] { docs_table::check(query); });
    return how.is(errc::invalid_argument) ? how.text : "";
  };
  const std::vector<float> v{1};
  const auto says = [](const std::string& text, std::string_view words) {
    return text.find(words) != std::string::npos;
  };
  BOOST_TEST(says(refusal({.query = "a", .vectors = "v"}), "vectors"));
  BOOST_TEST(says(refusal({.query = "a", .exact = true}), "exact"));
  BOOST_TEST(says(refusal({.query = "a", .depth = 5}), "depth"));
  BOOST_TEST(says(refusal({.query = "a", .fusion = docs_fusion{}}), "fusion"));
  BOOST_TEST(says(refusal({.query = "a", .vector = v, .total = true}), "total"));
  BOOST_TEST(says(refusal({.query = "a", .vector = v, .depth = 0}), "depth"));
  BOOST_TEST(says(refusal({.vector = v, .fusion = docs_fusion{.k = 0}}), "k of a rank fusion"));
  BOOST_TEST(says(refusal({.vector = v, .fusion = docs_fusion{.text_weight = -1}}), "weights"));
  BOOST_TEST(
    says(refusal({.vector = v, .fusion = docs_fusion{.text_weight = 0, .vector_weight = 0}}),
         "weights"));
  BOOST_TEST(refusal({.vector = v,
                      .vectors = "v",
                      .exact = true,
                      .depth = 1,
                      .fusion = docs_fusion{.vector_weight = 0},
                      .total = false})
             == "");
}

BOOST_AUTO_TEST_SUITE_END()
