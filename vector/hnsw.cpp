#include "beaver/vector/hnsw.hpp"

#include "beaver/vector/hnsw_index.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <compare>
#include <exception>
#include <limits>
#include <mutex>
#include <numeric>
#include <random>
#include <stdexcept>
#include <thread>

// Our distances are as fast as its own in a build for this machine, and its prefetching reads a
// neighbour behind the last one.
#define NO_MANUAL_VECTORIZATION
#include <hnswlib/hnswlib.h>

namespace beaver {

namespace {

/// A float under a name of this file: no template of the library that another file makes is merged
/// with those of this one, which differ.
struct link_distance {
  float value = 0;

  link_distance operator-() const noexcept { return {-value}; }
  friend auto operator<=>(const link_distance&, const link_distance&) = default;
};

using builder = hnswlib::HierarchicalNSW<link_distance>;

} // namespace

} // namespace beaver

/// We say at which level a node is. By itself the library draws it from one generator, which all
/// threads use at once.
template <>
inline int hnswlib::HierarchicalNSW<beaver::link_distance>::getRandomLevel( // NOLINT: its name
  double) {
  return 0;
}

namespace beaver {

namespace {

/// An element's data is the number of its row: vectors are in memory once.
///
/// By inner product a row need not be the nearest to itself, and hardly any would have short rows
/// as neighbours: a fifth of the nodes was not reached. With one more coordinate all rows are of
/// the length of the longest; then half the squared distance is what is taken here, and if it is 0
/// for queries these have the nearest rows by inner product (Bachrach et al., "Speeding up the Xbox
/// recommender system using a Euclidean transformation for inner-product spaces", 2014).
class row_space final : public hnswlib::SpaceInterface<link_distance> {
public:
  row_space(metric by, const vector_rows& rows, const kernel_set& kernels)
    : by_(by), rows_(rows), measure_(by == metric::euclid      ? kernels.squared
                                     : by == metric::manhattan ? kernels.absolute
                                                               : kernels.dot) {
    if (!rows.norms().empty())
      longest_ = std::pow(*std::max_element(rows.norms().begin(), rows.norms().end()), 2);
  }

  std::size_t get_data_size() override { return sizeof(std::uint32_t); }

  hnswlib::DISTFUNC<link_distance> get_dist_func() override {
    return [](const void* a, const void* b, const void* space) {
      return static_cast<const row_space*>(space)->between(*static_cast<const std::uint32_t*>(a),
                                                           *static_cast<const std::uint32_t*>(b));
    };
  }

  void* get_dist_func_param() override { return this; }

private:
  [[nodiscard]] link_distance between(std::uint32_t a, std::uint32_t b) const noexcept {
    float d = 0;
    measure_(rows_[a].data(), rows_[b].data(), 1, rows_.dims(), &d);
    if (by_ == metric::cosine)
      d = static_cast<float>(1 - static_cast<double>(d) / (rows_.norm(a) * rows_.norm(b) + 1e-10));
    else if (by_ == metric::inner_product)
      d = static_cast<float>(longest_ - static_cast<double>(d)
                             - std::sqrt((longest_ - squared(a)) * (longest_ - squared(b))));
    return {std::isnan(d) ? std::numeric_limits<float>::infinity() : d};
  }

  [[nodiscard]] double squared(std::uint32_t row) const noexcept {
    return rows_.norm(row) * rows_.norm(row);
  }

