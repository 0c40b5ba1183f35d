#pragma once
#include "beaver/actors/log.hpp"
#include "beaver/api/style.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <iterator>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace beaver {

/// Brings the entries of a log to those who look at its last seconds again and again. Everything
/// that was committed by then is seen at the end of a period; an entry that comes later, dated
/// before the newest that was seen, is not. Not thread-safe.
class window_reader {
public:
  /// Begins with what the window that ends now holds. Throws `error` invalid_argument (a period or
  /// window that is no time > 0).
  window_reader(std::shared_ptr<backend> from, std::string log, std::optional<json_text> where,
                double window, double period);

  /// Waits for the end of the next period, by the database's clock. False if `stop` came first.
  bool wait(const std::stop_token& stop);

  /// The end of the period: the first is when the reader was made, the others follow at whole
  /// periods. Those that have passed unseen are left out.
  [[nodiscard]] unix_seconds now() const noexcept { return now_; }

  /// The entries up to `now` that were not given yet, by time.
  [[nodiscard]] std::vector<log_entry> read();

private:
  [[nodiscard]] unix_seconds time() const;

  static constexpr std::uint64_t page_size = 4'096;

  const std::shared_ptr<backend> from_;
  const std::string log_;
  const std::optional<json_text> where_;
  const double period_;
  unix_seconds now_;
  unix_seconds next_; // when the period ends that comes
  double seen_;       // entries up to here were given, or are too old
};

/// What of the last seconds of a log is computed, and how often.
struct live_options {
  std::chrono::duration<double> window{10};
  std::chrono::duration<double> period{1};
  std::optional<std::string> field{};          // path of the values; absent: count
  std::vector<aggregate_function> functions{}; // none: count, sum, min, max, avg, stddev
  std::optional<std::string> group_by{};       // path: a row for each value there
  std::optional<json_text> where{};            // only entries that satisfy it
};

/// Values over the last seconds of a log, once per period, for as long as they are asked for. Made
/// by `log::live`. `Frame` is what one moment gives. For one thread at a time.
template <class Frame>
class live {
public:
  using value_type = Frame;
  /// Takes in what is new and gives the frame of this moment.
  using frame_function = std::function<Frame(unix_seconds now, std::vector<log_entry> added)>;

  live(window_reader reader, frame_function frame)
    : reader_(std::move(reader)), frame_(std::move(frame)) {}

  /// The next frame: at once the first time, then at the end of each period; periods that have
  /// passed meanwhile are left out. Empty if `stop` was requested. Errors are those of `log::range`
  /// and, with a function of the user's, what that throws.
  std::optional<Frame> next(const std::stop_token& stop = {}) {
    if (!reader_.wait(stop))
      return std::nullopt;
    auto added = reader_.read();
    return frame_(reader_.now(), std::move(added));
  }

private:
  window_reader reader_;
  frame_function frame_;
};

namespace detail {

[[nodiscard]] live<live_frame> live_frames(std::shared_ptr<backend> from, std::string log,
                                           const live_options& how);

/// The message that opens the same as a stream.
[[nodiscard]] log_live framing(std::string log, const live_options& how);

} // namespace detail

} // namespace beaver
