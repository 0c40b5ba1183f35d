#include "beaver/vector/hnsw_index.hpp"

#include "beaver/vector/hnsw.hpp"
#include "beaver/vector/scan.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <stdexcept>
#include <utility>

namespace beaver {

namespace {

constexpr std::string_view part_name = "graph";

/// 0.95 of the ten nearest on word vectors, which are hard; M = 16.
constexpr std::size_t usual_effort = 120;

/// A row that a walk comes to costs about as much as so many that a scan comes to.
constexpr std::size_t scan_gain = 4;

/// Rows that a walk comes to for each one that it looks at more closely.
constexpr std::size_t walk_factor = 8;

/// A distance and its row in one number, that is greater if the distance is, then if the row is.
using ranked = std::uint64_t;

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

/// Distances of rows from a query, in float. They order rows as scores do, but for rounding.
class distance_from {
public:
  /// `unit` is filled and must stay.
  distance_from(const near_query& query, const vector_rows& rows, const kernel_set& kernels,
                std::vector<float>& unit)
    : by_(query.by), query_(query.vector.data()), rows_(rows.data()), dims_(rows.dims()),
      norms_(rows.norms().data()) {
    measure_ = by_ == metric::euclid      ? kernels.squared
               : by_ == metric::manhattan ? kernels.absolute
                                          : kernels.dot;
    if (by_ == metric::euclid || by_ == metric::manhattan)
      return;
    query_norm_ = norm(query.vector);
    if (by_ == metric::inner_product)
      return;
    // Of length 1, so that products are no larger than the rows' own norms.
    unit.assign(query.vector.begin(), query.vector.end());
    for (auto& x : unit)
      x = query_norm_ > 0 ? static_cast<float>(x / query_norm_) : 0;
    query_ = unit.data();
    little_ = 1e-10 / query_norm_;
  }

  [[nodiscard]] float operator()(std::uint32_t row) const noexcept {
    float d = 0;
    measure_(query_, rows_ + row * dims_, 1, dims_, &d);
    if (by_ == metric::cosine)
      d = static_cast<float>(1 - static_cast<double>(d) / (norms_[row] + little_));
    else if (by_ == metric::inner_product)
      d = -d;
    return std::isnan(d) ? std::numeric_limits<float>::infinity() : d;
  }

  /// What the distance may be off by.
  [[nodiscard]] double error(ranked r) const noexcept {
    const auto terms = by_ == metric::cosine          ? 1.0
                       : by_ == metric::inner_product ? query_norm_ * norms_[row_of(r)]
                                                      : static_cast<double>(distance_of(r));
    return (static_cast<double>(dims_) + 4) * 0x1p-24 * terms
           + static_cast<double>(dims_) * 0x1p-149;
  }

  void prefetch(std::uint32_t row) const noexcept {
    constexpr std::size_t line = 64 / sizeof(float);
    constexpr std::size_t most = 16 * line; // the processor goes on by itself
    const auto* from = rows_ + row * dims_;
    for (std::size_t i = 0; i < std::min(dims_, most); i += line)
      __builtin_prefetch(from + i);
    if (by_ == metric::cosine)
      __builtin_prefetch(norms_ + row);
  }

private:
  metric by_;
  const float* query_;
  const float* rows_;
  std::size_t dims_;
  const double* norms_;
  decltype(kernel_set::dot) measure_;
  double query_norm_ = 0;
  double little_ = 0;
};

} // namespace

/// What a search needs and the next one can use again.
struct hnsw_index::scratch {
  std::vector<std::uint16_t> visited; // by row: the search that has come to it
  std::uint16_t search = 0;
  std::vector<ranked> ways;  // a heap, nearest first: where to go on
  std::vector<ranked> found; // a heap, farthest first
  std::vector<std::uint32_t> ahead;
  std::vector<float> unit;
  std::unique_ptr<scratch> next;
};

class hnsw_index::lease {
public:
  explicit lease(const hnsw_index& from) : from_(from) {
    {
      const std::lock_guard lock{from.guard_};
      if (from.idle_) {
        taken_ = std::move(from.idle_);
        from.idle_ = std::move(taken_->next);
      }
    }
    if (!taken_)
      taken_ = std::make_unique<scratch>();
    taken_->visited.resize(from.rows_->count());
    if (++taken_->search == 0) {
      std::fill(taken_->visited.begin(), taken_->visited.end(), std::uint16_t{0});
      taken_->search = 1;
    }
    taken_->ways.clear();
    taken_->found.clear();
  }
  lease(const lease&) = delete;
  lease& operator=(const lease&) = delete;
  ~lease() {
    const std::lock_guard lock{from_.guard_};
    taken_->next = std::move(from_.idle_);
    from_.idle_ = std::move(taken_);
  }

