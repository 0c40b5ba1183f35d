#include "beaver/tools/bench_workload.hpp"

#include <memory>
#include <vector>

namespace beaver::bench {

namespace {

using folder = std::filesystem::path;

constexpr const char* log_name = "audit";
constexpr std::size_t portion = 20'000;
constexpr std::size_t page = 100;

struct log_files : twin_databases {
  explicit log_files(const folder& where) : twin_databases(where, durability::relaxed) {}

  void append_ours() {
    auto batch = db.log(log_name).batched();
    for (std::size_t i = 0; i < portion; ++i)
      batch.append(json_text{text.with(number++)});
    batch.commit();
  }
  /// The raw log counts in its timestamps: it need not look for a free one.
  void append_raw() {
    raw->begin();
    for (std::size_t i = 0; i < portion; ++i, ++raw_number)
      raw->append_entry(log_name, static_cast<double>(raw_number), text.with(raw_number));
    raw->commit();
  }

  sample_value text;
  std::uint64_t number = 0;
  std::uint64_t raw_number = 0;
};

contest log_append(const folder& where) {
  auto s = std::make_shared<log_files>(where);
  contest c;
  c.ours.workers.push_back(
    repeat([s, log = s->db.log(log_name), text = sample_value{}, number = 0ull]() mutable {
      log.append(json_text{text.with(number++)});
    }));
  c.baseline.workers.push_back(repeat([s, text = sample_value{}, number = 0ull]() mutable {
    s->raw->begin();
    s->raw->append_entry(log_name, static_cast<double>(number), text.with(number));
    s->raw->commit();
    ++number;
  }));
  return c;
}

contest log_append_batch_20k(const folder& where) {
  auto s = std::make_shared<log_files>(where);
  contest c;
  c.ours.workers.push_back(repeat([s] { s->append_ours(); }));
  c.baseline.workers.push_back(repeat([s] { s->append_raw(); }));
  return c;
}

contest log_range_100(const folder& where) {
  auto s = std::make_shared<log_files>(where);
  for (int i = 0; i < 5; ++i) {
    s->append_ours();
    s->append_raw();
  }
  contest c;
  c.ours.workers.push_back(repeat([s, log = s->db.log(log_name)] {
    const auto entries = log.range({.order = sort_order::desc, .limit = page});
    keep(entries.data());
  }));
  c.baseline.workers.push_back(repeat([s] {
    const auto entries = s->raw->newest_entries(log_name, page);
    keep(entries.data());
  }));
  return c;
}

constexpr std::uint64_t many_entries = 1'000'000;
constexpr std::uint64_t users = 100'000; // of about ten entries each

contest log_where_indexed_1m(const folder& where) {
  auto s = std::make_shared<log_files>(where);
  auto log = s->db.log(log_name);
  log.create_index("user");
  generator random{1};
  for (std::uint64_t n = 0; n < many_entries;) {
    std::vector<log_entry_of<json_text>> part;
    s->raw->begin();
    for (const auto end = n + portion; n < end; ++n) {
      const auto text =
        "{\"user\": " + std::to_string(random.below(users)) + ", \"path\": \"/index.html\"}";
      part.push_back({static_cast<double>(n), json_text::from_normal(text)});
      s->raw->append_entry(log_name, static_cast<double>(n), text);
    }
    s->raw->commit();
    log.append_many(part);
  }
  s->raw->index_entries_by_user();
  contest c;
  c.ours.workers.push_back(repeat([log, random = generator{2}]() mutable {
    const auto entries =
      log.range({.where = field("user") == static_cast<std::uint64_t>(random.below(users))});
    keep(entries.data());
  }));
  c.baseline.workers.push_back(repeat([s, random = generator{2}]() mutable {
    const auto entries =
      s->raw->entries_of(log_name, static_cast<std::int64_t>(random.below(users)));
    keep(entries.data());
  }));
  return c;
}

constexpr bench_case cases[] = {
  {"log_append", "append to a growing log, relaxed durability",
   "BEGIN IMMEDIATE, insert at a counted time, COMMIT", log_append},
  {"log_append_batch_20k", "append 20,000 entries in one batch, relaxed durability",
   "the same inserts in one transaction", log_append_batch_20k},
  {"log_range_100", "read the newest 100 of 100,000 entries", "the same select, each row copied",
   log_range_100},
  {"log_where_indexed_1m", "find the 10 or so of 1,000,000 entries with one value, by an index",
   "a join with an index table of the same rows", log_where_indexed_1m},
};

} // namespace

std::span<const bench_case> log_cases() { return cases; }

} // namespace beaver::bench
