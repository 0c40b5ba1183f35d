#pragma once
#include "beaver/storage/clock.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beaver {

class connection;

/// How much of a channel or log is kept. Absent members: without that bound.
struct retention_rule {
  std::optional<double> max_age_seconds{};
  std::optional<std::uint64_t> max_count{};
};

/// The rules of all managers that have one. `kind` is a data type. Functions that change something
/// run inside the caller's write transaction.
namespace retention {

/// Sets the rule; one without bounds is no rule.
void set(connection& c, std::string_view kind, std::string_view name, const retention_rule& rule);

[[nodiscard]] retention_rule get(connection& c, std::string_view kind, std::string_view name);

/// Whether a rule asks for something to be removed. Linear in the rules and in what their bounds
/// keep.
[[nodiscard]] bool is_due(connection& c, unix_seconds now);

struct result {
  std::uint64_t messages; // of channels
  std::uint64_t entries;  // of logs
};

/// Removes what no rule keeps, at most `limit` rows of each manager.
result sweep(connection& c, unix_seconds now, std::uint64_t limit);

} // namespace retention
} // namespace beaver
