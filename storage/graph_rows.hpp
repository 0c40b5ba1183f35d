#pragma once
#include "beaver/storage/connection.hpp"
#include "beaver/storage/filter.hpp"
#include "beaver/storage/graph_table.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// How the sources of graphs read rows; for them only.

namespace beaver::graph_table::detail {

/// An edge as messages name it: 'a' -[label]-> 'b'.
[[nodiscard]] std::string edge_name(std::string_view source, std::string_view target,
                                    std::string_view label);

/// Goes through the edges of a graph, of a node, or between two nodes, that carry a wanted label
/// and satisfy a filter: by source, target and label. One of them after the other.
class edge_reader {
public:
  /// What a caller wants to see of the edges beside their ends and labels.
  enum class content : bool { keys, metadata };

  /// `name` must outlive it. Throws `error` invalid_argument for what is no filter.
  edge_reader(connection& c, std::string_view name,
              const std::optional<std::vector<std::string>>& labels,
              const std::optional<json_text>& where, content wanted = content::keys);

  /// Begins with the edges of the graph, those behind a place if given.
  void read_all(const std::optional<graph_edge_key>& after = {});

  /// Begins with the edges of a node.
  void read(std::string_view node, graph_direction direction,
            const std::optional<graph_edge_key>& after = {});

  /// Begins with the edges by which a step leads from one node to another.
  void read_between(std::string_view node, std::string_view other, graph_direction direction);

  /// To the next edge; false if there is none. Throws `error` corrupt if one that has to be looked
  /// at has metadata that is not JSON.
  bool step();

  /// Goes to the end; gives the number of edges on the way.
  std::uint64_t count() {
    std::uint64_t n = 0;
    while (step())
      ++n;
    return n;
  }

  // -- the present edge; texts are valid until the next step --------------------------------------

  [[nodiscard]] std::string_view source() const { return present_->rows->text(0); }
  [[nodiscard]] std::string_view target() const { return present_->rows->text(1); }
  [[nodiscard]] std::string_view label() const { return present_->rows->text(2); }
  /// The end that is not the node, or the node if both are.
  [[nodiscard]] std::string_view neighbour() const {
    return present_ == &in_ ? source() : target();
  }
  [[nodiscard]] std::optional<std::string_view> metadata() const;
  [[nodiscard]] graph_edge edge() const;

  /// How many edges have been looked at, the unwanted ones included.
  [[nodiscard]] std::uint64_t looked_at() const noexcept { return looked_at_; }

  /// Throws `error` corrupt about the metadata of the present edge.
  [[noreturn]] void fail(const error& why) const;

private:
  /// The rows of one direction, and what is bound to them beside the nodes.
  struct side {
    const char* condition = nullptr; // that the statement has
    std::optional<statement> rows{};
    std::array<std::string, 3> bounds{};
    bool at_row = false;
  };

  statement& prepare(side& s, std::string_view index, const char* condition, const char* order);
  void read_out(const std::optional<graph_edge_key>& after);
  void read_in(const std::optional<graph_edge_key>& after);
  void begin(std::string_view node, graph_direction direction);
  void step(side& s);
  bool next_row();
  bool is_wanted();

  connection& connection_;
  std::string_view name_;
  std::optional<std::vector<std::string>> labels_;
  std::optional<row_filter> filter_;
  bool with_metadata_;
  std::string node_;
  std::string other_;
  graph_direction direction_ = graph_direction::out;
  side out_; // or all
  side in_;
  side* present_ = nullptr;
  std::uint64_t looked_at_ = 0;
};

} // namespace beaver::graph_table::detail
