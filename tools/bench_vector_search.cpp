#include "beaver/tools/bench_vector_data.hpp"
#include "beaver/tools/bench_workload.hpp"
#include "beaver/vector/base.hpp"
#include "beaver/vector/scan.hpp"
#include "beaver/vector/tuning.hpp"

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <thread>

// Strategies of vector search alone, by cosine, without a database.

namespace beaver::bench {

namespace {

using folder = std::filesystem::path;

constexpr double target_recall = 0.95;

/// Rows and an index over them, as a compaction would make it.
struct search_state {
  search_state(std::size_t count, strategy how) : data(count) {
    base_builder builder{data.dims};
    for (std::size_t n = 0; n < data.count(); ++n)
      builder.add(vector_id(n), data.row(n));
    const auto begun = steady::now();
    base =
      builder.build({.how = how, .threads = std::max(1u, std::thread::hardware_concurrency())});
    if (!base->index->exact(metric::cosine))
      static_cast<void>(tune_recall(*base->index, *base->rows, metric::cosine, target_recall));
    build_ms = std::chrono::duration<double, std::milli>(steady::now() - begun).count();
  }

  /// The worker that scans floats.
  [[nodiscard]] static worker scan(const std::shared_ptr<search_state>& s) {
    return repeat([s, n = std::size_t{0}]() mutable {
      keep(scan_rows(*s->base->rows, {.vector = s->data.query(n++)}).data());
    });
  }

  [[nodiscard]] std::vector<extra> size() const {
    return {{"rows", base->rows->count()}, {"dims", data.dims}};
  }

  vector_data data;
  std::shared_ptr<vector_base> base;
  double build_ms;
};

template <std::size_t Rows>
contest vec_scan(const folder&) {
  auto s = std::make_shared<search_state>(Rows, strategy::linear);
  contest c;
  c.ours.workers.push_back(search_state::scan(s));
  c.baseline.workers.push_back(repeat([s] {
    const auto& rows = *s->base->rows;
    keep(read_through({rows.data(), rows.count() * rows.dims()}));
  }));
  c.extras = [s] { return s->size(); };
  return c;
}

/// A search of an index against the scan of all floats.
template <strategy How, std::size_t Rows>
contest vec_index(const folder&) {
  auto s = std::make_shared<search_state>(Rows, How);
  const auto& index = *s->base->index;
  const double recall = recall_of(index, *s->base->rows, s->data);
  if (index.exact(metric::cosine) && recall < 1)
    throw std::runtime_error("an exact index has not found the nearest");
  contest c;
  c.ours.workers.push_back(repeat([s, n = std::size_t{0}]() mutable {
    keep(s->base->index->search({.vector = s->data.query(n++)}).data());
  }));
  c.baseline.workers.push_back(search_state::scan(s));
  c.extras = [s, recall] {
    auto all = s->size();
    all.emplace_back("recall_at_10", recall);
    all.emplace_back("effort", s->base->index->effort());
    all.emplace_back("index_bytes", s->base->index->bytes());
    all.emplace_back("build_and_tune_ms", s->build_ms);
    return all;
  };
  return c;
}

constexpr const char* scan = "a scan of all rows in float";

constexpr bench_case cases[] = {
  {"vec_scan_10k", "the 10 nearest of 10,000 rows, scanned in float", "reading the same memory",
   vec_scan<10'000>},
  {"vec_scan_100k", "the 10 nearest of 100,000 rows, scanned in float", "reading the same memory",
   vec_scan<100'000>},
  {"vec_linear_int8_100k", "the 10 nearest of 100,000 by 8 bits, exactly", scan,
   vec_index<strategy::linear, 100'000>},
  {"vec_linear_int8_300k", "the same of 300,000", scan, vec_index<strategy::linear, 300'000>},
  {"vec_lsh_100k", "the 10 nearest of 100,000 by signatures, tuned to recall 0.95", scan,
   vec_index<strategy::lsh, 100'000>},
  {"vec_lsh_300k", "the same of 300,000", scan, vec_index<strategy::lsh, 300'000>},
  {"vec_hnsw_100k", "the 10 nearest of 100,000 by a graph, tuned to recall 0.95", scan,
   vec_index<strategy::hnsw, 100'000>},
};

} // namespace

std::span<const bench_case> vector_search_cases() {
  return std::span{cases}.first(std::size(cases) - (has_hnsw() ? 0 : 1)); // the last needs it
}

} // namespace beaver::bench
