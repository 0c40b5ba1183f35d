#include "beaver/sketches/approximate_set.hpp"
#include "beaver/sketches/count_min.hpp"
#include "beaver/sketches/top_k.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <random>
#include <unordered_map>
#include <vector>

// Prints the tables of measured errors in docs/guide/sketch_errors.md; takes some minutes.

using namespace beaver::sketches;

namespace {

using numbers = std::vector<std::uint64_t>;

/// Some of `items` numbers, the i-th as often as i^-skew says.
numbers stream(std::size_t length, std::size_t items, double skew, std::uint64_t seed) {
  std::mt19937_64 engine{seed};
  std::vector<double> borders;
  double sum = 0;
  for (std::size_t i = 1; i <= items; ++i)
    borders.push_back(sum += std::pow(static_cast<double>(i), -skew));
  std::uniform_real_distribution<double> at{0, sum};
  numbers all(length);
  for (auto& n : all)
    n = static_cast<std::uint64_t>(std::upper_bound(borders.begin(), borders.end() - 1, at(engine))
                                   - borders.begin());
  return all;
}

std::unordered_map<std::uint64_t, std::uint64_t> exact(const numbers& all) {
  std::unordered_map<std::uint64_t, std::uint64_t> counts;
  for (const auto n : all)
    ++counts[n];
  return counts;
}

void sets_of(std::size_t items, int trials) {
  const approximate_set plan{{}};
  double mean = 0;
  double squares = 0;
  double worst = 0;
  std::size_t wrong = 0;
  constexpr std::size_t asked = 20'000;
  for (int trial = 0; trial < trials; ++trial) {
    std::vector<std::uint8_t> data(plan.bytes());
    memory_cells cells{data};
    const auto text = [&](std::size_t n) {
      return std::to_string(trial) + ' ' + std::to_string(n);
    };
    for (std::size_t n = 0; n < items; ++n)
      plan.add(cells, hashed_item::of(text(n)));
    const double error = static_cast<double>(plan.count(data)) / static_cast<double>(items) - 1;
    mean += error / trials;
    squares += error * error / trials;
    worst = std::max(worst, std::abs(error));
    for (std::size_t n = items; n < items + asked; ++n)
      wrong += plan.contains(cells, hashed_item::of(text(n)));
  }
  std::printf("| %zu | %d | %.2f %% | %.2f %% | %.2f %% | %.3f %% |\n", items, trials, 100 * mean,
              100 * std::sqrt(squares), 100 * worst,
              100.0 * static_cast<double>(wrong) / (static_cast<double>(asked) * trials));
}

void counts_of(std::size_t length, std::size_t items, double skew, int trials) {
  const count_min plan;
  double excess = 0; // in shares of the length
  double worst = 0;
  std::size_t asked = 0;
  std::size_t beyond = 0;
  for (int trial = 0; trial < trials; ++trial) {
    auto data = plan.empty();
    memory_cells cells{data};
    const auto all = stream(length, items, skew, static_cast<std::uint64_t>(trial));
    for (const auto n : all)
      plan.add(cells, std::to_string(n));
    for (const auto& [n, count] : exact(all)) {
      const auto over = static_cast<double>(plan.estimate(cells, std::to_string(n)) - count)
                        / static_cast<double>(length);
      ++asked;
      excess += over;
      worst = std::max(worst, over);
      beyond += over > plan.epsilon();
    }
  }
  std::printf("| %g | %zu | %zu | %d | %.4f %% | %.4f %% | %.4f %% |\n", skew, items, length,
              trials, 100 * excess / static_cast<double>(asked), 100 * worst,
              100.0 * static_cast<double>(beyond) / static_cast<double>(asked));
}

void tops_of(std::size_t length, std::size_t items, double skew, int trials) {
  double found = 0;
  double bound = 0;
  double off = 0;
  std::size_t size = 0;
  constexpr std::size_t wanted = 100;
  for (int trial = 0; trial < trials; ++trial) {
    top_k sketch{{.k = wanted, .epsilon = 0.001}};
    const auto all = stream(length, items, skew, static_cast<std::uint64_t>(trial));
    for (const auto n : all)
      sketch.add(std::to_string(n));
    auto counts = exact(all);
    std::vector<std::uint64_t> best;
    for (const auto& [n, count] : counts)
      best.push_back(count);
    std::nth_element(best.begin(), best.begin() + wanted - 1, best.end(), std::greater<>{});
    for (const auto& item : sketch.top()) {
      const auto count = counts[std::stoull(item.item)];
      found += count >= best[wanted - 1];
      bound += static_cast<double>(item.error);
      off += static_cast<double>(item.count - count);
    }
    size = std::max(size, sketch.serialise().size());
  }
  const auto shown = static_cast<double>(trials) * wanted;
  std::printf("| %g | %zu | %zu | %d | %.1f %% | %.4f %% | %.4f %% | %zu |\n", skew, items, length,
              trials, 100 * found / shown, 100 * off / shown / static_cast<double>(length),
              100 * bound / shown / static_cast<double>(length), size);
}

} // namespace

int main() {
  std::puts(
    "approximate_set, 1,000,000 and 0.01: items, trials, mean error of the count, root mean "
    "square, worst, found though never added");
  for (const auto& [items, trials] : std::initializer_list<std::pair<std::size_t, int>>{
         {10, 200}, {1'000, 200}, {30'000, 200}, {100'000, 100}, {1'000'000, 20}, {10'000'000, 2}})
    sets_of(items, trials);
  std::puts("count_min, 0.001 and 0.01: skew, items, length, trials, mean excess, worst, beyond");
  for (const double skew : {0.0, 0.8, 1.1})
    for (const auto& [length, trials] : std::initializer_list<std::pair<std::size_t, int>>{
           {10'000, 200}, {100'000, 200}, {1'000'000, 20}, {10'000'000, 1}})
      counts_of(length, length / 10, skew, trials);
  std::puts("top_k, 100 and 0.001: skew, items, length, trials, of the top 100 that are it, mean "
            "excess, mean bound, bytes");
  for (const double skew : {0.0, 0.8, 1.1, 1.5})
    for (const auto& [length, trials] : std::initializer_list<std::pair<std::size_t, int>>{
           {10'000, 200}, {100'000, 200}, {1'000'000, 20}, {10'000'000, 1}})
      tops_of(length, length / 10, skew, trials);
}
