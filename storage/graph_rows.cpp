#include "beaver/storage/graph_rows.hpp"

#include <algorithm>

namespace beaver::graph_table::detail {

namespace {

// Named, because without statistics SQLite prefers a walk through the whole graph to a sort.
constexpr std::string_view source_index = "sqlite_autoindex___beaver_edges___1";

/// Which edges are read.
constexpr struct {
  const char* none = "";
  const char* behind = " AND (source_item_id, target_item_id, label) >= (?2, ?3, ?4)";
  const char* source = " AND source_item_id = ?2";
  const char* behind_target = " AND source_item_id = ?2 AND (target_item_id, label) >= (?3, ?4)";
  const char* target = " AND target_item_id = ?2";
  const char* behind_source = " AND target_item_id = ?2 AND (source_item_id, label) >= (?3, ?4)";
  const char* both = " AND source_item_id = ?2 AND target_item_id = ?3";
} conditions;

/// Ours has all columns that are wanted, in order. The other one is 2.3's, for a file that can only
/// be read and has no other yet.
constexpr std::string_view target_index = "__beaver_edges_target__";
constexpr std::string_view plain_target_index = "idx_edges_target";

/// The least text behind this one.
std::string behind(std::string text) { return text += '\0'; }

} // namespace

std::string edge_name(std::string_view source, std::string_view target, std::string_view label) {
  std::string text = "'";
  text.append(source).append("' -[").append(label).append("]-> '").append(target) += '\'';
  return text;
}

edge_reader::edge_reader(connection& c, std::string_view name,
                         const std::optional<std::vector<std::string>>& labels,
                         const std::optional<json_text>& where, content wanted)
  : connection_(c), name_(name), labels_(labels),
    with_metadata_(where || wanted == content::metadata) {
  if (where)
    filter_.emplace(*where);
}

statement& edge_reader::prepare(side& s, std::string_view index, const char* condition,
                                const char* order) {
  if (s.condition != condition) { // one literal each
    const auto compiled = [&](std::string_view by) {
      std::string sql = "SELECT source_item_id, target_item_id, label";
      if (with_metadata_) // else the index has it all
        sql += ", metadata";
      sql.append(" FROM __beaver_edges__ INDEXED BY ").append(by);
      sql.append(" WHERE collection = ?1").append(condition).append(" ORDER BY ").append(order);
      return connection_.prepare(sql);
    };
    s.rows.reset();
    try {
      s.rows.emplace(compiled(index));
    } catch (const error&) {
      if (index != target_index || !connection_.read_only())
        throw;
      s.rows.emplace(compiled(plain_target_index));
    }
    s.condition = condition;
  }
  s.rows->reset();
  return *s.rows;
}

void edge_reader::read_all(const std::optional<graph_edge_key>& after) {
  constexpr const char* order = "source_item_id, target_item_id, label";
  begin("", graph_direction::out);
  if (!after) {
    prepare(out_, source_index, conditions.none, order).bind(name_);
  } else {
    out_.bounds = {after->source, after->target, behind(after->label)};
    prepare(out_, source_index, conditions.behind, order)
      .bind(name_, out_.bounds[0], out_.bounds[1], out_.bounds[2]);
  }
  step(out_);
}

void edge_reader::read(std::string_view node, graph_direction direction,
                       const std::optional<graph_edge_key>& after) {
  begin(node, direction);
  if (direction != graph_direction::in)
    read_out(after);
  if (direction != graph_direction::out)
    read_in(after);
}

void edge_reader::read_out(const std::optional<graph_edge_key>& after) {
  constexpr const char* order = "target_item_id, label";
  if (after && after->source > node_)
    return;
  if (!after || after->source < node_) {
    prepare(out_, source_index, conditions.source, order).bind(name_, node_);
  } else {
    out_.bounds = {after->target, behind(after->label)};
    prepare(out_, source_index, conditions.behind_target, order)
      .bind(name_, node_, out_.bounds[0], out_.bounds[1]);
  }
  step(out_);
}

void edge_reader::read_in(const std::optional<graph_edge_key>& after) {
  constexpr const char* order = "source_item_id, label";
  if (!after) {
    prepare(in_, target_index, conditions.target, order).bind(name_, node_);
  } else {
    // The edges from the source of `after` to this node are behind it, around it, or before it.
    if (after->target < node_)
      in_.bounds = {after->source, ""};
    else if (after->target == node_)
      in_.bounds = {after->source, behind(after->label)};
    else
      in_.bounds = {behind(after->source), ""};
    prepare(in_, target_index, conditions.behind_source, order)
      .bind(name_, node_, in_.bounds[0], in_.bounds[1]);
  }
  step(in_);
}

void edge_reader::read_between(std::string_view node, std::string_view other,
                               graph_direction direction) {
  begin(node, direction);
  other_ = other;
  if (direction != graph_direction::in) {
    prepare(out_, source_index, conditions.both, "label").bind(name_, node_, other_);
    step(out_);
  }
  if (direction != graph_direction::out) {
    prepare(in_, source_index, conditions.both, "label").bind(name_, other_, node_);
    step(in_);
  }
}

void edge_reader::begin(std::string_view node, graph_direction direction) {
  for (auto* s : {&out_, &in_}) {
    s->at_row = false;
    if (s->rows)
      s->rows->reset(); // before what is bound to it changes
  }
  present_ = nullptr;
  node_ = node;
  direction_ = direction;
}

void edge_reader::step(side& s) {
  do {
    s.at_row = s.rows->step();
  } while (s.at_row && !(s.rows->is_text(0) && s.rows->is_text(1) && s.rows->is_text(2)));
}

bool edge_reader::next_row() {
  if (present_)
    step(*present_);
  present_ = nullptr;
  // Both directions have an edge from the node to itself.
  while (direction_ == graph_direction::both && in_.at_row && in_.rows->text(0) == node_)
    step(in_);
  if (in_.at_row && (!out_.at_row || in_.rows->text(0) < node_))
    present_ = &in_;
  else if (out_.at_row)
    present_ = &out_;
  return present_ != nullptr;
}

bool edge_reader::step() {
  while (next_row()) {
    ++looked_at_;
    if (is_wanted())
      return true;
  }
  return false;
}

bool edge_reader::is_wanted() {
  if (labels_ && std::find(labels_->begin(), labels_->end(), label()) == labels_->end())
    return false;
  if (!filter_)
    return true;
  const auto json = metadata();
  if (!json)
    return filter_->matches_absence();
  try {
    return filter_->matches(*json);
  } catch (const error& e) {
    fail(e);
  }
}

std::optional<std::string_view> edge_reader::metadata() const {
  if (present_->rows->is_null(3))
    return std::nullopt;
  return present_->rows->text(3);
}

graph_edge edge_reader::edge() const {
  graph_edge result{std::string{source()}, std::string{target()}, std::string{label()}};
  if (const auto json = metadata())
    result.metadata.emplace(*json);
  return result;
}

void edge_reader::fail(const error& why) const {
  throw error(errc::corrupt, "graph '" + std::string{name_} + "': the metadata of the edge "
                               + edge_name(source(), target(), label()) + " is " + why.what()
                               + "; link it again or unlink it");
}

} // namespace beaver::graph_table::detail
