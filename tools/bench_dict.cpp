#include "beaver/tools/bench_workload.hpp"

#include <deque>
#include <memory>
#include <optional>

namespace beaver::bench {

namespace {

using folder = std::filesystem::path;

/// Two dicts of 10,000 rows, open on both sides; the raw one through a connection per thread.
struct dicts {
  dicts(const folder& where, durability how, unsigned threads = 1) : files(where) {
    files.fill(row_count);
    db.emplace(open_ours(files.ours, how));
    for (unsigned i = 0; i < threads; ++i)
      raw.push_back(std::make_unique<raw_database>(
        files.raw, raw_options{.full_sync = how == durability::full}));
  }

  [[nodiscard]] dict<json_text> users() const { return db->dict(dict_name); }

  twin_files files;
  std::vector<std::string> keys = make_keys(row_count);
  std::optional<database> db;
  std::vector<std::unique_ptr<raw_database>> raw;
};

/// What thread `number` writes: each time another value, in the same order on both sides.
struct writes {
  explicit writes(unsigned number)
    : random(number + 1), next(number * 1'000'000'000ull + row_count) {}

  std::string_view value() { return text.with(next++); }

  generator random;
  std::uint64_t next;
  sample_value text;
};

contest gets(const folder& where, unsigned threads) {
  auto s = std::make_shared<dicts>(where, durability::relaxed, threads);
  contest c;
  for (unsigned i = 0; i < threads; ++i) {
    c.ours.workers.push_back(repeat([s, users = s->users(), random = generator{i + 1}]() mutable {
      keep(users.get(s->keys[random.below(row_count)]).text().data());
    }));
    c.baseline.workers.push_back(
      repeat([s, &raw = *s->raw[i], random = generator{i + 1}]() mutable {
        keep(raw.get(dict_name, s->keys[random.below(row_count)]).data());
      }));
  }
  return c;
}

contest sets(const folder& where, durability how, unsigned threads) {
  auto s = std::make_shared<dicts>(where, how, threads);
  contest c;
  if (threads > 1)
    c.slices = 2; // SQLite's busy handler sleeps up to 100 ms, so short ones would be all tail
  for (unsigned i = 0; i < threads; ++i) {
    c.ours.workers.push_back(repeat([s, users = s->users(), w = writes{i}]() mutable {
      const auto& key = s->keys[w.random.below(row_count)];
      users.set(key, json_text{w.value()});
    }));
    c.baseline.workers.push_back(repeat([s, &raw = *s->raw[i], w = writes{i}]() mutable {
      const auto& key = s->keys[w.random.below(row_count)];
      raw.set(dict_name, key, w.value());
    }));
  }
  return c;
}

contest dict_get(const folder& where) { return gets(where, 1); }
contest dict_get_2t(const folder& where) { return gets(where, 2); }
contest dict_set(const folder& where) { return sets(where, durability::relaxed, 1); }
contest dict_set_full(const folder& where) { return sets(where, durability::full, 1); }
contest dict_set_full_16t(const folder& where) { return sets(where, durability::full, 16); }

/// Each repetition overwrites all rows with the values of another round. Both files are opened anew
/// before, so that both logs are empty and neither side pays for the other's checkpoint.
contest dict_batch_100k(const folder& where) {
  constexpr std::size_t rows = 100'000;
  struct state {
    explicit state(const folder& f) : files(f) { files.fill(rows); }

    twin_files files;
    std::vector<std::string> keys = make_keys(rows);
    std::optional<database> db;
    std::optional<raw_database> raw;
    std::uint64_t round = 0;
    sample_value text;
  };
  auto s = std::make_shared<state>(where);
  contest c;
  c.slices = 1;
  c.ours.prepare = [s] {
    ++s->round;
    s->db.reset();
    s->db.emplace(open_ours(s->files.ours, durability::full));
    keep(s->db->dict(dict_name).count());
  };
  c.baseline.prepare = [s] {
    s->raw.reset();
    s->raw.emplace(s->files.raw, raw_options{.full_sync = true, .autocheckpoint = 0});
    keep(s->raw->get(dict_name, s->keys[0]));
  };
  c.ours.workers.push_back(once([s] {
    auto users = s->db->dict(dict_name).batched();
    for (std::size_t i = 0; i < rows; ++i)
      users.set(s->keys[i], json_text{s->text.with(s->round * rows + i)});
    users.commit();
  }));
  c.baseline.workers.push_back(once([s] {
    s->raw->begin();
    for (std::size_t i = 0; i < rows; ++i)
      s->raw->upsert(dict_name, s->keys[i], s->text.with(s->round * rows + i));
    s->raw->commit();
  }));
  return c;
}

contest async_dict_set_64(const folder& where) {
  constexpr std::size_t outstanding = 64;
  auto s = std::make_shared<dicts>(where, durability::full);
  contest c;
  c.ours.workers.push_back(
    [s, users = s->db->async().dict(dict_name), w = writes{0}](slice& now) mutable {
      std::deque<std::pair<steady::time_point, future<void>>> open;
      const auto finish_one = [&] {
        auto [began, set] = std::move(open.front());
        open.pop_front();
        set.get().value();
        now.done_since(began);
      };
      while (now.running()) {
        while (open.size() < outstanding) {
          const auto& key = s->keys[w.random.below(row_count)];
          open.emplace_back(steady::now(), users.set(key, json_text{w.value()}));
        }
        finish_one();
      }
      while (!open.empty())
        finish_one();
    });
  c.baseline.workers.push_back(repeat([s, &raw = *s->raw[0], w = writes{0}]() mutable {
    const auto& key = s->keys[w.random.below(row_count)];
    raw.set(dict_name, key, w.value());
  }));
  return c;
}

constexpr bench_case cases[] = {
  {"dict_get", "get of a random key, 10,000 rows of 92 bytes", "raw get, a read transaction each",
   dict_get},
  {"dict_get_2t", "the same by 2 threads on one dict",
   "2 threads, a connection each and a read transaction per get", dict_get_2t},
  {"dict_set", "set of a random key, relaxed durability", "BEGIN IMMEDIATE, upsert, COMMIT",
   dict_set},
  {"dict_set_full", "the same at full durability", "BEGIN IMMEDIATE, upsert, COMMIT",
   dict_set_full},
  {"dict_set_full_16t", "the same by 16 threads on one dict",
   "16 threads, a connection each, BEGIN IMMEDIATE, upsert, COMMIT", dict_set_full_16t},
  {"dict_batch_100k", "one batch of 100,000 sets at full durability, over older values",
   "100,000 upserts in one transaction", dict_batch_100k},
  {"async_dict_set_64", "set at full durability, 64 futures outstanding",
   "1 thread, BEGIN IMMEDIATE, upsert, COMMIT", async_dict_set_64},
};

} // namespace

std::span<const bench_case> dict_cases() { return cases; }

} // namespace beaver::bench
