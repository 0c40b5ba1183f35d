#pragma once
#include "beaver/actors/log.hpp"
#include "beaver/api/changes.hpp"
#include "beaver/api/filter.hpp"
#include "beaver/api/live.hpp"
#include "beaver/api/model.hpp"
#include "beaver/api/reindex.hpp"
#include "beaver/api/scan.hpp"
#include "beaver/api/style.hpp"
#include "beaver/api/subscription.hpp"

#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <optional>
#include <ranges>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace beaver {

/// A time of the system clock as the file and `log_page` have it.
template <class Duration>
[[nodiscard]] unix_seconds to_unix_seconds(std::chrono::sys_time<Duration> time) {
  return std::chrono::duration<unix_seconds>(time.time_since_epoch()).count();
}

/// An entry of a log.
template <class T>
struct log_entry_of {
  unix_seconds timestamp;
  T data;
};

/// An entry that was followed.
template <class T>
struct followed_entry {
  unix_seconds timestamp;
  T data;
  std::uint64_t missed{0}; // by this follower, right before it
};

/// Where a follower begins, and how far it may fall behind.
struct follow_options {
  bool from_beginning = false;               // with the oldest entry
  std::optional<unix_seconds> after{};       // behind this timestamp
  std::optional<unix_seconds> since{};       // with this timestamp, or the next
  std::optional<json_text> where{};          // entries that satisfy this filter
  std::optional<std::uint64_t> capacity{};   // entries in the buffer; absent: 256
  std::optional<overflow_policy> overflow{}; // absent: catch_up, which loses nothing
};

namespace detail {

template <class T>
followed_entry<T> followed(const stream_buffer::pointer& item, std::uint64_t missed) {
  const auto& entry = item_of<log_follow>(item);
  return {entry.timestamp, model<T>::decode(entry.data), missed};
}

inline live_frame framed(const stream_buffer::pointer& item, std::uint64_t) {
  return item_of<log_live>(item);
}

} // namespace detail

/// What to compute over the entries of a log, and over which.
struct log_aggregation {
  std::optional<unix_seconds> start{};                   // entries at this time or later
  std::optional<unix_seconds> end{};                     // entries at this time or earlier
  std::optional<json_text> where{};                      // entries that satisfy this filter
  std::optional<std::string> field{};                    // path of the values; absent: only counts
  std::vector<aggregate_function> functions{};           // empty: all but percentiles and distinct
  std::optional<std::string> group_by{};                 // path: a row for each value there
  std::optional<std::chrono::duration<double>> bucket{}; // a row for each span of this length
};

/// JSON values in the order of their timestamps: seconds since the Unix epoch, finite, unique
/// within the log. `T` is what values are in C++, as for `dict`. (Where `using namespace beaver`
/// meets the `log` of <cmath>, write `beaver::log`.)
///
/// A handle is cheap to copy, usable from any thread, and valid until its database closes (then
/// every call is `errc::closed`). Every call may fail with `error`: invalid_argument, busy, io,
/// full, closed. With `Style` = `async` calls return futures, with `batched` they wait for a
/// commit. Appending costs O(log n), a listing O(log n) and its result.
template <class T = json_text, class Style = sync>
class log : public observable<log<T, Style>, Style> {
  template <class R>
  using reply = typename Style::template reply<R>;

public:
  static constexpr std::string_view type_name = "log";
  using entry = log_entry_of<T>;
  using value_type = entry;

  log(std::string name, Style style) : name_(std::move(name)), style_(std::move(style)) {}

  [[nodiscard]] const std::string& name() const noexcept { return name_; }

  // -- writing ------------------------------------------------------------------------------------

  /// Appends an entry of this moment; gives its timestamp. While the newest entry is less than a
  /// second ahead of the clock, that is the least number beyond it: the order of appends stays.
  reply<unix_seconds> append(const T& data) { return style_(log_append{name_, encode(data), {}}); }

