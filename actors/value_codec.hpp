#pragma once
#include "beaver/actors/message.hpp"
#include "beaver/storage/error.hpp"
#include "beaver/storage/json_cursor.hpp"

#include <boost/describe/enumerators.hpp>
#include <boost/mp11/algorithm.hpp>
#include <tuple>
#include <variant>

// C++ values <-> JSON text, by type:
//
//   bool, integers, float, double      true, 1, 0.1
//   std::string, described enums       "text", "enumerator"
//   bytes, floats                      "base64", [0.1, 0.2]
//   json_text                          the value itself, verbatim both ways
//   durations, system_clock times      seconds as a number
//   std::optional                      the value; null where something has to stand
//   sequences, pair, tuple, array      [...]
//   maps with text keys, records       {...}; an empty optional member is left out
//   std::variant                       the first alternative that fits, so for unlike kinds only
//
// What is written is in normal form wherever the `json_text` in it is.
namespace beaver::codec {

/// What to do with members that a record does not have, and members given twice.
enum class surplus : std::uint8_t { refuse, ignore };

/// Where in a value the codec stands: a list on the stack, read only when something is wrong.
class place {
public:
  /// The whole value. `code`: what a wrong value is called.
  explicit place(std::string_view name, surplus policy = surplus::refuse,
                 errc code = errc::invalid_argument) noexcept
    : name_(name), code_(code), policy_(policy) {}
  place(const place& parent, std::string_view member) noexcept
    : parent_(&parent), name_(member), code_(parent.code_), policy_(parent.policy_) {}
  place(const place& parent, std::size_t index) noexcept
    : parent_(&parent), index_(index), code_(parent.code_), policy_(parent.policy_) {}

  [[nodiscard]] bool strict() const noexcept { return policy_ == surplus::refuse; }

  /// Throws with the path in front: "body.items[1].b" + " " + "must be an integer".
  [[noreturn]] void fail(std::string_view what) const;

private:
  void append_path(std::string& out) const;

  const place* parent_ = nullptr;
  std::string_view name_{}; // without data: an index
  std::size_t index_ = 0;
  errc code_;
  surplus policy_;
};

/// Where JSON is written; knows whether all of it is in normal form.
struct sink {
  std::string& out;
  bool normal = true;
  bool infinities = false; // are written, not refused
};

/// Whether infinite doubles in a record are written, as 1e999, which readers of JSON take for one.
/// Elsewhere an infinity is refused: normal form, and what is read here, has none.
template <class T>
inline constexpr bool has_infinities = false;

/// The JSON form of a type that is none of the above, for whoever specialises it:
///   static void encode(std::string& out, const T&);            appends normal form
///   static void decode(json_cursor& in, T& x, const place&);   reads one value or fails
template <class T>
struct custom;

template <class T>
void encode(sink& to, const T& x);

/// Appends `x` as JSON. Throws `error` invalid_argument for what JSON does not have: text that is
/// not UTF-8, NaN, an enum value without a name.
template <class T>
void encode(std::string& out, const T& x) {
  sink to{out};
  codec::encode(to, x);
}

/// Reads one value. Throws `error` with the code of `at` and a text that begins with the path; text
/// that is not JSON throws what the cursor throws.
template <class T>
void decode(json_cursor& in, T& x, const place& at);

// -- what kind of type it is ---------------------------------------------------------------------

template <class T>
concept customised = requires {
  sizeof(custom<T>);
};

template <class T>
concept described_enum = std::is_enum_v<T> && boost::describe::has_describe_enumerators<T>::value;

template <class T>
concept duration = requires(const T& x) {
  typename T::rep;
  T::period::num;
  x.count();
};

template <class T>
concept system_time = requires(const T& x) {
  T::clock::to_time_t(x);
  requires duration<typename T::duration>;
};

template <class T>
concept text_map = requires {
  typename T::mapped_type;
  requires std::constructible_from<typename T::key_type, std::string_view>;
};

template <class T>
concept sequence = requires(T& x, typename T::value_type item) {
  x.insert(x.end(), std::move(item));
  x.clear();
};

template <class T>
concept tuple_like = requires {
  std::tuple_size<T>::value;
};

template <class T>
inline constexpr bool is_variant = false;
template <class... T>
inline constexpr bool is_variant<std::variant<T...>> = true;

template <class T, class... Others>
inline constexpr bool is_one_of = (std::same_as<T, Others> || ...);

template <class T>
concept nothing = is_one_of<T, std::monostate, std::nullptr_t>;

template <class T>
concept single = std::is_arithmetic_v<T> || described_enum<T> || nothing<T> || is_one_of<
  T, std::string, std::string_view, json_text, bytes, floats>;

template <class T>
concept composed = record<T> || text_map<T> || sequence<T> || tuple_like<T>;

template <class T>
concept wrapped = is_optional<T> || is_variant<T> || duration<T> || system_time<T>;

/// Types that have a JSON form here, whatever their elements are.
template <class T>
concept built_in = single<T> || composed<T> || wrapped<T>;

} // namespace beaver::codec

#include "beaver/actors/value_codec_impl.hpp"
