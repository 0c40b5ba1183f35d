#pragma once
#include "beaver/storage/aggregation.hpp"
#include "beaver/storage/connection.hpp"
#include "beaver/storage/filter.hpp"
#include "beaver/storage/log_table.hpp"

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

/// Goes through the entries of a log that are within a time span and satisfy a filter, in order. By
/// way of a field index, if one helps; answers and their order are the same.
class entry_reader {
public:
  /// `name` and `where` must outlive it. Throws `error` invalid_argument for what is no filter.
  entry_reader(connection& c, std::string_view name, unix_seconds start, unix_seconds end,
               const std::optional<json_text>& where, bool down = false);

  /// To the next entry; false if there is none. Throws `error` corrupt if one that has to be looked
  /// at is not JSON.
  bool step();

  [[nodiscard]] unix_seconds timestamp() const { return rows_->real(0); }
  [[nodiscard]] std::string_view data() const { return rows_->text(1); }
  [[nodiscard]] log_entry entry() const { return {timestamp(), json_text{data()}}; }

  /// Looks at the JSON of the entry; what `look` throws about it becomes an `error` corrupt that
  /// names the entry.
  template <class Look>
  auto look_at(Look look) const {
    try {
      return look(data());
    } catch (const error& e) {
      fail(e);
    }
  }

private:
  void plan(const filter_node& root);
  bool next_row();
  [[noreturn]] void fail(const error& why) const;

  connection& connection_;
  std::string_view name_;
  unix_seconds start_;
  unix_seconds end_;
  bool down_;
  std::optional<row_filter> filter_;
  std::optional<std::vector<double>> keys_; // still to be looked at, the next one last
  std::optional<statement> rows_;
};

} // namespace beaver::log_table::detail
