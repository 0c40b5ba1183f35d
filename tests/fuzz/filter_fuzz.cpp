#include "beaver/storage/filter.hpp"
#include "fuzz/fuzz.hpp"

#include <optional>

using namespace beaver;
using namespace beaver::test;

/// Up to the first newline a filter, behind it a row. Reading a filter never does worse than to
/// throw; what was read is printed in normal form and read back as the same. Both forms give the
/// same answer about any row.
void beaver::test::fuzz_one(std::string_view given) {
  const auto end = given.find('\n');
  const auto row = end == given.npos ? std::string_view{"{}"} : given.substr(end + 1);
  std::optional<filter_node> tree;
  if (!succeeds([&] { tree = filter_wire::parse(json_text{given.substr(0, end)}); }))
    return;
  const auto wire = filter_wire::print(*tree);
  require(json_text{wire.text()}.normalised() == wire);
  require(filter_wire::parse(wire) == *tree);
  bool answer = false;
  bool again = false;
  row_filter first{*tree};
  row_filter second{wire};
  const bool read = succeeds([&] { answer = first.matches(row); });
  require(read == succeeds([&] { again = second.matches(row); }));
  require(answer == again);
}
