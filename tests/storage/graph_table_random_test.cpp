#include "graph_support.hpp"
#include "key_range_oracle.hpp"
#include "random_comparison.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

using namespace beaver;
using namespace beaver::test;

namespace {

using direction = graph_direction;
using edge_key = std::tuple<std::string, std::string, std::string>;
using edge_map = std::map<edge_key, std::optional<std::string>>; // to the metadata, in order

/// The oracle is a map for each graph.
class comparison : public random_comparison<> {
  void step() override {
    name_ = dice_.of(names_);
    switch (dice_.below(12)) {
    case 0:
    case 1:
    case 2:
    case 3:
      return link();
    case 4:
      return unlink();
    case 5:
      return find();
    case 6:
    case 7:
      return list();
    case 8:
      return list_neighbours();
    case 9:
      return count();
    case 10:
      return list_nodes();
    default:
      return dice_.one_in(10) ? clear() : summarise();
    }
  }

  void compare_all() override {
    for (const auto& name : names_) {
      name_ = name;
      check(text_of(graph_table::edges(c(), name, {})), text_of(matching({})));
    }
  }

  edge_map& graph() { return graphs_[name_]; }
  const std::string& id() { return dice_.of(ids_); }
  const std::string& label() { return dice_.of(labels_); }

  std::optional<std::vector<std::string>> some_labels() {
    if (dice_.one_in(2))
      return std::nullopt;
    std::vector<std::string> some;
    for (auto n = dice_.below(3); n > 0; --n)
      some.push_back(label());
    return some;
  }

  std::optional<json_text> some_filter() {
    if (dice_.one_in(2))
      return std::nullopt;
    return json_text{R"([{"path": "w", "operator": "==", "value": 1}])"};
  }

  /// The edges that a page covers, by the words of its definition.
  std::vector<graph_edge> matching(const graph_edge_page& page) {
    std::vector<graph_edge> result;
    for (const auto& [key, metadata] : graph()) {
      const auto& [source, target, label] = key;
      const auto way = page.direction.value_or(direction::out);
      const bool at_node = !page.node || (way != direction::in && source == *page.node)
                           || (way != direction::out && target == *page.node);
      const bool labelled =
        !page.labels
        || std::find(page.labels->begin(), page.labels->end(), label) != page.labels->end();
      const bool behind =
        !page.after || key > edge_key{page.after->source, page.after->target, page.after->label};
      if (!at_node || !labelled || !behind || (page.where && metadata != R"({"w": 1})"))
        continue;
      if (result.size() == page.limit)
        break;
      graph_edge edge{source, target, label};
      if (metadata)
        edge.metadata.emplace(*metadata);
      result.push_back(std::move(edge));
    }
    return result;
  }

  void link() {
    std::vector<graph_edge> edges;
    for (auto n = dice_.below(4) + 1; n > 0; --n) {
      graph_edge edge{id(), id(), label()};
      std::optional<std::string> metadata;
      if (dice_.one_in(2))
        metadata = R"({"w": )" + std::to_string(dice_.below(3)) + '}';
      if (metadata)
        edge.metadata.emplace(*metadata);
      graph()[{edge.source, edge.target, edge.label}] = metadata;
      edges.push_back(std::move(edge));
    }
    if (edges.size() == 1)
      graph_table::link(c(), name_, edges.front());
    else
      graph_table::link_many(c(), name_, edges);
  }

  void unlink() {
    if (dice_.one_in(8)) {
      const auto node = id();
      const auto gone = std::erase_if(graph(), [&](const auto& item) {
        return std::get<0>(item.first) == node || std::get<1>(item.first) == node;
      });
      return check(graph_table::unlink_node(c(), name_, node), std::uint64_t{gone});
    }
    const edge_key key{id(), id(), label()};
    const bool there = graph().erase(key) > 0;
    check(graph_table::unlink(c(), name_, std::get<0>(key), std::get<1>(key), std::get<2>(key)),
          there);
  }

  void find() {
    const edge_key key{id(), id(), label()};
    const auto& [source, target, label] = key;
    const auto found = graph_table::find(c(), name_, source, target, label);
    const auto expected = graph().find(key);
    check(found.has_value(), expected != graph().end());
    check(graph_table::linked(c(), name_, source, target, label), found.has_value());
    if (found)
      check(text_of(found->metadata), expected->second);
  }

