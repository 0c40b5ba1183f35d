#pragma once
#include "beaver/storage/aggregation.hpp"
#include "beaver/storage/connection.hpp"
#include "beaver/storage/log_table.hpp"
#include "beaver/storage/row_reader.hpp"

#include <cmath>
#include <limits>

// How the sources of logs read rows; for them only.
//
// Both bounds are always there, so that one text serves every range; the outermost keep out what is
// no finite number. The table has a second index over the columns of its primary key: reading by
// one of the two keeps the pages of the other out of the cache.
#define BEAVER_LOG_IN_RANGE \
  "FROM __beaver_logs__ INDEXED BY sqlite_autoindex___beaver_logs___1 " \
  "WHERE log_name = ?1 AND timestamp >= ?2 AND timestamp <= ?3"

namespace beaver::log_table::detail {

/// What logs are called in the tables of field indexes.
inline constexpr std::string_view kind = "log";

inline constexpr unix_seconds infinity = std::numeric_limits<unix_seconds>::infinity();
inline constexpr unix_seconds earliest = std::numeric_limits<unix_seconds>::lowest();
inline constexpr unix_seconds latest = std::numeric_limits<unix_seconds>::max();

/// The sum is never the negative zero, which the file does not have.
[[nodiscard]] inline unix_seconds next(unix_seconds t) { return std::nextafter(t, infinity) + 0.0; }
[[nodiscard]] inline unix_seconds previous(unix_seconds t) { return std::nextafter(t, -infinity); }

/// Whether there are at least `n` entries from `start` to `end`. A step for each of them.
[[nodiscard]] bool has_entries(connection& c, std::string_view name, unix_seconds start,
                               unix_seconds end, std::uint64_t n);

/// Goes through the entries of a log that are within a time span and satisfy a filter, in order.
class entry_reader final : public row_reader<unix_seconds> {
public:
  /// `name` must outlive it. Throws `error` invalid_argument for what is no filter.
  entry_reader(connection& c, std::string_view name, unix_seconds start, unix_seconds end,
               const std::optional<json_text>& where, bool down = false);

  [[nodiscard]] unix_seconds timestamp() const { return row().real(0); }
  [[nodiscard]] std::string_view data() const { return row().text(1); }
  [[nodiscard]] log_entry entry() const { return {timestamp(), json_text{data()}}; }

private:
  [[nodiscard]] bool has_rows(std::uint64_t n) const override;
  [[nodiscard]] bool is_within(const unix_seconds& time) const override;
  [[nodiscard]] statement scan() override;
  [[nodiscard]] statement look_up() override;
  void bind(statement& to, const unix_seconds& time) override;
  [[nodiscard]] error corrupt(const error& why) const override;

  unix_seconds start_;
  unix_seconds end_;
};

} // namespace beaver::log_table::detail
