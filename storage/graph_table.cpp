#include "beaver/storage/graph_table.hpp"

#include "beaver/storage/graph_rows.hpp"

#include <algorithm>

namespace beaver::graph_table {
namespace {

using detail::edge_reader;

constexpr std::string_view upsert =
  "INSERT INTO __beaver_edges__(collection, source_item_id, target_item_id, label, metadata) "
  "VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT(collection, source_item_id, target_item_id, label) "
  "DO UPDATE SET metadata = excluded.metadata";

#define ONE_EDGE \
  "FROM __beaver_edges__ WHERE collection = ?1 AND source_item_id = ?2 AND target_item_id = ?3 " \
  "AND label = ?4"

std::uint64_t changes(connection& c) { return static_cast<std::uint64_t>(c.changes()); }

/// Whether a page is complete with one more entry of so many bytes.
class page_end {
public:
  explicit page_end(std::optional<std::uint64_t> limit, std::optional<std::uint64_t> max_bytes)
    : limit_(limit), max_bytes_(max_bytes) {}

  [[nodiscard]] bool reached() const {
    return entries_ >= limit_.value_or(entries_ + 1) || bytes_ >= max_bytes_.value_or(bytes_ + 1);
  }
  void add(std::size_t bytes) {
    ++entries_;
    bytes_ += bytes;
  }

private:
  std::optional<std::uint64_t> limit_;
  std::optional<std::uint64_t> max_bytes_;
  std::uint64_t entries_ = 0;
  std::uint64_t bytes_ = 0;
};

std::vector<std::string> neighbours(connection& c, std::string_view name, std::string_view node,
                                    graph_direction direction, const graph_node_page& page) {
  std::vector<std::string> result;
  page_end end{page.limit, page.max_bytes};
  edge_reader rows{c, name, page.labels, page.where};
  std::optional<graph_edge_key> after;
  if (page.after && direction == graph_direction::out)
    after = {std::string{node}, *page.after, ""};
  else if (page.after)
    after = {*page.after, std::string{node}, ""};
  rows.read(node, direction, after);
  while (!end.reached() && rows.step()) {
    const auto id = rows.neighbour();
    if (id == page.after || (!result.empty() && id == result.back()))
      continue; // under another label
    result.emplace_back(id);
    end.add(id.size());
  }
  return result;
}

/// The ends of edges on one side, each once: a lookup for each, and no scan.
class end_ids {
public:
  /// `sql` looks up the first id between two bounds.
  end_ids(connection& c, std::string_view sql, std::string_view name, const key_bounds& bounds)
    : row_(c.prepare(sql)), name_(name), bounds_(bounds) {
    look_up();
  }

  [[nodiscard]] const std::optional<std::string>& id() const noexcept { return id_; }

  /// To the id behind this one, unless that is where it stands.
  void pass(const std::string& id) {
    if (id_ != id)
      return;
    if (bounds_.descending)
      bounds_.upper = id;
    else
      bounds_.lower = id + '\0';
    look_up();
  }

private:
  void look_up() {
    bounds_.bind(row_, name_);
    if (row_.step() && row_.is_text(0))
      id_ = row_.text(0);
    else
      id_.reset();
    row_.reset();
  }

