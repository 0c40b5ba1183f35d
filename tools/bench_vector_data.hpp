#pragma once
#include "beaver/vector/index.hpp"

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

// Vectors to search, and how well searches find them.

namespace beaver::bench {

/// From now on vectors come out of a file, which `--data` describes.
void use_vectors_of(const std::filesystem::path& file);

/// Rows to be searched, and queries that are not among them; the same in every run.
struct vector_data {
  static constexpr std::size_t query_count = 1'000;

  /// So many rows, or as many as the file has. Made ones have 100 numbers and are what approximate
  /// searches find hard, as real ones are: clusters that overlap on a subspace, noise beside it,
  /// and all of it away from the origin. Throws std::runtime_error for a file that is not there,
  /// not as it says, or too small.
  explicit vector_data(std::size_t rows);

  [[nodiscard]] std::size_t count() const noexcept { return rows.size() / dims; }
  [[nodiscard]] std::span<const float> row(std::size_t n) const {
    return std::span{rows}.subspan(n * dims, dims);
  }
  /// They come again after `query_count`.
  [[nodiscard]] std::span<const float> query(std::size_t n) const {
    return std::span{queries}.subspan(n % query_count * dims, dims);
  }

  std::size_t dims;
  std::vector<float> rows;
  std::vector<float> queries;
};

/// An id that sorts as its number does.
[[nodiscard]] std::string vector_id(std::size_t n);

/// The share of the true 10 nearest that an index finds for the first 256 queries, by cosine. Rows
/// are those of the index.
[[nodiscard]] double recall_of(const vector_index& index, const vector_rows& rows,
                               const vector_data& data);

/// Reads memory as fast as it comes: one word of each cache line.
[[nodiscard]] std::uint64_t read_through(std::span<const float> memory) noexcept;

} // namespace beaver::bench
