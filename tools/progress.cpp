#include "beaver/tools/progress.hpp"

#include "beaver/tools/output.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <sys/ioctl.h>
#include <utility>

namespace beaver::cli {

namespace {

std::string grouped(std::uint64_t n) {
  auto text = std::to_string(n);
  for (auto i = static_cast<std::ptrdiff_t>(text.size()) - 3; i > 0; i -= 3)
    text.insert(static_cast<std::size_t>(i), 1, ',');
  return text;
}

std::string clock_text(double seconds) {
  const auto s = static_cast<std::uint64_t>(std::ceil(std::min(seconds, 359'999.0)));
  char text[32];
  if (s >= 3'600)
    std::snprintf(text, sizeof text, "%u:%02u:%02u", static_cast<unsigned>(s / 3'600),
                  static_cast<unsigned>(s / 60 % 60), static_cast<unsigned>(s % 60));
  else
    std::snprintf(text, sizeof text, "%u:%02u", static_cast<unsigned>(s / 60),
                  static_cast<unsigned>(s % 60));
  return text;
}

unsigned terminal_width() {
  winsize size{};
  return ::ioctl(standard_error, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

bool can_redraw() {
  const char* term = std::getenv("TERM");
  return is_terminal(standard_error) && term && std::string_view{term} != "dumb";
}

constexpr std::string_view to_line_start = "\r\x1b[K";

} // namespace

std::string progress_line(const progress_state& state, std::chrono::duration<double> elapsed,
                          unsigned width) {
  const double seconds = std::max(elapsed.count(), 1e-3);
  std::string text;
  if (state.rows) {
    const auto rate = static_cast<double>(*state.rows) / seconds;
    text = grouped(*state.rows) + " rows  " + grouped(static_cast<std::uint64_t>(rate)) + " rows/s";
  }
  if (state.total && *state.total > 0) {
    const double part =
      std::min(1.0, static_cast<double>(state.done) / static_cast<double>(*state.total));
    if (state.done > 0)
      text += (text.empty() ? "" : "  ") + clock_text(seconds / part - seconds) + " left";
    char percent[16];
    std::snprintf(percent, sizeof percent, "%3d%%", static_cast<int>(part * 100));
    text = percent + (text.empty() ? "" : "  " + text);
    if (text.size() + 14 <= width) {
      const auto columns = std::min<std::size_t>(40, width - text.size() - 3);
      const auto full = static_cast<std::size_t>(part * static_cast<double>(columns));
      text = '[' + std::string(full, '#') + std::string(columns - full, '.') + "] " + text;
    }
  }
  return text.substr(0, width);
}

progress_bar::progress_bar() : start_(std::chrono::steady_clock::now()), enabled_(can_redraw()) {}

progress_bar::~progress_bar() { hide(); }

void progress_bar::show(const progress_state& state) {
  const auto now = std::chrono::steady_clock::now();
  if (!enabled_ || (drawn_ && now - *drawn_ < std::chrono::milliseconds{100}))
    return;
  drawn_ = now;
  // One column less: some terminals begin a new line when the last one is filled.
  auto line = std::string{to_line_start} + progress_line(state, elapsed(), terminal_width() - 1);
  write_all(standard_error, line, "standard error");
  visible_ = true;
}

void progress_bar::complain(std::string_view text) {
  hide();
  cli::complain(text);
  drawn_.reset();
}

std::chrono::duration<double> progress_bar::elapsed() const {
  return std::chrono::steady_clock::now() - start_;
}

void progress_bar::hide() noexcept {
  if (!std::exchange(visible_, false))
    return;
  try {
    write_all(standard_error, to_line_start, "standard error");
  } catch (const std::exception&) {
    // Whatever went wrong with standard error, the work itself does not need it.
  }
}

} // namespace beaver::cli
