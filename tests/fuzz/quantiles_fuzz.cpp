#include "beaver/sketches/quantiles.hpp"
#include "fuzz/fuzz.hpp"

#include <algorithm>
#include <stdexcept>
#include <vector>

using namespace beaver;
using namespace beaver::sketches;
using namespace beaver::test;

namespace {

using blob = std::vector<std::uint8_t>;

constexpr quantile_params small{0.1};

quantile_sketch sketch_of(int count) {
  quantile_sketch made{small};
  for (int i = 0; i < count; ++i)
    made.add(i * 37 % 101 - 50);
  return made;
}

/// Behind the first byte, changes of a valid sketch: three bytes each that say where, and what is
/// written there; beyond its end it is cut off or made longer.
blob changed(blob bytes, std::string_view how) {
  for (; how.size() >= 3; how.remove_prefix(3)) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(how[i]); };
    const auto at = byte(0) + std::size_t{256} * byte(1);
    if (at < bytes.size())
      bytes[at] = byte(2);
    else if (byte(2) < 128)
      bytes.resize(at % (bytes.size() + 1));
    else
      bytes.resize(bytes.size() + byte(2) - 127);
  }
  return bytes;
}

} // namespace

/// Reading a sketch never does worse than to throw; what was read is written as the same bytes, and
/// goes on to answer as a sketch does.
void beaver::test::fuzz_one(std::string_view given) {
  static const auto other = sketch_of(500);
  static const blob valid[] = {sketch_of(0).serialise(), sketch_of(30).serialise(),
                               sketch_of(3'000).serialise()};
  if (given.empty())
    return;
  const auto how = static_cast<unsigned char>(given[0]);
  given.remove_prefix(1);
  const auto bytes =
    how % 4 == 3 ? blob(given.begin(), given.end()) : changed(valid[how % 4], given);
  quantile_sketch sketch;
  try {
    sketch = quantile_sketch::parse(bytes);
  } catch (const std::invalid_argument&) {
    require(how % 4 == 3 || bytes != valid[how % 4]);
    return;
  }
  require(sketch.serialise() == bytes);
  try {
    for (int i = 0; i < 300; ++i)
      sketch.add(i % 7);
    if (sketch.params() == small)
      sketch.merge(other);
  } catch (const std::length_error&) {
    require(sketch.count() > quantile_sketch::max_count - 500);
  }
  require(quantile_sketch::parse(sketch.serialise()) == sketch);
  require(sketch.rank_error() >= 0 && sketch.rank_error() <= 1);
  const double qs[] = {0, 0.01, 0.5, 0.99, 1};
  const auto found = sketch.quantiles(qs);
  require(std::is_sorted(found.begin(), found.end()));
  require(found.front() == sketch.min() && found.back() == sketch.max());
  const auto ranks = sketch.ranks(found);
  for (std::size_t i = 1; i < found.size(); ++i)
    require(ranks[i] >= qs[i]);
}
