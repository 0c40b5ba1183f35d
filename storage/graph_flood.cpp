#include "beaver/storage/graph_flood.hpp"

#include <algorithm>
#include <functional>
#include <limits>

namespace beaver::graph_search::detail {

namespace {

constexpr std::uint64_t most_numbers = std::numeric_limits<node_number>::max();

/// The part of a hash that does not choose the slot.
std::uint32_t upper_half(std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> 32); }

} // namespace

budget::budget(std::string_view name, const std::optional<std::uint64_t>& max_nodes,
               const std::optional<std::uint64_t>& max_edges)
  : name_(name), max_nodes_(std::min(max_nodes.value_or(default_max_nodes), most_numbers)),
    max_edges_(max_edges.value_or(default_max_edges)) {}

void budget::fail(std::uint64_t most, const char* what) const {
  throw error(errc::full, "graph '" + std::string{name_} + "': more than " + std::to_string(most)
                            + ' ' + what + (most == 1 ? "" : "s")
                            + " would be needed; narrow the search, or raise max_" + what + "s");
}

std::size_t node_numbers::place_of(std::string_view id, std::size_t hash) const {
  const auto mask = slots_.size() - 1;
  auto at = hash & mask;
  for (; slots_[at].number != none; at = (at + 1) & mask)
    if (slots_[at].hash == upper_half(hash) && ids_[slots_[at].number] == id)
      break;
  return at;
}

std::pair<node_number, bool> node_numbers::add(std::string_view id) {
  const auto hash = std::hash<std::string_view>{}(id);
  auto& found = slots_[place_of(id, hash)];
  if (found.number != none)
    return {found.number, false};
  const auto number = static_cast<node_number>(ids_.size());
  ids_.emplace_back(id);
  found = {number, upper_half(hash)};
  if (ids_.size() > slots_.size() / 2)
    grow();
  return {number, true};
}

void node_numbers::grow() {
  slots_.assign(slots_.size() * 2, {});
  for (std::size_t n = 0; n < ids_.size(); ++n) {
    const auto hash = std::hash<std::string_view>{}(ids_[n]);
    auto at = hash & (slots_.size() - 1);
    while (slots_[at].number != none)
      at = (at + 1) & (slots_.size() - 1);
    slots_[at] = {static_cast<node_number>(n), upper_half(hash)};
  }
}

std::optional<node_number> node_numbers::find(std::string_view id) const {
  const auto& found = slots_[place_of(id, std::hash<std::string_view>{}(id))];
  return found.number == none ? std::nullopt : std::optional{found.number};
}

flood::flood(edge_reader& rows, const budget& bounds, graph_direction direction,
             std::string_view start)
  : rows_(rows), bounds_(bounds), direction_(direction) {
  nodes_.add(start);
}

std::optional<std::string> flood::advance(const flood* other) {
  std::vector<node_number> next;
  for (const auto from : level_) {
    rows_.read(nodes_[from], direction_);
    while (rows_.step()) {
      bounds_.edges(rows_.looked_at());
      const auto [to, is_new] = nodes_.add(rows_.neighbour());
      if (!is_new)
        continue;
      bounds_.nodes(nodes_.size() + (other ? other->nodes_.size() : 0));
      came_from_.push_back(from);
      next.push_back(to);
      if (other && other->nodes_.find(nodes_[to]))
        return nodes_[to];
    }
    bounds_.edges(rows_.looked_at());
  }
  std::sort(next.begin(), next.end(),
            [this](node_number a, node_number b) { return nodes_[a] < nodes_[b]; });
  level_ = std::move(next);
  ++depth_;
  return std::nullopt;
}

std::vector<std::string> flood::path_to(node_number n) const {
  std::vector<std::string> path{nodes_[n]};
  for (; n != came_from_[n]; n = came_from_[n])
    path.push_back(nodes_[came_from_[n]]);
  std::reverse(path.begin(), path.end());
  return path;
}

} // namespace beaver::graph_search::detail
