#pragma once
#include "beaver/storage/docs_table.hpp"
#include "beaver/storage/index_upkeep.hpp"

namespace beaver {

/// What is kept beside documents so that they are found: their field indexes, as those of logs (see
/// `field_index`, and `index_upkeep` for what these functions do), and their text.
///
/// Same rules as for the others.
namespace docs_table {

bool create_index(connection& c, std::string_view name, std::string_view field);

bool drop_index(connection& c, std::string_view name, std::string_view field);

[[nodiscard]] std::vector<field_index_state> indexes(connection& c, std::string_view name);

/// One batch for the index of a field; without a field, first for the text of documents of before
/// the collection's options, then for all indexes.
reindex_step reindex(connection& c, std::string_view name, const std::optional<std::string>& field,
                     std::uint64_t limit);

/// What a filter would cost. Counts the documents if they are scanned.
[[nodiscard]] filter_plan explain(connection& c, std::string_view name, const json_text& where);

/// Indexes up to `limit` documents that other programs have written.
void settle_index(connection& c, std::string_view name, field_index<std::string>& index,
                  std::uint64_t limit);

} // namespace docs_table
} // namespace beaver
