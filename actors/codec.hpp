#pragma once
#include "beaver/actors/operation.hpp"
#include "beaver/actors/value_codec.hpp"

// What the rows of the registry need of a message type: its members described, and its ways from
// and to text. All of it follows from the struct and its route.
namespace beaver::codec {

namespace detail {

[[nodiscard]] constexpr bool is_in_path(std::string_view path, std::string_view member) {
  for (auto open = path.find('{'); open != path.npos; open = path.find('{', open + 1))
    if (path.substr(open + 1, path.find('}', open) - open - 1) == member)
      return true;
  return false;
}

} // namespace detail

/// What kind of text a value of this type is, in the words of `member_info::type`; "void" for none.
/// An optional is called what it holds; "json" is a value of any kind.
template <class T>
[[nodiscard]] constexpr std::string_view type_word() {
  if constexpr (std::is_void_v<T>)
    return "void";
  else if constexpr (is_optional<T>)
    return type_word<typename T::value_type>();
  else if constexpr (described_enum<T> || std::same_as<T, std::string>)
    return "string"; // an enum even where its JSON form is its own: bare text is a word
  else if constexpr (customised<T> || std::same_as<T, json_text> || is_variant<T> || nothing<T>)
    return "json";
  else if constexpr (std::same_as<T, bool>)
    return "boolean";
  else if constexpr (std::is_integral_v<T>)
    return "integer";
  else if constexpr (std::is_floating_point_v<T> || duration<T> || system_time<T>)
    return "number";
  else if constexpr (std::same_as<T, bytes>)
    return "bytes";
  else if constexpr (record<T> || text_map<T>)
    return "object";
  else
    return "array";
}

namespace detail {

/// The same for the items of an array, as far as it is a vector.
template <class T>
[[nodiscard]] constexpr std::string_view item_word() {
  if constexpr (is_optional<T>)
    return detail::item_word<typename T::value_type>();
  else if constexpr (type_word<T>() == "array" && requires { typename T::value_type; })
    return type_word<typename T::value_type>();
  else
    return {};
}

/// Sets one member, whose type is forgotten, from bare text.
struct text_row {
  std::string_view name;
  void (*set)(void* message, std::string_view text, const place& at);
};

void set_by_name(void* message, std::span<const text_row> rows, std::string_view member,
                 std::string_view text);
using decode_function = void (*)(json_cursor& in, void* x, const place& at);
/// Decodes a JSON text, which is called what `type_word` says if it is none.
void decode_bare(std::string_view text, std::string_view type_word, void* x, const place& at,
                 decode_function decode);
/// Decodes bare text as if it were a JSON string.
void decode_bare_word(std::string_view text, void* x, const place& at, decode_function decode);
void decode_object(std::string_view json, void* message, std::span<const member_row> rows,
                   std::uint64_t wanted);

template <class T>
void decode_any(json_cursor& in, void* x, const place& at) {
  codec::decode(in, *static_cast<T*>(x), at);
}

template <class T>
void set_from_text(T& x, std::string_view text, const place& at) {
  if constexpr (is_optional<T>)
    detail::set_from_text(x.emplace(), text, at);
  else if constexpr (std::same_as<T, std::string> || std::same_as<T, bytes>)
    x = T{text};
  else if constexpr (described_enum<T>)
    detail::decode_bare_word(text, &x, at, detail::decode_any<T>);
  else
    detail::decode_bare(text, type_word<T>(), &x, at, detail::decode_any<T>);
}

template <class M, class D>
void set_one(void* message, std::string_view text, const place& at) {
  detail::set_from_text(static_cast<M*>(message)->*D::pointer, text, at);
}

template <class M, class D>
[[nodiscard]] constexpr member_info describe_member() {
  using type = std::remove_cvref_t<decltype(std::declval<M&>().*D::pointer)>;
  const placement where = is_in_path(M::route.path, D::name) ? placement::path
                          : M::route.method == verb::get     ? placement::query
                                                             : placement::body;
  return {D::name, where, !is_optional<type>, type_word<type>(), item_word<type>()};
}

template <class M, class List>
struct message_tables;
template <class M, template <class...> class L, class... D>
struct message_tables<M, L<D...>> {
  static constexpr std::array<member_info, sizeof...(D)> members{{describe_member<M, D>()...}};
  static constexpr std::array<text_row, sizeof...(D)> texts{{{D::name, set_one<M, D>}...}};
};

/// Tells one member to a sink, whose text is used again and again.
template <class T>
void tell_member(const T& x, const member_info& member, std::string& text, member_sink& to) {
  if constexpr (is_optional<T>) {
    if (x)
      detail::tell_member(*x, member, text, to);
  } else if constexpr (std::same_as<T, bytes>) {
    to.content(member, x);
  } else {
    text.clear();
    codec::encode(text, x);
    to.value(member, text);
  }
}

template <class M>
[[nodiscard]] constexpr std::uint64_t body_members() {
  std::uint64_t set = 0;
  std::size_t i = 0;
  for (const auto& member : message_tables<M, members_of<M>>::members)
    set |= std::uint64_t{member.where != placement::path} << i++;
  return set;
}

} // namespace detail

/// The members in the order of the struct, those of its bases first.
template <routed M>
[[nodiscard]] constexpr std::span<const member_info> members() noexcept {
  return detail::message_tables<M, members_of<M>>::members;
}

/// Sets the member `member` of the M at `m` from bare text: as it is for std::string, raw for
/// bytes, the enumerator's name for an enum, JSON for the rest. Throws `error` invalid_argument:
/// "limit must be an integer", "nam is unknown; known are name, ...".
template <routed M>
void set_member(void* m, std::string_view member, std::string_view text) {
  detail::set_by_name(m, detail::message_tables<M, members_of<M>>::texts, member, text);
}

/// Sets all members of the M at `m` from a JSON object; absent optional members stay as they are.
/// Throws `error` invalid_argument: "body is not JSON: ...", "body.key is missing".
template <routed M>
void decode_message(void* m, std::string_view json) {
  detail::decode_object(json, m, detail::member_rows<M>, ~std::uint64_t{0});
}

/// The same for the members that are not in the path, as they come in the body of a request: those
/// in the path are neither accepted nor missed.
template <routed M>
void decode_body(void* m, std::string_view json) {
  detail::decode_object(json, m, detail::member_rows<M>, detail::body_members<M>());
}

/// Appends the M at `m` as a JSON object.
template <routed M>
void encode_message(const void* m, std::string& out) {
  codec::encode(out, *static_cast<const M*>(m));
}

/// Tells the members of the M at `m` that are there, in their order.
template <routed M>
void visit_members(const void* m, member_sink& to) {
  std::string text;
  std::size_t i = 0;
  boost::mp11::mp_for_each<members_of<M>>([&](auto member) {
    detail::tell_member(static_cast<const M*>(m)->*member.pointer, members<M>()[i++], text, to);
  });
}

/// Reads one JSON text into `x`. Throws `error` with the path in front, which begins with `name`.
template <class T>
void decode_whole(std::string_view json, T& x, std::string_view name) {
  json_cursor in{json};
  codec::decode(in, x, place{name, surplus::ignore});
  in.finish();
}

/// The name of the one member of a record that is of this type; "" if there is none, or several.
template <class Wanted, record T>
[[nodiscard]] constexpr std::string_view only_member() {
  std::string_view name;
  int count = 0;
  boost::mp11::mp_for_each<members_of<T>>([&](auto member) {
    using type = std::remove_cvref_t<decltype(std::declval<T&>().*member.pointer)>;
    if constexpr (std::same_as<type, Wanted>) {
      name = member.name;
      ++count;
    }
  });
  return count == 1 ? name : std::string_view{};
}

/// Whether a value can be, or hold, one that travels as raw bytes: a `Wanted`, or a record with
/// exactly one member of that type, or either optionally.
template <class Wanted, class T>
[[nodiscard]] constexpr bool has_raw_content() {
  if constexpr (is_optional<T>)
    return codec::has_raw_content<Wanted, typename T::value_type>();
  else if constexpr (record<T>)
    return !only_member<Wanted, T>().empty();
  else
    return std::same_as<T, Wanted>;
}

/// What travels as raw bytes of a value; null if it has none, or is an empty optional.
template <class Wanted, class T>
[[nodiscard]] const Wanted* raw_content([[maybe_unused]] const T& x) {
  const Wanted* found = nullptr;
  if constexpr (!has_raw_content<Wanted, T>())
    return found;
  else if constexpr (is_optional<T>)
    return x ? codec::raw_content<Wanted>(*x) : nullptr;
  else if constexpr (std::same_as<T, Wanted>)
    return &x;
  else
    boost::mp11::mp_for_each<members_of<T>>([&](auto member) {
      if constexpr (std::same_as<std::remove_cvref_t<decltype(x.*member.pointer)>, Wanted>)
        found = &(x.*member.pointer);
    });
  return found;
}

/// Sets the one vector of the M at `m`, if it has one.
template <routed M>
void set_vector(void* m, std::span<const float> numbers) {
  boost::mp11::mp_for_each<members_of<M>>([&](auto member) {
    auto& x = static_cast<M*>(m)->*member.pointer;
    if constexpr (std::same_as<std::remove_cvref_t<decltype(x)>, floats>)
      x = floats{numbers};
  });
}

} // namespace beaver::codec
