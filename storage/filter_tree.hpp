#pragma once
#include "beaver/storage/json_path.hpp"
#include "beaver/storage/json_text.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beaver {

enum class filter_operator : std::uint8_t {
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  in,
  exists,
  contains
};

/// What has to hold at one path. `value` is in normal form: an array for `in`, true or false for
/// `exists`.
struct filter_condition {
  json_path path;
  filter_operator op;
  json_text value;

  friend bool operator==(const filter_condition&, const filter_condition&) = default;
};

/// A condition, or a combination of others: exactly one condition, any number of parts, or (as the
/// negation) one part.
struct filter_node {
  enum class kind : std::uint8_t { condition, all, any, negation };

  kind what = kind::all;
  std::optional<filter_condition> condition{};
  std::vector<filter_node> parts{};

  friend bool operator==(const filter_node&, const filter_node&) = default;
};

/// The wire form of filters. An array holds if all of its elements do; an element is
///
///     {"path": "user.id", "operator": "==", "value": 7}
///     {"or": [element, ...]}   {"and": [element, ...]}   {"not": element}
///
/// with the operators ==  !=  <  <=  >  >=  in (value: an array)  contains  exists (value: true,
/// which may be left out, or false). Wherever an element may stand, an array may too. An empty
/// array holds, an empty "or" does not. What they mean is said at `row_filter`.
namespace filter_wire {

/// Deepest nesting of elements in elements.
inline constexpr int max_depth = 32;

/// The root is always of kind `all`. Throws `error` invalid_argument that begins with the place,
/// such as "where[0].or[1].operator must be one of ...".
[[nodiscard]] filter_node parse(const json_text& wire, std::string_view name = "where");

/// The wire form of a tree whose root is of kind `all`: parses back as the same tree.
[[nodiscard]] json_text print(const filter_node& root);

/// The spelling of an operator, such as "<=".
[[nodiscard]] std::string_view spelling(filter_operator op) noexcept;

} // namespace filter_wire
} // namespace beaver
