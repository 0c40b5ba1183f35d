#include "beaver/tools/bench_raw_query.hpp"
#include "beaver/tools/bench_vector_data.hpp"
#include "beaver/tools/bench_workload.hpp"

#include <memory>
#include <stdexcept>
#include <stop_token>

// Vectors in a database: what tables, messages and snapshots add to searching.

namespace beaver::bench {

namespace {

using folder = std::filesystem::path;

constexpr const char* collection = "words";
constexpr std::size_t many = 100'000;

std::vector<std::string> vector_ids(std::size_t count) {
  std::vector<std::string> ids(count);
  for (std::size_t n = 0; n < count; ++n)
    ids[n] = vector_id(n);
  return ids;
}

/// Two files, and vectors in ours.
struct vector_files : twin_databases {
  vector_files(const folder& where, durability how, std::size_t count)
    : twin_databases(where, how), data(count), ids(vector_ids(data.count())) {}

  void fill() { words.set_many(ids, data.rows); }

  vector_data data;
  std::vector<std::string> ids;
  vectors<> words = db.vectors(collection);
};

/// What a program writes that keeps vectors with SQLite alone, in the table with our triggers.
class raw_vectors {
public:
  explicit raw_vectors(raw_database& on)
    : put_(on, "INSERT INTO __beaver_vectors__(collection, item_id, vector, metadata) "
               "VALUES(?1, ?2, ?3, NULL) ON CONFLICT(collection, item_id) "
               "DO UPDATE SET vector = excluded.vector, metadata = excluded.metadata") {}

