#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace beaver::cli {

/// How far a long piece of work has come.
struct progress_state {
  std::optional<std::uint64_t> rows = 0; ///< absent: it does not go by rows
  std::uint64_t done = 0;                ///< in the unit of `total`
  std::optional<std::uint64_t> total{};  ///< absent: unknown, as with a pipe
};

/// One line of at most `width` columns: "[#####.....]  50%  1,500 rows  3,000 rows/s  0:01 left",
/// without bar and rest if the total is unknown, without rows where there are none.
[[nodiscard]] std::string progress_line(const progress_state& state,
                                        std::chrono::duration<double> elapsed, unsigned width);

/// A progress line at the bottom of standard error that is redrawn in place; nothing if that is not
/// a terminal. Gone when destroyed.
class progress_bar {
public:
  progress_bar();
  ~progress_bar();
  progress_bar(const progress_bar&) = delete;
  progress_bar& operator=(const progress_bar&) = delete;

  /// Redraws, but at most ten times a second.
  void show(const progress_state& state);

  /// Prints "beaver: ..." on standard error, above the line.
  void complain(std::string_view text);

  /// Seconds since it was made.
  [[nodiscard]] std::chrono::duration<double> elapsed() const;

  /// Removes the line until it is shown again, to make room for other output.
  void hide() noexcept;

private:
  std::chrono::steady_clock::time_point start_;
  std::optional<std::chrono::steady_clock::time_point> drawn_;
  bool enabled_;
  bool visible_ = false;
};

} // namespace beaver::cli
