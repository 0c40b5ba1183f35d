#pragma once
#include "beaver/actors/value_codec.hpp"

#include <array>
#include <span>
#include <string_view>

// What the JSON form of a type looks like, for documents that describe it to programs in other
// languages. Follows from the type alone, by the rules of value_codec.hpp.
namespace beaver {

enum class shape_kind : std::uint8_t {
  any, ///< any JSON
  null,
  boolean,
  integer,
  natural, ///< an integer that is not negative
  number,
  string,
  word,   ///< one of `words`
  base64, ///< bytes
  array,  ///< of any number of `parts[0]`
  tuple,  ///< one of each of `parts`
  map,    ///< an object with any names, whose values are `parts[0]`
  object, ///< with the members `parts`
  choice, ///< one of `parts`
};

struct shape;

/// A shape within another; a function, since records may hold records of their own kind.
struct shape_part {
  std::string_view name; ///< of a member of an object
  bool required;
  const shape& (*of)();
};

struct shape {
  shape_kind kind;
  std::string_view name = {}; ///< of the record or the enum
  std::span<const shape_part> parts = {};
  std::span<const codec::detail::enumerator> words = {};
};

template <class T>
[[nodiscard]] const shape& shape_of();

namespace detail {

template <class T>
inline constexpr shape_part part_of{{}, true, &shape_of<T>};

template <class... T>
inline constexpr std::array<shape_part, sizeof...(T)> parts_of{part_of<T>...};

template <class T, class D>
[[nodiscard]] constexpr shape_part member_part() {
  using type = std::remove_cvref_t<decltype(std::declval<T&>().*D::pointer)>;
  return {D::name, !is_optional<type>, &shape_of<type>};
}

template <class T, class List>
struct member_parts;
template <class T, template <class...> class L, class... D>
struct member_parts<T, L<D...>> {
  static constexpr std::array<shape_part, sizeof...(D)> parts{member_part<T, D>()...};
};

template <class T>
struct part_list;
template <template <class...> class T, class... Parts>
struct part_list<T<Parts...>> {
  static constexpr std::span<const shape_part> parts{parts_of<Parts...>};
};
template <class T, std::size_t N>
struct part_list<std::array<T, N>> {
  static constexpr std::span<const shape_part> parts{parts_of<T>}; // an array, however long
};

template <class T>
[[nodiscard]] constexpr shape make_shape() {
  using enum shape_kind;
  if constexpr (codec::customised<T> || std::same_as<T, json_text>)
    return {any};
  else if constexpr (codec::nothing<T>)
    return {null};
  else if constexpr (std::same_as<T, bool>)
    return {boolean};
  else if constexpr (std::is_integral_v<T>)
    return {std::is_signed_v<T> ? integer : natural};
  else if constexpr (std::is_floating_point_v<T> || codec::duration<T> || codec::system_time<T>)
    return {number};
  else if constexpr (codec::described_enum<T>)
    return {word, name_of<T>(), {}, codec::detail::enumerators<T>};
  else if constexpr (std::convertible_to<const T&, std::string_view>)
    return {string};
  else if constexpr (std::same_as<T, bytes>)
    return {base64};
  else if constexpr (std::same_as<T, floats>)
    return {array, {}, parts_of<float>};
  else if constexpr (record<T>)
    return {object, name_of<T>(), member_parts<T, members_of<T>>::parts};
  else if constexpr (codec::is_variant<T>)
    return {choice, {}, part_list<T>::parts};
  else if constexpr (codec::text_map<T>)
    return {map, {}, parts_of<typename T::mapped_type>};
  else if constexpr (codec::sequence<T>)
    return {array, {}, parts_of<typename T::value_type>};
  else
    return {tuple, {}, part_list<T>::parts};
}

} // namespace detail

/// The shape of a T; of what it holds, if it is an optional.
template <class T>
const shape& shape_of() {
  if constexpr (is_optional<T>) {
    return shape_of<typename T::value_type>();
  } else {
    static constexpr shape made = detail::make_shape<T>();
    return made;
  }
}

} // namespace beaver
