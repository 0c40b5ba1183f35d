#include "beaver/tools/bench_hop.hpp"
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

/// From a write to the moment when a callback for changes has it.
contest watch_latency(const folder& where) {
  struct state : twin_databases {
    explicit state(const folder& f) : twin_databases(f, durability::relaxed) {}
    std::atomic<std::uint64_t> seen{0};
    hop raw_hop;
    std::atomic<std::uint64_t> raw_seen{0};
    std::optional<listener> listening; // ends before what it counts in
  };
  auto s = std::make_shared<state>(where);
  const executor at_once = [](const std::function<void()>& work) { work(); };
  s->listening = s->db.watch(
    std::string{"dict:"} + dict_name, [&count = s->seen](const auto&) { ++count; }, {}, {},
    at_once);
  contest c;
  c.ours.workers.push_back(repeat(
    [s, users = s->db.dict(dict_name), text = sample_value{}, sent = std::uint64_t{0}]() mutable {
      users.set("user:000001", json_text{text.with(sent)});
      spin_until(s->seen, ++sent);
    }));
  c.baseline.workers.push_back(
    repeat([s, text = sample_value{}, sent = std::uint64_t{0}]() mutable {
      s->raw->set(dict_name, "user:000001", text.with(sent));
      s->raw_hop.raise();
      spin_until(s->raw_seen, ++sent);
    }));
  c.baseline.companions.push_back([s](const std::atomic<bool>& stop) {
    while (!stop)
      if (s->raw_hop.take())
        ++s->raw_seen;
  });
  return c;
}

constexpr bench_case cases[] = {
  {"log_live_window", "append 100 entries, then a frame over the last 10,000",
   "the same inserts, then SQL over the span", log_live_window},
  {"watch_latency", "set in a dict until a callback for changes has it",
   "the same write, unrecorded, and one condition variable hop", watch_latency},
};

} // namespace

std::span<const bench_case> live_cases() { return cases; }

} // namespace beaver::bench
