#include "beaver/storage/docs_text.hpp"

#include "beaver/storage/connection.hpp"
#include "beaver/storage/lower_case.hpp"
#include "beaver/storage/trigrams.hpp"

#include <algorithm>

namespace beaver::docs_table {
namespace {

/// Removes the rows of the FTS5 table that `sql` finds in its content.
template <class... Keys>
void remove_rows(connection& c, std::string_view sql, const Keys&... keys) {
  std::vector<std::int64_t> rows;
  {
    statement row = c.prepare(sql);
    row.bind(keys...);
    while (row.step())
      rows.push_back(row.integer(0));
  }
  if (rows.empty())
    return;
  statement removal = c.prepare("DELETE FROM __beaver_fts_index__ WHERE rowid = ?1");
  for (const auto row : rows)
    removal.bind(row).run();
}

} // namespace

void text_writer::add(std::string_view id, std::string_view json) {
  if (options_.full_text && options_.full_text->empty())
    return;
  auto leaves = text_leaves(json);
  if (const auto& fields = options_.full_text)
    std::erase_if(leaves, [&](const text_leaf& leaf) {
      return std::none_of(fields->begin(), fields->end(),
                          [&](const auto& field) { return is_within(leaf.path, field); });
    });
  statement insertion =
    connection_.prepare("INSERT INTO __beaver_fts_index__(collection, item_id, field_path, "
                        "field_content) VALUES(?1, ?2, ?3, ?4)");
  for (const auto& leaf : leaves)
    insertion.bind(name_, id, leaf.path, leaf.text).run();
  if (options_.fuzzy.value_or(false))
    add_trigrams(id, leaves);
}

void text_writer::add_trigrams(std::string_view id, const std::vector<text_leaf>& leaves) {
  std::string text;
  for (const auto& leaf : leaves) {
    if (!text.empty())
      text += ' ';
    text += leaf.text;
  }
  statement insertion = connection_.prepare(
    "INSERT OR IGNORE INTO __beaver_trigrams__(collection, item_id, trigram) VALUES(?1, ?2, ?3)");
  for (const auto& trigram : trigrams(lower_case(text)))
    insertion.bind(name_, id, trigram).run();
}

void text_writer::remove(std::string_view id) {
  remove_rows(connection_,
              "SELECT id FROM __beaver_fts_index___content INDEXED BY __beaver_fts_rows__ "
              "WHERE c0 = ?1 AND c1 = ?2",
              name_, id);
  connection_.prepare("DELETE FROM __beaver_trigrams__ WHERE collection = ?1 AND item_id = ?2")
    .bind(name_, id)
    .run();
}

void clear_text(connection& c, std::string_view name) {
  remove_rows(c,
              "SELECT id FROM __beaver_fts_index___content INDEXED BY __beaver_fts_rows__ "
              "WHERE c0 = ?1",
              name);
  c.prepare("DELETE FROM __beaver_trigrams__ WHERE collection = ?1").bind(name).run();
}

bool has_trigrams(connection& c, std::string_view name) {
  return c.prepare("SELECT 1 FROM __beaver_trigrams__ WHERE collection = ?1 LIMIT 1")
    .bind(name)
    .step();
}

} // namespace beaver::docs_table
