#include "vector/hnsw_support.hpp"

#include "support/settings.hpp"

#include <boost/test/unit_test.hpp>

#include <cstring>
#include <stdexcept>

using namespace beaver;
using namespace beaver::test;

namespace {

using bytes = std::vector<std::byte>;

/// Five rows of which the last is as the second; two of them on level 1.
struct small_graph {
  small_graph() {
    for (const float x : {0.F, 1.F, 2.F, 3.F, 1.F})
      rows.add(std::span{&x, 1});
    const auto none = hnsw_graph::none;
    graph.by = metric::euclid;
    graph.links = 2;
    graph.twins = {{1, 4}};
    graph.lowest = {1,    none, none, none, 0,    2,    none, none, 1,    3,
                    none, none, 2,    none, none, none, none, none, none, none};
    graph.upper_rows = {2, 0};
    graph.upper = {{1, none, 0, none}, {none, none}};
  }

  [[nodiscard]] hnsw_graph read(const bytes& from) const {
    return hnsw_graph::read(from, rows, metric::euclid, 2);
  }

  vector_rows rows{1};
  hnsw_graph graph;
};

// Where numbers are in its bytes, as hnsw_graph.hpp says.
constexpr std::size_t at_version = 8;
constexpr std::size_t at_rows = 12;
constexpr std::size_t at_metric = 16;
constexpr std::size_t at_links = 20;
constexpr std::size_t at_levels = 24;
constexpr std::size_t at_twin_count = 28;
constexpr std::size_t at_sizes = 32;
constexpr std::size_t at_upper_rows = 40;
constexpr std::size_t at_twins = 48;
constexpr std::size_t at_lists = 56;

bytes with(bytes b, std::size_t at, std::uint32_t n) {
  for (std::size_t i = 0; i < 4; ++i)
    b[at + i] = static_cast<std::byte>(n >> 8 * i & 0xff);
  return b;
}

/// Random damage; may be none.
bytes damaged(bytes b, std::mt19937_64& random) {
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  for (auto times = 1 + below(3); times > 0 && b.size() > 4; --times) {
    const auto at = below(b.size() - 3);
    constexpr std::uint32_t words[]{0, 1, 2, 255, 65'535, 0x7fffffff, 0xffffffff};
    switch (below(7)) {
    case 0:
    case 1:
      b[at] ^= static_cast<std::byte>(1 << below(8));
      break;
    case 2:
      b[at] = static_cast<std::byte>(below(256));
      break;
    case 3:
      b = with(std::move(b), at, words[below(std::size(words))]);
      break;
    case 4:
      b = with(std::move(b), at, static_cast<std::uint32_t>(below(300)));
      break;
    case 5:
      b.resize(below(2) == 0 ? at : b.size() - below(5));
      break;
    default:
      b.insert(b.begin() + static_cast<std::ptrdiff_t>(below(2) == 0 ? at : b.size()), 1 + below(6),
               static_cast<std::byte>(below(256)));
    }
  }
  return b;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(hnsw_graphs, small_graph)

BOOST_AUTO_TEST_CASE(bytes_are_as_the_header_says) {
  const auto written = graph.write();
  bytes expected;
  for (const char c : std::string_view{"bvr hnsw"})
    expected.push_back(static_cast<std::byte>(c));
  const auto number = [&](std::uint32_t n, int size) {
    for (int i = 0; i < size; ++i)
      expected.push_back(static_cast<std::byte>(n >> 8 * i & 0xff));
  };
  for (const std::uint32_t n : {1u, 5u, 1u, 2u, 2u, 1u, 2u, 1u, 2u, 0u, 1u, 4u})
    number(n, 4);
  for (const auto& list :
       std::vector<std::vector<std::uint32_t>>{{1}, {0, 2}, {1, 3}, {2}, {1}, {0}, {}}) {
    number(static_cast<std::uint32_t>(list.size()), 2);
    for (const auto n : list)
      number(n, 4);
  }
  BOOST_TEST((written == expected));
}

BOOST_AUTO_TEST_CASE(a_graph_is_read_as_it_was_written) {
  const auto back = read(graph.write());
  BOOST_TEST((back.by == graph.by && back.links == graph.links && back.twins == graph.twins));
  BOOST_TEST((back.lowest == graph.lowest));
  BOOST_TEST((back.upper_rows == graph.upper_rows && back.upper == graph.upper));
  BOOST_TEST(back.unreached.empty());
}

BOOST_AUTO_TEST_CASE(every_number_out_of_its_bounds_is_refused) {
  const auto good = graph.write();
  const std::pair<std::size_t, std::vector<std::uint32_t>> wrong[]{
    {0, {0}},
    {at_version, {0, 2}},
    {at_rows, {0, 4, 6, 0xffffffff}},
    {at_metric, {0, 2, 0xffffffff}},
    {at_links, {0, 1, 3, 0xffffffff}},
    {at_levels, {0, 1, 3, 65, 0xffffffff}},
    {at_twin_count, {0, 2, 0xffffffff}},
    {at_sizes, {0, 1, 3, 6, 0xffffffff}},
    {at_sizes + 4, {0, 2, 3, 0xffffffff}},
    {at_upper_rows, {0, 4, 5, 0xffffffff}},
    {at_upper_rows + 4, {2, 4, 5, 0xffffffff}},
    {at_twins, {0, 2, 3, 4, 5, 0xffffffff}},
    {at_twins + 4, {0, 1, 2, 3, 5, 0xffffffff}},
    {at_lists + 2, {0, 4, 5, hnsw_graph::none}},
    {at_lists + 8, {1, 4, 5, hnsw_graph::none}},
    {good.size() - 6 - 8, {1, 2, hnsw_graph::none}}, // the first of level 1
    {good.size() - 6, {1, 2, hnsw_graph::none}},
  };
  for (const auto& [at, numbers] : wrong)
    for (const auto n : numbers)
      BOOST_TEST_CONTEXT(n << " at " << at)
  BOOST_CHECK_THROW((void)read(with(good, at, n)), std::runtime_error);
}

BOOST_AUTO_TEST_CASE(twins_must_be_equal_and_no_others) {
  graph.twins = {{0, 4}};
  BOOST_CHECK_THROW((void)read(graph.write()), std::runtime_error);
  graph.twins = {{1, 4}, {1, 4}};
  BOOST_CHECK_THROW((void)read(graph.write()), std::runtime_error);
  const float again = 1;
  rows.add(std::span{&again, 1});
  graph.lowest.resize(6 * 4, hnsw_graph::none);
  graph.twins = {{1, 4}, {1, 5}};
  BOOST_CHECK_NO_THROW((void)read(graph.write()));
  graph.twins = {{1, 5}, {1, 4}};
  BOOST_CHECK_THROW((void)read(graph.write()), std::runtime_error);
  graph.twins = {{1, 4}, {4, 5}};
  BOOST_CHECK_THROW((void)read(graph.write()), std::runtime_error);
  graph.twins = {{1, 5}, {4, 5}};
  BOOST_CHECK_THROW((void)read(graph.write()), std::runtime_error);
}

BOOST_AUTO_TEST_CASE(every_beginning_and_every_longer_text_is_refused) {
  const auto good = graph.write();
  for (std::size_t size = 0; size < good.size(); ++size)
    BOOST_CHECK_THROW((void)read(bytes(good.begin(), good.begin() + static_cast<long>(size))),
                      std::runtime_error);
  auto longer = good;
  longer.push_back(std::byte{0});
  BOOST_CHECK_THROW((void)read(longer), std::runtime_error);
}

BOOST_AUTO_TEST_CASE(nodes_that_no_way_leads_to_are_found_nevertheless) {
  graph.lowest[2 * 4 + 1] = hnsw_graph::none; // from 2 to 3
  graph.find_unreached();
  BOOST_TEST((graph.unreached == std::vector<std::uint32_t>{3}));
  auto many = std::make_shared<vector_rows>(1);
  std::vector<float> values(200);
  for (std::size_t i = 0; i < values.size(); ++i)
    many->add(std::span{&(values[i] = static_cast<float>(i)), 1});
  hnsw_graph chain;
  chain.by = metric::euclid;
  chain.links = 2;
  chain.lowest.assign(200 * 4, hnsw_graph::none);
  for (std::uint32_t row = 0; row + 1 < 200; ++row)
    if (row + 1 != 150)
      chain.lowest[row * 4] = row + 1;
  chain.upper_rows = {0};
  chain.find_unreached();
  BOOST_TEST(chain.unreached.size() == 50u);
  const hnsw_index index{chain, many, best_kernels()};
  const std::vector<float> query{170.2F};
  const auto found = index.search({query, metric::euclid, 2, nullptr, 2});
  BOOST_REQUIRE(found.size() == 2u);
  BOOST_TEST(found[0].row == 170u);
  BOOST_TEST(found[1].row == 171u);
}

BOOST_AUTO_TEST_CASE(an_index_answers_the_same_after_saving_and_loading) {
  const auto seed = fresh_seed();
  BOOST_TEST_CONTEXT("seed " << seed) {
    vector_maker make{seed, 16};
    auto many = make.rows(3'000);
    for (int i = 0; i < 50; ++i) {
      const auto row = static_cast<std::uint32_t>(make.below(many->count()));
      many->add(std::vector<float>((*many)[row].begin(), (*many)[row].end()));
    }
    for (const auto by : {metric::cosine, metric::manhattan}) {
      const auto config = hnsw_config(by);
      const auto index = make_hnsw(config, many);
      const auto parts = index->save();
      const auto loaded = load_hnsw(config, many, parts);
      BOOST_TEST((loaded->save().front().bytes == parts.front().bytes));
      for (int i = 0; i < 100; ++i) {
        const auto v = make.next();
        const near_query query{v, by, 10, nullptr, 1 + make.below(60)};
        BOOST_REQUIRE((index->search(query) == loaded->search(query)));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(parts_of_others_are_refused) {
  vector_maker make{1, 4};
  const auto many = make.rows(100);
  const auto config = hnsw_config(metric::cosine);
  const auto parts = make_hnsw(config, many)->save();
  auto other = parts;
  other.front().name = "signatures";
  BOOST_CHECK_THROW((void)load_hnsw(config, many, other), std::runtime_error);
  BOOST_CHECK_THROW((void)load_hnsw(config, many, {}), std::runtime_error);
  other = {parts.front(), parts.front()};
  BOOST_CHECK_THROW((void)load_hnsw(config, many, other), std::runtime_error);
  BOOST_CHECK_THROW((void)load_hnsw(config, make.rows(99), parts), std::runtime_error);
  BOOST_CHECK_THROW((void)load_hnsw(hnsw_config(metric::euclid), many, parts), std::runtime_error);
  auto links = config;
  links.links = 17;
  BOOST_CHECK_THROW((void)load_hnsw(links, many, parts), std::runtime_error);
}

BOOST_AUTO_TEST_CASE(damaged_bytes_are_refused_or_answer) {
  const auto seed = fresh_seed();
  BOOST_TEST_CONTEXT("seed " << seed) {
    vector_maker make{seed, 4};
    auto many = make.rows(250);
    for (std::uint32_t row = 0; row < 20; ++row)
      many->add(std::vector<float>((*many)[row].begin(), (*many)[row].end()));
    auto config = hnsw_config(metric::euclid);
    config.links = 3;
    const auto good = make_hnsw(config, many)->save();
    std::mt19937_64 random{seed};
    const int rounds = long_tests() ? 1'000'000 : 10'000;
    int refused = 0;
    for (int i = 0; i < rounds; ++i) {
      auto parts = good;
      parts.front().bytes = damaged(std::move(parts.front().bytes), random);
      try {
        const auto index = load_hnsw(config, many, parts);
        const auto v = make.next();
        for (const std::size_t k : {2u, 4u})
          BOOST_REQUIRE_EQUAL(index->search({v, metric::euclid, k, nullptr, k}).size(), k);
        BOOST_REQUIRE((index->save().front().bytes == parts.front().bytes));
      } catch (const std::runtime_error&) {
        ++refused;
      }
    }
    BOOST_TEST_MESSAGE(refused << " of " << rounds << " refused");
    BOOST_TEST(refused > rounds / 2);
    BOOST_TEST(refused < rounds);
  }
}

BOOST_AUTO_TEST_SUITE_END()
