#include "beaver/sketches/count_min.hpp"
#include "fuzz/fuzz.hpp"

#include <stdexcept>
#include <string>
#include <vector>

using namespace beaver;
using namespace beaver::sketches;
using namespace beaver::test;

namespace {

const count_min plan{{.epsilon = 0.2, .delta = 0.1}};

std::vector<std::uint8_t> valid_bytes() {
  auto bytes = plan.empty();
  memory_cells cells{bytes};
  for (int i = 0; i < 40; ++i)
    plan.add(cells, std::to_string(i * i % 17));
  return bytes;
}

/// The bytes themselves behind an even first one; behind an odd one changes of a valid sketch: each
/// two bytes that say where, and one that is written there.
std::vector<std::uint8_t> bytes_of(std::string_view given) {
  if (given.empty() || given[0] % 2 == 0) {
    const auto rest = given.substr(given.empty() ? 0 : 1);
    return {rest.begin(), rest.end()};
  }
  static const auto valid = valid_bytes();
  auto out = valid;
  for (std::size_t i = 1; i + 2 < given.size(); i += 3) {
    const auto at = static_cast<unsigned char>(given[i])
                    + std::size_t{256} * static_cast<unsigned char>(given[i + 1]);
    out[at % out.size()] = static_cast<std::uint8_t>(given[i + 2]);
  }
  return out;
}

} // namespace

/// Bytes are refused, or a sketch that goes on counting: adding raises an estimate by the count at
/// least, and what passes `check` passes it after any call.
void beaver::test::fuzz_one(std::string_view given) {
  auto bytes = bytes_of(given);
  memory_cells cells{bytes};
  bool good = true;
  try {
    plan.check(bytes);
  } catch (const std::invalid_argument&) {
    good = false;
  }
  if (bytes.size() != plan.bytes()) {
    require(!good);
    return;
  }
  const auto item = given.substr(0, 8);
  const auto before = plan.estimate(cells, item);
  require(plan.add(cells, item, 7)
          == (before > ~std::uint64_t{7} ? ~std::uint64_t{0} : before + 7));
  require(plan.estimate(cells, item) >= before);
  if (!good)
    return;
  require(before <= plan.total(bytes));
  plan.check(bytes);
  auto twice = bytes;
  plan.merge(twice, bytes);
  plan.check(twice);
  require(count_min::of(bytes) == plan);
}