  statement row_;
  std::string_view name_;
  key_bounds bounds_;
  std::optional<std::string> id_;
};

#define END_ID(function, end, index) \
  "SELECT " function "(" end ") FROM __beaver_edges__ INDEXED BY " index \
  " WHERE collection = ?1 AND " end " >= ?2 AND " end " < ?3"
#define SOURCE_ID(function) \
  END_ID(function, "source_item_id", "sqlite_autoindex___beaver_edges___1")
#define TARGET_ID(function) END_ID(function, "target_item_id", "idx_edges_target")

/// Calls `visit(id)` for each node in order, as long as it gives true.
template <class Visit>
void each_node(connection& c, std::string_view name, const key_bounds& bounds, Visit visit) {
  end_ids sources{c, bounds.descending ? SOURCE_ID("max") : SOURCE_ID("min"), name, bounds};
  end_ids targets{c, bounds.descending ? TARGET_ID("max") : TARGET_ID("min"), name, bounds};
  while (sources.id() || targets.id()) {
    const auto& a = sources.id();
    const auto& b = targets.id();
    const bool first = a && (!b || (bounds.descending ? *a >= *b : *a <= *b));
    const std::string id = first ? *a : *b;
    if (!visit(id))
      return;
    sources.pass(id);
    targets.pass(id);
  }
}

} // namespace

void link(connection& c, std::string_view name, const graph_edge& edge) {
  c.prepare(upsert).bind(name, edge.source, edge.target, edge.label, edge.metadata).run();
}

void link_many(connection& c, std::string_view name, std::span<const graph_edge> edges) {
  statement insert = c.prepare(upsert);
  for (const auto& edge : edges) {
    insert.bind(name, edge.source, edge.target, edge.label, edge.metadata).run();
    insert.reset();
  }
}

bool unlink(connection& c, std::string_view name, std::string_view source, std::string_view target,
            std::string_view label) {
  c.prepare("DELETE " ONE_EDGE).bind(name, source, target, label).run();
  return c.changes() > 0;
}

std::uint64_t unlink_node(connection& c, std::string_view name, std::string_view node) {
  c.prepare("DELETE FROM __beaver_edges__ WHERE collection = ?1 AND source_item_id = ?2")
    .bind(name, node)
    .run();
  const auto removed = changes(c);
  c.prepare("DELETE FROM __beaver_edges__ INDEXED BY idx_edges_target "
            "WHERE collection = ?1 AND target_item_id = ?2")
    .bind(name, node)
    .run();
  return removed + changes(c);
}

std::uint64_t clear(connection& c, std::string_view name) {
  c.prepare("DELETE FROM __beaver_edges__ WHERE collection = ?1").bind(name).run();
  return changes(c);
}

bool linked(connection& c, std::string_view name, std::string_view source, std::string_view target,
            std::string_view label) {
  return c.prepare("SELECT 1 " ONE_EDGE).bind(name, source, target, label).step();
}

std::optional<graph_edge> find(connection& c, std::string_view name, std::string_view source,
                               std::string_view target, std::string_view label) {
  statement row = c.prepare("SELECT metadata " ONE_EDGE);
  if (!row.bind(name, source, target, label).step())
    return std::nullopt;
  graph_edge edge{std::string{source}, std::string{target}, std::string{label}};
  if (!row.is_null(0))
    edge.metadata.emplace(row.text(0));
  return edge;
}

std::vector<graph_edge> edges(connection& c, std::string_view name, const graph_edge_page& page) {
  std::vector<graph_edge> result;
  page_end end{page.limit, page.max_bytes};
  edge_reader rows{c, name, page.labels, page.where, edge_reader::content::metadata};
  if (page.node)
    rows.read(*page.node, page.direction.value_or(graph_direction::out), page.after);
  else
    rows.read_all(page.after);
  while (!end.reached() && rows.step()) {
    const auto& edge = result.emplace_back(rows.edge());
    end.add(edge.source.size() + edge.target.size() + edge.label.size()
            + (edge.metadata ? edge.metadata->size() : 0));
  }
  return result;
}

std::vector<std::string> children(connection& c, std::string_view name, std::string_view node,
                                  const graph_node_page& page) {
  return neighbours(c, name, node, graph_direction::out, page);
}

std::vector<std::string> parents(connection& c, std::string_view name, std::string_view node,
                                 const graph_node_page& page) {
  return neighbours(c, name, node, graph_direction::in, page);
}

std::uint64_t count(connection& c, std::string_view name, const graph_filter& which) {
  if (!which.labels && !which.where) {
    statement row = c.prepare("SELECT count(*) FROM __beaver_edges__ WHERE collection = ?1");
    row.bind(name).step();
    return static_cast<std::uint64_t>(row.integer(0));
  }
  edge_reader rows{c, name, which.labels, which.where};
  rows.read_all();
  return rows.count();
}

graph_degrees degree(connection& c, std::string_view name, std::string_view node,
                     const graph_filter& which) {
  edge_reader rows{c, name, which.labels, which.where};
  rows.read(node, graph_direction::out);
  const auto out = rows.count();
  rows.read(node, graph_direction::in);
  return {out, rows.count()};
}

std::vector<std::string> nodes(connection& c, std::string_view name, const key_range& range) {
  std::vector<std::string> result;
  page_end end{range.limit, range.max_bytes};
  if (!end.reached())
    each_node(c, name, key_bounds{range}, [&](const std::string& id) {
      result.push_back(id);
      end.add(id.size());
      return !end.reached();
    });
  return result;
}

std::vector<graph_label_count> labels(connection& c, std::string_view name) {
  statement row = c.prepare("SELECT label, count(*) FROM __beaver_edges__ WHERE collection = ?1 "
                            "GROUP BY label ORDER BY label");
  std::vector<graph_label_count> result;
  row.bind(name);
  while (row.step() && row.is_text(0))
    result.push_back({std::string{row.text(0)}, static_cast<std::uint64_t>(row.integer(1))});
  return result;
}

graph_summary info(connection& c, std::string_view name) {
  graph_summary result{};
  {
    statement row = c.prepare(
      "SELECT count(*), count(DISTINCT label), coalesce(sum(length(CAST(source_item_id AS BLOB)) "
      "+ length(CAST(target_item_id AS BLOB)) + length(CAST(label AS BLOB)) "
      "+ coalesce(length(CAST(metadata AS BLOB)), 0)), 0) "
      "FROM __beaver_edges__ WHERE collection = ?1");
    row.bind(name).step();
    result.edges = static_cast<std::uint64_t>(row.integer(0));
    result.labels = static_cast<std::uint64_t>(row.integer(1));
    result.bytes = static_cast<std::uint64_t>(row.integer(2));
  }
  each_node(c, name, key_bounds{std::nullopt}, [&](const std::string&) {
    ++result.nodes;
    return true;
  });
  return result;
}

std::vector<std::string> names(connection& c) {
  return collect_names(c, "SELECT min(collection) FROM __beaver_edges__ WHERE collection >= ?1");
}

} // namespace beaver::graph_table
