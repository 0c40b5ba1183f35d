#pragma once
#include "beaver/actors/shape.hpp"
#include "beaver/api/router.hpp"

#include <vector>

namespace beaver {

/// What a call over a route takes and gives: what `http_call` does, told beforehand.
struct route_plan {
  explicit route_plan(const router::route& from);

  const router::route& route;
  const operation& op;
  std::vector<const shape_part*> in_path;
  std::vector<const shape_part*> in_query;
  std::vector<const shape_part*> in_body; ///< as JSON

  bool takes_default = false; ///< instead of an empty reply
  bool tells = false;         ///< the reply is a header, and 404 if false
  bool gives_null = false;    ///< if the reply is empty
  bool gives_bytes = false;   ///< also, or only
  bool gives_parts = false;   ///< of these bytes, to who asks for a range
  bool may_miss = false;      ///< then 404
  bool may_wait = false;      ///< and in vain: 409
};

} // namespace beaver
