#pragma once
#include "beaver/storage/key_range.hpp"
#include "table_fixture.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace beaver::test {

/// A range with each bound present one time in three.
inline key_range random_range(dice& d, const std::vector<std::string>& keys) {
  key_range range;
  if (d.one_in(3)) {
    range.prefix = d.of(keys);
    if (d.one_in(4))
      range.prefix = "";
  }
  if (d.one_in(3))
    range.from = d.of(keys);
  if (d.one_in(3))
    range.to = d.of(keys);
  if (d.one_in(3))
    range.after = d.of(keys);
  if (d.one_in(2))
    range.descending = d.one_in(2);
  if (d.one_in(3))
    range.limit = d.one_in(5) ? ~std::uint64_t{0} : d.below(6);
  return range;
}

/// The entries of `all` that `range` covers, in its order, by the words of its definition.
template <class T>
std::vector<std::pair<std::string, T>> in_range(const std::map<std::string, T>& all,
                                                const key_range& range) {
  const bool descending = range.descending.value_or(false);
  std::vector<std::pair<std::string, T>> result(all.begin(), all.end());
  std::erase_if(result, [&](const auto& entry) {
    const std::string& key = entry.first;
    return (range.prefix && !key.starts_with(*range.prefix)) || (range.from && key < *range.from)
           || (range.to && key >= *range.to)
           || (range.after && (descending ? key >= *range.after : key <= *range.after));
  });
  if (descending)
    std::reverse(result.begin(), result.end());
  if (range.limit && *range.limit < result.size())
    result.erase(result.begin() + static_cast<std::ptrdiff_t>(*range.limit), result.end());
  return result;
}

inline std::string describe(const key_range& r) {
  const auto text = [](const auto& bound) { return bound ? "'" + *bound + "'" : std::string{"-"}; };
  return "prefix " + text(r.prefix) + " from " + text(r.from) + " to " + text(r.to) + " after "
         + text(r.after) + (r.descending.value_or(false) ? " descending" : " ascending") + " limit "
         + (r.limit ? std::to_string(*r.limit) : "-");
}

} // namespace beaver::test
