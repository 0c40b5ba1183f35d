#pragma once
#include "beaver/storage/log_table.hpp"

#include "table_fixture.hpp"

#include <cmath>
#include <limits>
#include <utility>

namespace beaver::test {

using timed_texts = std::vector<std::pair<double, std::string>>;

inline timed_texts texts_of(const std::vector<log_entry>& entries) {
  timed_texts result;
  for (const auto& e : entries)
    result.emplace_back(e.timestamp, e.data.text());
  return result;
}

/// The smallest step up, `n` times.
inline double raised(double t, int n = 1) {
  while (n-- > 0)
    t = std::nextafter(t, std::numeric_limits<double>::infinity());
  return t;
}

/// A database with the log "l".
class log_fixture : public table_fixture {
public:
  double append(std::string_view data, std::optional<double> timestamp, double now = 1'000) {
    return log_table::append(c(), "l", json_text{data}, timestamp, now);
  }
  timed_texts all(const log_page& page = {}) { return texts_of(log_table::range(c(), "l", page)); }

  /// The data alone, one character each.
  std::string joined(const log_page& page = {}) {
    std::string result;
    for (const auto& [timestamp, data] : all(page))
      result += data;
    return result;
  }
};

} // namespace beaver::test
