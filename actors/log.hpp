#pragma once
#include "beaver/actors/message.hpp"
#include "beaver/actors/retention.hpp"
#include "beaver/actors/row_queries.hpp"
#include "beaver/actors/stream_buffer.hpp"
#include "beaver/storage/log_table.hpp"

namespace beaver {

BOOST_DESCRIBE_STRUCT(log_entry, (), (timestamp, data))
BOOST_DESCRIBE_STRUCT(log_new_entry, (), (data, timestamp))
BOOST_DESCRIBE_STRUCT(log_page, (), (start, end, where, order, limit, offset, after, max_bytes))
BOOST_DESCRIBE_STRUCT(log_summary, (), (entries, bytes, first, last))

// The messages of the data type `log`: JSON values in the order of their timestamps, which are
// seconds since the Unix epoch and unique within a log. Every one may fail with invalid_argument (a
// time that is not finite among the reasons), closed, busy, io, full; more is said where it
// applies.
//
// `where` is a filter over the data in the wire form of storage/filter_tree.hpp, with the meaning
// that storage/filter.hpp states. It is read entry by entry, up to the limit or through the whole
// time span, unless a field index tells which entries to look at; the answer is the same. Errors:
// invalid_argument (not a filter), corrupt (an entry that is not JSON).

/// Appends an entry and gives the timestamp it got. A given one that is taken is raised by the
/// smallest steps of a double until it is free. An absent one is now, or right behind the newest
/// entry if that is less than a second ahead: the order of appends stays while a clock stands
/// still. Errors: invalid_argument (data not JSON).
struct log_append {
  using reply = double;
  static constexpr endpoint route{.method = verb::post,
                                  .path = "/logs/{name}/log",
                                  .summary = "Append an entry and give its timestamp.",
                                  .quiet = true,
                                  .aliases = "log"};
  std::string name;
  json_text data;
  std::optional<double> timestamp; // absent: now
};
BOOST_DESCRIBE_STRUCT(log_append, (), (name, data, timestamp))

/// Appends all, one after the other, or none.
struct log_append_many {
  using reply = void;
  static constexpr endpoint route{verb::post, "/logs/{name}/append_many",
                                  "Append several entries."};
  std::string name;
  std::vector<log_new_entry> entries;
};
BOOST_DESCRIBE_STRUCT(log_append_many, (), (name, entries))

/// Entries from `start` to `end`, both included, that satisfy `where`. The timestamp of the last
/// one as `after` gives the next page.
struct log_range : log_page {
  using reply = std::vector<log_entry>;
  static constexpr endpoint route{verb::get, "/logs/{name}/range",
                                  "List the entries of a time span."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(log_range, (log_page), (name))

/// The newest entries that satisfy `where`, oldest first.
struct log_tail {
  using reply = std::vector<log_entry>;
  static constexpr endpoint route{verb::get, "/logs/{name}/tail",
                                  "List the newest entries, oldest first."};
  std::string name;
  std::uint64_t limit;
  std::optional<json_text> where;
};
BOOST_DESCRIBE_STRUCT(log_tail, (), (name, limit, where))

/// Number of entries from `start` to `end`, both included, that satisfy `where`. Linear in those of
/// the time span.
struct log_count {
  using reply = std::uint64_t;
  static constexpr endpoint route{verb::get, "/logs/{name}/count", "Count the entries."};
  std::string name;
  std::optional<double> start;
  std::optional<double> end;
  std::optional<json_text> where;
};
BOOST_DESCRIBE_STRUCT(log_count, (), (name, start, end, where))

/// Computes functions over the values at `field` in the entries of a time span that satisfy
/// `where`, for each value at `group_by` and each time span of `bucket` seconds: see
/// storage/aggregate.hpp and aggregation.hpp. One pass over the time span. Errors: invalid_argument
/// (a bad path or bucket; functions but count without a field), corrupt (an entry that is not
/// JSON).
struct log_aggregate : aggregation {
  using reply = std::vector<aggregate_row>;
  static constexpr endpoint route{verb::get, "/logs/{name}/aggregate",
                                  "Compute sums, averages, percentiles and the like."};
  std::string name;
  std::optional<double> start;
  std::optional<double> end;
  std::optional<json_text> where;
};
BOOST_DESCRIBE_STRUCT(log_aggregate, (aggregation), (name, start, end, where))

/// Declares a field index: filters with a condition at this path that every entry has to satisfy
/// (==, in, <, <=, >, >=, exists) then look at few entries. It is used once it is complete: at once
/// if the log is empty, else after `log_reindex`. Gives false if there is one. Errors:
/// invalid_argument (a bad path).
struct log_create_index {
  using reply = bool;
  static constexpr endpoint route{verb::post, "/logs/{name}/create_index",
                                  "Declare a field index."};
  std::string name;
  std::string field;
};
BOOST_DESCRIBE_STRUCT(log_create_index, (), (name, field))

/// Removes a field index; false if there is none.
struct log_drop_index {
  using reply = bool;
  static constexpr endpoint route{verb::post, "/logs/{name}/drop_index", "Remove a field index."};
  std::string name;
  std::string field;
};
BOOST_DESCRIBE_STRUCT(log_drop_index, (), (name, field))

/// The field indexes. Counts their entries.
struct log_indexes {
  using reply = std::vector<field_index_state>;
  static constexpr endpoint route{verb::get, "/logs/{name}/indexes", "List the field indexes."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(log_indexes, (), (name))

/// One batch of bringing indexes up to date, of one field or all: at most `limit` entries that were
/// there before their index, or that other programs have written. Again while there are `more`;
/// what is done stays done. Errors: invalid_argument (limit 0), not_found (no such index).
struct log_reindex {
  using reply = reindex_step;
  static constexpr endpoint route{verb::post, "/logs/{name}/reindex",
                                  "Bring the field indexes up to date."};
  std::string name;
  std::optional<std::string> field;
  std::optional<std::uint64_t> limit; // absent: 4096
};
BOOST_DESCRIBE_STRUCT(log_reindex, (), (name, field, limit))

/// How a filter over a time span would be answered now.
struct log_explain {
  using reply = filter_plan;
  static constexpr endpoint route{verb::get, "/logs/{name}/explain",
                                  "Say how a filter would be answered."};
  std::string name;
  json_text where;
  std::optional<double> start;
  std::optional<double> end;
};
BOOST_DESCRIBE_STRUCT(log_explain, (), (name, where, start, end))

struct log_clear {
  using reply = void;
  static constexpr endpoint route{verb::post, "/logs/{name}/clear", "Remove all entries."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(log_clear, (), (name))

/// Removes the entries that are older than `before`, and those that are not among the newest
/// `keep`; with `where` only those among them that satisfy it, and with `where` alone all that do.
/// Gives their number. Errors: invalid_argument (none of the three is given).
struct log_erase {
  using reply = std::uint64_t;
  static constexpr endpoint route{verb::post, "/logs/{name}/erase",
                                  "Remove entries by time, number or filter."};
  std::string name;
  std::optional<double> before;
  std::optional<std::uint64_t> keep;
  std::optional<json_text> where;
};
BOOST_DESCRIBE_STRUCT(log_erase, (), (name, before, keep, where))

/// Sets what is kept; the background sweep removes the rest. Absent members: without that bound.
struct log_retain : retention_rule {
  using reply = void;
  static constexpr endpoint route{verb::put, "/logs/{name}/retention",
                                  "Set how long, and how many, entries are kept."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(log_retain, (retention_rule), (name))

struct log_get_retention {
  using reply = retention_rule;
  static constexpr endpoint route{verb::get, "/logs/{name}/retention",
                                  "Get how long, and how many, entries are kept."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(log_get_retention, (), (name))

/// Numbers, bytes and the time span. Reads every entry.
struct log_info {
  using reply = log_summary;
  static constexpr endpoint route{verb::get, "/logs/{name}/info", "Describe the log."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(log_info, (), (name))

/// The names of all logs that hold an entry, in order.
struct log_names {
  using reply = std::vector<std::string>;
  static constexpr endpoint route{verb::get, "/logs", "List all logs."};
};
BOOST_DESCRIBE_STRUCT(log_names, (), ())

/// Entries of a stream, as actors get them.
struct log_batch {
  std::vector<log_entry> items;
  std::uint64_t missed; // lost before the first of them
  bool ended;           // there will be no more
};
BOOST_DESCRIBE_STRUCT(log_batch, (), (items, missed, ended))

/// Opens a stream of entries in the order of their timestamps: those of before, as far as they are
/// wanted, then every one that is appended behind the newest that was given. An entry that is dated
/// back does not come; one that is dated ahead comes when its time has come. An entry that is not
/// JSON satisfies no filter here. Errors:
/// invalid_argument (more than one start, not a filter).
struct log_follow : stream_limits {
  using item = log_entry;
  using batch = log_batch;
  static constexpr endpoint route{verb::get, "/logs/{name}/follow", "Follow the entries of a log."};
  std::string name;
  std::optional<bool> beginning; // true: with the oldest entry; absent: with the next
  std::optional<double> after;   // behind this timestamp
  std::optional<double> since;   // with this timestamp, or the next after it
  std::optional<json_text> where;
};
BOOST_DESCRIBE_STRUCT(log_follow, (stream_limits), (name, beginning, after, since, where))

/// Functions over the entries of a window of time.
struct live_frame {
  unix_seconds time;               // the window ends here
  std::vector<aggregate_row> rows; // one for each group
};
BOOST_DESCRIBE_STRUCT(live_frame, (), (time, rows))

/// Frames of a stream, as actors get them.
struct live_batch {
  std::vector<live_frame> items;
  std::uint64_t missed; // lost before the first of them
  bool ended;           // there will be no more
};
BOOST_DESCRIBE_STRUCT(live_batch, (), (items, missed, ended))

/// Opens a stream of frames: functions, as of `log_aggregate`, over the entries of the last
/// seconds, at once and then at the end of each period. The frame of the moment `t` covers the
/// entries with t - window < timestamp <= t that are in the file by then; one that is stored later,
/// dated before the newest that was seen, is left out, and so are periods for which the buffer has
/// no room. An entry costs O(1), twice, and some memory as long as the window holds it. Errors:
/// those of `log_aggregate`; invalid_argument also for a window or period that is
/// no time > 0.
struct log_live : stream_limits { // capacity absent: 1
  using item = live_frame;
  using batch = live_batch;
  static constexpr endpoint route{verb::get, "/logs/{name}/live",
                                  "Compute functions over the last seconds, once per period."};
  std::string name;
  std::optional<double> window_seconds;                     // absent: 10
  std::optional<double> period_seconds;                     // absent: 1
  std::optional<std::string> field;                         // path of the values; absent: count
  std::optional<std::vector<aggregate_function>> functions; // absent: as `aggregation`
  std::optional<std::string> group_by;                      // path: a row for each value there
  std::optional<json_text> where;                           // only entries that satisfy it
};
BOOST_DESCRIBE_STRUCT(log_live, (stream_limits),
                      (name, window_seconds, period_seconds, field, functions, group_by, where))

/// What its frames hold.
[[nodiscard]] inline aggregation functions_of(const log_live& m) {
  return {.field = m.field, .functions = m.functions, .group_by = m.group_by, .bucket = {}};
}

/// The database's own time: what an entry without a timestamp would be dated by.
struct log_now {
  using reply = unix_seconds;
  static constexpr endpoint route{verb::get, "/logs/{name}/now", "Tell the database's time."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(log_now, (), (name))

using log_messages =
  boost::mp11::mp_list<log_append, log_append_many, log_range, log_tail, log_count, log_aggregate,
                       log_create_index, log_drop_index, log_indexes, log_reindex, log_explain,
                       log_clear, log_erase, log_retain, log_get_retention, log_info, log_names,
                       log_now>;

} // namespace beaver