  scratch& operator*() const noexcept { return *taken_; }

private:
  const hnsw_index& from_;
  std::unique_ptr<scratch> taken_;
};

/// One search through the graph.
class hnsw_index::walk {
public:
  walk(const hnsw_index& in, const near_query& query, scratch& s)
    : graph_(in.graph_), among_(query.among), s_(s),
      distance_(query, *in.rows_, in.kernels_, s.unit) {}

  /// The `effort` nearest nodes with a row that is allowed, nearest first, as far as the graph
  /// leads to them; false if it came to more than `most` rows.
  bool run(std::size_t effort, std::size_t most) {
    effort_ = effort;
    for (const auto row : graph_.unreached) // first, since the graph leads to none of them
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
      look_ahead(row_of(nearest));
      came_to += s_.ahead.size();
      if (came_to > most)
        return false;
      for (std::size_t i = 0; i < s_.ahead.size(); ++i)
        consider(s_.ahead[i], true);
    }
    std::sort_heap(s_.found.begin(), s_.found.end());
    return true;
  }

  /// The rows of those found that can be among the k nearest of them, since distances are rounded.
  [[nodiscard]] std::vector<std::uint32_t> best(std::size_t k) const {
    double limit = -std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < std::min(k, s_.found.size()); ++i)
      limit = std::max(limit, distance_of(s_.found[i]) + distance_.error(s_.found[i]));
    std::vector<std::uint32_t> rows;
    for (const auto each : s_.found)
      if (!(distance_of(each) - distance_.error(each) > limit))
        add_rows(row_of(each), k, rows);
    return rows;
  }

private:
  [[nodiscard]] bool full() const noexcept { return s_.found.size() == effort_; }

  bool visit(std::uint32_t row) noexcept {
    return std::exchange(s_.visited[row], s_.search) != s_.search;
  }

  /// From the top level down, on each to the node that has none nearer beside it.
  [[nodiscard]] std::uint32_t descend() const {
    std::size_t place = 0;
    if (graph_.upper.empty())
      return graph_.upper_rows[place];
    float least = distance_(graph_.upper_rows[place]);
    for (auto level = graph_.upper.rbegin(); level != graph_.upper.rend(); ++level)
      for (auto from = graph_.upper_rows.size(); from != place;) {
        from = place;
        const auto* links = level->data() + from * graph_.links;
        for (std::size_t i = 0; i < graph_.links && links[i] != hnsw_graph::none; ++i)
          if (const auto d = distance_(graph_.upper_rows[links[i]]); d < least) {
            least = d;
            place = links[i];
          }
      }
    return graph_.upper_rows[place];
  }

  /// The neighbours that are new, with their rows on the way from memory.
  void look_ahead(std::uint32_t from) {
    s_.ahead.clear();
    for (const auto to : graph_.links_of(from)) {
      if (to == hnsw_graph::none)
        break;
      if (visit(to)) {
        s_.ahead.push_back(to);
        distance_.prefetch(to);
      }
    }
  }

  void consider(std::uint32_t row, bool leads_on) {
    const auto d = rank(distance_(row), row);
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

  [[nodiscard]] auto twins_of(std::uint32_t row) const {
    const auto& all = graph_.twins;
    const auto from = std::lower_bound(all.begin(), all.end(), hnsw_graph::twin{row, 0});
    return std::span{
      from, std::find_if(from, all.end(), [&](const auto& each) { return each.first != row; })};
  }

  [[nodiscard]] bool allowed(std::uint32_t row) const {
    if (among_ == nullptr || (*among_)[row])
      return true;
    const auto twins = twins_of(row);
    return std::any_of(twins.begin(), twins.end(),
                       [&](const auto& each) { return (*among_)[each.row]; });
  }

  /// The first k of a node that are allowed: the others score the same.
  void add_rows(std::uint32_t node, std::size_t k, std::vector<std::uint32_t>& rows) const {
    const auto end = rows.size() + k;
    if (among_ == nullptr || (*among_)[node])
      rows.push_back(node);
    for (const auto& each : twins_of(node)) {
      if (rows.size() >= end)
        return;
      if (among_ == nullptr || (*among_)[each.row])
        rows.push_back(each.row);
    }
  }

  const hnsw_graph& graph_;
  const row_mask* among_;
  scratch& s_;
  distance_from distance_;
  std::size_t effort_ = 0;
};

