#pragma once
#include "beaver/vector/index.hpp"

#include <limits>

namespace beaver {

/// Keeps the rows that can still be among the k nearest while bounds of their keys come in. A key
/// is a number that orders rows as their scores do; a bound is what is known of it for certain.
class near_bounds {
public:
  explicit near_bounds(std::size_t k) : k_(k) {}

  /// Rows whose lowest key is above this are out: so many others are nearer for certain.
  [[nodiscard]] double limit() const noexcept { return limit_; }

  /// To be called for rows whose `lowest` is not above limit(). A bound that is infinite or no
  /// number says nothing.
  void add(std::uint32_t row, double lowest, double highest);

  /// The same for rows one behind the other, with keys of which each may be off by its error; those
  /// that are out, or not in `among`, are passed over. One whose key is no number is not out.
  void add(std::uint32_t first, std::span<const double> keys, std::span<const double> errors,
           const row_mask* among);

  /// Those that are left: the k nearest are among them.
  [[nodiscard]] std::vector<std::uint32_t> rows() const;

private:
  struct candidate {
    std::uint32_t row;
    double lowest;
  };

  std::size_t k_;
  double limit_ = std::numeric_limits<double>::infinity();
  std::vector<double> highest_; // a heap of the k lowest ones
  std::vector<candidate> candidates_;
};

/// Rows with their exact scores, at most query.k, in the order of `vector_index::search`. With
/// `ties` the rows that score as the last one come along, more than k though they may be.
/// O(candidates * dims), each term in double.
[[nodiscard]] std::vector<near_row> scored(const vector_rows& rows, const near_query& query,
                                           std::span<const std::uint32_t> candidates,
                                           bool ties = false);

/// The nearest of some rows, each given once, that are in query.among; exactly. A kernel leaves few
/// to be scored in double. O(candidates * dims).
[[nodiscard]] std::vector<near_row> nearest_of(const vector_rows& rows, const near_query& query,
                                               std::span<const std::uint32_t> candidates,
                                               const kernel_set& kernels = best_kernels());

/// The nearest of all rows, exactly: one pass with a kernel in float, whose error is bounded, then
/// exact scores for the rows that the bound does not exclude. Few allowed rows are visited one by
/// one. O(rows * dims).
[[nodiscard]] std::vector<near_row> scan_rows(const vector_rows& rows, const near_query& query,
                                              const kernel_set& kernels = best_kernels(),
                                              bool ties = false);

} // namespace beaver
