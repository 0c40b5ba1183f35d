#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beaver {

class connection;

/// How one queue treats items that are taken. Kept in the file.
struct queue_options {
  std::optional<std::uint64_t> max_attempts{}; // >= 1; absent: any number
  std::optional<double> visibility_seconds{};  // > 0; absent: default_visibility_seconds
  std::optional<std::string> dead_letter{};    // a queue's name; absent: "<name>.dead"
};

namespace queue_table {

inline constexpr double default_visibility_seconds = 30;

/// Replaces all options of the queue. What is taken now comes back by the new ones.
/// Throws `error` invalid_argument: no attempt allowed, visibility not > 0 or not finite, a
/// dead-letter queue without a name, one that is the queue itself, or no name for one where
/// "<name>.dead" would be longer than the 1024 bytes of a name. O(log q) with q queues.
void set_options(connection& c, std::string_view name, const queue_options& options);

/// As they were set; all absent if never. O(log q).
[[nodiscard]] queue_options options(connection& c, std::string_view name);

/// The queues whose dead letters go to `name`. Linear in the queues that have options.
[[nodiscard]] std::vector<std::string> dead_letter_sources(connection& c, std::string_view name);

/// Where items go that were taken too often.
[[nodiscard]] std::string dead_letter_of(std::string_view name, const queue_options& options);

} // namespace queue_table
} // namespace beaver
