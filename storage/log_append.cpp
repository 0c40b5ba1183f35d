#include "beaver/storage/log_index.hpp"
#include "beaver/storage/log_rows.hpp"
#include "beaver/storage/original_index.hpp"

#include <algorithm>

// The appending functions of log_table.hpp.

namespace beaver::log_table {
namespace {

using namespace detail;
using log_index::settle;

/// How far ahead the newest entry may be for an automatic timestamp to follow it: clocks that are
/// coarse or corrected, but not an entry that somebody dated into the future.
constexpr unix_seconds tolerance_seconds = 1;

/// Appends to one log within one transaction, and remembers what it has seen there: entries with
/// one timestamp do not each search all that went before.
class appender {
public:
  /// OR FAIL spares the journal that a statement has whose trigger could have to be undone: what
  /// fails here ends the job, which is undone as a whole.
  appender(connection& c, std::string_view name, unix_seconds now)
    : connection_(c), name_(name), now_(now),
      insertion_(c.prepare("INSERT OR FAIL INTO __beaver_logs__(log_name, timestamp, data) "
                           "VALUES(?1, ?2, ?3)")) {}

  unix_seconds append(const json_text& data, std::optional<unix_seconds> given) {
    const unix_seconds t = given ? first_free(*given) : automatic();
    const auto before = connection_.total_changes();
    insertion_.bind(name_, t, data).run();
    if (newest_)
      newest_ = std::max(*newest_, t);
    // A second change is that of a trigger: the log has indexes, or is watched. Nothing else asks
    // for them, so that other logs do not pay.
    if (connection_.total_changes() - before > 1)
      index(t, data);
    if (!original_)
      original_.emplace(connection_, kind, name_);
    if (!original_->empty())
      original_->add(original_item_key(t), data.text());
    return t;
  }

  /// To be called behind the last entry.
  void finish() {
    if (index_)
      settle(connection_, name_, *index_, settled_at_once);
  }

private:
  static constexpr std::uint64_t settled_at_once = 32;

  void index(unix_seconds t, const json_text& data) {
    if (!index_)
      index_.emplace(connection_, kind, name_);
    index_->add(t, data.text());
  }

  unix_seconds automatic() {
    if (!newest_)
      newest_ = newest(connection_, name_, latest).value_or(-infinity);
    if (*newest_ < now_)
      return now_;
    return *newest_ - now_ < tolerance_seconds ? checked(next(*newest_)) : first_free(now_);
  }

  /// The least timestamp from `t` on that no entry has.
  unix_seconds first_free(unix_seconds t) {
    unix_seconds free = t + 0.0; // as in `next`
    const bool in_run = run_first_ <= free && free <= run_last_;
    if (in_run)
      free = next(run_last_);
    else
      run_first_ = free;
    if (free <= latest) {
      statement taken =
        connection_.prepare("SELECT timestamp " BEAVER_LOG_IN_RANGE " ORDER BY timestamp");
      taken.bind(name_, free, latest);
      while (taken.step() && taken.real(0) == free)
        free = next(free);
    }
    return run_last_ = checked(free);
  }

  unix_seconds checked(unix_seconds t) const {
    if (t > latest)
      throw error(errc::invalid_argument, "log '" + std::string{name_}
                                            + "' has no free timestamp there, up to the largest "
                                              "number; give a smaller one");
    return t;
  }

  connection& connection_;
  std::string_view name_;
  unix_seconds now_;
  statement insertion_;
  std::optional<unix_seconds> newest_{}; // once asked for; -infinity: no entry
  // Every double from the first to the last of these is taken.
  unix_seconds run_first_ = infinity;
  unix_seconds run_last_ = -infinity;
  std::optional<field_index<double>> index_{}; // once it is known that there are some
  std::optional<original_index> original_{};
};

} // namespace

unix_seconds append(connection& c, std::string_view name, const json_text& data,
                    std::optional<unix_seconds> timestamp, unix_seconds now) {
  appender to{c, name, now};
  const auto t = to.append(data, timestamp);
  to.finish();
  return t;
}

void append_many(connection& c, std::string_view name, std::span<const log_new_entry> entries,
                 unix_seconds now) {
  appender to{c, name, now};
  for (const auto& entry : entries)
    to.append(entry.data, entry.timestamp);
  to.finish();
}

} // namespace beaver::log_table
