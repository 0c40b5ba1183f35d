#pragma once
#include "beaver/actors/registry.hpp"
#include "beaver/api/openapi.hpp"
#include "beaver/api/router.hpp"
#include "support/schema_check.hpp"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>

namespace beaver::test {

using nlohmann_json = nlohmann::json;

inline const nlohmann_json& the_document() {
  static const auto parsed = nlohmann_json::parse(openapi_document());
  return parsed;
}

inline std::string lower_case(std::string_view word) {
  std::string out{word};
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

inline std::span<const router::route> all_routes() {
  static const router all{registry()};
  return all.routes();
}

/// The operation of a route.
inline const nlohmann_json& documented(const router::route& route) {
  return the_document().at("paths").at(route.path).at(lower_case(to_string(route.method)));
}

} // namespace beaver::test
