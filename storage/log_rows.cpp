#include "beaver/storage/log_rows.hpp"

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
  : row_reader(c, kind, name, down), start_(start), end_(end) {
  begin(where);
}

bool entry_reader::has_rows(std::uint64_t n) const {
  return has_entries(file(), name(), start_, end_, n);
}

bool entry_reader::is_within(const unix_seconds& time) const {
  return start_ <= time && time <= end_;
}

statement entry_reader::scan() {
  statement rows = file().prepare(down() ? ORDERED(" DESC") : ORDERED(""));
  rows.bind(name(), start_, end_);
  return rows;
}

statement entry_reader::look_up() {
  return file().prepare("SELECT timestamp, data " BEAVER_LOG_IN_RANGE);
}

void entry_reader::bind(statement& to, const unix_seconds& time) { to.bind(name(), time, time); }

error entry_reader::corrupt(const error& why) const {
  std::string time;
  json::append_double(time, timestamp());
  return error(errc::corrupt, "log '" + std::string{name()} + "': the entry of " + time + " is "
                                + why.what() + "; erase it or put it right");
}

} // namespace beaver::log_table::detail
