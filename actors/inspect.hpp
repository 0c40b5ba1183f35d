#pragma once
#include "beaver/actors/message.hpp"

#include <array>
#include <bit>
#include <caf/detail/stringification_inspector.hpp>
#include <caf/error.hpp>
#include <caf/meta/type_name.hpp>
#include <caf/type_nr.hpp>
#include <cstdint>
#include <optional>
#include <string>

// How CAF sends our messages to other nodes: one function for every described struct, and one for
// each strong type. All messages live directly in `beaver`, where argument-dependent lookup finds
// these.

namespace beaver {

namespace detail {

/// `name_of` as the terminated text that CAF wants.
template <class T>
inline constexpr auto terminated_name = [] {
  std::array<char, name_of<T>().size() + 1> text{};
  name_of<T>().copy(text.data(), text.size() - 1);
  return text;
}();

/// Sends a buffer as a string: one length, one memcpy, checked against the input's end when
/// loading. Printing shows the size only, for logs are no place for content.
template <class Inspector, class T>
typename Inspector::result_type inspect_buffer(Inspector& f, T& x, const char* name) {
  if constexpr (std::is_void_v<typename Inspector::result_type>) {
    auto size = x.size();
    f(caf::meta::type_name(name), size);
  } else if constexpr (Inspector::reads_state) {
    std::string content{x.text()};
    return f(content);
  } else {
    std::string content;
    if (auto failed = f(content))
      return failed;
    x = T{std::string_view{content}};
    return caf::none;
  }
}

/// A double as its bits: CAF's own conversion never ends for an infinity.
struct double_bits {
  double& value;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, double_bits& x) {
  if constexpr (std::is_void_v<typename Inspector::result_type>) {
    f(x.value);
  } else {
    std::uint64_t bits = 0;
    if constexpr (Inspector::reads_state)
      bits = std::bit_cast<std::uint64_t>(x.value);
    if (auto failed = f(bits))
      return failed;
    if constexpr (!Inspector::reads_state)
      x.value = std::bit_cast<double>(bits);
    return caf::none;
  }
}

template <class T>
T& sendable(T& x) {
  return x;
}
inline double_bits sendable(double& x) { return {x}; }

template <class Inspector, class T, template <class...> class List, class... Members>
typename Inspector::result_type inspect_members(Inspector& f, T& x, List<Members...>) {
  // CAF skips such a member silently instead of sending it.
  static_assert(
    (!caf::is_allowed_unsafe_message_type<std::decay_t<decltype(x.*Members::pointer)>>::value
     && ...));
  return f(caf::meta::type_name(terminated_name<T>.data()), sendable(x.*Members::pointer)...);
}

} // namespace detail

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, json_text& x) {
  return detail::inspect_buffer(f, x, "json_text");
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, bytes& x) {
  return detail::inspect_buffer(f, x, "bytes");
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, floats& x) {
  std::vector<float> content(x.view().begin(), x.view().end());
  if constexpr (std::is_void_v<typename Inspector::result_type>) {
    auto size = content.size();
    f(caf::meta::type_name("floats"), size);
  } else {
    if (auto failed = f(content))
      return failed;
    if constexpr (!Inspector::reads_state)
      x = floats{content};
    return caf::none;
  }
}

template <class Inspector, record T>
typename Inspector::result_type inspect(Inspector& f, T& x) {
  return detail::inspect_members(f, x, members_of<T>{});
}

} // namespace beaver

namespace caf {

// `std::optional` has no namespace of ours, so its overload must live here.
template <class Inspector, class T>
typename Inspector::result_type inspect(Inspector& f, std::optional<T>& x) {
  bool has_value = x.has_value();
  if constexpr (std::is_void_v<typename Inspector::result_type>) {
    if (has_value)
      f(caf::meta::type_name("some"), *x);
    else
      f(caf::meta::type_name("none"));
  } else {
    if (auto failed = f(has_value))
      return failed;
    if constexpr (!Inspector::reads_state) {
      if (has_value)
        x.emplace();
      else
        x.reset();
    }
    return has_value ? f(beaver::detail::sendable(*x)) : typename Inspector::result_type{};
  }
}

} // namespace caf

namespace caf::detail {
using ::caf::inspect; // where the inspector that prints looks
}
