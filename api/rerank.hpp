#pragma once
#include "beaver/api/docs.hpp"
#include "beaver/storage/rank_fusion.hpp"

#include <cstddef>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace beaver {

/// Several lists of hits, each with the best first, as one: what stands high in several of them
/// comes first. The hits keep what they are; `score` becomes the fused one. One that is in several
/// lists is taken from the first of them.
///
///     auto best = rerank(std::vector{papers.search("actors").hits,
///                                    papers.search({.query = "acters", .fuzzy = true}).hits});
///
/// Reciprocal rank fusion unless told otherwise; see `fuse` for methods, weights and errors. Linear
/// in the hits, but for sorting.
template <class T>
[[nodiscard]] std::vector<docs_hit_of<T>> rerank(std::vector<std::vector<docs_hit_of<T>>> lists,
                                                 const fusion_options& how = {}) {
  std::vector<std::vector<ranked>> ranks;
  std::unordered_map<std::string_view, docs_hit_of<T>*> hits;
  for (auto& list : lists) {
    auto& ids = ranks.emplace_back();
    for (auto& hit : list) {
      ids.push_back({hit.id, hit.score});
      hits.emplace(hit.id, &hit);
    }
  }
  std::vector<std::pair<docs_hit_of<T>*, double>> order;
  for (const auto& one : fuse(ranks, how))
    order.emplace_back(hits.at(one.id), one.score);
  std::vector<docs_hit_of<T>> result;
  result.reserve(order.size());
  for (const auto& [hit, score] : order) {
    result.push_back(std::move(*hit));
    result.back().score = score;
  }
  return result;
}

} // namespace beaver