  /// Appends an entry of another time, in the past or in the future; gives its timestamp. One that
  /// is taken is raised by the smallest steps until it is free.
  reply<unix_seconds> append(const T& data, unix_seconds time) {
    return style_(log_append{name_, encode(data), time});
  }
  template <class Duration>
  reply<unix_seconds> append(const T& data, std::chrono::sys_time<Duration> time) {
    return append(data, to_unix_seconds(time));
  }

  /// Appends values of this moment, or entries with their timestamps, in order and at once.
  template <std::ranges::input_range Values>
  reply<void> append_many(Values&& values) {
    log_append_many m{name_, {}};
    if constexpr (std::same_as<std::ranges::range_value_t<Values>, entry>) {
      for (const entry& e : values)
        m.entries.push_back({encode(e.data), e.timestamp});
    } else {
      for (const T& data : values)
        m.entries.push_back({encode(data), {}});
    }
    return style_(std::move(m));
  }

  /// Removes the entries older than `time`; gives their number.
  reply<std::uint64_t> erase_before(unix_seconds time) {
    return style_(log_erase{name_, time, {}, {}});
  }
  template <class Duration>
  reply<std::uint64_t> erase_before(std::chrono::sys_time<Duration> time) {
    return erase_before(to_unix_seconds(time));
  }

  /// Removes all but the newest `n` entries; gives the number of those that went.
  reply<std::uint64_t> keep_newest(std::uint64_t n) { return style_(log_erase{name_, {}, n, {}}); }

  /// Sets what is kept; the background sweep removes the rest.
  reply<void> retain(const retention_rule& rule) { return style_(log_retain{rule, name_}); }

  [[nodiscard]] reply<retention_rule> retention() const requires(Style::reads) {
    return style_(log_get_retention{name_});
  }

  /// Removes the entries that satisfy a filter; gives their number. Reads every entry.
  reply<std::uint64_t> erase_where(const filter& where) {
    return style_(log_erase{name_, {}, {}, where});
  }

  /// Removes all entries.
  reply<void> clear() { return style_(log_clear{name_}); }

  // -- reading ------------------------------------------------------------------------------------

  /// Entries by time, all in memory at once. type_mismatch if one does not fit `T`. With
  /// `.where = field("ms") > 100` those that satisfy the filter: each entry is looked at, until the
  /// limit is reached or the time span ends.
  [[nodiscard]] reply<std::vector<entry>> range(log_page page = {}) const requires(Style::reads) {
    return style_(log_range{page, name_}, decode_entries);
  }

  /// The newest `n` entries, oldest first.
  [[nodiscard]] reply<std::vector<entry>> tail(std::uint64_t n) const requires(Style::reads) {
    return style_(log_tail{name_, n, {}}, decode_entries);
  }
  /// The newest `n` that satisfy a filter, oldest first.
  [[nodiscard]] reply<std::vector<entry>> tail(std::uint64_t n, const filter& where) const
    requires(Style::reads) {
    return style_(log_tail{name_, n, where}, decode_entries);
  }

  /// Number of entries from `start` to `end`, both included. Linear in it.
  [[nodiscard]] reply<std::uint64_t> count(std::optional<unix_seconds> start = {},
                                           std::optional<unix_seconds> end = {}) const
    requires(Style::reads) {
    return style_(log_count{name_, start, end, {}});
  }
  /// The same of those that satisfy a filter.
  [[nodiscard]] reply<std::uint64_t> count(const filter& where,
                                           std::optional<unix_seconds> start = {},
                                           std::optional<unix_seconds> end = {}) const
    requires(Style::reads) {
    return style_(log_count{name_, start, end, where});
  }

  /// Computes functions over the values at a path, in one pass over the time span:
  ///
  ///     log.aggregate({.field = "ms", .functions = {aggregate_function::p99}, .bucket = 1h})
  ///
  /// The rows come by bucket, then by group, and there is one for each that has entries; without
  /// both there is exactly one. See `aggregate_function` and `aggregate_row`. Errors:
  /// invalid_argument also for functions other than count without a field.
  [[nodiscard]] reply<std::vector<aggregate_row>> aggregate(log_aggregation what) const
    requires(Style::reads) {
    log_aggregate m;
    m.name = name_;
    m.start = what.start;
    m.end = what.end;
    m.where = std::move(what.where);
    m.field = std::move(what.field);
    if (!what.functions.empty())
      m.functions = std::move(what.functions);
    m.group_by = std::move(what.group_by);
    if (what.bucket)
      m.bucket = what.bucket->count();
    return style_(std::move(m));
  }

