#include "beaver/vector/hnsw_walk.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <utility>

namespace beaver {

using detail::distance_from;
using detail::ranked;

namespace {

constexpr std::uint32_t sign = 0x80000000;

ranked rank(float distance, std::uint32_t row) noexcept {
  const auto bits = std::bit_cast<std::uint32_t>(distance);
  return ranked{(bits & sign) != 0 ? ~bits : bits | sign} << 32 | row;
}

std::uint32_t row_of(ranked r) noexcept { return static_cast<std::uint32_t>(r); }

float distance_of(ranked r) noexcept {
  const auto bits = static_cast<std::uint32_t>(r >> 32);
  return std::bit_cast<float>((bits & sign) != 0 ? bits & ~sign : ~bits);
}

} // namespace

distance_from::distance_from(const near_query& query, const vector_rows& rows,
                             const kernel_set& kernels, std::vector<float>& unit)
  : by_(query.by), query_(query.vector.data()), rows_(rows.data()), dims_(rows.dims()),
    norms_(rows.norms().data()), measure_(by_ == metric::euclid      ? kernels.squared
                                          : by_ == metric::manhattan ? kernels.absolute
                                                                     : kernels.dot) {
  if (by_ == metric::euclid || by_ == metric::manhattan)
    return;
  query_norm_ = norm(query.vector);
  if (by_ == metric::inner_product)
    return;
  // Of length 1, so that products are no larger than the rows' own norms.
  unit.resize(dims_);
  for (std::size_t i = 0; i < dims_; ++i)
    unit[i] = query_norm_ > 0 ? static_cast<float>(query_[i] / query_norm_) : 0;
  query_ = unit.data();
  little_ = 1e-10 / query_norm_;
}

inline float distance_from::operator()(std::uint32_t row) const noexcept {
  float d = 0;
  measure_(query_, rows_ + row * dims_, 1, dims_, &d);
  if (by_ == metric::cosine)
    d = static_cast<float>(1 - static_cast<double>(d) / (norms_[row] + little_));
  else if (by_ == metric::inner_product)
    d = -d;
  return std::isnan(d) ? std::numeric_limits<float>::infinity() : d;
}

double distance_from::error(ranked r) const noexcept {
  const auto terms = by_ == metric::cosine          ? 1.0
                     : by_ == metric::inner_product ? query_norm_ * norms_[row_of(r)]
                                                    : static_cast<double>(distance_of(r));
  const auto count = static_cast<double>(dims_);
  return (count + 4) * 0x1p-24 * terms + count * 0x1p-149;
}

inline void distance_from::prefetch(std::uint32_t row) const noexcept {
  prefetch_bytes(rows_ + row * dims_, dims_ * sizeof(float));
  if (by_ == metric::cosine)
    __builtin_prefetch(norms_ + row);
}

void hnsw_scratch::begin(std::size_t rows) {
  visited.resize(rows);
  if (++search == 0) { // numbers begin anew
    std::fill(visited.begin(), visited.end(), std::uint16_t{0});
    search = 1;
  }
  ways.clear();
  found.clear();
}

std::size_t hnsw_scratch::memory() const noexcept {
  return sizeof(*this) + visited.capacity() * sizeof(visited[0])
         + (ways.capacity() + found.capacity()) * sizeof(ranked)
         + ahead.capacity() * sizeof(ahead[0]) + unit.capacity() * sizeof(unit[0])
         + probe.codes.capacity();
}

hnsw_walk::hnsw_walk(const hnsw_graph& graph, const vector_rows& rows, const hnsw_codes* codes,
                     const kernel_set& kernels, const near_query& query, hnsw_scratch& scratch)
  : graph_(graph), codes_(codes), kernels_(kernels), among_(query.among), s_(scratch),
    distance_(query, rows, kernels, scratch.unit) {
  if (codes_ != nullptr)
    codes_->prepare(query.vector, s_.probe);
}

inline float hnsw_walk::distance_to(std::uint32_t row) const noexcept {
  return codes_ != nullptr ? codes_->distance(s_.probe, row, kernels_) : distance_(row);
}

bool hnsw_walk::run(std::size_t effort, std::size_t most) {
  effort_ = effort;
  for (const auto row : graph_.unreached)
    if (visit(row))
      consider(row, false);
  const auto start = descend();
  if (visit(start))
    consider(start, true);
  std::size_t came_to = 0;
  while (!s_.ways.empty()) {
    std::pop_heap(s_.ways.begin(), s_.ways.end(), std::greater<>{});
    const auto nearest = s_.ways.back();
    s_.ways.pop_back();
    if (full() && nearest > s_.found.front())
      break;
    if (!s_.ways.empty()) // often the next
      prefetch_bytes(graph_.links_of(row_of(s_.ways.front())).data(),
                     graph_.links * 2 * sizeof(std::uint32_t));
    look_ahead(row_of(nearest));
    came_to += s_.ahead.size();
    if (came_to > most)
      return false;
    for (const auto row : s_.ahead)
      consider(row, true);
  }
  if (codes_ != nullptr)
    for (auto& each : s_.found)
      each = rank(distance_(row_of(each)), row_of(each));
  std::sort(s_.found.begin(), s_.found.end());
  return true;
}

std::vector<std::uint32_t> hnsw_walk::best(std::size_t k) const {
  double limit = -std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < std::min(k, s_.found.size()); ++i)
    limit = std::max(limit, distance_of(s_.found[i]) + distance_.error(s_.found[i]));
  std::vector<std::uint32_t> rows;
  for (const auto each : s_.found)
    if (!(distance_of(each) - distance_.error(each) > limit)) // infinite ones have no such bounds
      add_rows(row_of(each), k, rows);
  return rows;
}