  metric by_;
  const vector_rows& rows_;
  decltype(kernel_set::dot) measure_;
  double longest_ = 0; // a row's norm, squared
};

struct node {
  std::uint32_t row;
  std::size_t level;
};

/// Nodes in the order in which they are added, and again in that of upper_rows. The first is of the
/// highest level, so that no later one becomes the entry while others look for it.
std::vector<node> draw_nodes(const index_config& config, std::size_t rows,
                             const std::vector<hnsw_graph::twin>& twins) {
  row_mask firsts{rows, true};
  for (const auto& each : twins)
    firsts.reset(each.row);
  std::vector<node> nodes;
  nodes.reserve(rows - twins.size());
  std::mt19937_64 random{config.seed};
  const auto scale = 1 / std::log(static_cast<double>(config.links));
  firsts.each([&](std::uint32_t row) {
    const auto share = (static_cast<double>(random() >> 11) + 1) * 0x1p-53; // of (0, 1]
    const auto level = static_cast<std::size_t>(-std::log(share) * scale);
    nodes.push_back({row, std::min(level, hnsw_graph::most_levels)});
  });
  for (auto left = nodes.size(); left > 1; --left)
    std::swap(nodes[left - 1], nodes[random() % left]);
  const auto top = std::max_element(nodes.begin(), nodes.end(),
                                    [](const node& a, const node& b) { return a.level < b.level; });
  if (top != nodes.end())
    std::swap(nodes.front(), *top);
  return nodes;
}

/// Adds all nodes; false if `progress` has ended it.
bool add_all(builder& to, const std::vector<node>& nodes, unsigned threads,
             const build_progress& progress) {
  const auto add = [&](const node& each) {
    to.addPoint(&each.row, each.row, static_cast<int>(each.level));
  };
  if (nodes.empty())
    return true;
  const auto may_go_on = [&](std::size_t done) {
    return !progress || progress(static_cast<double>(done) / static_cast<double>(nodes.size()));
  };
  add(nodes.front()); // the others need one to be there
  if (!may_go_on(1))
    return false;
  std::atomic<std::size_t> next{1};
  std::atomic<bool> stop{false};
  std::mutex guard;
  std::exception_ptr failure;
  const auto work = [&](const auto& after_each) {
    try {
      while (!stop) {
        const auto i = next++;
        if (i >= nodes.size())
          return;
        add(nodes[i]);
        after_each(i);
      }
    } catch (...) {
      const std::lock_guard lock{guard};
      failure = std::current_exception();
      stop = true;
    }
  };
  bool ended = false;
  {
    std::vector<std::jthread> crew;
    try {
      for (unsigned i = 1; i < threads && i < nodes.size(); ++i)
        crew.emplace_back(work, [](std::size_t) {});
    } catch (...) {
      stop = true;
      throw;
    }
    std::size_t told = 1;
    work([&](std::size_t i) {
      constexpr std::size_t often = 256;
      if (i < told + often)
        return;
      told = i;
      if (!may_go_on(i))
        ended = stop = true;
    });
  }
  if (failure)
    std::rethrow_exception(failure);
  return !ended;
}

/// The links of the library in our arrays.
void copy_links(const builder& from, std::vector<node> nodes, hnsw_graph& graph) {
  const auto element_of = [&](std::uint32_t row) { return from.label_lookup_.at(row); };
  const auto copy = [&](std::uint32_t row, std::size_t level, std::uint32_t* to, auto name) {
    const auto* list = from.get_linklist_at_level(element_of(row), static_cast<int>(level));
    const std::size_t count = *list & 0xffff; // above are marks of the library
    for (std::size_t i = 0; i < count; ++i)
      to[i] = name(static_cast<std::uint32_t>(from.getExternalLabel(list[1 + i])));
  };

  for (const auto& each : nodes)
    copy(each.row, 0, graph.lowest.data() + each.row * 2 * graph.links,
         [](std::uint32_t row) { return row; });
  if (nodes.empty())
    return;
  std::stable_sort(nodes.begin(), nodes.end(),
                   [](const node& a, const node& b) { return a.level > b.level; });
  std::vector<std::uint32_t> place_of(graph.lowest.size() / (2 * graph.links));
  for (const auto& each : nodes)
    if (each.level > 0) {
      place_of[each.row] = static_cast<std::uint32_t>(graph.upper_rows.size());
      graph.upper_rows.push_back(each.row);
    }
  if (graph.upper_rows.empty())
    graph.upper_rows.push_back(nodes.front().row);
  for (std::size_t level = 1; level <= nodes.front().level; ++level) {
    const auto end = std::find_if(nodes.begin(), nodes.end(),
                                  [&](const node& each) { return each.level < level; });
    const auto size = static_cast<std::size_t>(end - nodes.begin());
    auto& links = graph.upper.emplace_back(size * graph.links, hnsw_graph::none);
    for (std::size_t place = 0; place < size; ++place)
      copy(nodes[place].row, level, links.data() + place * graph.links,
           [&](std::uint32_t row) { return place_of[row]; });
  }
}

} // namespace

std::unique_ptr<vector_index> make_hnsw(const index_config& config,
                                        std::shared_ptr<const vector_rows> rows,
                                        const build_progress& progress) {
  if (config.links < hnsw_graph::least_links || config.links > hnsw_graph::most_links)
    throw std::invalid_argument("hnsw has 2 to 256 links, not " + std::to_string(config.links));
  hnsw_graph graph;
  graph.by = config.by;
  graph.links = config.links;
  graph.twins = find_twins(*rows);
  {
    auto nodes = draw_nodes(config, rows->count(), graph.twins);
    row_space space{config.by, *rows, *config.kernels};
    builder building{&space, nodes.size(), config.links, config.build_effort};
    if (!add_all(building, nodes, config.threads, progress))
      return nullptr;
    graph.lowest.assign(std::size_t{rows->count()} * 2 * config.links, hnsw_graph::none);
    copy_links(building, std::move(nodes), graph);
  }
  graph.find_unreached();
  return std::make_unique<hnsw_index>(std::move(graph), std::move(rows), *config.kernels);
}

} // namespace beaver
