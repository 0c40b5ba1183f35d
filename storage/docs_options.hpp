#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beaver {

class connection;

/// What can be found in one collection of documents, beside what filters find. Kept in the file.
struct docs_options {
  /// The strings that full-text search sees: those at these paths (members with dots between them)
  /// or below. Absent: all strings; empty: none.
  std::optional<std::vector<std::string>> full_text{};
  /// Whether misspelt words are found too, for about half as much file again. Absent: no.
  std::optional<bool> fuzzy{};

  friend bool operator==(const docs_options&, const docs_options&) = default;
};

namespace docs_table {

/// Options as they are kept.
struct stored_options : docs_options {
  bool stored = false; // false: never set, all defaults
  /// While the text of earlier documents is not indexed by these options yet: up to this id it is.
  std::optional<std::string> rebuilt_to{};
};

/// As they were set. O(log n) with n collections.
[[nodiscard]] stored_options options(connection& c, std::string_view name);

/// Replaces them. Text that was indexed by other options is so until `rebuild_text`
/// (docs_upkeep.hpp) has come to its end.
void set_options(connection& c, std::string_view name, const docs_options& options);

/// How far the text of earlier documents is indexed by the options; empty: to the end.
void set_rebuilt_to(connection& c, std::string_view name, const std::optional<std::string>& id);

} // namespace docs_table
} // namespace beaver