inline bool hnsw_walk::visit(std::uint32_t row) noexcept {
  return std::exchange(s_.visited[row], s_.search) != s_.search;
}

/// From the top level down, on each to the node that has none nearer beside it.
std::uint32_t hnsw_walk::descend() const {
  std::size_t place = 0;
  if (graph_.upper.empty())
    return graph_.upper_rows[place];
  float least = distance_to(graph_.upper_rows[place]);
  for (auto level = graph_.upper.rbegin(); level != graph_.upper.rend(); ++level)
    for (auto from = graph_.upper_rows.size(); from != place;) {
      from = place;
      const auto* links = level->data() + from * graph_.links;
      for (std::size_t i = 0; i < graph_.links && links[i] != hnsw_graph::none; ++i)
        if (const auto d = distance_to(graph_.upper_rows[links[i]]); d < least) {
          least = d;
          place = links[i];
        }
    }
  return graph_.upper_rows[place];
}

/// The neighbours that are new, with their rows on the way from memory.
void hnsw_walk::look_ahead(std::uint32_t from) {
  s_.ahead.clear();
  for (const auto to : graph_.links_of(from)) {
    if (to == hnsw_graph::none)
      break;
    if (visit(to)) {
      s_.ahead.push_back(to);
      if (codes_ != nullptr)
        codes_->prefetch(to);
      else
        distance_.prefetch(to);
    }
  }
}

void hnsw_walk::consider(std::uint32_t row, bool leads_on) {
  const auto d = rank(distance_to(row), row);
  if (full() && d > s_.found.front())
    return;
  if (leads_on) {
    s_.ways.push_back(d);
    std::push_heap(s_.ways.begin(), s_.ways.end(), std::greater<>{});
  }
  if (!allowed(row))
    return;
  if (full()) {
    std::pop_heap(s_.found.begin(), s_.found.end());
    s_.found.back() = d;
  } else {
    s_.found.push_back(d);
  }
  std::push_heap(s_.found.begin(), s_.found.end());
}

std::span<const hnsw_graph::twin> hnsw_walk::twins_of(std::uint32_t node) const noexcept {
  const auto& all = graph_.twins;
  const auto from = std::lower_bound(all.begin(), all.end(), hnsw_graph::twin{node, 0});
  return {from,
          std::find_if(from, all.end(), [&](const auto& each) { return each.first != node; })};
}

bool hnsw_walk::allowed(std::uint32_t node) const noexcept {
  if (among_ == nullptr || (*among_)[node])
    return true;
  const auto twins = twins_of(node);
  return std::any_of(twins.begin(), twins.end(),
                     [&](const auto& each) { return (*among_)[each.row]; });
}

void hnsw_walk::add_rows(std::uint32_t node, std::size_t k,
                         std::vector<std::uint32_t>& rows) const {
  const auto end = rows.size() + k;
  if (among_ == nullptr || (*among_)[node])
    rows.push_back(node);
  for (const auto& each : twins_of(node)) {
    if (rows.size() == end)
      return;
    if (among_ == nullptr || (*among_)[each.row])
      rows.push_back(each.row);
  }
}

} // namespace beaver
