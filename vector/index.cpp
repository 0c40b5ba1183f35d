#include "beaver/vector/index.hpp"

#include "beaver/vector/hnsw.hpp"
#include "beaver/vector/linear.hpp"
#include "beaver/vector/lsh.hpp"

#include <stdexcept>

namespace beaver {

std::vector<std::vector<near_row>>
vector_index::search_many(const near_query& like,
                          std::span<const std::span<const float>> vectors) const {
  std::vector<std::vector<near_row>> all;
  all.reserve(vectors.size());
  auto query = like;
  for (const auto& v : vectors) {
    query.vector = v;
    all.push_back(search(query));
  }
  return all;
}

std::unique_ptr<vector_index> make_index(const index_config& config,
                                         std::shared_ptr<const vector_rows> rows,
                                         const build_progress& progress) {
  switch (config.how) {
  case strategy::hnsw:
#ifdef BEAVER_WITH_HNSW
    return make_hnsw(config, std::move(rows), progress);
#else
    throw std::invalid_argument("this build makes no graphs");
#endif
  case strategy::lsh:
    return make_lsh(config, std::move(rows), progress);
  default:
    return make_linear(config, std::move(rows));
  }
}

std::unique_ptr<vector_index> load_index(const index_config& config,
                                         std::shared_ptr<const vector_rows> rows,
                                         const std::vector<index_part>& parts) {
  if (config.how == strategy::lsh)
    return load_lsh(config, std::move(rows), parts);
  if (config.how == strategy::hnsw)
    return load_hnsw(config, std::move(rows), parts);
  if (!parts.empty())
    throw std::runtime_error("a snapshot of vectors has a part that its strategy does not know: '"
                             + parts.front().name + '\'');
  return make_linear(config, std::move(rows));
}

} // namespace beaver