  void put(std::string_view id, std::span<const float> v) {
    put_.with(std::string_view{collection}, id, std::as_bytes(v)).run();
  }

private:
  raw_query put_;
};

// -- search ---------------------------------------------------------------------------------------

worker near_one_by_one(const std::shared_ptr<vector_files>& s) {
  return repeat([s, n = std::size_t{0}]() mutable {
    keep(s->words.near(s->data.query(n++), {.exact = true}).hits.data());
  });
}

contest vec_batch64_100k(const folder& where) {
  constexpr std::size_t batch = 64;
  auto s = std::make_shared<vector_files>(where, durability::relaxed, many);
  s->fill();
  contest c;
  c.ours.workers.push_back([s, first = std::size_t{0}](slice& time) mutable {
    while (time.running()) {
      const auto queries =
        std::span{s->data.queries}.subspan(first * s->data.dims, batch * s->data.dims);
      keep(s->words.near_many(queries, batch, {.exact = true}).data());
      first = (first + batch) % (vector_data::query_count - batch);
      time.done_many(batch);
    }
  });
  c.baseline.workers.push_back(near_one_by_one(s));
  return c;
}

/// The nearest of those whose metadata satisfies a filter that a field index answers.
template <int Percent>
contest vec_filtered(const folder& where) {
  auto s = std::make_shared<vector_files>(where, durability::relaxed, many);
  std::vector<vectors<>::entry> entries;
  for (std::size_t n = 0; n < s->data.count(); ++n) {
    const auto row = s->data.row(n);
    entries.push_back({s->ids[n],
                       {row.begin(), row.end()},
                       json_text{"{\"share\": " + std::to_string(n * 7 % 100) + "}"}});
  }
  s->words.set_many(entries);
  s->words.create_index("share");
  s->words.reindex();
  contest c;
  c.ours.workers.push_back(repeat([s, n = std::size_t{0}]() mutable {
    const auto found = s->words.near(s->data.query(n++), {.where = field("share") < Percent});
    keep(found.hits.data());
  }));
  c.baseline.workers.push_back(near_one_by_one(s));
  return c;
}

// -- writes ---------------------------------------------------------------------------------------

contest vec_set(const folder& where) {
  struct state : vector_files {
    explicit state(const folder& f) : vector_files(f, durability::full, row_count) {
      fill();
      raw->begin();
      for (std::size_t n = 0; n < data.count(); ++n)
        raw_side.put(ids[n], data.row(n));
      raw->commit();
    }

    /// Another vector for one of them.
    std::size_t change(generator& random, std::vector<float>& to, std::size_t number) const {
      const auto n = random.below(data.count());
      to.assign(data.row(n).begin(), data.row(n).end());
      to[0] = static_cast<float>(number);
      return n;
    }

    raw_vectors raw_side{*raw};
  };
  auto s = std::make_shared<state>(where);
  contest c;
  c.ours.workers.push_back(repeat(
    [s, random = generator{2}, number = std::size_t{0}, changed = std::vector<float>{}]() mutable {
      const auto n = s->change(random, changed, ++number);
      s->words.set(s->ids[n], changed);
    }));
  c.baseline.workers.push_back(repeat(
    [s, random = generator{2}, number = std::size_t{0}, changed = std::vector<float>{}]() mutable {
      const auto n = s->change(random, changed, ++number);
      s->raw->begin();
      s->raw_side.put(s->ids[n], changed);
      s->raw->commit();
    }));
  return c;
}

contest vec_set_many(const folder& where) {
  struct state : vector_files {
    explicit state(const folder& f) : vector_files(f, durability::full, many) {}
    raw_vectors raw_side{*raw};
  };
  auto s = std::make_shared<state>(where);
  contest c;
  c.slices = 1;
  c.ours.prepare = [s] { s->words.clear(); };
  c.baseline.prepare = [s] { s->raw->run("DELETE FROM __beaver_vectors__"); };
  c.ours.workers.push_back(once([s] { s->fill(); }));
  c.baseline.workers.push_back(once([s] {
    s->raw->begin();
    for (std::size_t n = 0; n < s->data.count(); ++n)
      s->raw_side.put(s->ids[n], s->data.row(n));
    s->raw->commit();
  }));
  return c;
}

// -- snapshots ------------------------------------------------------------------------------------

contest vec_open_first_query_100k(const folder& where) {
  const auto file = where / "ours.db";
  const auto data = std::make_shared<vector_data>(many);
  {
    auto db = open_ours(file, durability::full);
    db.vectors(collection).set_many(vector_ids(data->count()), data->rows);
    static_cast<void>(db.vectors(collection).compact());
  }
  contest c;
  c.ours.workers.push_back(repeat([file, data, n = std::size_t{0}]() mutable {
    auto db = open_ours(file, durability::full);
    keep(db.vectors(collection).near(data->query(n++)).hits.data());
  }));
  c.baseline.workers.push_back(repeat([file, data] {
    raw_database db{file, {.full_sync = true}};
    raw_query chunks{db, "SELECT data FROM __beaver_vector_chunks__ ORDER BY snap, part, no"};
    std::vector<std::byte> all;
    all.reserve(data->rows.size() * sizeof(float) * 2);
    while (chunks.step()) {
      const auto piece = chunks.blob(0);
      all.insert(all.end(), piece.begin(), piece.end());
    }
    keep(all.data());
  }));
  return c;
}

/// A writer of single values while snapshots are made, one behind the other, against the same with
/// nobody else there. The percentiles are what counts.
contest writer_beside_compaction(const folder& where, bool peer) {
  struct state {
    state(const folder& f, bool peer)
      : db(open_ours(f / "ours.db", durability::full)),
        other(peer ? std::optional{open_ours(f / "ours.db", durability::full)} : std::nullopt) {
      const vector_data data{many};
      words.set_many(vector_ids(data.count()), data.rows);
      set();
    }

    void set() { users.set("user:000001", json_text{text.with(number++)}); }

    database db;
    std::optional<database> other; // as another process would have it open
    vectors<> words = db.vectors(collection);
    dict<> users = (other ? *other : db).dict(dict_name);
    sample_value text;
    std::uint64_t number = 0;
    std::atomic<std::uint64_t> compactions{0};
  };
  auto s = std::make_shared<state>(where, peer);
  contest c;
  c.slices = 1;
  c.length = std::chrono::seconds{5};
  c.ours.workers.push_back(repeat([s] { s->set(); }));
  c.baseline.workers.push_back(repeat([s] { s->set(); }));
  c.ours.companions.push_back([s](const std::atomic<bool>& stop) {
    std::stop_source ending;
    while (!stop)
      try {
        static_cast<void>(s->words.compact(
          [&](double) {
            if (stop)
              ending.request_stop();
          },
          ending.get_token()));
        ++s->compactions;
      } catch (const error& e) {
        if (e.code() != errc::cancelled)
          throw;
      }
  });
  c.extras = [s] { return std::vector<extra>{{"compactions", s->compactions.load()}}; };
  return c;
}

contest vec_compaction_writer_p99(const folder& where) {
  return writer_beside_compaction(where, false);
}
contest vec_compaction_peer_p99(const folder& where) {
  return writer_beside_compaction(where, true);
}

constexpr const char* scan_all = "the exact 10 nearest of all, one by one";

constexpr bench_case cases[] = {
  {"vec_batch64_100k", "the exact 10 nearest of 100,000, for 64 queries in one call", scan_all,
   vec_batch64_100k},
  {"vec_filtered_1pct", "the 10 nearest of 1 % of 100,000, by a filter with a field index",
   scan_all, vec_filtered<1>},
  {"vec_filtered_10pct", "of 10 %", scan_all, vec_filtered<10>},
  {"vec_filtered_50pct", "of 50 %", scan_all, vec_filtered<50>},
  {"vec_set", "replace one of 10,000 vectors at full durability",
   "BEGIN IMMEDIATE, upsert with the same triggers, COMMIT", vec_set},
  {"vec_set_many", "store 100,000 vectors in one call",
   "the same rows by a prepared statement in one transaction", vec_set_many},
  {"vec_open_first_query_100k", "open a file with a snapshot of 100,000, search once, close",
   "raw open, all bytes of the snapshot into memory", vec_open_first_query_100k},
  {"vec_compaction_writer_p99", "set in a dict, durably, beside a compaction of 100,000 vectors",
   "the same with nobody else", vec_compaction_writer_p99},
  {"vec_compaction_peer_p99", "the same out of another opening of the file",
   "the same with nobody else", vec_compaction_peer_p99},
};

} // namespace

std::span<const bench_case> vectors_cases() { return cases; }

} // namespace beaver::bench
