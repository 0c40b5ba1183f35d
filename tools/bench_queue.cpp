#include "beaver/tools/bench_workload.hpp"

#include <memory>

namespace beaver::bench {

namespace {

using folder = std::filesystem::path;

constexpr const char* queue_name = "jobs";
constexpr std::size_t refill = 10'000;
constexpr unsigned priorities = 4;

double priority_of(std::uint64_t number) { return static_cast<double>(number % priorities); }

struct queues : twin_databases {
  explicit queues(const folder& where) : twin_databases(where, durability::relaxed) {}

  void fill_ours() {
    auto batch = db.queue(queue_name).batched();
    for (std::size_t i = 0; i < refill; ++i, ++number)
      batch.put(json_text{text.with(number)}, priority_of(number));
    batch.commit();
  }
  void fill_raw() {
    raw->begin();
    for (std::size_t i = 0; i < refill; ++i, ++raw_number)
      raw->put_item(queue_name, priority_of(raw_number), text.with(raw_number));
    raw->commit();
  }

  sample_value text;
  std::uint64_t number = 0;
  std::uint64_t raw_number = 0;
};

contest queue_put(const folder& where) {
  auto s = std::make_shared<queues>(where);
  contest c;
  c.ours.workers.push_back(
    repeat([s, queue = s->db.queue(queue_name), text = sample_value{}, number = 0ull]() mutable {
      queue.put(json_text{text.with(number)}, priority_of(number));
      ++number;
    }));
  c.baseline.workers.push_back(repeat([s, text = sample_value{}, number = 0ull]() mutable {
    s->raw->begin();
    s->raw->put_item(queue_name, priority_of(number), text.with(number));
    s->raw->commit();
    ++number;
  }));
  return c;
}

/// What is got is put back 10,000 at a time, within the time that is measured, on both sides.
contest queue_get(const folder& where) {
  auto s = std::make_shared<queues>(where);
  contest c;
  c.ours.workers.push_back(repeat([s, queue = s->db.queue(queue_name)]() mutable {
    const auto got = queue.get();
    if (got)
      keep(got->value.text().data());
    else
      s->fill_ours();
  }));
  c.baseline.workers.push_back(repeat([s] {
    s->raw->begin();
    const auto got = s->raw->get_item(queue_name);
    s->raw->commit();
    if (!got.empty())
      keep(got.data());
    else
      s->fill_raw();
  }));
  return c;
}

constexpr bench_case cases[] = {
  {"queue_put", "put into a growing queue, relaxed durability", "BEGIN IMMEDIATE, insert, COMMIT",
   queue_put},
  {"queue_get", "get of the first item, relaxed durability",
   "BEGIN IMMEDIATE, select of the first row, delete, COMMIT", queue_get},
};

} // namespace

std::span<const bench_case> queue_cases() { return cases; }

} // namespace beaver::bench
