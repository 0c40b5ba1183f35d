#pragma once
#include "beaver/actors/shape.hpp"
#include "beaver/api/json_writer.hpp"

#include <map>
#include <string_view>
#include <vector>

namespace beaver {

/// JSON Schemas (draft 2020-12, as in OpenAPI 3.1) of shapes. Records and enums are referred to by
/// their names, so that each is written once and may hold its own kind.
class json_schemas {
public:
  /// The schema of a shape. Throws `error` internal if two records have one name.
  void write(json_writer& to, const shape& s);

  /// The schema of an object with the members `parts`, in place.
  void write_members(json_writer& to, std::span<const shape_part* const> parts, bool open);

  /// The members of an object: each name that has been referred to, with its schema, sorted. Those
  /// that they refer to are among them.
  void write_named(json_writer& to);

  /// Where references lead.
  static constexpr std::string_view place = "#/components/schemas/";

private:
  void refer(json_writer& to, const shape& s);

  std::map<std::string_view, const shape*> named_;
  std::vector<const shape*> waiting_; // named, and to be written
};

} // namespace beaver
