#include "beaver/storage/rank_fusion.hpp"

#include "beaver/storage/error.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string_view>
#include <tuple>
#include <unordered_set>

namespace beaver {
namespace {

/// What an id gets from one list.
struct share {
  std::string_view id;
  double score;
};

void check(std::size_t lists, const fusion_options& options) {
  if (!std::isfinite(options.k) || options.k <= 0)
    throw error(errc::invalid_argument, "k of a rank fusion has to be a finite number > 0");
  const auto& weights = options.weights;
  if (weights.empty())
    return;
  if (weights.size() != lists)
    throw error(errc::invalid_argument, "a rank fusion of " + std::to_string(lists) + " lists has "
                                          + std::to_string(weights.size())
                                          + " weights: give one for each list, or none");
  const auto good = [](double w) { return std::isfinite(w) && w >= 0; };
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  if (!std::all_of(weights.begin(), weights.end(), good) || !std::isfinite(sum) || sum == 0)
    throw error(errc::invalid_argument,
                "weights of a rank fusion have to be finite numbers >= 0, not all of them 0");
}

/// The places of a list without those whose id it has had before.
std::vector<share> distinct(const std::vector<ranked>& list) {
  std::vector<share> result;
  std::unordered_set<std::string_view> seen;
  for (const auto& r : list)
    if (seen.insert(r.id).second)
      result.push_back({r.id, r.score});
  return result;
}

void score_by_place(std::vector<share>& list, double weight, double k) {
  double place = 0;
  for (auto& s : list)
    s.score = weight / (k + ++place);
}

void normalise_scores(std::vector<share>& list, double weight) {
  for (const auto& s : list)
    if (!std::isfinite(s.score))
      throw error(errc::invalid_argument,
                  "the score of '" + std::string{s.id}
                    + "' is not finite: fuse such lists by reciprocal rank");
  if (list.empty())
    return;
  const auto [least, greatest] = std::minmax_element(
    list.begin(), list.end(), [](const share& a, const share& b) { return a.score < b.score; });
  const double low = least->score;
  const double high = greatest->score;
  const double unit = std::isfinite(high - low) ? 1 : 0.5; // no overflow at the ends of double
  for (auto& s : list)
    s.score =
      weight * (low == high ? 1 : (s.score * unit - low * unit) / (high * unit - low * unit));
}

} // namespace

std::vector<ranked> fuse(std::span<const std::vector<ranked>> lists,
                         const fusion_options& options) {
  check(lists.size(), options);
  std::vector<share> shares;
  for (std::size_t i = 0; i < lists.size(); ++i) {
    const double weight = options.weights.empty() ? 1 : options.weights[i];
    if (weight == 0)
      continue;
    auto list = distinct(lists[i]);
    if (options.method == fusion_method::reciprocal_rank)
      score_by_place(list, weight, options.k);
    else
      normalise_scores(list, weight);
    shares.insert(shares.end(), list.begin(), list.end());
  }
  // In the order of their size, so that the same shares have the same sum whichever list they are
  // from.
  std::sort(shares.begin(), shares.end(), [](const share& a, const share& b) {
    return std::tie(a.id, a.score) < std::tie(b.id, b.score);
  });
  std::vector<ranked> result;
  for (const auto& s : shares)
    if (!result.empty() && result.back().id == s.id)
      result.back().score += s.score;
    else
      result.push_back({std::string{s.id}, s.score});
  std::stable_sort(result.begin(), result.end(),
                   [](const ranked& a, const ranked& b) { return a.score > b.score; });
  return result;
}

} // namespace beaver
