#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace beaver {

class connection;

/// What one collection of vectors is, and how it is searched. Kept in the file.
struct vector_options {
  /// How many numbers a vector has. Absent: as many as the first one.
  std::optional<std::uint64_t> dims{};
  std::optional<std::string> metric{};   // a word of those who search; absent: their default
  std::optional<std::string> strategy{}; // likewise
  std::optional<double> target_recall{}; // 0..1, of approximate searches; absent: their default

  friend bool operator==(const vector_options&, const vector_options&) = default;
};

namespace vector_table {

/// As they were set; `dims` also if the first vector has decided it. O(log n) with n collections.
[[nodiscard]] vector_options options(connection& c, std::string_view name);

/// Replaces them; words are taken as they come. Without `dims` those that vectors have decided
/// stay; with none left the next one decides. Throws `error` invalid_argument for other `dims` than
/// those of the vectors that there are. In an empty collection other dims make its snapshot invalid
/// and remove hyperplanes of the Python original that do not fit; it makes new ones.
void set_options(connection& c, std::string_view name, const vector_options& options);

/// How many numbers the vectors have: by the options; in a collection that only other programs have
/// written by the original's hyperplanes, or else by the first row that can be a vector. Empty if
/// nothing has decided it. O(log n).
[[nodiscard]] std::optional<std::uint64_t> dims(connection& c, std::string_view name);

/// Stores what a first vector has decided.
void decide_dims(connection& c, std::string_view name, std::uint64_t dims);

} // namespace vector_table
} // namespace beaver
