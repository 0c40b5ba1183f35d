#include "beaver/vector/hnsw_graph.hpp"

#include "beaver/vector/part_bytes.hpp"
#include "beaver/vector/row_mask.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace beaver {

namespace {

constexpr std::string_view magic = "bvr hnsw";
constexpr std::uint32_t version = 1;

std::string_view bytes_of(std::span<const float> row) noexcept {
  return {reinterpret_cast<const char*>(row.data()), row.size_bytes()};
}

void write_list(part_writer& out, std::span<const std::uint32_t> places) {
  const auto count = std::find(places.begin(), places.end(), hnsw_graph::none) - places.begin();
  out.put(static_cast<std::uint16_t>(count));
  out.put_all(places.data(), static_cast<std::size_t>(count));
}

void require(bool condition, const char* what) {
  if (!condition)
    throw std::runtime_error(std::string{"bytes are no hnsw graph of these rows: "} + what);
}

std::uint32_t read_number(part_reader& in) { return in.get<std::uint32_t>(); }

/// Into `places`, which all are `none`. `valid` is asked about each.
template <class Valid>
void read_list(part_reader& in, std::span<std::uint32_t> places, Valid valid) {
  const std::size_t count = in.get<std::uint16_t>();
  require(count <= places.size(), "a node has too many neighbours");
  in.get_all(places.data(), count);
  require(std::all_of(places.begin(), places.begin() + static_cast<std::ptrdiff_t>(count), valid),
          "a neighbour is none");
}

/// Those of rows that are nodes, as the twins say.
row_mask read_twins(part_reader& in, std::size_t count, const vector_rows& rows,
                    std::vector<hnsw_graph::twin>& twins) {
  require(count <= in.left() / sizeof(hnsw_graph::twin), "they end too early");
  row_mask nodes{rows.count(), true};
  twins.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto first = read_number(in);
    const hnsw_graph::twin next{first, read_number(in)};
    require(next.first < next.row && next.row < rows.count(), "a twin has no such row");
    require(twins.empty() || twins.back() < next, "twins are not in order");
    require(nodes[next.row], "a row is the twin of two");
    require(bytes_of(rows[next.first]) == bytes_of(rows[next.row]), "twins differ");
    nodes.reset(next.row);
    twins.push_back(next);
  }
  for (const auto& each : twins)
    require(nodes[each.first], "a row is the twin of a twin");
  return nodes;
}

} // namespace

std::size_t hnsw_graph::memory() const noexcept {
  auto numbers = lowest.capacity() + upper_rows.capacity() + unreached.capacity();
  for (const auto& level : upper)
    numbers += level.capacity();
  return numbers * sizeof(std::uint32_t) + twins.capacity() * sizeof(twin);
}

std::vector<std::byte> hnsw_graph::write() const {
  part_writer out;
  out.put_all(magic.data(), magic.size());
  const auto rows = lowest.size() / (2 * links);
  for (const auto n : {std::size_t{version}, rows, static_cast<std::size_t>(by), links,
                       upper.size(), twins.size()})
    out.put(static_cast<std::uint32_t>(n));
  for (const auto& level : upper)
    out.put(static_cast<std::uint32_t>(level.size() / links));
  out.put_all(upper_rows.data(), upper_rows.size());
  row_mask nodes{rows, true};
  for (const auto& each : twins) {
    out.put(each.first);
    out.put(each.row);
    nodes.reset(each.row);
  }
  nodes.each([&](std::uint32_t row) { write_list(out, links_of(row)); });
  for (const auto& level : upper)
    for (std::size_t at = 0; at < level.size(); at += links)
      write_list(out, {level.data() + at, links});
  return out.take();
}

