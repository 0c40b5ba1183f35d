#pragma once
#include "beaver/storage/filter_tree.hpp"
#include "beaver/storage/json_compare.hpp"

#include <string_view>
#include <vector>

namespace beaver {

/// Tells whether a row of JSON satisfies a filter. The meaning of a condition, exactly:
///
/// - A path that leads nowhere satisfies nothing, != included. Only exists with the value false
///   holds then, and a `not` around a condition that does not hold. A null is a value: it exists.
/// - == holds for equal values of one JSON type. Numbers are equal by value: 5 is 5.0, what is
///   written as an integer is never rounded however long, any other number is the nearest double.
///   true is not 1; null equals null. Strings are equal by code points. Arrays and objects are
///   equal if their texts in normal form are: the order of members counts, and [5] is not [5.0].
/// - != holds where the path leads to a value, of whatever type, that is not ==.
/// - <, <=, >, >= hold between two numbers, and between two strings in the order of code points,
///   which is that of UTF-8 bytes; between all else they do not.
/// - in holds if == holds for one element of the value; contains if the path leads to an array with
///   an element that is == the value.
/// - Of members with one name the last one counts. NaN, which other programs may have stored,
///   equals nothing and has no order.
///
/// One pass over the text for all paths, and nothing is built. Not thread-safe.
class row_filter {
public:
  explicit row_filter(const filter_node& root);
  /// Throws `error` invalid_argument as `filter_wire::parse` does.
  explicit row_filter(const json_text& wire) : row_filter(filter_wire::parse(wire)) {}

  /// Linear in the text, and in the conditions that have to be looked at. Throws `error`
  /// invalid_argument if the text is not JSON.
  [[nodiscard]] bool matches(std::string_view json);

  /// Whether a row without a value satisfies it: every path leads nowhere, "." included.
  [[nodiscard]] bool matches_absence() const noexcept { return absence_; }

private:
  struct test {
    std::size_t place;
    filter_operator op;
    std::vector<json_operand> values; // one; those of `in`
    bool wanted;                      // of `exists`
  };
  struct node {
    filter_node::kind what;
    std::size_t test = 0;
    std::vector<node> parts{};
  };

  node compile(const filter_node& from);
  [[nodiscard]] bool holds(const node& n) const;
  [[nodiscard]] bool holds(const test& t) const;

  path_reader reader_;
  std::vector<test> tests_;
  node root_;
  bool absence_;
};

} // namespace beaver
