#include "beaver/vector/hnsw_graph.hpp"

#include "beaver/vector/row_mask.hpp"

#include <algorithm>
#include <cstring>
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

class byte_writer {
public:
  void text(std::string_view s) {
    for (const char c : s)
      out_.push_back(static_cast<std::byte>(c));
  }

  template <class Number>
  void number(std::size_t n) {
    std::byte bytes[sizeof(Number)];
    for (std::size_t i = 0; i < sizeof(Number); ++i)
      bytes[i] = static_cast<std::byte>(n >> 8 * i & 0xff);
    out_.insert(out_.end(), bytes, bytes + sizeof(Number));
  }

  void list(std::span<const std::uint32_t> places) {
    const auto end = std::find(places.begin(), places.end(), hnsw_graph::none);
    number<std::uint16_t>(static_cast<std::size_t>(end - places.begin()));
    std::for_each(places.begin(), end, [&](auto n) { number<std::uint32_t>(n); });
  }

  [[nodiscard]] std::vector<std::byte> take() noexcept { return std::move(out_); }

private:
  std::vector<std::byte> out_;
};

void require(bool condition, const char* what) {
  if (!condition)
    throw std::runtime_error(std::string{"bytes are no hnsw graph of these rows: "} + what);
}

class byte_reader {
public:
  explicit byte_reader(std::span<const std::byte> in) : in_(in) {}

  [[nodiscard]] std::size_t left() const noexcept { return in_.size(); }

  std::string_view text(std::size_t size) {
    const auto bytes = take(size);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }

  template <class Number = std::uint32_t>
  Number number() {
    return decode<Number>(take(sizeof(Number)).data());
  }

  /// Into `places`, which all are `none`. `valid` is asked about each.
  template <class Valid>
  void list(std::span<std::uint32_t> places, Valid valid) {
    const std::size_t count = number<std::uint16_t>();
    require(count <= places.size(), "a node has too many neighbours");
    const auto bytes = take(count * sizeof(std::uint32_t));
    for (std::size_t i = 0; i < count; ++i) {
      places[i] = decode<std::uint32_t>(bytes.data() + i * sizeof(std::uint32_t));
      require(valid(places[i]), "a neighbour is none");
    }
  }

private:
  template <class Number>
  static Number decode(const std::byte* from) noexcept {
    std::uint32_t n = 0;
    for (std::size_t i = 0; i < sizeof(Number); ++i)
      n |= std::to_integer<std::uint32_t>(from[i]) << 8 * i;
    return static_cast<Number>(n);
  }

  std::span<const std::byte> take(std::size_t size) {
    require(size <= in_.size(), "they end too early");
    const auto taken = in_.first(size);
    in_ = in_.subspan(size);
    return taken;
  }

  std::span<const std::byte> in_;
};

/// Those of rows that are nodes, as the twins say.
row_mask read_twins(byte_reader& in, std::size_t count, const vector_rows& rows,
                    std::vector<hnsw_graph::twin>& twins) {
  require(count <= in.left() / sizeof(hnsw_graph::twin), "they end too early");
  row_mask nodes{rows.count(), true};
  twins.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto first = in.number();
    const hnsw_graph::twin next{first, in.number()};
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
  byte_writer out;
  out.text(magic);
  const auto rows = lowest.size() / (2 * links);
  for (const auto n : {std::size_t{version}, rows, static_cast<std::size_t>(by), links,
                       upper.size(), twins.size()})
    out.number<std::uint32_t>(n);
  for (const auto& level : upper)
    out.number<std::uint32_t>(level.size() / links);
  for (const auto row : upper_rows)
    out.number<std::uint32_t>(row);
  row_mask nodes{rows, true};
  for (const auto& each : twins) {
    out.number<std::uint32_t>(each.first);
    out.number<std::uint32_t>(each.row);
    nodes.reset(each.row);
  }
  nodes.each([&](std::uint32_t row) { out.list(links_of(row)); });
  for (const auto& level : upper)
    for (std::size_t at = 0; at < level.size(); at += links)
      out.list({level.data() + at, links});
  return out.take();
}

hnsw_graph hnsw_graph::read(std::span<const std::byte> bytes, const vector_rows& rows, metric by,
                            std::size_t links) {
  byte_reader in{bytes};
  require(in.text(magic.size()) == magic, "another beginning");
  require(in.number() == version, "another version");
  require(in.number() == rows.count(), "another number of rows");
  require(in.number() == static_cast<std::uint32_t>(by), "another metric");
  require(links >= least_links && links <= most_links && in.number() == links,
          "another number of links");
  const std::size_t levels = in.number();
  const std::size_t twin_count = in.number();
  require(levels <= most_levels, "too many levels");

  hnsw_graph graph;
  graph.by = by;
  graph.links = links;
  std::vector<std::size_t> sizes(levels);
  std::size_t below = rows.count();
  for (auto& size : sizes) {
    size = in.number();
    require(size > 0 && size <= below, "a level has more nodes than the one below");
    below = size;
  }
  // Rows are as many as they are, so that nothing is allocated because some bytes say so.
  std::vector<std::uint32_t> upper_rows(levels > 0 ? sizes[0] : std::min<std::size_t>(1, below));
  for (auto& row : upper_rows)
    row = in.number();
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
    in.list({graph.lowest.data() + row * 2 * links, 2 * links}, [&](std::uint32_t other) {
      return other < rows.count() && nodes[other] && other != row;
    });
  });
  for (const auto size : sizes) {
    auto& level = graph.upper.emplace_back(size * links, none);
    for (std::size_t place = 0; place < size; ++place)
      in.list({level.data() + place * links, links},
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
