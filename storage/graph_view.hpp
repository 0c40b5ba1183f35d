#pragma once
#include "beaver/storage/graph_flood.hpp"

#include <span>

namespace beaver::graph_search::detail {

/// A whole graph in memory: its nodes numbered in the order of their ids, and for each the nodes to
/// which its edges lead, in order, one of them several times if there are several edges. 4 bytes
/// for an edge, and the id and some 100 bytes for a node. Not to be changed, so usable by many.
class graph_view {
public:
  /// Reads all edges once, in order. Throws `error` full beyond the bounds.
  graph_view(connection& c, std::string_view name,
             const std::optional<std::vector<std::string>>& labels,
             const std::optional<json_text>& where, const budget& bounds);

  [[nodiscard]] node_number size() const noexcept { return static_cast<node_number>(ids_.size()); }
  [[nodiscard]] const std::string& id(node_number n) const { return ids_[n]; }
  [[nodiscard]] std::optional<node_number> find(std::string_view id) const; // O(log n)
  [[nodiscard]] std::span<const node_number> targets(node_number n) const {
    return std::span{targets_}.subspan(begins_[n], begins_[n + 1] - begins_[n]);
  }

private:
  std::vector<std::string> ids_;
  std::vector<std::size_t> begins_; // of each node among the targets, and the end
  std::vector<node_number> targets_;
};

} // namespace beaver::graph_search::detail
