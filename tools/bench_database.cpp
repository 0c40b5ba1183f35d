#include "beaver/tools/bench_workload.hpp"

#include <algorithm>
#include <memory>
#include <optional>

namespace beaver::bench {

namespace {

using folder = std::filesystem::path;

contest open_close_existing(const folder& where) {
  const twin_files files{where};
  files.fill(row_count);
  const auto key = make_keys(1)[0];
  contest c;
  c.ours.workers.push_back(repeat([files, key] {
    auto db = open_ours(files.ours, durability::full);
    keep(db.dict(dict_name).get(key).text().data());
  }));
  c.baseline.workers.push_back(repeat([files, key] {
    raw_database db{files.raw, {.full_sync = true}};
    keep(db.get(dict_name, key).data());
  }));
  return c;
}

/// Fresh names within a folder that is emptied before each repetition.
class fresh_files {
public:
  explicit fresh_files(folder where) : folder_(std::move(where)) { clear(); }

  std::filesystem::path next() { return folder_ / (std::to_string(number_++) + ".db"); }

  void clear() const {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }

private:
  folder folder_;
  std::uint64_t number_ = 0;
};

contest open_close_new(const folder& where) {
  static_cast<void>(open_ours(where / "model.db", durability::full));
  const auto schema = raw_database{where / "model.db", {}}.schema();
  auto ours = std::make_shared<fresh_files>(where / "ours");
  auto raw = std::make_shared<fresh_files>(where / "raw");
  contest c;
  c.ours.prepare = [ours] { ours->clear(); };
  c.baseline.prepare = [raw] { raw->clear(); };
  c.ours.workers.push_back(
    repeat([ours] { keep(&open_ours(ours->next(), durability::full).path()); }));
  c.baseline.workers.push_back(repeat([raw, schema] {
    raw_database db{raw->next(), {.full_sync = true, .create = true}};
    db.begin();
    for (const auto& sql : schema)
      db.run(sql);
    db.commit();
  }));
  return c;
}

contest transaction_rmw(const folder& where) {
  struct state {
    explicit state(const folder& f) : files(f) {
      files.fill(row_count);
      db.emplace(open_ours(files.ours, durability::full));
      raw.emplace(files.raw, raw_options{.full_sync = true});
    }
    twin_files files;
    std::string key = make_keys(1)[0];
    std::optional<database> db;
    std::optional<raw_database> raw;
  };
  auto s = std::make_shared<state>(where);
  contest c;
  c.ours.workers.push_back(repeat([s, number = std::uint64_t{row_count}]() mutable {
    s->db->transaction([&](transaction& tx) {
      auto users = tx.dict(dict_name);
      std::string value{users.get(s->key).text()};
      users.set(s->key, json_text{sample_value::stamp(value, number++)});
    });
  }));
  c.baseline.workers.push_back(repeat([s, number = std::uint64_t{row_count}]() mutable {
    s->raw->begin();
    std::string value = s->raw->get(dict_name, s->key);
    s->raw->update(dict_name, s->key, sample_value::stamp(value, number++));
    s->raw->commit();
  }));
  return c;
}

/// Whether readers that never rest let the log grow. Sets go on for three seconds beside them.
contest wal_growth_2_readers(const folder& where) {
  constexpr unsigned readers = 2;
  constexpr std::uint64_t sampling = 256; // sets from one look at the log's size to the next
  struct state {
    explicit state(const folder& f) : files(f) { files.fill(row_count); }

    twin_files files;
    std::vector<std::string> keys = make_keys(row_count);
    std::optional<database> db;
    std::optional<raw_database> raw;
    std::uint64_t number = row_count;
    std::uint64_t our_wal = 0;
    std::uint64_t baseline_wal = 0;
  };
  auto s = std::make_shared<state>(where);
  const auto writer = [s](const std::filesystem::path& file, std::uint64_t& largest, auto set) {
    return repeat([s, file, &largest, set, random = generator{1}, text = sample_value{}]() mutable {
      set(s->keys[random.below(row_count)], text.with(s->number));
      if (++s->number % sampling == 0)
        largest = std::max(largest, wal_bytes(file));
    });
  };
  contest c;
  c.slices = 1;
  c.length = std::chrono::seconds{3};
  c.ours.prepare = [s] {
    s->db.reset();
    s->db.emplace(open_ours(s->files.ours, durability::relaxed));
  };
  c.baseline.prepare = [s] {
    s->raw.reset();
    s->raw.emplace(s->files.raw, raw_options{.autocheckpoint = 1'000});
  };
  c.ours.workers.push_back(
    writer(s->files.ours, s->our_wal, [s](const std::string& key, std::string_view value) {
      s->db->dict(dict_name).set(key, json_text{value});
    }));
  c.baseline.workers.push_back(
    writer(s->files.raw, s->baseline_wal, [s](const std::string& key, std::string_view value) {
      s->raw->set(dict_name, key, value);
    }));
  for (unsigned i = 0; i < readers; ++i) {
    c.ours.companions.push_back([s, i](const std::atomic<bool>& stop) {
      auto users = s->db->dict(dict_name);
      for (generator random{i + 2}; !stop;)
        keep(users.get(s->keys[random.below(row_count)]).text().data());
    });
    c.baseline.companions.push_back([s, i](const std::atomic<bool>& stop) {
      raw_database db{s->files.raw, {}};
      for (generator random{i + 2}; !stop;)
        keep(db.get(dict_name, s->keys[random.below(row_count)]).data());
    });
  }
  c.extras = [s] {
    return std::vector<extra>{{"wal_max_bytes", s->our_wal},
                              {"baseline_wal_max_bytes", s->baseline_wal}};
  };
  return c;
}

constexpr bench_case cases[] = {
  {"open_close_existing", "open a file of 10,000 rows, one get, close",
   "raw open with the same pragmas, one get, close", open_close_existing},
  {"open_close_new", "open a file that is not there, close",
   "raw open with the same pragmas, the same schema in one transaction, close", open_close_new},
  {"transaction_rmw", "read and replace one value in a transaction at full durability",
   "BEGIN IMMEDIATE, select, update, COMMIT", transaction_rmw},
  {"wal_growth_2_readers", "set, relaxed, beside two busy readers, for 3 seconds",
   "the same with wal_autocheckpoint 1000", wal_growth_2_readers},
};

} // namespace

std::span<const bench_case> database_cases() { return cases; }

} // namespace beaver::bench
