#pragma once
#include "beaver/actors/value_codec.hpp"

#include <array>
#include <limits>
#include <utility>

// The templates of value_codec.hpp. What needs no type is behind functions over tables, so that a
// record costs the compiler little.
namespace beaver::codec {
namespace detail {

struct enumerator {
  std::string_view name;
  long long value;
};

/// One member of a record whose type is forgotten.
struct member_row {
  std::string_view name;
  bool required;
  void (*decode)(json_cursor& in, void* record, const place& at);
};

void encode_integer(std::string& out, long long value);
void encode_integer(std::string& out, unsigned long long value);
void encode_bytes(std::string& out, const bytes& x);
void encode_floats(std::string& out, const floats& x);
void encode_float(std::string& out, float x);
void encode_double(sink& to, double x);
void encode_enum(std::string& out, long long value, std::span<const enumerator> known);

[[nodiscard]] bool decode_bool(json_cursor& in, const place& at);
[[nodiscard]] long long decode_integer(json_cursor& in, long long least, long long most,
                                       const place& at);
[[nodiscard]] unsigned long long decode_integer(json_cursor& in, unsigned long long most,
                                                const place& at);
[[nodiscard]] double decode_double(json_cursor& in, const place& at);
[[nodiscard]] float decode_float(json_cursor& in, const place& at);
[[nodiscard]] std::string_view decode_string(json_cursor& in, const place& at);
[[nodiscard]] bytes decode_bytes(json_cursor& in, const place& at);
[[nodiscard]] floats decode_floats(json_cursor& in, const place& at);
[[nodiscard]] long long decode_enum(json_cursor& in, std::span<const enumerator> known,
                                    const place& at);
void decode_null(json_cursor& in, const place& at);
void enter_array(json_cursor& in, const place& at);
void enter_object(json_cursor& in, const place& at);

/// Sets the members of `record` from an object. Those whose bit is not in `wanted` are neither
/// accepted nor missed.
void decode_record(json_cursor& in, void* record, std::span<const member_row> rows,
                   std::uint64_t wanted, const place& at);

template <class T, class D>
void decode_member(json_cursor& in, void* record, const place& at) {
  using type = std::remove_cvref_t<decltype(std::declval<T&>().*D::pointer)>;
  auto& member = static_cast<T*>(record)->*D::pointer;
  // A present null is a value for JSON, and absence for everything else.
  if constexpr (std::same_as<type, std::optional<json_text>>)
    member = in.read_value();
  else
    codec::decode(in, member, at);
}

template <class T, class D>
inline constexpr bool is_required =
  !is_optional<std::remove_cvref_t<decltype(std::declval<T&>().*D::pointer)>>;

template <class T, class List>
struct rows_of;
template <class T, template <class...> class L, class... D>
struct rows_of<T, L<D...>> {
  static_assert(sizeof...(D) <= 64, "a record with more than 64 members");
  static constexpr std::array<member_row, sizeof...(D)> rows{
    {{D::name, is_required<T, D>, decode_member<T, D>}...}};
};

template <class T>
inline constexpr std::span<const member_row> member_rows{rows_of<T, members_of<T>>::rows};

template <class E, class List>
struct names_of;
template <class E, template <class...> class L, class... D>
struct names_of<E, L<D...>> {
  static constexpr std::array<enumerator, sizeof...(D)> rows{
    {{D::name, static_cast<long long>(D::value)}...}};
};

template <class E>
inline constexpr std::span<const enumerator> enumerators{
  names_of<E, boost::describe::describe_enumerators<E>>::rows};

/// Elements one after the other, with what stands between them.
class separator {
public:
  explicit separator(sink& to) : to_(to) {}
  void next() {
    if (!std::exchange(first_, false))
      to_.out += ", ";
  }

private:
  sink& to_;
  bool first_ = true;
};

template <class M>
void encode_member(sink& to, separator& members, std::string_view name, const M& x) {
  if constexpr (is_optional<M>) {
    if (x)
      detail::encode_member(to, members, name, *x);
  } else {
    members.next();
    to.out += '"';
    to.out += name;
    to.out += "\": ";
    codec::encode(to, x);
  }
}

template <class T, template <class...> class L, class... D>
void encode_record(sink& to, [[maybe_unused]] const T& x, L<D...>) {
  separator members{to};
  to.out += '{';
  (detail::encode_member(to, members, D::name, x.*D::pointer), ...);
  to.out += '}';
}

template <class Element>
void encode_element(sink& to, separator& elements, const Element& x) {
  elements.next();
  codec::encode(to, x);
}

template <class T>
void decode_element(json_cursor& in, T& x, std::size_t index, std::size_t size, const place& at) {
  if (!in.next_element())
    at.fail("must have " + std::to_string(size) + " elements");
  codec::decode(in, x, place{at, index});
}

template <class T, std::size_t... I>
void decode_tuple(json_cursor& in, T& x, const place& at, std::index_sequence<I...>) {
  detail::enter_array(in, at);
  (detail::decode_element(in, std::get<I>(x), I, sizeof...(I), at), ...);
  if (in.next_element())
    at.fail("must have " + std::to_string(sizeof...(I)) + " elements");
}

template <class A, class V>
bool try_alternative(json_cursor& in, V& x, const place& at) {
  const auto start = in.position();
  try {
    A value{};
    codec::decode(in, value, at);
    x = V{std::in_place_type<A>, std::move(value)};
    return true;
  } catch (const error&) {
    in.go_back(start);
    return false;
  }
}

template <class... A>
void decode_variant(json_cursor& in, std::variant<A...>& x, const place& at) {
  if (!(detail::try_alternative<A>(in, x, at) || ...))
    at.fail("fits no alternative");
}

/// How many of its units a duration has in a second. Times today in nanoseconds have more digits
/// than a double, and have to come out as the same seconds that went in: hence the wider type.
template <class D>
inline constexpr long double units_per_second = static_cast<long double>(D::period::den)
                                                / D::period::num;

/// The duration of so many seconds, rounded to its unit.
template <class D>
D decode_duration(json_cursor& in, const place& at) {
  using rep = typename D::rep;
  const long double units = detail::decode_double(in, at) * units_per_second<D>;
  if constexpr (std::is_floating_point_v<rep>) {
    return D{static_cast<rep>(units)};
  } else {
    // The greatest value may round up to one that does not exist: it is left out.
    if (!(units >= static_cast<long double>(std::numeric_limits<rep>::min())
          && units < static_cast<long double>(std::numeric_limits<rep>::max())))
      at.fail("is out of range");
    return D{static_cast<rep>(units < 0 ? units - 0.5L : units + 0.5L)};
  }
}

template <class D>
void encode_duration(sink& to, const D& x) {
  json::append_double(to.out, static_cast<double>(x.count() / units_per_second<D>));
}

template <class T>
void decode_map(json_cursor& in, T& x, const place& at) {
  detail::enter_object(in, at);
  x.clear();
  while (auto name = in.next_member()) {
    std::string key{*name};
    const place here{at, key};
    typename T::mapped_type value{};
    codec::decode(in, value, here);
    if (x.find(typename T::key_type{key}) != x.end()) {
      if (at.strict())
        here.fail("given twice");
      x.erase(typename T::key_type{key});
    }
    x.emplace(std::move(key), std::move(value));
  }
}

template <class T>
void decode_sequence(json_cursor& in, T& x, const place& at) {
  detail::enter_array(in, at);
  x.clear();
  for (std::size_t i = 0; in.next_element(); ++i) {
    typename T::value_type item{};
    codec::decode(in, item, place{at, i});
    x.insert(x.end(), std::move(item));
  }
}

template <class T>
inline constexpr bool unsupported = false;

} // namespace detail

template <class T>
void encode(sink& to, const T& x) {
  std::string& out = to.out;
  if constexpr (customised<T>) {
    custom<T>::encode(out, x);
  } else if constexpr (std::same_as<T, bool>) {
    out += x ? "true" : "false";
  } else if constexpr (std::signed_integral<T>) {
    detail::encode_integer(out, static_cast<long long>(x));
  } else if constexpr (std::unsigned_integral<T>) {
    detail::encode_integer(out, static_cast<unsigned long long>(x));
  } else if constexpr (std::same_as<T, float>) {
    detail::encode_float(out, x);
  } else if constexpr (std::floating_point<T>) {
    detail::encode_double(to, static_cast<double>(x));
  } else if constexpr (described_enum<T>) {
    detail::encode_enum(out, static_cast<long long>(x), detail::enumerators<T>);
  } else if constexpr (nothing<T>) {
    out += "null";
  } else if constexpr (std::same_as<T, json_text>) {
    out += x.text();
    to.normal = to.normal && x.normal();
  } else if constexpr (std::convertible_to<const T&, std::string_view>) {
    json::append_string(out, x);
  } else if constexpr (std::same_as<T, bytes>) {
    detail::encode_bytes(out, x);
  } else if constexpr (std::same_as<T, floats>) {
    detail::encode_floats(out, x);
  } else if constexpr (record<T>) {
    const bool around = std::exchange(to.infinities, to.infinities || has_infinities<T>);
    detail::encode_record(to, x, members_of<T>{});
    to.infinities = around;
  } else if constexpr (is_optional<T>) {
    if (x)
      codec::encode(to, *x);
    else
      out += "null";
  } else if constexpr (is_variant<T>) {
    std::visit([&to](const auto& value) { codec::encode(to, value); }, x);
  } else if constexpr (duration<T>) {
    detail::encode_duration(to, x);
  } else if constexpr (system_time<T>) {
    detail::encode_duration(to, x.time_since_epoch());
  } else if constexpr (text_map<T>) {
    detail::separator members{to};
    out += '{';
    for (const auto& entry : x) {
      members.next();
      json::append_string(out, entry.first);
      out += ": ";
      codec::encode(to, entry.second);
    }
    out += '}';
  } else if constexpr (sequence<T>) {
    detail::separator elements{to};
    out += '[';
    for (const typename T::value_type& item : x)
      detail::encode_element(to, elements, item);
    out += ']';
  } else if constexpr (tuple_like<T>) {
    detail::separator elements{to};
    out += '[';
    std::apply([&](const auto&... item) { (detail::encode_element(to, elements, item), ...); }, x);
    out += ']';
  } else {
    static_assert(
      detail::unsupported<T>,
      "no JSON form: put BOOST_DESCRIBE_STRUCT or BOOST_DESCRIBE_ENUM under the type, "
      "specialise beaver::codec::custom, or include an adapter such as api/nlohmann.hpp");
  }
}

template <class T>
void decode(json_cursor& in, T& x, const place& at) {
  using integers = std::numeric_limits<T>;
  if constexpr (customised<T>) {
    custom<T>::decode(in, x, at);
  } else if constexpr (std::same_as<T, bool>) {
    x = detail::decode_bool(in, at);
  } else if constexpr (std::signed_integral<T>) {
    x = static_cast<T>(detail::decode_integer(in, static_cast<long long>(integers::min()),
                                              static_cast<long long>(integers::max()), at));
  } else if constexpr (std::unsigned_integral<T>) {
    x = static_cast<T>(
      detail::decode_integer(in, static_cast<unsigned long long>(integers::max()), at));
  } else if constexpr (std::same_as<T, float>) {
    x = detail::decode_float(in, at);
  } else if constexpr (std::floating_point<T>) {
    x = detail::decode_double(in, at);
  } else if constexpr (described_enum<T>) {
    x = static_cast<T>(detail::decode_enum(in, detail::enumerators<T>, at));
  } else if constexpr (nothing<T>) {
    detail::decode_null(in, at);
  } else if constexpr (std::same_as<T, json_text>) {
    x = in.read_value();
  } else if constexpr (std::same_as<T, std::string>) {
    x = detail::decode_string(in, at);
  } else if constexpr (std::same_as<T, bytes>) {
    x = detail::decode_bytes(in, at);
  } else if constexpr (std::same_as<T, floats>) {
    x = detail::decode_floats(in, at);
  } else if constexpr (record<T>) {
    detail::decode_record(in, &x, detail::member_rows<T>, ~std::uint64_t{0}, at);
  } else if constexpr (is_optional<T>) {
    x.reset();
    if (in.peek() == json_kind::null)
      in.read_null();
    else
      codec::decode(in, x.emplace(), at);
  } else if constexpr (is_variant<T>) {
    detail::decode_variant(in, x, at);
  } else if constexpr (duration<T>) {
    x = detail::decode_duration<T>(in, at);
  } else if constexpr (system_time<T>) {
    x = T{detail::decode_duration<typename T::duration>(in, at)};
  } else if constexpr (text_map<T>) {
    detail::decode_map(in, x, at);
  } else if constexpr (sequence<T>) {
    detail::decode_sequence(in, x, at);
  } else if constexpr (tuple_like<T>) {
    detail::decode_tuple(in, x, at, std::make_index_sequence<std::tuple_size_v<T>>{});
  } else {
    static_assert(detail::unsupported<T>,
                  "no JSON form to read: see codec::encode; std::string_view cannot be read");
  }
}

} // namespace beaver::codec
