#include "beaver/api/http_calls.hpp"

#include "beaver/actors/registry.hpp"
#include "beaver/api/http_status.hpp"
#include "beaver/storage/json_cursor.hpp"

#include <algorithm>

namespace beaver {

namespace {

/// A request that names no operation or has not the members of one.
struct refusal {
  wire_error what;
  std::string text;
};

constexpr wire_error type_error{400, "TypeError"};
constexpr wire_error value_error{400, "ValueError"};
constexpr wire_error no_json{400, "JSONDecodeError"};

const member_info* member_of(const operation& op, std::string_view name) {
  const auto found = std::find_if(op.members.begin(), op.members.end(), [&](const member_info& m) {
    return m.name == name && m.where != placement::path;
  });
  return found == op.members.end() ? nullptr : &*found;
}

/// The original's client sends null for what it was not given. Where any JSON may come, null is
/// one.
bool is_absent(const member_info& m, std::string_view text) {
  return text == "null" && !m.required && m.type != "json";
}

[[noreturn]] void refuse_unknown(const operation& op, std::string_view name) {
  throw refusal{type_error, std::string{op.name} + " has no member '" + std::string{name} + '\''};
}

http_response plain(unsigned status, std::string_view detail) {
  return {.status = status, .body = R"({"detail": ")" + std::string{detail} + R"("})"};
}

} // namespace

/// One request on its way.
struct http_calls::call {
  const router::route& route;
  const operation& op;
  std::shared_ptr<void> message;
  std::vector<bool> given;                   // by member
  std::optional<std::string> otherwise = {}; // JSON for an empty reply
  bool waits = false;                        // until there is something to give

  void set(const member_info& m, std::string_view text) {
    op.set_member(message.get(), m.name, text);
    note(m);
  }

  void note(const member_info& m) {
    const auto i = static_cast<std::size_t>(&m - op.members.data());
    if (given[i])
      throw refusal{value_error, std::string{m.name} + " given twice"};
    given[i] = true;
  }

  /// Whether a member means what an empty reply is to be replaced by.
  bool takes_default(std::string_view name) const {
    return name == "default" && op.reply_optional && member_of(op, name) == nullptr;
  }

  void take_path(const std::vector<std::pair<std::string_view, std::string>>& members) {
    for (const auto& [name, text] : members)
      for (const auto& m : op.members)
        if (m.name == name)
          set(m, text);
  }

  void take_query(std::string_view query) {
    const auto members = query_members(query);
    if (!members)
      throw refusal{value_error, "the query is not percent-encoded as it should"};
    for (const auto& [name, text] : *members) {
      if (takes_default(name)) {
        otherwise = json_text{text}.normalised().text();
        continue;
      }
      const auto* m = member_of(op, name);
      const bool in_body = op.route->method != verb::get && op.route->raw_body.empty();
      if (m == nullptr || in_body)
        refuse_unknown(op, name);
      if (is_absent(*m, text))
        continue;
      if (m->type == "string" && text.starts_with('"')) {
        json_cursor in{text};
        const std::string plain_text{in.read_string()};
        in.finish();
        set(*m, plain_text);
      } else {
        set(*m, text);
      }
    }
  }

  void take_body(const std::string& body) {
    const bool as_json = op.route->method != verb::get && op.route->raw_body.empty();
    const auto members = as_json ? members_in(body) : "";
    if (!op.route->raw_body.empty())
      set(*member_of(op, op.route->raw_body), body);
    miss_none();
    if (as_json)
      op.decode_body(message.get(), members);
  }

  /// The members of a body that the operation is to see: all but those that mean something else.
  std::string members_in(std::string_view body) {
    if (body.empty())
      body = "{}";
    try {
      json_cursor whole{body};
      whole.skip();
      whole.finish();
    } catch (const error& e) {
      throw refusal{no_json, std::string{"body: "} + e.what()};
    }
    json_cursor in{body};
    if (in.peek() != json_kind::object)
      throw refusal{type_error, "the body must be a JSON object"};
    std::string kept = "{";
    in.enter_object();
    while (const auto next = in.next_member()) {
      const std::string name{*next};
      const auto value = in.skip();
      if (takes_default(name)) {
        otherwise = json_text{value}.normalised().text();
        continue;
      }
      const auto* m = member_of(op, name);
      if (m == nullptr)
        refuse_unknown(op, name);
      note(*m);
      if (name == "block" && value == "false")
        waits = false;
      if (is_absent(*m, value))
        continue;
      kept += (kept.size() > 1 ? ", \"" : "\"") + name + "\": " + std::string{value};
    }
    return kept += '}';
  }

  void miss_none() const {
    for (std::size_t i = 0; i < given.size(); ++i)
      if (const auto& m = op.members[i]; m.required && !given[i])
        throw refusal{type_error, std::string{op.name} + " misses '" + std::string{m.name} + '\''};
  }

  http_response empty_reply() const {
    if (otherwise)
      return {.body = *otherwise};
    if (route.lenient || op.route->empty_reply == absent::null)
      return {.body = "null"};
    return waits ? error_response(errc::timeout, op.type, "nothing came in time")
                 : error_response(errc::not_found, op.type, "there is nothing");
  }

  http_response reply(const void* slot) const {
    if (slot == nullptr)
      return {.body = "null"};
    if (op.reply_type == "bytes" || (op.reply_type == "object" && op.raw_reply(slot) != nullptr)) {
      const auto* content = op.raw_reply(slot);
      if (content == nullptr)
        return empty_reply();
      return {.body = std::string{content->text()}, .content_type = "application/octet-stream"};
    }
    std::string body;
    if (!op.encode_reply(slot, body))
      return empty_reply();
    const bool tells = op.reply_type == "boolean"
                       && (op.route->method == verb::put || op.route->method == verb::del);
    if (tells && body == "false")
      return error_response(errc::not_found, op.type, "there is no such thing");
    http_response r{.body = tells || op.route->quiet ? "null" : body};
    if (op.route->quiet)
      r.headers.emplace_back("Beaver-Reply", body);
    return r;
  }
};

http_calls::http_calls(std::shared_ptr<backend> to) : to_(std::move(to)), routes_(registry()) {}

http_response http_calls::answer(const http_request& request, std::stop_token stop) const {
  const auto target = split_target(request.target);
  if (!target)
    return plain(400, "Bad Request");
  const auto found = routes_.find(request.method, *target);
  if (found.to == nullptr) {
    if (found.allowed.empty())
      return plain(404, "Not Found");
    auto r = plain(405, "Method Not Allowed");
    r.headers.emplace_back("Allow", found.allowed);
    return r;
  }
  const auto& op = *found.to->op;
  if (op.streams) {
    auto r = plain(426, "Upgrade Required");
    r.headers.emplace_back("Upgrade", "websocket");
    return r;
  }
  try {
    call c{*found.to, op, op.make(), std::vector<bool>(op.members.size()), {}, op.waits};
    c.take_path(found.members);
    c.take_query(target->query);
    c.take_body(request.body);
    op.check(c.message.get());
    return carry_out(c, std::move(stop));
  } catch (const refusal& r) {
    return error_response(r.what, r.text, to_string(errc::invalid_argument));
  } catch (const error& e) {
    return error_response(e.code(), op.type, e.what());
  }
}

http_response http_calls::carry_out(call& c, std::stop_token stop) const {
  const auto slot = c.op.make_slot();
  if (c.op.waits)
    to_->wait(c.op, c.message.get(), slot.get(), std::move(stop));
  else
    to_->call(c.op, c.message.get(), slot.get());
  return c.reply(slot.get());
}

} // namespace beaver
