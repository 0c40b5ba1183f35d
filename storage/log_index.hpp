#pragma once
#include "beaver/storage/field_index.hpp"
#include "beaver/storage/log_table.hpp"

namespace beaver {

/// A field index of a log.
struct log_field_index {
  std::string field;
  bool complete;         // used for filters
  std::uint64_t entries; // an entry of the log whose path leads nowhere has none
};

/// How far bringing indexes up to date has come.
struct log_reindex_step {
  std::uint64_t done;                 // entries that were looked at
  std::optional<unix_seconds> next{}; // where it goes on; absent: everything is indexed
};

/// How a filter would be answered.
struct log_filter_plan {
  std::vector<std::string> indexed; // the fields whose index is used
  bool scanned;                     // every entry is looked at
  std::uint64_t estimated_rows;     // so many are looked at
  std::uint64_t dirty;              // of other programs' writes, not indexed yet; up to a bound
};

/// The field indexes of logs: declaring, filling and asking about them. Filters use them by
/// themselves, and every answer is the one that a scan gives: see `field_index`.
///
/// Same rules as for `log_table`.
namespace log_index {

/// Declares an index; false if there is one. It is complete at once if the log has no entries, else
/// when `reindex` has been called until nothing is left. From now on every write of ours goes into
/// it, and those of other programs are marked. Throws `error` invalid_argument for a bad path.
bool create(connection& c, std::string_view name, std::string_view field);

/// Removes an index; false if there is none.
bool drop(connection& c, std::string_view name, std::string_view field);

/// Linear in the entries of all indexes.
[[nodiscard]] std::vector<log_field_index> list(connection& c, std::string_view name);

/// One batch: indexes up to `limit` entries that other programs have written, or that were there
/// before their index; of this field or all. What is done stays done; the next call goes on there.
/// Throws `error` not_found if there is no such index.
log_reindex_step reindex(connection& c, std::string_view name,
                         const std::optional<std::string>& field, std::uint64_t limit);

/// What a filter over a time span would cost. Counts the entries of the span if it is scanned.
[[nodiscard]] log_filter_plan explain(connection& c, std::string_view name,
                                      const std::optional<json_text>& where,
                                      std::optional<unix_seconds> start,
                                      std::optional<unix_seconds> end);

/// Indexes up to `limit` entries that other programs have written; gives their number.
std::uint64_t settle(connection& c, std::string_view name, field_index<double>& index,
                     std::uint64_t limit);

} // namespace log_index
} // namespace beaver
