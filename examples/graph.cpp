// The guide's page on graphs as a program: edges with metadata, both directions, filters, paths by
// steps and by weight, components, ranks, text for Graphviz.
#include <beaver/beaver.hpp>
#include <boost/describe/class.hpp>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

struct road {
  double km;
};
BOOST_DESCRIBE_STRUCT(road, (), (km))

int main() {
  using beaver::field;
  const auto path = std::filesystem::temp_directory_path() / "beaver-example-graph.db";
  std::filesystem::remove(path);
  {
    beaver::database db{path.string()};

    auto map = db.graph<road>("map");
    map.link("hamburg", "berlin", "a24", road{289});
    map.link("hamburg", "hannover", "a7", road{151});
    map.link("hannover", "berlin", "a2", road{286});
    map.link("berlin", "leipzig", "a9", road{190});
    map.link("hannover", "leipzig", "ferry"); // nobody knows how far
    map.link_many(std::vector<beaver::graph_edge_of<road>>{{"sylt", "amrum", "ferry", {}},
                                                           {"amrum", "sylt", "ferry", {}}});

    for (const auto& to : map.children("hamburg"))
      std::cout << "from hamburg to " << to << '\n';
    std::cout << map.edges({.node = "berlin", .direction = beaver::graph_direction::both}).size()
              << " roads meet in berlin\n";
    for (const auto& e : map.edges({.labels = {{"a2", "a24"}}, .where = field("km") < 288}))
      std::cout << e.source << " is " << e.metadata->km << " km from " << e.target << '\n';

    for (const auto& [node, depth, way] : map.walk("hamburg", {.depth = 2}))
      std::cout << node << " is " << depth << " steps away\n";
    const auto few = map.shortest_path("hamburg", "leipzig");
    const auto cheap =
      map.shortest_path("hamburg", "leipzig", {.weight = "km", .default_weight = 500});
    std::cout << few->length << " steps by way of " << few->nodes[1] << ", or " << cheap->length
              << " km by way of " << cheap->nodes[1] << '\n';

    std::cout << map.components().size() << " parts that hang together\n";
    if (const auto round_trip = map.cycle())
      std::cout << "one can go round from " << round_trip->nodes.front() << '\n';
    const auto ranks = map.pagerank({.limit = 1});
    std::cout << ranks.ranks[0].node << " is where roads lead, after " << ranks.iterations
              << " iterations\n";
    std::cout << map.dot({.labels = {{"ferry"}}});

    // What would be too much is an error, never a part of the answer.
    try {
      static_cast<void>(map.walk("hamburg", {.max_nodes = 2}));
    } catch (const beaver::error& e) {
      std::cout << e.what() << '\n';
    }

    map.unlink_node("hannover");
    std::cout << map.count() << " roads are left\n";
  }
  std::filesystem::remove(path);
}
