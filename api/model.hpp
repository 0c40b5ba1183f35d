#pragma once
#include "beaver/actors/value_codec.hpp"

namespace beaver {

/// How values of type T become JSON and come back: what `dict<T>`, `list<T>` and the others store.
/// Works for all that beaver/actors/value_codec.hpp lists: numbers, strings, containers, enums and
/// structs with a Boost.Describe line under them:
///
///     struct user { std::string name; int age; std::optional<std::string> mail; };
///     BOOST_DESCRIBE_STRUCT(user, (), (name, age, mail))
///
/// Members that the struct does not have are ignored, and all but optional ones must be there.
/// For other types specialise this struct, or codec::custom to have them as elements and members
/// too; api/nlohmann.hpp and api/boost_json.hpp do that for the values of those libraries.
template <class T>
struct model {
  /// Throws `error` invalid_argument for what JSON does not have: text not UTF-8, NaN.
  [[nodiscard]] static json_text encode(const T& value) {
    std::string out;
    codec::sink to{out};
    codec::encode(to, value);
    return to.normal ? json_text::from_normal(out) : json_text{out};
  }

  /// Throws `error` type_mismatch for a value of another shape ("value does not fit 'user':
  /// user.age must be an integer"), corrupt for text that is not JSON.
  [[nodiscard]] static T decode(const json_text& text) requires std::default_initializable<T> {
    T value{};
    try {
      json_cursor in{text};
      codec::decode(in, value, codec::place{name(), codec::surplus::ignore, errc::type_mismatch});
      in.finish();
    } catch (const error& e) {
      throw error(e.code() == errc::type_mismatch ? e.code() : errc::corrupt,
                  "value does not fit '" + std::string{name()} + "': " + e.what());
    }
    return value;
  }

private:
  [[nodiscard]] static constexpr std::string_view name() {
    if constexpr (record<T>)
      return name_of<T>();
    else
      return "value";
  }
};

/// JSON text is its own model: stored and given back as it is.
template <>
struct model<json_text> {
  [[nodiscard]] static json_text encode(const json_text& value) { return value; }
  [[nodiscard]] static json_text decode(const json_text& text) { return text; }
};

/// A value as JSON, for code that takes values of any type: string literals included.
template <class T>
[[nodiscard]] json_text to_json_text(const T& value) {
  if constexpr (
    !std::is_class_v<
      T> && !std::is_null_pointer_v<T> && std::convertible_to<const T&, std::string_view>)
    return model<std::string_view>::encode(value);
  else
    return model<T>::encode(value);
}

} // namespace beaver
