#include "beaver/vector/hnsw_graph.hpp"
#include "beaver/vector/hnsw_index.hpp"
#include "fuzz/fuzz.hpp"

#include <memory>
#include <optional>
#include <stdexcept>

using namespace beaver;
using namespace beaver::test;

namespace {

constexpr std::size_t links = 3;
constexpr std::uint32_t distinct = 160;

std::shared_ptr<const vector_rows> some_rows() {
  auto rows = std::make_shared<vector_rows>(2);
  for (std::uint32_t i = 0; i < distinct + 4; ++i) {
    const auto n = i % distinct;
    const float v[]{static_cast<float>(n % 16), static_cast<float>(n / 16)};
    rows->add(v);
  }
  return rows;
}

/// A grid of 16 columns, its last rows twins of its first; on the upper levels lines.
hnsw_graph valid_graph() {
  hnsw_graph graph;
  graph.by = metric::euclid;
  graph.links = links;
  for (std::uint32_t i = 0; i < 4; ++i)
    graph.twins.push_back({i, distinct + i});
  graph.lowest.assign((distinct + 4) * 2 * links, hnsw_graph::none);
  for (std::uint32_t i = 0; i < distinct; ++i) {
    auto* to = graph.lowest.data() + i * 2 * links;
    if (i % 16 > 0)
      *to++ = i - 1;
    if (i % 16 < 15)
      *to++ = i + 1;
    if (i >= 16)
      *to++ = i - 16;
    if (i + 16 < distinct)
      *to++ = i + 16;
  }
  for (std::uint32_t i = 0; i < 16; ++i)
    graph.upper_rows.push_back(i * 10);
  for (const std::uint32_t size : {16u, 4u, 1u}) {
    auto& level = graph.upper.emplace_back(size * links, hnsw_graph::none);
    for (std::uint32_t i = 0; i < size; ++i) {
      auto* to = level.data() + i * links;
      if (i > 0)
        *to++ = i - 1;
      if (i + 1 < size)
        *to = i + 1;
    }
  }
  graph.find_unreached();
  return graph;
}

/// The bytes themselves behind an even first one; behind an odd one changes of a valid graph: each
/// two bytes that say where, and one that is written there.
std::vector<std::byte> bytes_of(std::string_view given, const std::vector<std::byte>& valid) {
  std::vector<std::byte> out;
  if (given.empty() || given[0] % 2 == 0) {
    for (const char c : given.substr(given.empty() ? 0 : 1))
      out.push_back(static_cast<std::byte>(c));
    return out;
  }
  out = valid;
  for (std::size_t i = 1; i + 2 < given.size(); i += 3) {
    const auto at = static_cast<unsigned char>(given[i])
                    + std::size_t{256} * static_cast<unsigned char>(given[i + 1]);
    out[at % out.size()] = static_cast<std::byte>(given[i + 2]);
  }
  return out;
}

} // namespace

/// Reading a graph never does worse than to throw; what was read is written as the same bytes, and
/// any query has as many answers as are asked for.
void beaver::test::fuzz_one(std::string_view given) {
  static const auto rows = some_rows();
  static const auto valid = valid_graph().write();
  const auto bytes = bytes_of(given, valid);
  std::optional<hnsw_graph> graph;
  try {
    graph = hnsw_graph::read(bytes, *rows, metric::euclid, links);
  } catch (const std::runtime_error&) {
    require(bytes != valid);
    return;
  }
  require(graph->write() == bytes);
  const hnsw_index index{std::move(*graph), rows, best_kernels()};
  for (const float x : {-1.F, 0.F, 3.4F, 7.7F, 20.F}) {
    const float query[]{x, x};
    for (const std::size_t k : {1u, 3u}) // no more, for which the graph would not be searched
      require(index.search({query, metric::euclid, k, nullptr, k}).size() == k);
  }
}
