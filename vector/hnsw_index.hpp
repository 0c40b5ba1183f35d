#pragma once
#include "beaver/vector/hnsw_graph.hpp"
#include "beaver/vector/index.hpp"
#include "beaver/vector/made_later.hpp"

#include <mutex>

namespace beaver {

class hnsw_codes;
struct hnsw_scratch;

/// Searches a graph; hnsw.hpp makes and loads it. A filter that leaves few rows, or a k that asks
/// for many, is answered by a scan where that is faster than the graph.
class hnsw_index final : public vector_index {
public:
  /// `graph` is one over `rows`.
  hnsw_index(hnsw_graph graph, std::shared_ptr<const vector_rows> rows, const kernel_set& kernels);
  ~hnsw_index() override;

  [[nodiscard]] std::vector<near_row> search(const near_query& query) const override;
  [[nodiscard]] strategy how() const noexcept override { return strategy::hnsw; }
  [[nodiscard]] bool exact(metric by) const noexcept override { return by != graph_.by; }
  [[nodiscard]] std::vector<index_part> save() const override;
  [[nodiscard]] std::size_t effort() const noexcept override { return effort_; }
  void tune(std::size_t effort) override;
  [[nodiscard]] std::size_t bytes() const noexcept override;

  [[nodiscard]] const hnsw_graph& graph() const noexcept { return graph_; }

private:
  class lease;

  [[nodiscard]] const hnsw_codes* codes() const;

  hnsw_graph graph_;
  std::shared_ptr<const vector_rows> rows_;
  const kernel_set& kernels_;
  std::size_t effort_;
  made_later<hnsw_codes> codes_;
  mutable std::mutex guard_;
  mutable std::unique_ptr<hnsw_scratch> idle_;
};

} // namespace beaver
