#pragma once
#include "beaver/tools/bench_raw.hpp"

#include <cstdint>
#include <span>
#include <string_view>

struct sqlite3_stmt;

namespace beaver::bench {

/// One prepared statement of a raw baseline. Everything throws std::runtime_error with SQLite's
/// text. `on` must outlive it.
class raw_query {
public:
  raw_query(raw_database& on, const char* sql);
  ~raw_query();
  raw_query(const raw_query&) = delete;
  raw_query& operator=(const raw_query&) = delete;

  /// Resets it and binds ?1, ?2, ...; text and bytes must live as long as they are used.
  template <class... Args>
  raw_query& with(const Args&... args) {
    reset();
    int index = 0;
    (bind(++index, args), ...);
    return *this;
  }

  /// To the next row; false, and reset, behind the last.
  bool step();
  void run() {
    while (step()) {}
  }

  [[nodiscard]] std::string_view text(int column) const noexcept;
  [[nodiscard]] std::int64_t integer(int column) const noexcept;
  [[nodiscard]] std::span<const std::byte> blob(int column) const noexcept;

private:
  void reset() noexcept;
  void bind(int index, std::string_view value);
  void bind(int index, std::int64_t value);
  void bind(int index, std::span<const std::byte> value);

  raw_database& on_;
  sqlite3_stmt* handle_ = nullptr;
};

} // namespace beaver::bench
