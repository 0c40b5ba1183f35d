#pragma once
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

// As much of JSON Schema as our document of the server uses; written from the specification (draft
// 2020-12), not from what writes the document.
namespace beaver::test {

/// What a reference within a document points to; the value itself if it is none. Throws if there
/// is nothing.
inline const nlohmann::json& resolved(const nlohmann::json& document, const nlohmann::json& value) {
  if (!value.is_object() || !value.contains("$ref"))
    return value;
  const auto target = value.at("$ref").get<std::string>();
  return document.at(nlohmann::json::json_pointer{target.substr(target.find('#') + 1)});
}

inline bool is_of_type(const nlohmann::json& value, const std::string& type) {
  if (type == "integer")
    return value.is_number_integer()
           || (value.is_number_float() && std::trunc(value.get<double>()) == value.get<double>());
  if (type == "number")
    return value.is_number();
  return (type == "null" && value.is_null()) || (type == "boolean" && value.is_boolean())
         || (type == "string" && value.is_string()) || (type == "array" && value.is_array())
         || (type == "object" && value.is_object());
}

/// Where and why a value does not fit a schema; "" if it does. Stricter than the specification: an
/// object has no other members than its `properties`, unless `additionalProperties` are.
inline std::string misfit(const nlohmann::json& document, const nlohmann::json& schema_or_ref,
                          const nlohmann::json& value, const std::string& at = "$") {
  const auto& schema = resolved(document, schema_or_ref);
  const auto wrong = [&](const std::string& why) {
    return at + ": " + why + ", not " + value.dump();
  };
  if (schema.contains("anyOf")) {
    const auto& choices = schema.at("anyOf");
    if (std::none_of(choices.begin(), choices.end(),
                     [&](const auto& one) { return misfit(document, one, value).empty(); }))
      return wrong("none of " + choices.dump());
  }
  if (schema.contains("type")) {
    const auto& types = schema.at("type");
    const bool one = types.is_string() && is_of_type(value, types);
    const bool any = types.is_array()
                     && std::any_of(types.begin(), types.end(),
                                    [&](const auto& type) { return is_of_type(value, type); });
    if (!one && !any)
      return wrong(types.dump());
  }
  if (schema.contains("enum")) {
    const auto& words = schema.at("enum");
    if (std::find(words.begin(), words.end(), value) == words.end())
      return wrong("one of " + words.dump());
  }
  if (schema.contains("minimum") && value.is_number() && value < schema.at("minimum"))
    return wrong("at least " + schema.at("minimum").dump());
  if (value.is_array()) {
    if (schema.contains("minItems") && value.size() < schema.at("minItems"))
      return wrong("longer");
    const auto first = schema.contains("prefixItems") ? schema.at("prefixItems").size() : 0;
    for (std::size_t i = 0; i < value.size(); ++i) {
      const auto place = at + '[' + std::to_string(i) + ']';
      if (i >= first && !schema.contains("items"))
        continue;
      const auto& item = i < first ? schema.at("prefixItems").at(i) : schema.at("items");
      if (item == false)
        return wrong("shorter");
      if (auto why = misfit(document, item, value.at(i), place); !why.empty())
        return why;
    }
  }
  if (value.is_object() && schema.contains("required"))
    for (const auto& name : schema.at("required"))
      if (!value.contains(name.get<std::string>()))
        return wrong("with " + name.dump());
  if (value.is_object()
      && (schema.contains("properties") || schema.contains("additionalProperties")))
    for (const auto& [name, member] : value.items()) {
      const bool known = schema.contains("properties") && schema.at("properties").contains(name);
      const auto others = schema.value("additionalProperties", nlohmann::json(false));
      if (!known && others == false)
        return wrong("without '" + name + '\'');
      auto why = misfit(document, known ? schema.at("properties").at(name) : others, member,
                        at + '.' + name);
      if (!why.empty())
        return why;
    }
  return "";
}

/// What is wrong with a schema itself; "" if nothing is.
inline std::string fault_of_schema(const nlohmann::json& schema) {
  static const std::set<std::string> types{"null",   "boolean", "integer", "number",
                                           "string", "array",   "object"};
  const auto fault = [&](const std::string& why) { return why + " in " + schema.dump(); };
  const auto first_of = [](const auto& schemas) -> std::string {
    for (const auto& each : schemas)
      if (auto why = fault_of_schema(each); !why.empty())
        return why;
    return "";
  };
  if (schema.is_boolean())
    return "";
  if (!schema.is_object())
    return fault("no object");
  if (schema.contains("$ref"))
    return schema.size() == 1 ? "" : fault("more than a reference");
  for (const auto& [name, value] : schema.items()) {
    std::string why;
    if (name == "type") {
      const auto all = value.is_array() ? value : nlohmann::json::array({value});
      for (const auto& type : all)
        if (!type.is_string() || types.count(type) == 0)
          return fault("an unknown type");
    } else if (name == "items" || name == "additionalProperties") {
      why = fault_of_schema(value);
    } else if (name == "properties") {
      why = value.is_object() ? first_of(value) : fault("properties that are no object");
    } else if (name == "anyOf" || name == "prefixItems") {
      why = value.is_array() && !value.empty() ? first_of(value) : fault("no schemas");
    } else if (name == "required" || name == "enum") {
      const std::set<nlohmann::json> different(value.begin(), value.end());
      if (!value.is_array() || value.empty() || different.size() != value.size())
        return fault("an empty list or one with doubles");
      for (const auto& each : value)
        if (!each.is_string() || (name == "required" && !schema.at("properties").contains(each)))
          return fault("a name that is none");
    } else if (name == "minimum" || name == "minItems") {
      if (!value.is_number())
        return fault("a limit that is no number");
    } else if (name != "contentEncoding") {
      return fault("the unknown word " + name);
    }
    if (!why.empty())
      return why;
  }
  return "";
}

} // namespace beaver::test
