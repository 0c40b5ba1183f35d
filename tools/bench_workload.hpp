#pragma once
#include "beaver/tools/bench_harness.hpp"
#include "beaver/tools/bench_raw.hpp"

#include <beaver/beaver.hpp>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// What all cases share: rows, keys, and two files of one shape.

namespace beaver::bench {

inline constexpr const char* dict_name = "users";
inline constexpr std::size_t row_count = 10'000;

/// The cases of one part of the library.
[[nodiscard]] std::span<const bench_case> dict_cases();
[[nodiscard]] std::span<const bench_case> blob_cases();
[[nodiscard]] std::span<const bench_case> list_cases();
[[nodiscard]] std::span<const bench_case> queue_cases();
[[nodiscard]] std::span<const bench_case> docs_cases();
[[nodiscard]] std::span<const bench_case> log_cases();
[[nodiscard]] std::span<const bench_case> live_cases();
[[nodiscard]] std::span<const bench_case> channel_cases();
[[nodiscard]] std::span<const bench_case> server_cases();
[[nodiscard]] std::span<const bench_case> token_cases();
[[nodiscard]] std::span<const bench_case> hand_over_cases();
[[nodiscard]] std::span<const bench_case> waiting_cases();
[[nodiscard]] std::span<const bench_case> lock_cases();
[[nodiscard]] std::span<const bench_case> graph_cases();
[[nodiscard]] std::span<const bench_case> vector_search_cases();
[[nodiscard]] std::span<const bench_case> vectors_cases();
[[nodiscard]] std::span<const bench_case> sketch_cases();
[[nodiscard]] std::span<const bench_case> database_cases();

/// The same sequence in every run and on both sides. Source: Steele, Lea and Flood, "Fast
/// splittable pseudorandom number generators" (SplitMix64).
class generator {
public:
  explicit generator(std::uint64_t seed) : state_(seed) {}
  std::uint64_t operator()() noexcept {
    auto z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  std::size_t below(std::size_t limit) noexcept { return (*this)() % limit; }

private:
  std::uint64_t state_;
};

/// "user:000000" and so on.
[[nodiscard]] std::vector<std::string> make_keys(std::size_t count);

/// A JSON object of 92 bytes with a number in it that makes each one differ: SQLite skips the write
/// of a value that is there already.
class sample_value {
public:
  /// The text with this number, below 10^11; valid until the next call.
  std::string_view with(std::uint64_t number) noexcept { return stamp(text_, number); }

  /// Puts another number into such a text.
  static std::string_view stamp(std::string& text, std::uint64_t number) noexcept;

private:
  std::string text_ =
    R"({"name": "Ada Lovelace", "email": "ada@example.org", "score": 12.5, "visit": 100000000000})";
};

/// Two files of one shape, both made by the library: one for it, one for the raw API.
struct twin_files {
  explicit twin_files(const std::filesystem::path& folder)
    : ours(folder / "ours.db"), raw(folder / "raw.db") {}

  /// Puts `rows` records into the dict of both.
  void fill(std::size_t rows) const;

  std::filesystem::path ours;
  std::filesystem::path raw;
};

[[nodiscard]] database open_ours(const std::filesystem::path& path, durability how);

/// Two such files, open, at the same durability.
struct twin_databases {
  twin_databases(const std::filesystem::path& folder, durability how);

  twin_files files;
  database db;
  std::unique_ptr<raw_database> raw;
};

/// The size of the write-ahead log beside a file; 0 if there is none.
[[nodiscard]] std::uint64_t wal_bytes(const std::filesystem::path& path);

/// Keeps the compiler from dropping what is computed.
template <class T>
void keep(const T& value) {
  asm volatile("" : : "r,m"(value) : "memory");
}

} // namespace beaver::bench
