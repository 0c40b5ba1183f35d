#include "beaver/api/http_transfer.hpp"

#include "beaver/actors/engine.hpp"
#include "beaver/actors/registry.hpp"
#include "beaver/api/dump.hpp"
#include "beaver/api/http_status.hpp"
#include "beaver/api/router.hpp"
#include "beaver/storage/json_cursor.hpp"

#include <algorithm>
#include <cstring>
#include <new>

namespace beaver {

namespace {

/// The first segment of the paths of a type.
std::string_view segment_of(const operation& op) {
  return split_target(op.route->path)->segments[0];
}

std::vector<transfer_route> make_routes() {
  std::vector<transfer_route> all;
  for (const auto type : detail::dumped_types()) {
    const auto& reads = get_operation(std::string{type} + "_info");
    const auto& clears = get_operation(std::string{type} + "_clear");
    const auto start = '/' + std::string{segment_of(reads)} + "/{name}/-/";
    all.push_back({verb::get, start + "dump", &reads});
    all.push_back({verb::post, start + "load", &clears});
  }
  return all;
}

const transfer_route& route_to(std::string_view type, verb method) {
  const auto all = transfer_routes();
  return *std::find_if(all.begin(), all.end(), [&](const transfer_route& each) {
    return each.like->type == type && each.method == method;
  });
}

http_request request_to(const transfer_route& route, const std::string& name, dump_format format) {
  http_request made{std::string{to_string(route.method)},
                    '/' + std::string{segment_of(*route.like)} + '/'};
  append_percent_encoded(made.target, name);
  made.target += route.path.substr(route.path.find("/-/"));
  made.target += format == dump_format::json ? "?format=json" : "?format=jsonl";
  made.headers.emplace_back("accept", "application/json, application/x-ndjson");
  return made;
}

http_response refusal(unsigned status, std::string_view name, std::string_view text) {
  return error_response({status, name}, text, to_string(errc::invalid_argument));
}

/// Gives the response if a member of the query is none.
std::optional<http_response> take(http_transfer& into, std::string_view name,
                                  std::string_view value) {
  if (value.size() > 1 && value.front() == '"' && value.back() == '"') // as JSON
    value = value.substr(1, value.size() - 2);
  if (name == "format" && value == "json")
    into.format = dump_format::json;
  else if (name == "format" && value == "jsonl")
    into.format = dump_format::jsonl;
  else if (into.loads && name == "mode" && value == "overwrite")
    into.mode = load_mode::overwrite;
  else if (into.loads && name == "mode" && value == "append")
    into.mode = load_mode::append;
  else if (name == "format" || (into.loads && name == "mode"))
    return refusal(400, "ValueError",
                   name == "format" ? "format is json or jsonl" : "mode is overwrite or append");
  else
    return refusal(400, "TypeError", "there is no member '" + std::string{name} + '\'');
  return std::nullopt;
}

} // namespace

std::span<const transfer_route> transfer_routes() {
  static const auto all = make_routes();
  return all;
}

std::optional<std::variant<http_transfer, http_response>> transfer_of(const http_request& head) {
  const auto target = split_target(head.target);
  if (!target || target->segments.size() != 4 || target->segments[2] != "-"
      || target->segments[1].empty())
    return std::nullopt;
  const auto all = transfer_routes();
  const auto found = std::find_if(all.begin(), all.end(), [&](const transfer_route& each) {
    return segment_of(*each.like) == target->segments[0]
           && std::string_view{each.path}.substr(each.path.rfind('/') + 1) == target->segments[3];
  });
  if (found == all.end())
    return std::nullopt;
  if (is_get(head) ? found->method != verb::get : head.method != to_string(found->method))
    return not_allowed(std::string{to_string(found->method)});
  http_transfer asked{.loads = found->method == verb::post, .like = found->like};
  auto name = percent_decoded(target->segments[1]);
  const auto members = query_members(target->query);
  if (!name || !members)
    return refusal(400, "ValueError", "the target is not percent-encoded as it should");
  asked.name = std::move(*name);
  for (const auto& [member, value] : *members)
    if (auto wrong = take(asked, member, value))
      return std::move(*wrong);
  return asked;
}

http_request dump_request(std::string_view type, const std::string& name, dump_format format) {
  return request_to(route_to(type, verb::get), name, format);
}

http_request load_request(std::string_view type, const std::string& name, dump_format format,
                          load_mode mode) {
  auto made = request_to(route_to(type, verb::post), name, format);
  made.target += mode == load_mode::append ? "&mode=append" : "&mode=overwrite";
  made.headers.emplace_back("content-type", format == dump_format::json ? "application/json"
                                                                        : "application/x-ndjson");
  return made;
}

dump_status carry_out_dump(backend& of, const http_transfer& what, const byte_sink& to,
                           std::stop_token stop) {
  const dump_options how{what.format, {}, std::move(stop)};
  const auto* here = dynamic_cast<const engine*>(&of);
  if (here == nullptr || here->path() != ":memory:")
    return detail::dump_whole(of, what.type(), what.name, to, how);
  std::string all;
  const auto done = detail::dump_whole(
    of, what.type(), what.name, [&](std::string_view piece) { all += piece; }, how);
  to(all);
  return done;
}

http_response dump_head(const http_transfer& what) {
  http_response head;
  if (what.format == dump_format::jsonl)
    head.content_type = "application/x-ndjson";
  head.headers.emplace_back("Trailer", items_trailer);
  return head;
}

http_response carry_out_load(backend& to, const http_transfer& what, std::string_view body,
                             std::stop_token stop) {
  const byte_source rest = [&](std::span<char> part) {
    const auto n = std::min(part.size(), body.size());
    std::memcpy(part.data(), body.data(), n);
    body.remove_prefix(n);
    return n;
  };
  try {
    const auto done = detail::load_whole(to, what.type(), what.name, rest,
                                         {what.format, what.mode, {}, std::move(stop)});
    return {.body = R"({"items": )" + std::to_string(done.items) + R"(, "bytes": )"
                    + std::to_string(done.bytes) + '}'};
  } catch (const error& e) {
    return error_response(e.code(), what.type(), e.what());
  } catch (const std::bad_alloc&) {
    return error_response(errc::full, what.type(), "out of memory");
  }
}

dump_status load_status_in(std::string_view body) {
  dump_status told;
  json_cursor in{body};
  in.enter_object();
  while (const auto member = in.next_member()) {
    const bool items = *member == "items";
    (items ? told.items : told.bytes) = in.read_uint64().value_or(0);
  }
  return told;
}

} // namespace beaver
