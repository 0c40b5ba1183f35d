#pragma once
#include "beaver/storage/index_upkeep.hpp"
#include "beaver/storage/vector_table.hpp"

namespace beaver {

/// The field indexes over the metadata of vectors, as those of documents (see `field_index`, and
/// `index_upkeep` for what these functions do).
///
/// Same rules as for the others.
namespace vector_table {

bool create_index(connection& c, std::string_view name, std::string_view field);

bool drop_index(connection& c, std::string_view name, std::string_view field);

[[nodiscard]] std::vector<field_index_state> indexes(connection& c, std::string_view name);

/// One batch for the index of a field, or for all.
reindex_step reindex(connection& c, std::string_view name, const std::optional<std::string>& field,
                     std::uint64_t limit);

/// What a filter would cost. Counts the vectors if they are scanned.
[[nodiscard]] filter_plan explain(connection& c, std::string_view name, const json_text& where);

/// Indexes up to `limit` vectors that other programs have written.
void settle_index(connection& c, std::string_view name, field_index<std::string>& index,
                  std::uint64_t limit);

} // namespace vector_table
} // namespace beaver
