#include "beaver/storage/text_language.hpp"
#include "beaver/storage/utf8.hpp"
#include "fuzz/fuzz.hpp"

using namespace beaver;
using namespace beaver::test;
using namespace beaver::text_language;

/// Every text is a query, within its limits; printed it is a text that is read as the same.
void beaver::test::fuzz_one(std::string_view given) {
  auto query = parse(given);
  std::size_t bytes = 0;
  for (const auto& leaf : query.leaves) {
    bytes += leaf.text.size() + leaf.field.size();
    const auto match = leaf.match();
    require(!leaf.text.empty());
    require(match.find('\0') == match.npos);
    require(leaf.text.find('"') == leaf.text.npos);
    require(utf8::find_invalid(match + leaf.field) == match.npos);
  }
  require(query.leaves.size() <= max_leaves);
  require(bytes <= max_bytes);
  require(query.empty() == query.leaves.empty());
  query.cut.clear();
  const auto printed = print(query);
  require(parse(printed) == query);
  require(print(parse(printed)) == printed);
  const std::vector<bool> none(query.leaves.size());
  const std::vector<bool> all(query.leaves.size(), true);
  require(query.matches_others() == query.matches(none));
  require(query.without(none) == query);
  require(query.without(all).empty());
  require(query.positive().size() == query.leaves.size());
}
