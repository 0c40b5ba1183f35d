#pragma once
#include "beaver/storage/index_upkeep.hpp"
#include "beaver/storage/log_table.hpp"

namespace beaver {

/// The field indexes of logs: declaring, filling and asking about them. Filters use them by
/// themselves, and every answer is the one that a scan gives: see `field_index`, and `index_upkeep`
/// for what these functions do.
///
/// Same rules as for `log_table`.
namespace log_index {

bool create(connection& c, std::string_view name, std::string_view field);

bool drop(connection& c, std::string_view name, std::string_view field);

[[nodiscard]] std::vector<field_index_state> list(connection& c, std::string_view name);

reindex_step reindex(connection& c, std::string_view name, const std::optional<std::string>& field,
                     std::uint64_t limit);

/// What a filter over a time span would cost. Counts the entries of the span if it is scanned.
[[nodiscard]] filter_plan explain(connection& c, std::string_view name,
                                  const std::optional<json_text>& where,
                                  std::optional<unix_seconds> start,
                                  std::optional<unix_seconds> end);

/// Indexes up to `limit` entries that other programs have written.
void settle(connection& c, std::string_view name, field_index<double>& index, std::uint64_t limit);

} // namespace log_index
} // namespace beaver
