#pragma once
#include "beaver/storage/filter_tree.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beaver {

/// How field indexes write JSON values, so that the order of bytes is that of filters as far as it
/// goes: one byte for the type, then
///
///     0            nothing: a value, or a row, that always has to be looked at
///     1, 2, 3      null, false, true
///     4            the nearest double, 8 bytes
///     5            the first 64 bytes of a string
///     6            a hash of an array or object, 8 bytes
///
/// It is not exact and need not be: equal values have equal encodings, and a value that is less
/// than another never has the greater one. So what an index gives holds all rows that satisfy a
/// condition, and perhaps others.
namespace index_value {

/// The text of one JSON value.
[[nodiscard]] std::string encode(std::string_view value);

/// The encoding of what cannot be told: a row that is not JSON.
[[nodiscard]] std::string unknown();

/// Encodings from `lower` on and below `upper`.
struct range {
  std::string lower;
  std::string upper;
};

/// Where all values are that satisfy the condition; empty if an index is of no help with it: it has
/// no order of what is not equal, and nothing about elements of arrays and missing values.
[[nodiscard]] std::optional<std::vector<range>> ranges_of(const filter_condition& condition);

} // namespace index_value
} // namespace beaver