hnsw_index::hnsw_index(hnsw_graph graph, std::shared_ptr<const vector_rows> rows,
                       const kernel_set& kernels)
  : graph_(std::move(graph)), rows_(std::move(rows)), kernels_(kernels), effort_(usual_effort) {}

hnsw_index::~hnsw_index() = default;

std::vector<near_row> hnsw_index::search(const near_query& query) const {
  const std::size_t count = rows_->count();
  const auto allowed = query.among != nullptr ? query.among->count() : count;
  const auto k = std::min(query.k, allowed);
  if (k == 0)
    return {};
  const auto effort = std::min(std::max(query.effort != 0 ? query.effort : effort_, k), count);
  // Of the rows that a walk comes to, the share counts that is allowed; so it is not worth while
  // where few are, or few are left out.
  const auto walk_cost = static_cast<double>(effort * scan_gain * walk_factor)
                         * static_cast<double>(count) / static_cast<double>(allowed);
  if (query.by == graph_.by && walk_cost < static_cast<double>(allowed)) {
    const lease own{*this};
    walk through{*this, query, *own};
    // A filter may leave out just the rows about the query: no longer than a scan would take.
    if (through.run(effort, allowed / scan_gain)) {
      auto rows = nearest_of(*rows_, query, through.best(k));
      if (rows.size() == k)
        return rows;
    }
  }
  return scan_rows(*rows_, query, kernels_);
}

std::vector<index_part> hnsw_index::save() const {
  std::vector<index_part> parts;
  parts.push_back({std::string{part_name}, graph_.write()});
  return parts;
}

void hnsw_index::tune(std::size_t effort) { effort_ = effort != 0 ? effort : usual_effort; }

std::size_t hnsw_index::bytes() const noexcept {
  auto sum = sizeof(*this) + graph_.memory();
  const std::lock_guard lock{guard_};
  for (const auto* each = idle_.get(); each != nullptr; each = each->next.get())
    sum += sizeof(*each) + each->visited.capacity() * sizeof(each->visited[0])
           + (each->ways.capacity() + each->found.capacity()) * sizeof(ranked)
           + (each->ahead.capacity() + each->unit.capacity()) * sizeof(float);
  return sum;
}

std::unique_ptr<vector_index> load_hnsw(const index_config& config,
                                        std::shared_ptr<const vector_rows> rows,
                                        const std::vector<index_part>& parts) {
  if (parts.size() != 1 || parts.front().name != part_name)
    throw std::runtime_error("an hnsw index has one part, 'graph'");
  auto graph = hnsw_graph::read(parts.front().bytes, *rows, config.by, config.links);
  return std::make_unique<hnsw_index>(std::move(graph), std::move(rows), *config.kernels);
}

} // namespace beaver
