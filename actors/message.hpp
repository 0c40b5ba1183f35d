#pragma once
#include "beaver/storage/bytes.hpp"
#include "beaver/storage/json_text.hpp"
#include "beaver/storage/key_range.hpp"

#include <boost/describe/class.hpp>
#include <boost/describe/members.hpp>
#include <boost/mp11/list.hpp>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace beaver {

/// An immutable vector of float32, shared like `bytes`.
class floats {
public:
  floats() = default;
  explicit floats(std::span<const float> source) : data_(std::as_bytes(source)) {}

  [[nodiscard]] std::span<const float> view() const noexcept {
    return {reinterpret_cast<const float*>(data_.view().data()), size()};
  }
  [[nodiscard]] std::size_t size() const noexcept { return data_.size() / sizeof(float); }
  friend bool operator==(const floats& a, const floats& b) noexcept { return a.data_ == b.data_; }

private:
  bytes data_;
};

/// How an operation travels over HTTP. `get` also says that it only reads.
enum class verb : std::uint8_t { get, put, post, del };

/// What an empty optional reply looks like over HTTP: 404, or (where the Python original does so,
/// and a stored null then cannot be told apart) the body `null`.
enum class absent : std::uint8_t { not_found, null };

/// Where and how a message meets the outside: REST route, CLI verb and help follow from it.
/// Members named in `path` travel there; the others of a `get` in the query, else in a JSON body. A
/// `put` or `del` whose reply tells whether something was there answers 404 if not.
struct endpoint {
  verb method = verb::get;
  std::string_view path = {};     ///< "/dicts/{name}/{key}"
  std::string_view summary = {};  ///< one sentence
  std::string_view raw_body = {}; ///< the member that is the whole body, unencoded
  absent empty_reply = absent::not_found;
  /// A second path to a reading message, on which an empty reply is `null`.
  std::string_view lenient_path = {};
  /// The body of the response is `null`, as the Python original has it; the reply travels in the
  /// header Beaver-Reply.
  bool quiet = false;
  std::string_view aliases = {};      ///< other spellings, separated by blanks
  std::string_view local_reason = {}; ///< not empty: cannot leave the process, and why

  [[nodiscard]] constexpr bool is_local() const { return !local_reason.empty(); }
};

/// The route of a message that cannot leave the process.
[[nodiscard]] constexpr endpoint local_only(std::string_view reason) {
  return endpoint{.summary = reason, .local_reason = reason};
}

/// A struct with a BOOST_DESCRIBE_STRUCT line directly under it.
template <class T>
concept record = std::is_class_v<T> && boost::describe::has_describe_members<
  T>::value && !std::is_polymorphic_v<T>;

/// A record that says where it meets the outside.
template <class T>
concept routed = record<T> && requires {
  { T::route } -> std::convertible_to<const endpoint&>;
};

/// One operation: a record with its reply and its route.
template <class T>
concept message = routed<T> && requires {
  typename T::reply;
};

/// An operation whose answer takes as long as its work, which is withdrawn when its caller gives
/// up. Cannot be part of a transaction.
template <class M>
concept long_message = message<M> && requires {
  requires M::takes_long;
};

/// The members of a record with those of its bases first, as a list of Describe's descriptors.
template <record T>
using members_of = boost::describe::describe_members<T, boost::describe::mod_public
                                                          | boost::describe::mod_inherited>;

/// The unqualified name of a type, such as "dict_set".
template <class T>
[[nodiscard]] constexpr std::string_view name_of() {
  std::string_view text = __PRETTY_FUNCTION__;
  text.remove_prefix(text.find("T = ") + 4);
  text = text.substr(0, text.find_first_of(";]"));
  return text.substr(text.rfind(':') + 1);
}

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

BOOST_DESCRIBE_STRUCT(key_range, (), (prefix, from, to, after, descending, limit, max_bytes))

} // namespace beaver
