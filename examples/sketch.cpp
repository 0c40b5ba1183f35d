// Sketches: counting what is not kept.
#include <beaver/beaver.hpp>

#include <iostream>

int main() {
  beaver::database db{":memory:"};

  auto visitors = db.sketch<std::string>("visitors", {.capacity = 10'000, .error_rate = 0.01});
  auto pages = db.top_k<std::string>("pages", {.capacity = 3});
  auto hits = db.count_min<std::string>("hits");
  auto times = db.quantiles("milliseconds");

  std::vector<std::string> names;
  std::vector<std::string> visited;
  std::vector<double> latencies;
  for (int i = 0; i < 20'000; ++i) {
    names.push_back("user-" + std::to_string(i % 5'000));
    visited.push_back("/page/" + std::to_string(i % 7 * (i % 11)));
    latencies.push_back(i % 1'000 / 10.0);
  }
  visitors.add_many(names);
  pages.add_many(visited);
  hits.add_many(visited);
  times.add_many(latencies);

  std::cout << "visitors: about " << visitors.count() << ", user-17 "
            << (visitors.contains("user-17") ? "was" : "was not") << " among them\n";
  for (const auto& [page, count, error] : pages.top())
    std::cout << page << ": " << count << " times, " << error << " of them uncertain\n";
  std::cout << "/page/0 at most " << hits.estimate("/page/0").count << " times\n";
  std::cout << "median " << times.quantile(0.5).value() << " ms, 99 % below "
            << times.quantile(0.99).value() << " ms\n";
}