hnsw_graph hnsw_graph::read(std::span<const std::byte> bytes, const vector_rows& rows, metric by,
                            std::size_t links) {
  part_reader in{"graph", bytes};
  std::array<char, magic.size()> beginning{};
  in.get_all(beginning.data(), beginning.size());
  require(std::string_view(beginning.data(), beginning.size()) == magic, "another beginning");
  require(read_number(in) == version, "another version");
  require(read_number(in) == rows.count(), "another number of rows");
  require(read_number(in) == static_cast<std::uint32_t>(by), "another metric");
  require(links >= least_links && links <= most_links && read_number(in) == links,
          "another number of links");
  const std::size_t levels = read_number(in);
  const std::size_t twin_count = read_number(in);
  require(levels <= most_levels, "too many levels");

  hnsw_graph graph;
  graph.by = by;
  graph.links = links;
  std::vector<std::size_t> sizes(levels);
  std::size_t below = rows.count();
  for (auto& size : sizes) {
    size = read_number(in);
    require(size > 0 && size <= below, "a level has more nodes than the one below");
    below = size;
  }
  // Rows are as many as they are, so that nothing is allocated because some bytes say so.
  std::vector<std::uint32_t> upper_rows(levels > 0 ? sizes[0] : std::min<std::size_t>(1, below));
  for (auto& row : upper_rows)
    row = read_number(in);
  const auto nodes = read_twins(in, twin_count, rows, graph.twins);
  row_mask seen{rows.count()};
  for (const auto row : upper_rows) {
    require(row < rows.count() && nodes[row], "an upper level has a row that is no node");
    require(!seen[row], "an upper level has a node twice");
    seen.set(row);
  }
  graph.upper_rows = std::move(upper_rows);

  graph.lowest.assign(rows.count() * 2 * links, none);
  nodes.each([&](std::uint32_t row) {
    read_list(in, {graph.lowest.data() + row * 2 * links, 2 * links}, [&](std::uint32_t other) {
      return other < rows.count() && nodes[other] && other != row;
    });
  });
  for (const auto size : sizes) {
    auto& level = graph.upper.emplace_back(size * links, none);
    for (std::size_t place = 0; place < size; ++place)
      read_list(in, {level.data() + place * links, links},
                [&](std::uint32_t other) { return other < size && other != place; });
  }
  require(in.left() == 0, "they go on behind it");
  graph.find_unreached();
  return graph;
}

void hnsw_graph::find_unreached() {
  const auto rows = lowest.size() / (2 * links);
  row_mask open{rows, true};
  for (const auto& each : twins)
    open.reset(each.row);
  std::vector<std::uint32_t> ways;
  if (!upper_rows.empty()) {
    ways.push_back(upper_rows.front());
    open.reset(upper_rows.front());
  }
  while (!ways.empty()) {
    const auto from = ways.back();
    ways.pop_back();
    for (const auto to : links_of(from)) {
      if (to == none)
        break;
      if (open[to]) {
        open.reset(to);
        ways.push_back(to);
      }
    }
  }
  unreached.clear();
  open.each([&](std::uint32_t row) { unreached.push_back(row); });
}

std::vector<hnsw_graph::twin> find_twins(const vector_rows& rows) {
  std::vector<std::size_t> hashes(rows.count());
  std::vector<std::uint32_t> order(rows.count());
  for (std::uint32_t row = 0; row < rows.count(); ++row) {
    hashes[row] = std::hash<std::string_view>{}(bytes_of(rows[row]));
    order[row] = row;
  }
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    if (hashes[a] != hashes[b])
      return hashes[a] < hashes[b];
    const auto difference = bytes_of(rows[a]).compare(bytes_of(rows[b]));
    return difference != 0 ? difference < 0 : a < b;
  });
  std::vector<hnsw_graph::twin> twins;
  for (std::size_t first = 0, i = 1; i < order.size(); ++i) {
    if (hashes[order[first]] == hashes[order[i]]
        && bytes_of(rows[order[first]]) == bytes_of(rows[order[i]]))
      twins.push_back({order[first], order[i]});
    else
      first = i;
  }
  std::sort(twins.begin(), twins.end());
  return twins;
}

} // namespace beaver
