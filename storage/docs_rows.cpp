#include "beaver/storage/docs_rows.hpp"

#define ORDERED(order) \
  "SELECT item_id, data FROM __beaver_documents__ " \
  "WHERE collection = ?1 AND item_id >= ?2 AND item_id < ?3 ORDER BY item_id" order
#define ONE_ROW \
  "SELECT item_id, data FROM __beaver_documents__ WHERE collection = ?1 AND item_id = ?2"

namespace beaver::docs_table::detail {

bool has_documents(connection& c, std::string_view name, std::uint64_t n) {
  if (n == 0)
    return true;
  statement row =
    c.prepare("SELECT 1 FROM __beaver_documents__ WHERE collection = ?1 LIMIT 1 OFFSET ?2");
  return row.bind(name, n - 1).step();
}

std::optional<json_text> find_body(connection& c, std::string_view name, std::string_view id) {
  statement row = c.prepare(ONE_ROW);
  if (!row.bind(name, id).step())
    return std::nullopt;
  return json_text{row.text(1)};
}

document_reader::document_reader(connection& c, std::string_view name, const key_range& range,
                                 const std::optional<json_text>& where)
  : row_reader(c, kind, name, range.descending.value_or(false)), bounds_(range) {
  begin(where);
}

bool document_reader::has_rows(std::uint64_t n) const { return has_documents(file(), name(), n); }

bool document_reader::is_within(const std::string& id) const {
  return id >= bounds_.lower && (!bounds_.upper || id < *bounds_.upper);
}

statement document_reader::scan() {
  statement rows = file().prepare(down() ? ORDERED(" DESC") : ORDERED(""));
  bounds_.bind(rows, name());
  return rows;
}

statement document_reader::look_up() { return file().prepare(ONE_ROW); }

void document_reader::bind(statement& to, const std::string& id) { to.bind(name(), id); }

error document_reader::corrupt(const error& why) const { return corrupt_body(name(), id(), why); }

error corrupt_body(std::string_view name, std::string_view id, const error& why) {
  return error(errc::corrupt, "docs '" + std::string{name} + "': the body of '" + std::string{id}
                                + "' is " + why.what() + "; drop it or put it right");
}

} // namespace beaver::docs_table::detail
