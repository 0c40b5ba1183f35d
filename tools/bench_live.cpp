#include "beaver/tools/bench_workload.hpp"

#include <memory>
#include <vector>

namespace beaver::bench {

namespace {

using folder = std::filesystem::path;

constexpr const char* log_name = "requests";
constexpr double window_seconds = 10;
constexpr double period_seconds = 0.1;
constexpr std::size_t per_period = 100; // so 10,000 entries are in the window

/// Two logs that grow by the same entries, in a time that the bench makes.
struct live_files {
  explicit live_files(const folder& where)
    : files(where), now(std::make_shared<std::atomic<double>>(1'000'000)) {
    options how;
    how.durability = durability::relaxed;
    how.clock = [now = now] { return now->load(); };
    how.sweep_period = std::chrono::milliseconds{0};
    db.emplace(files.ours.string(), how);
    static_cast<void>(open_ours(files.raw, durability::relaxed)); // which makes the tables
    raw = std::make_unique<raw_database>(files.raw, raw_options{.full_sync = false});
  }

  /// "{"ms": 0.25, ...}" at even distances within a period that ends at `end`.
  template <class F>
  void each_entry(double end, F&& append) {
    for (std::size_t i = 0; i < per_period; ++i) {
      const double time =
        end - period_seconds + (static_cast<double>(i) + 0.5) * period_seconds / per_period;
      append(time, "{\"ms\": " + std::to_string(dice.below(4'000)) + ".25, \"path\": \"/index\"}");
    }
  }

  void append_ours() {
    now->store(now->load() + period_seconds);
    auto batch = db->log(log_name).batched();
    each_entry(now->load(),
               [&](double time, const std::string& json) { batch.append(json_text{json}, time); });
    batch.commit();
  }
  void append_raw() {
    raw_now += period_seconds;
    raw->begin();
    each_entry(raw_now, [&](double time, const std::string& json) {
      raw->append_entry(log_name, time, json);
    });
    raw->commit();
  }

  twin_files files;
  std::shared_ptr<std::atomic<double>> now;
  double raw_now = 1'000'000;
  std::optional<database> db;
  std::unique_ptr<raw_database> raw;
  generator dice{1};
};

contest log_live_window(const folder& where) {
  auto s = std::make_shared<live_files>(where);
  for (int i = 0; i < 100; ++i) {
    s->append_ours();
    s->append_raw();
  }
  auto live = std::make_shared<beaver::live<live_frame>>(
    s->db->log(log_name).live({.window = std::chrono::duration<double>{window_seconds},
                               .period = std::chrono::duration<double>{period_seconds},
                               .field = "ms"}));
  static_cast<void>(live->next());
  contest c;
  c.ours.workers.push_back(repeat([s, live] {
    s->append_ours();
    keep(live->next()->rows.front().sum);
  }));
  c.baseline.workers.push_back(repeat([s] {
    s->append_raw();
    keep(s->raw->sum_of_entries(log_name, s->raw_now - window_seconds, s->raw_now));
  }));
  return c;
}

constexpr bench_case cases[] = {
  {"log_live_window", "append 100 entries, then a frame over the last 10,000",
   "the same inserts, then SQL over the span", log_live_window},
};

} // namespace

std::span<const bench_case> live_cases() { return cases; }

} // namespace beaver::bench
