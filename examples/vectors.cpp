// The guide's page on vectors as a program: nearest ones with metadata and filters, metrics, a
// matrix at once, options that are kept, a snapshot, exact and approximate answers.
#include <beaver/beaver.hpp>
#include <boost/describe/class.hpp>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <random>
#include <string>
#include <vector>

struct note {
  std::string topic;
  int year;
};
BOOST_DESCRIBE_STRUCT(note, (), (topic, year))

namespace {

void show(const char* what, const auto& found) {
  std::cout << what << ':';
  for (const auto& hit : found.hits)
    std::cout << ' ' << hit.id << " (" << hit.score << ')';
  std::cout << (found.exact ? "" : ", most likely") << '\n';
}

void few(beaver::database& db) {
  using beaver::field;
  auto notes = db.vectors<note>("notes");
  notes.set("beavers", std::vector{0.9F, 0.1F, 0.2F}, note{"animals", 1998});
  notes.set("otters", std::vector{0.8F, 0.2F, 0.1F}, note{"animals", 2011});
  notes.set("canals", std::vector{0.2F, 0.9F, 0.3F}, note{"buildings", 1973});
  notes.set("dams", std::vector{0.6F, 0.7F, 0.2F}, note{"buildings", 2004});

  const std::vector query{0.8F, 0.4F, 0.2F};
  show("nearest", notes.near(query, {.k = 2}));
  show("nearest building", notes.near(query, {.k = 1, .where = field("topic") == "buildings"}));
  show("by length of the difference", notes.near(query, {.k = 1, .by = beaver::metric::euclid}));
  std::cout << "otters are of " << notes.get("otters").metadata->year << '\n';

  try { // a collection has vectors of one length
    notes.set("short", std::vector{1.0F, 2.0F});
  } catch (const beaver::error& e) {
    std::cout << e.what() << '\n';
  }
}

void many(beaver::database& db) {
  constexpr std::size_t count = 20'000;
  constexpr std::size_t dims = 64;
  std::mt19937 random{7};
  std::normal_distribution<float> normal;
  std::vector<float> rows(count * dims);
  for (auto& x : rows)
    x = normal(random);
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < count; ++i)
    ids.push_back(std::to_string(i));

  // Options are kept in the file. So small a collection would be searched exactly by itself.
  auto points =
    db.vectors("points", {.by = beaver::metric::euclid, .how = beaver::vectors_strategy::lsh});
  points.set_many(ids, rows); // row by row, in one commit
  const auto report =
    points.compact([](double share) { std::cerr << '\r' << 100 * share << " % "; });
  std::cerr << '\n';
  std::cout << report.vectors << " vectors in a snapshot of " << report.bytes
            << " bytes; enough of the 10 nearest are found: " << std::boolalpha
            << (report.recall >= 0.95) << '\n';

  const std::span query{rows.data(), dims};
  const auto likely = points.near(query);
  const auto certain = points.near(query, {.exact = true});
  std::cout << "exact: " << likely.exact << ", then " << certain.exact
            << "; the nearest is the query itself: " << (certain.hits[0].id == "0") << '\n';
  std::cout << points.near_many({rows.data(), 3 * dims}, 3, {.k = 1}).size()
            << " answers at once\n";
}

} // namespace

int main() {
  const auto path = std::filesystem::temp_directory_path() / "beaver-example-vectors.db";
  std::filesystem::remove(path);
  {
    beaver::database db{path.string()};
    few(db);
    many(db);
  }
  std::filesystem::remove(path);
}
