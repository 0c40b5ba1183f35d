#include "beaver/storage/log_index.hpp"

#include "beaver/storage/log_rows.hpp"

namespace beaver::log_index {
namespace {

using namespace log_table::detail;

struct rows {
  using key = unix_seconds;
  static constexpr std::string_view kind = log_table::detail::kind;
  static constexpr std::string_view plural = "logs";
  static constexpr std::string_view table = "__beaver_logs__";
  static constexpr std::string_view name_column = "log_name";
  static constexpr std::string_view key_column = "timestamp";
  static constexpr std::string_view key_type = "real";

  static bool any(connection& c, std::string_view name) {
    return has_entries(c, name, earliest, latest, 1);
  }

  static std::optional<std::string> find(connection& c, std::string_view name, unix_seconds t) {
    statement row = c.prepare("SELECT timestamp, data " BEAVER_LOG_IN_RANGE);
    if (!row.bind(name, t, t).step())
      return std::nullopt;
    return std::string{row.text(1)};
  }

  template <class F>
  static void read(connection& c, std::string_view name, std::optional<unix_seconds> after,
                   std::uint64_t limit, F f) {
    const auto from = after ? next(*after) : earliest;
    if (from > latest)
      return;
    entry_reader entries{c, name, from, latest, {}};
    for (; limit > 0 && entries.step(); --limit)
      f(entries.timestamp(), entries.data());
  }
};

using upkeep = index_upkeep<rows>;

} // namespace

bool create(connection& c, std::string_view name, std::string_view field) {
  return upkeep::create(c, name, field);
}

bool drop(connection& c, std::string_view name, std::string_view field) {
  return upkeep::drop(c, name, field);
}

std::vector<field_index_state> list(connection& c, std::string_view name) {
  return upkeep::list(c, name);
}

void settle(connection& c, std::string_view name, field_index<double>& index, std::uint64_t limit) {
  upkeep::settle(c, name, index, limit);
}

reindex_step reindex(connection& c, std::string_view name, const std::optional<std::string>& field,
                     std::uint64_t limit) {
  return upkeep::reindex(c, name, field, limit);
}

filter_plan explain(connection& c, std::string_view name, const std::optional<json_text>& where,
                    std::optional<unix_seconds> start, std::optional<unix_seconds> end) {
  const auto from = start.value_or(earliest);
  const auto to = end.value_or(latest);
  return upkeep::explain(
    c, name, where, [&](std::uint64_t n) { return has_entries(c, name, from, to, n); },
    [&] { return log_table::count(c, name, start, end); },
    [&](unix_seconds t) { return from <= t && t <= to; });
}

} // namespace beaver::log_index