  [[nodiscard]] reply<log_summary> info() const requires(Style::reads) {
    return style_(log_info{name_});
  }

  /// The database's time, by which entries are dated: that of the server over a network.
  [[nodiscard]] reply<unix_seconds> now() const requires(Style::reads) {
    return style_(log_now{name_});
  }

  /// The entries as an input range that holds one page in memory. Each page is one read and begins
  /// behind the last entry of the one before it: what others change meanwhile shows in later pages.
  /// Take a snapshot to see one instant.
  [[nodiscard]] scan<entry, log_page>
  entries(log_page page = {}) const requires std::same_as<Style, sync> {
    return {page, [self = *this](log_page part) {
              scan_page<entry, unix_seconds> fetched{self.range(part), {}};
              if (!fetched.entries.empty())
                fetched.last = fetched.entries.back().timestamp;
              return fetched;
            }};
  }

  [[nodiscard]] auto begin() const requires std::same_as<Style, sync> { return entries().begin(); }
  [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

  // -- following ----------------------------------------------------------------------------------

  /// The entries from here on, or from where `how` says, in the order of their timestamps: first
  /// those of before, then every one that is appended behind the newest that was given, whoever
  /// does it. One that is dated back does not come; one that is dated ahead, by more than a
  /// second, comes when its time has come. Begins before this returns.
  [[nodiscard]] subscription<followed_entry<T>>
  follow(const follow_options& how = {}) const requires std::same_as<Style, sync> {
    return {detail::open_stream(*style_.to, opening(how)), detail::followed<T>};
  }

  /// The same for a callback, which gets a `followed_entry<T>`, on the database's callback thread,
  /// or by `where`. One that throws ends its own subscription alone; `on_end` is told why.
  template <std::invocable<followed_entry<T>> F>
  [[nodiscard]] listener follow(F callback, const follow_options& how = {},
                                listener::end_function on_end = {},
                                executor where = {}) const requires std::same_as<Style, sync> {
    return detail::listen<detail::followed<T>>(style_, opening(how), std::move(where),
                                               std::move(callback), std::move(on_end));
  }

  /// Functions over the values of the last seconds, once per period:
  ///
  ///     auto speed = log.live({.window = 10s, .period = 1s, .field = "ms", .group_by = "path"});
  ///     while (const auto frame = speed.next()) show(frame->time, frame->rows);
  ///
  /// A frame of the moment `t` covers the entries with t - window < timestamp <= t that are in the
  /// file by then. One that is stored later, dated before the newest that was seen, is left out. An
  /// entry costs O(1), twice; see `sliding_window`.
  [[nodiscard]] beaver::live<live_frame>
  live(const live_options& how = {}) const requires std::same_as<Style, sync> {
    return detail::live_frames(style_.to, name_, how);
  }

  /// The same as a subscription: the frames are computed where the file is, so that over a network
  /// one small item travels per period, and coroutines can await them. A frame that nobody has
  /// taken by the end of the next period stays, and those of the periods until then are left out.
  [[nodiscard]] subscription<live_frame>
  frames(const live_options& how = {}) const requires std::same_as<Style, sync> {
    return {detail::open_stream(*style_.to, detail::framing(name_, how)), detail::framed};
  }

  /// The same for a callback, as `follow` has it.
  template <std::invocable<live_frame> F>
  [[nodiscard]] listener frames(F callback, const live_options& how = {},
                                listener::end_function on_end = {},
                                executor where = {}) const requires std::same_as<Style, sync> {
    return detail::listen<detail::framed>(style_, detail::framing(name_, how), std::move(where),
                                          std::move(callback), std::move(on_end));
  }

  /// What a function of yours makes of the entries of the last seconds, `std::span<const entry>` in
  /// the order of their timestamps, once per period. It runs where `next` is called.
  template <std::invocable<std::span<const entry>> F>
  [[nodiscard]] beaver::live<std::invoke_result_t<F, std::span<const entry>>>
  live(std::chrono::duration<double> window, std::chrono::duration<double> period, F function,
       std::optional<json_text> where = {}) const requires std::same_as<Style, sync> {
    return {
      window_reader{style_.to, name_, std::move(where), window.count(), period.count()},
      [function = std::move(function), length = window.count(), entries = std::vector<entry>{},
       first = std::size_t{0}](unix_seconds now, std::vector<log_entry> added) mutable {
        for (auto& e : decode_entries(std::move(added)))
          entries.push_back(std::move(e));
        while (first < entries.size() && entries[first].timestamp <= now - length)
          ++first;
        if (first > entries.size() / 2) { // then each entry is moved once, on average
          entries.erase(entries.begin(), entries.begin() + static_cast<std::ptrdiff_t>(first));
          first = 0;
        }
        return function(std::span<const entry>{entries}.subspan(first));
      }};
  }

  // -- field indexes ------------------------------------------------------------------------------

  /// Declares a field index: a filter with a condition at this path that every entry has to satisfy
  /// (==, in, <, <=, >, >=, exists) then looks at few entries. Answers are the same with and
  /// without, whoever has written the entries. Used once it is complete: at once if the log is
  /// empty, else after `reindex`. False if there is one. A write costs a few microseconds more for
  /// each index.
  reply<bool> create_index(std::string_view path) {
    return style_(log_create_index{name_, std::string{path}});
  }

  /// Removes a field index; false if there is none.
  reply<bool> drop_index(std::string_view path) {
    return style_(log_drop_index{name_, std::string{path}});
  }

  /// The field indexes with their numbers of entries, which are counted.
  [[nodiscard]] reply<std::vector<field_index_state>> indexes() const requires(Style::reads) {
    return style_(log_indexes{name_});
  }

  /// Brings all field indexes up to date, or that of one path: with entries that were there before
  /// their index, and those that other programs have written. One batch after the other, between
  /// which others write; `progress` is called behind each with the number of entries so far. Gives
  /// that number. After a request to stop, or a failure, what is done stays done and the next call
  /// goes on there. Errors: cancelled, not_found (no such index).
  std::uint64_t reindex(std::optional<std::string> path = {},
                        const std::function<void(std::uint64_t)>& progress = {},
                        std::stop_token stop = {}) const requires std::same_as<Style, sync> {
    return detail::reindex_all(
      [&] {
        return style_(log_reindex{name_, path, {}});
      },
      "log '" + name_ + '\'', progress, stop);
  }

  /// How a filter over a time span would be answered now.
  [[nodiscard]] reply<filter_plan> explain(const filter& where,
                                           std::optional<unix_seconds> start = {},
                                           std::optional<unix_seconds> end = {}) const
    requires(Style::reads) {
    return style_(log_explain{name_, where, start, end});
  }

  // -- batches ------------------------------------------------------------------------------------

  /// A handle that collects writes for one commit, which is when this moment is.
  [[nodiscard]] batch_of<log<T, beaver::batched>>
  batched() const requires std::same_as<Style, sync> {
    return {style_.to, name_};
  }

private:
  static json_text encode(const T& data) { return model<T>::encode(data); }

  [[nodiscard]] log_follow opening(const follow_options& how) const {
    auto m = detail::opening<log_follow>(name_, how);
    m.where = how.where;
    return m;
  }

  static std::vector<entry> decode_entries(std::vector<log_entry> stored) {
    std::vector<entry> all;
    all.reserve(stored.size());
    for (const auto& e : stored)
      all.push_back({e.timestamp, model<T>::decode(e.data)});
    return all;
  }

  friend class observable<log<T, Style>, Style>;
  std::string name_;
  Style style_;
};

} // namespace beaver
