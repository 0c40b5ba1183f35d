#include "beaver/vector/linear.hpp"

#include "beaver/vector/int8_code.hpp"
#include "beaver/vector/int8_rows.hpp"
#include "beaver/vector/made_later.hpp"
#include "beaver/vector/scan.hpp"
#include "beaver/vector/scan_many.hpp"

namespace beaver {

namespace {

constexpr std::size_t least_together = 8; // fewer are as fast by their 8 bits

class linear final : public vector_index {
public:
  linear(const index_config& config, std::shared_ptr<const vector_rows> rows)
    : kernels_(*config.kernels), rows_(std::move(rows)) {}

  std::vector<near_row> search(const near_query& query) const override {
    const auto* small = query.by == metric::manhattan || is_sparse(query) ? nullptr : int8();
    if (!small || query.k == 0)
      return scan_rows(*rows_, query, kernels_);
    return nearest_of(*rows_, query, small->candidates(*rows_, query, kernels_), kernels_);
  }

  std::vector<std::vector<near_row>>
  search_many(const near_query& like,
              std::span<const std::span<const float>> vectors) const override {
    if (vectors.size() < least_together || like.by == metric::manhattan || is_sparse(like)
        || like.k == 0)
      return vector_index::search_many(like, vectors);
    return scan_many(*rows_, like, vectors, kernels_);
  }

  strategy how() const noexcept override { return strategy::linear; }
  bool exact(metric) const noexcept override { return true; }
  std::vector<index_part> save() const override { return {}; }

  std::size_t bytes() const noexcept override { return int8_.bytes(); }

private:
  [[nodiscard]] bool is_sparse(const near_query& query) const {
    return query.among && query.among->count() * 4 < rows_->count();
  }

  /// Null while they are not there yet, or not worth it.
  const int8_rows* int8() const {
    if (rows_->count() * rows_->dims() * sizeof(float) <= detail::least_bytes_for_int8)
      return nullptr;
    return int8_.get([this] { return std::make_unique<const int8_rows>(*rows_); });
  }

  const kernel_set& kernels_;
  std::shared_ptr<const vector_rows> rows_;
  made_later<int8_rows> int8_;
};

} // namespace

std::unique_ptr<vector_index> make_linear(const index_config& config,
                                          std::shared_ptr<const vector_rows> rows) {
  return std::make_unique<linear>(config, std::move(rows));
}

} // namespace beaver
