#pragma once
#include "beaver/api/model.hpp"

#include <nlohmann/json.hpp>

// Makes models of nlohmann::json, of its kin such as nlohmann::ordered_json, and of every type that
// has to_json and from_json, as the NLOHMANN_DEFINE_TYPE macros write them. Include it before the
// first use of such a type.

namespace beaver::codec {

/// nlohmann::basic_json with whatever parameters.
template <class T>
concept nlohmann_json = requires(const T& x) {
  typename T::json_pointer;
  x.dump(-1, ' ', false, T::error_handler_t::strict);
};

/// Types for which somebody wrote functions that turn them into that library's values and back.
template <class T>
concept nlohmann_convertible = requires(nlohmann::json& to, const nlohmann::json& from, T& x) {
  to_json(to, std::as_const(x));
  from_json(from, x);
};

/// A Describe line wins over such functions.
template <class T>
concept nlohmann_type = !built_in<T> && !nlohmann_json<T> && nlohmann_convertible<T>;

namespace detail {

/// Appends what the library writes, which has another spelling than ours.
template <class Json>
void append_nlohmann(std::string& out, const Json& x) {
  std::string text;
  try {
    text = x.dump(-1, ' ', false, Json::error_handler_t::strict);
  } catch (const nlohmann::json::exception& e) {
    throw error(errc::invalid_argument, std::string{"value has no JSON form: "} + e.what());
  }
  json::append_normalised(out, text);
}

template <class Json>
Json parse_nlohmann(json_cursor& in, const place& at) {
  try {
    return Json::parse(in.skip());
  } catch (const nlohmann::json::exception& e) {
    at.fail(std::string{"cannot be read: "} + e.what());
  }
}

} // namespace detail

/// Object members come sorted by name, but for ordered_json; numbers as int64, uint64 or double.
template <nlohmann_json T>
struct custom<T> {
  static void encode(std::string& out, const T& x) { detail::append_nlohmann(out, x); }
  static void decode(json_cursor& in, T& x, const place& at) {
    x = detail::parse_nlohmann<T>(in, at);
  }
};

template <nlohmann_type T>
struct custom<T> {
  static void encode(std::string& out, const T& x) {
    nlohmann::json json;
    to_json(json, x);
    detail::append_nlohmann(out, json);
  }
  static void decode(json_cursor& in, T& x, const place& at) {
    const auto json = detail::parse_nlohmann<nlohmann::json>(in, at);
    try {
      from_json(json, x);
    } catch (const nlohmann::json::exception& e) {
      at.fail(std::string{"does not fit: "} + e.what());
    }
  }
};

} // namespace beaver::codec
