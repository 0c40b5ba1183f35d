#include "beaver/sketches/approximate_set.hpp"
#include "fuzz/fuzz.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

using namespace beaver;
using namespace beaver::sketches;
using namespace beaver::test;

namespace {

/// The first 16 bytes as they are, or small ones out of two bytes, for which a blob of a few bytes
/// is long enough.
approximate_set_params params_of(std::string_view& given) {
  approximate_set_params params;
  if (given.size() > 16 && given[0] % 4 == 0) {
    std::memcpy(&params.capacity, given.data() + 1, 8);
    std::memcpy(&params.error_rate, given.data() + 9, 8);
    given.remove_prefix(17);
  } else if (given.size() > 2) {
    params.capacity = static_cast<unsigned char>(given[1]);
    params.error_rate = 0.2 + static_cast<unsigned char>(given[2]) / 256.0;
    given.remove_prefix(3);
  }
  return params;
}

} // namespace

/// Any parameters are refused or make a plan; any bytes are refused by all that is done with them,
/// or by nothing but `check`, and take items as good ones do.
void beaver::test::fuzz_one(std::string_view given) {
  const auto params = params_of(given);
  bool sensible = true;
  try {
    approximate_set::check(params);
  } catch (const std::invalid_argument&) {
    sensible = false;
  }
  require(sensible || params.capacity != 1 || !(params.error_rate > 0 && params.error_rate < 1));
  if (!sensible)
    return;
  const approximate_set set{params};
  std::vector<std::uint8_t> bytes(given.begin(), given.end());
  if (bytes.size() > set.bytes() / 2 && bytes.size() % 2 == 0)
    bytes.resize(set.bytes()); // else the fuzzer would have to find the length
  bool valid = true;
  try {
    set.check(bytes);
  } catch (const std::invalid_argument&) {
    valid = false;
  }
  memory_cells cells{bytes};
  const auto item = hashed_item::of(given);
  if (bytes.size() != set.bytes()) {
    require(!valid);
    try {
      set.add(cells, item);
      require(false);
    } catch (const std::invalid_argument&) {
      return;
    }
  }
  const auto before = bytes;
  const bool changed = set.add(cells, item);
  require(changed == (bytes != before));
  require(!set.add(cells, item));
  require(set.contains(cells, item));
  std::vector<std::size_t> touched;
  set.touched(item, touched);
  for (std::size_t i = 0; i < bytes.size(); ++i)
    if (bytes[i] != before[i])
      require(std::find(touched.begin(), touched.end(), i) != touched.end());
  const double error = set.expected_error(bytes);
  require(error >= 0 && error <= 1);
  auto merged = before;
  require(set.merge(merged, bytes) == changed);
  require(merged == bytes);
  require(set.union_estimate(before, bytes) == set.count(bytes));
  require(set.intersection_estimate(before, bytes) <= set.count(before));
  if (valid)
    set.check(bytes); // throws if adding has spoiled it
}
