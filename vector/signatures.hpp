#pragma once
#include "beaver/vector/index.hpp"

#include <optional>

namespace beaver {

/// The rows of a collection, in a few bits each, against which a query can be held. The formulas
/// are in vector/lsh.hpp. Reading is thread-safe.
class signatures {
public:
  /// A query, made ready.
  struct probe {
    std::vector<std::uint64_t> planes; // [2][words]
    float weight;
    float constant;
  };

  /// Of all rows; nothing if `progress` has ended it. `bits`: a multiple of 64, > 0. Throws
  /// std::invalid_argument for manhattan.
  [[nodiscard]] static std::optional<signatures> of(const vector_rows& rows,
                                                    const index_config& config, std::size_t bits,
                                                    const build_progress& progress);

  /// Out of what `save` gave. Throws std::runtime_error if sizes or rows or metric are others, or a
  /// number is not finite.
  [[nodiscard]] static signatures load(const vector_rows& rows, metric by,
                                       const std::vector<index_part>& parts);
  [[nodiscard]] std::vector<index_part> save() const;

  /// `query` has as many numbers as the rows, all finite. O(bits * dims).
  [[nodiscard]] probe prepare(std::span<const float> query, const kernel_set& kernels) const;

  /// How far the rows 8 * first_block... are, 8 for each block, up to a factor > 0 and a term that
  /// are the same for all rows: lower is nearer. Behind the last row follows anything.
  void estimate(const probe& of, const kernel_set& kernels, std::size_t first_block,
                std::size_t block_count, float* out) const;

  [[nodiscard]] metric by() const noexcept { return by_; }
  [[nodiscard]] std::size_t bytes() const noexcept;

private:
  /// Numbers of 8 rows, in one line of the cache if they are words.
  template <class T>
  struct alignas(8 * sizeof(T)) eight {
    T of[8];
  };

  signatures(const vector_rows& rows, metric by, std::size_t bits);

  void make_room();
  void find_mean(const vector_rows& rows);
  [[nodiscard]] double factor_of(const vector_rows& rows, std::uint32_t row) const noexcept;
  struct workspace;
  void sign(const vector_rows& rows, const kernel_set& kernels, std::size_t first_block,
            std::size_t block_count, workspace& space);

  metric by_;
  std::size_t bits_;
  std::size_t count_;
  std::size_t dims_;
  double unit_ = 1; // what rows and queries are multiplied by, so that squares stay finite
  std::vector<float> mean_;
  std::vector<float> planes_;                // [bits][dims]
  std::vector<eight<std::uint64_t>> blocks_; // [block][word]
  std::vector<eight<float>> scale_;
  std::vector<eight<float>> base_;
};

} // namespace beaver
