#include "beaver/tools/bench_workload.hpp"

#include <cstring>
#include <memory>

namespace beaver::bench {

namespace {

using folder = std::filesystem::path;

constexpr const char* store_name = "files";
constexpr std::size_t blob_count = 64;
constexpr std::size_t blob_bytes = 64 * 1024;

/// 64 KiB that differ from one time to the next on each page: SQLite leaves out equal pages.
class content {
public:
  explicit content(std::uint64_t seed) {
    generator random{seed};
    for (auto& c : data_)
      c = static_cast<char>(random());
  }

  std::string_view next() noexcept {
    ++number_;
    for (std::size_t at = 0; at < data_.size(); at += 512)
      std::memcpy(data_.data() + at, &number_, sizeof number_);
    return data_;
  }

private:
  std::string data_ = std::string(blob_bytes, '\0');
  std::uint64_t number_ = 0;
};

struct blobs : twin_databases {
  explicit blobs(const folder& where) : twin_databases(where, durability::relaxed) {
    content data{1};
    auto store = db.blob(store_name);
    for (const auto& key : keys) {
      store.put(key, data.next());
      raw->put_blob(store_name, key, data.next());
    }
  }

  std::vector<std::string> keys = make_keys(blob_count);
};

contest blob_put_64k(const folder& where) {
  auto s = std::make_shared<blobs>(where);
  contest c;
  c.ours.workers.push_back(
    repeat([s, store = s->db.blob(store_name), random = generator{1}, data = content{2}]() mutable {
      store.put(s->keys[random.below(blob_count)], data.next());
    }));
  c.baseline.workers.push_back(repeat([s, random = generator{1}, data = content{2}]() mutable {
    s->raw->put_blob(store_name, s->keys[random.below(blob_count)], data.next());
  }));
  return c;
}

contest blob_get_64k(const folder& where) {
  auto s = std::make_shared<blobs>(where);
  contest c;
  c.ours.workers.push_back(
    repeat([s, store = s->db.blob(store_name), random = generator{1}]() mutable {
      keep(store.get(s->keys[random.below(blob_count)]).text().data());
    }));
  c.baseline.workers.push_back(repeat([s, random = generator{1}]() mutable {
    std::size_t size = 0;
    keep(s->raw->get_blob(store_name, s->keys[random.below(blob_count)], size).get());
  }));
  return c;
}

constexpr bench_case cases[] = {
  {"blob_put_64k", "put of 64 KiB over an older blob, relaxed durability",
   "BEGIN IMMEDIATE, upsert, COMMIT", blob_put_64k},
  {"blob_get_64k", "get of 64 KiB", "raw get, a read transaction each, copied into a buffer",
   blob_get_64k},
};

} // namespace

std::span<const bench_case> blob_cases() { return cases; }

} // namespace beaver::bench
