#include "beaver/storage/log_rows.hpp"

#include "beaver/storage/field_index.hpp"

#include <algorithm>

#define ORDERED(order) "SELECT timestamp, data " BEAVER_LOG_IN_RANGE " ORDER BY timestamp" order

namespace beaver::log_table::detail {

bool has_entries(connection& c, std::string_view name, unix_seconds start, unix_seconds end,
                 std::uint64_t n) {
  if (n == 0)
    return true;
  statement row = c.prepare("SELECT 1 " BEAVER_LOG_IN_RANGE " LIMIT 1 OFFSET ?4");
  return row.bind(name, start, end, n - 1).step();
}

entry_reader::entry_reader(connection& c, std::string_view name, unix_seconds start,
                           unix_seconds end, const std::optional<json_text>& where, bool down)
  : connection_(c), name_(name), start_(start), end_(end), down_(down) {
  if (where) {
    const auto root = filter_wire::parse(*where);
    filter_.emplace(root);
    plan(root);
  }
  if (keys_) {
    rows_.emplace(c.prepare("SELECT timestamp, data " BEAVER_LOG_IN_RANGE));
  } else {
    rows_.emplace(c.prepare(down ? ORDERED(" DESC") : ORDERED("")));
    rows_->bind(name_, start_, end_);
  }
}

void entry_reader::plan(const filter_node& root) {
  const field_index<double> index{connection_, kind, name_};
  if (index.empty())
    return;
  auto found = index.plan_for(
    root, [this](std::uint64_t n) { return has_entries(connection_, name_, start_, end_, n); });
  if (!found)
    return;
  keys_ = std::move(found->keys);
  std::erase_if(*keys_, [this](double t) { return !(start_ <= t && t <= end_); });
  if (!down_)
    std::reverse(keys_->begin(), keys_->end());
}

bool entry_reader::next_row() {
  if (!keys_)
    return rows_->step();
  while (!keys_->empty()) {
    const double t = keys_->back();
    keys_->pop_back();
    rows_->reset();
    rows_->bind(name_, t, t);
    if (rows_->step())
      return true; // else it is an entry no more
  }
  return false;
}

bool entry_reader::step() {
  while (next_row())
    if (!filter_ || look_at([this](std::string_view json) { return filter_->matches(json); }))
      return true;
  return false;
}

void entry_reader::fail(const error& why) const {
  std::string time;
  json::append_double(time, timestamp());
  throw error(errc::corrupt, "log '" + std::string{name_} + "': the entry of " + time + " is "
                               + why.what() + "; erase it or put it right");
}

} // namespace beaver::log_table::detail
