#include "beaver/tools/bench_workload.hpp"

#include <cstdio>

namespace beaver::bench {

std::vector<std::string> make_keys(std::size_t count) {
  std::vector<std::string> keys;
  keys.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    char text[24];
    std::snprintf(text, sizeof text, "user:%06zu", i);
    keys.emplace_back(text);
  }
  return keys;
}

std::string_view sample_value::stamp(std::string& text, std::uint64_t number) noexcept {
  constexpr int digits = 11; // and the leading 1 stays
  auto at = text.size() - 2;
  for (int i = 0; i < digits; ++i, --at, number /= 10)
    text[at] = static_cast<char>('0' + number % 10);
  return text;
}

void twin_files::fill(std::size_t rows) const {
  const auto keys = make_keys(rows);
  for (const auto& path : {ours, raw}) {
    auto db = open_ours(path, durability::relaxed);
    auto users = db.dict(dict_name).batched();
    sample_value value;
    for (std::size_t i = 0; i < rows; ++i)
      users.set(keys[i], json_text{value.with(i)});
    users.commit();
  }
}

database open_ours(const std::filesystem::path& path, durability how) {
  return database{path.string(), {.durability = how}};
}

twin_databases::twin_databases(const std::filesystem::path& folder, durability how)
  : files(folder), db(open_ours(files.ours, how)) {
  static_cast<void>(open_ours(files.raw, how)); // makes the tables
  raw =
    std::make_unique<raw_database>(files.raw, raw_options{.full_sync = how == durability::full});
}

std::uint64_t wal_bytes(const std::filesystem::path& path) {
  std::error_code none;
  const auto size = std::filesystem::file_size(path.string() + "-wal", none);
  return none ? 0 : size;
}

} // namespace beaver::bench
