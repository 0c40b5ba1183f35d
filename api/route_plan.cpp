#include "beaver/api/route_plan.hpp"

#include <algorithm>

namespace beaver {

namespace {

/// What an empty reply is to be replaced by, where an operation has no such member of its own.
constexpr shape_part default_part{"default", false, &shape_of<json_text>};

/// Whether a reply is a record with bytes in it, which travel without the rest unless JSON is asked
/// for.
bool has_raw_part(const shape& s) {
  return s.kind == shape_kind::object
         && std::count_if(s.parts.begin(), s.parts.end(), [](const shape_part& part) {
              return part.of().kind == shape_kind::base64 && part.required;
            }) == 1;
}

} // namespace

route_plan::route_plan(const router::route& from) : route(from), op(*from.op) {
  const auto& parts = op.message_shape().parts;
  auto& others = from.method == verb::get || !op.route->raw_body.empty() ? in_query : in_body;
  bool has_default = false;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto name = parts[i].name;
    has_default = has_default || name == default_part.name;
    if (op.members[i].where == placement::path)
      in_path.push_back(&parts[i]);
    else if (name != op.route->raw_body)
      others.push_back(&parts[i]);
    if (name == "block")
      may_wait = op.reply_optional;
  }
  takes_default = op.reply_optional && !op.streams && !has_default;
  if (takes_default)
    others.push_back(&default_part);
  tells = tells_by_status(op);
  gives_null = from.lenient || op.route->empty_reply == absent::null;
  gives_bytes = op.reply_type == "bytes" || op.vector_reply != nullptr
                || (op.reply_shape != nullptr && !op.streams && has_raw_part(op.reply_shape()));
  gives_parts = gives_bytes && from.method == verb::get;
  may_miss = tells || (op.reply_optional && !gives_null);
}

} // namespace beaver
