#include "beaver/storage/docs_rows.hpp"

#include "beaver/storage/field_index.hpp"

#include <algorithm>

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
  : connection_(c), name_(name), bounds_(range) {
  if (where) {
    const auto root = filter_wire::parse(*where);
    filter_.emplace(root);
    plan(root);
  }
  if (keys_) {
    rows_.emplace(c.prepare(ONE_ROW));
  } else {
    rows_.emplace(c.prepare(bounds_.descending ? ORDERED(" DESC") : ORDERED("")));
    bounds_.bind(*rows_, name_);
  }
}

void document_reader::plan(const filter_node& root) {
  const field_index<std::string> index{connection_, kind, name_};
  if (index.empty())
    return;
  auto found =
    index.plan_for(root, [this](std::uint64_t n) { return has_documents(connection_, name_, n); });
  if (!found)
    return;
  keys_ = std::move(found->keys);
  std::erase_if(*keys_, [this](const std::string& id) {
    return id < bounds_.lower || (bounds_.upper && id >= *bounds_.upper);
  });
  if (!bounds_.descending)
    std::reverse(keys_->begin(), keys_->end());
}

bool document_reader::next_row() {
  if (!keys_)
    return rows_->step();
  while (!keys_->empty()) {
    rows_->reset();
    key_ = std::move(keys_->back());
    keys_->pop_back();
    rows_->bind(name_, key_);
    if (rows_->step())
      return true; // else it is a document no more
  }
  return false;
}

bool document_reader::step() {
  while (next_row())
    if (!filter_ || look_at([this](std::string_view json) { return filter_->matches(json); }))
      return true;
  return false;
}

void document_reader::fail(const error& why) const { fail_corrupt(name_, id(), why); }

void fail_corrupt(std::string_view name, std::string_view id, const error& why) {
  throw error(errc::corrupt, "docs '" + std::string{name} + "': the body of '" + std::string{id}
                               + "' is " + why.what() + "; drop it or put it right");
}

} // namespace beaver::docs_table::detail
