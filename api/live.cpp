#include "beaver/api/live.hpp"

#include "beaver/actors/backend.hpp"
#include "beaver/storage/sliding_window.hpp"

#include <cmath>
#include <limits>

namespace beaver {

namespace {

double checked(const char* what, double seconds) {
  if (!(std::isfinite(seconds) && seconds > 0))
    throw error(errc::invalid_argument, std::string{what} + " must be a number of seconds above 0");
  return seconds;
}

/// Sleeps; false if `stop` ended it.
bool sleep(std::chrono::duration<double> time, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::unique_lock lock{mutex};
  changed.wait_for(lock, stop, time, [] { return false; });
  return !stop.stop_requested();
}

} // namespace

window_reader::window_reader(std::shared_ptr<backend> from, std::string log,
                             std::optional<json_text> where, double window, double period)
  : from_(std::move(from)), log_(std::move(log)), where_(std::move(where)),
    period_(checked("period", period)), now_(time()), next_(now_),
    seen_(now_ - checked("window", window)) {}

bool window_reader::wait(const std::stop_token& stop) {
  auto now = time();
  for (; now < next_; now = time())
    if (!sleep(std::chrono::duration<double>{next_ - now}, stop))
      return false;
  if (stop.stop_requested())
    return false;
  now_ = next_ + std::floor((now - next_) / period_) * period_;
  next_ = now_ + period_;
  return true;
}

unix_seconds window_reader::time() const { return call(*from_, log_now{log_}); }

std::vector<log_entry> window_reader::read() {
  std::vector<log_entry> all;
  for (;;) {
    log_range m;
    m.name = log_;
    m.start = std::nextafter(seen_, std::numeric_limits<double>::infinity());
    m.end = now_;
    m.where = where_;
    m.limit = page_size;
    auto page = call(*from_, std::move(m));
    if (!page.empty())
      seen_ = page.back().timestamp;
    const bool last = page.size() < page_size;
    if (all.empty())
      all = std::move(page);
    else
      all.insert(all.end(), std::make_move_iterator(page.begin()),
                 std::make_move_iterator(page.end()));
    if (last)
      return all;
  }
}

namespace detail {

live<live_frame> live_frames(std::shared_ptr<backend> from, std::string log,
                             const live_options& how) {
  const auto window =
    std::make_shared<sliding_window>(functions_of(framing(log, how)), how.window.count());
  return {window_reader{std::move(from), std::move(log), how.where, how.window.count(),
                        how.period.count()},
          [window](unix_seconds now, const std::vector<log_entry>& added) {
            for (const auto& e : added)
              window->add(e.data.text(), e.timestamp);
            window->advance(now);
            return live_frame{now, window->rows()};
          }};
}

log_live framing(std::string log, const live_options& how) {
  log_live m;
  m.name = std::move(log);
  m.window_seconds = how.window.count();
  m.period_seconds = how.period.count();
  m.field = how.field;
  if (!how.functions.empty())
    m.functions = how.functions;
  m.group_by = how.group_by;
  m.where = how.where;
  return m;
}

} // namespace detail

} // namespace beaver
