#pragma once
#include "beaver/actors/inspect.hpp"

#include <array>
#include <boost/mp11/algorithm.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/type_id.hpp>

// Lets CAF send all messages and replies of a data type to other nodes. A block of numbers per type
// is much cheaper to compile than `add_message_type`, which also makes vectors and streams of each.

namespace beaver::detail {

template <class M>
using reply_of = typename M::reply;

/// CAF knows these already.
template <class T>
using is_builtin = std::bool_constant<std::is_void_v<T> || caf::type_nr<T>::value != 0>;

template <class List>
using wire_types = boost::mp11::mp_unique<boost::mp11::mp_remove_if<
  boost::mp11::mp_append<List, boost::mp11::mp_transform<reply_of, List>>, is_builtin>>;

/// A type's whole name as text, which is the same on both sides of a connection.
template <class T>
[[nodiscard]] constexpr std::string_view full_name_of() {
  std::string_view text = __PRETTY_FUNCTION__;
  text.remove_prefix(text.find("T = ") + 4);
  return text.substr(0, text.find_first_of(";]"));
}

template <class T>
inline constexpr auto terminated_full_name = [] {
  std::array<char, full_name_of<T>().size() + 1> text{};
  full_name_of<T>().copy(text.data(), text.size() - 1);
  return text;
}();

/// `List` holds messages; their replies go along. `More` are further types.
template <class List, caf::type_id_t First, class... More>
struct wire_block {
  using types =
    boost::mp11::mp_unique<boost::mp11::mp_append<wire_types<List>, boost::mp11::mp_list<More...>>>;
  static constexpr caf::type_id_t begin = First;
  static constexpr caf::type_id_t end = First + boost::mp11::mp_size<types>::value;
};

template <class Block>
void register_block(caf::actor_system_config& config) {
  config.add_message_types<Block>();
}

} // namespace beaver::detail

/// In namespace scope of the one .cpp file of a data type. Applications number theirs from 200 on.
#define BEAVER_WIRE_BLOCK(block) \
  namespace caf { \
  template <type_id_t V> \
  requires(V >= block::begin && V < block::end) struct type_by_id<V> { \
    using type = boost::mp11::mp_at_c<typename block::types, V - block::begin>; \
  }; \
  template <type_id_t V> \
  requires(V >= block::begin && V < block::end) struct type_name_by_id<V> { \
    static constexpr const char* value = \
      ::beaver::detail::terminated_full_name<typename type_by_id<V>::type>.data(); \
  }; \
  }
