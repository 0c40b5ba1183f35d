#include "beaver/storage/index_value.hpp"

#include "beaver/storage/json_compare.hpp"

#include <bit>
#include <cmath>

namespace beaver::index_value {
namespace {

constexpr std::size_t longest_string = 64;

enum type : char {
  type_unknown,
  type_null,
  type_false,
  type_true,
  type_number,
  type_string,
  type_tree,
  type_end
};

std::string of_type(type t) { return std::string(1, t); }

void append_big_endian(std::string& out, std::uint64_t bits) {
  for (int shift = 56; shift >= 0; shift -= 8)
    out += static_cast<char>(bits >> shift & 0xff);
}

/// Bits that have the order of the doubles.
std::uint64_t ordered_bits(double x) {
  const auto bits = std::bit_cast<std::uint64_t>(x + 0.0); // one zero
  constexpr std::uint64_t sign = std::uint64_t{1} << 63;
  return (bits & sign) != 0 ? ~bits : bits | sign;
}

/// FNV-1a. It is in files: it must not change.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text)
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

range exactly(std::string encoded) {
  auto upper = encoded + '\0'; // the least that is greater
  return {std::move(encoded), std::move(upper)};
}

} // namespace

std::string unknown() { return of_type(type_unknown); }

std::string encode(std::string_view value) {
  std::string out;
  switch (json_kind_of(value)) {
  case json_kind::null:
    return of_type(type_null);
  case json_kind::boolean:
    return of_type(value[0] == 't' ? type_true : type_false);
  case json_kind::number: {
    const double x = json_number{value}.nearest();
    if (std::isnan(x))
      return unknown();
    out = of_type(type_number);
    append_big_endian(out, ordered_bits(x));
    return out;
  }
  case json_kind::string: {
    std::string scratch;
    out = of_type(type_string);
    return out += json_string_content(value, scratch).substr(0, longest_string);
  }
  default: {
    const auto key = json_key(value);
    if (!key)
      return unknown();
    out = of_type(type_tree);
    append_big_endian(out, hash_of(*key));
    return out;
  }
  }
}

std::optional<std::vector<range>> ranges_of(const filter_condition& condition) {
  std::vector<range> all{exactly(unknown())};
  const auto encoded = encode(condition.value.text());
  const char t = encoded[0];
  const bool ordered = t == type_number || t == type_string;
  switch (condition.op) {
  case filter_operator::equal:
    all.push_back(exactly(encoded));
    return all;
  case filter_operator::in: {
    json_cursor in{condition.value};
    for (in.enter_array(); in.next_element();)
      all.push_back(exactly(encode(in.skip())));
    return all;
  }
  case filter_operator::less:
  case filter_operator::less_equal:
    if (ordered)
      all.push_back({std::string(1, t), exactly(encoded).upper});
    return all;
  case filter_operator::greater:
  case filter_operator::greater_equal:
    if (ordered)
      all.push_back({encoded, std::string(1, static_cast<char>(t + 1))});
    return all;
  case filter_operator::exists:
    if (t != type_true)
      return {};
    all.push_back({of_type(type_null), of_type(type_end)});
    return all;
  default:
    return {};
  }
}

} // namespace beaver::index_value