  void list() {
    graph_edge_page page;
    if (dice_.one_in(4) == 0)
      page.node = id();
    page.direction = static_cast<direction>(dice_.below(3));
    page.labels = some_labels();
    page.where = some_filter();
    if (dice_.one_in(2))
      page.after = graph_edge_key{id(), id(), label()};
    if (dice_.one_in(3))
      page.limit = dice_.below(6);
    check(text_of(graph_table::edges(c(), name_, page)), text_of(matching(page)));
  }

  void list_neighbours() {
    const bool out = dice_.one_in(2);
    graph_node_page page{.labels = some_labels(), .where = some_filter()};
    if (dice_.one_in(2))
      page.after = id();
    if (dice_.one_in(3))
      page.limit = dice_.below(4);
    const auto node = id();
    std::set<std::string> ends;
    for (const auto& e : matching({.node = node,
                         .direction = out ? direction::out : direction::in,
                         .labels = page.labels,
                         .where = page.where}))
      ends.insert(out ? e.target : e.source);
    std::vector<std::string> expected;
    for (const auto& end : ends)
      if ((!page.after || end > *page.after) && expected.size() < page.limit.value_or(99))
        expected.push_back(end);
    check(out ? graph_table::children(c(), name_, node, page)
              : graph_table::parents(c(), name_, node, page),
          expected);
  }

  void count() {
    const graph_filter which{.labels = some_labels(), .where = some_filter()};
    graph_edge_page all{.labels = which.labels, .where = which.where};
    check(graph_table::count(c(), name_, which), std::uint64_t{matching(all).size()});
    all.node = id();
    const auto degrees = graph_table::degree(c(), name_, *all.node, which);
    check(degrees.out, std::uint64_t{matching(all).size()});
    all.direction = direction::in;
    check(degrees.in, std::uint64_t{matching(all).size()});
  }

  std::map<std::string, int> nodes() {
    std::map<std::string, int> result;
    for (const auto& [key, metadata] : graph()) {
      result[std::get<0>(key)];
      result[std::get<1>(key)];
    }
    return result;
  }

  void list_nodes() {
    const key_range range = random_range(dice_, ids_);
    BOOST_TEST_INFO(describe(range));
    std::vector<std::string> expected;
    for (const auto& node : in_range(nodes(), range))
      expected.push_back(node.first);
    check(graph_table::nodes(c(), name_, range), expected);
  }

  void clear() {
    check(graph_table::clear(c(), name_), std::uint64_t{graph().size()});
    graph().clear();
  }

  void summarise() {
    std::map<std::string, std::uint64_t> labels;
    std::uint64_t bytes = 0;
    for (const auto& [key, metadata] : graph()) {
      const auto& [source, target, label] = key;
      ++labels[label];
      bytes += source.size() + target.size() + label.size() + (metadata ? metadata->size() : 0);
    }
    const auto sum = graph_table::info(c(), name_);
    check(sum.edges, std::uint64_t{graph().size()});
    check(sum.nodes, std::uint64_t{nodes().size()});
    check(sum.labels, std::uint64_t{labels.size()});
    check(sum.bytes, bytes);
    std::map<std::string, std::uint64_t> counted;
    for (const auto& [label, n] : graph_table::labels(c(), name_))
      counted.emplace(label, n);
    check(counted, labels);
    std::vector<std::string> names;
    for (const auto& name : names_)
      if (!graphs_[name].empty())
        names.push_back(name);
    check(graph_table::names(c()), names);
  }

  const std::vector<std::string> names_{"g", "g\U0010ffff", "h"}; // in order
  const std::vector<std::string> ids_{"a", "a\x01", "aa", "b", "\x7f", "é", "\U0010ffff"};
  const std::vector<std::string> labels_{"x", "xx", "y"};
  std::map<std::string, edge_map> graphs_;
  std::string name_;
};

} // namespace

BOOST_AUTO_TEST_SUITE(graph_table_random)

BOOST_AUTO_TEST_CASE(random_operations_agree_with_maps_also_after_reopening) {
  comparison{}.run(
    {.transactions = 200, .long_transactions = 10'000, .steps = 100, .reopen_every = 100});
}

BOOST_AUTO_TEST_SUITE_END()
