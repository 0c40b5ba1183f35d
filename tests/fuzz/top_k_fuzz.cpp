#include "beaver/sketches/top_k.hpp"
#include "fuzz/fuzz.hpp"

#include <optional>
#include <stdexcept>
#include <string>

using namespace beaver;
using namespace beaver::sketches;
using namespace beaver::test;

namespace {

using sketch_bytes = std::vector<std::uint8_t>;

top_k valid_sketch() {
  top_k sketch{{.k = 6, .epsilon = 0.2}};
  for (int i = 0; i < 60; ++i)
    sketch.add(std::to_string(i * i % 17));
  return sketch;
}

/// The bytes themselves behind an even first one; behind an odd one changes of a valid sketch: each
/// two bytes that say where, and one that is written there, or beyond the end cuts it off.
sketch_bytes bytes_of(std::string_view given, const sketch_bytes& valid) {
  if (given.empty() || given[0] % 2 == 0) {
    const auto rest = given.substr(given.empty() ? 0 : 1);
    return {rest.begin(), rest.end()};
  }
  auto out = valid;
  for (std::size_t i = 1; i + 2 < given.size(); i += 3) {
    const auto at = static_cast<unsigned char>(given[i])
                    + std::size_t{256} * static_cast<unsigned char>(given[i + 1]);
    if (at < out.size())
      out[at] = static_cast<std::uint8_t>(given[i + 2]);
    else
      out.resize(at % (valid.size() + 1));
  }
  return out;
}

/// Whatever has been counted, these hold.
void check(const top_k& sketch) {
  const auto kept = sketch.top(sketch.counters());
  std::uint64_t sum = 0;
  for (const auto& item : kept) {
    require(item.error < item.count && item.error <= sketch.total() / sketch.counters());
    sum += item.count;
    require(sum <= sketch.total());
  }
}

} // namespace

/// Reading a sketch never does worse than to refuse; what was read is written as the same bytes,
/// goes on counting within the bounds, and merges with another.
void beaver::test::fuzz_one(std::string_view given) {
  static const auto valid = valid_sketch();
  static const auto valid_bytes = valid.serialise();
  const auto bytes = bytes_of(given, valid_bytes);
  std::optional<top_k> sketch;
  try {
    sketch = top_k::parse(bytes);
  } catch (const std::invalid_argument&) {
    require(bytes != valid_bytes);
    return;
  }
  require(sketch->serialise() == bytes);
  check(*sketch);
  const auto room = ~std::uint64_t{0} - sketch->total();
  if (room >= 1'000) {
    for (std::size_t i = 0; i < std::min<std::size_t>(given.size(), 90); ++i)
      sketch->add(given.substr(i, 2), i % 10);
    check(*sketch);
    if (sketch->params() == valid.params()) {
      sketch->merge(valid);
      check(*sketch);
    }
  }
  require(top_k::parse(sketch->serialise()).serialise() == sketch->serialise());
}
