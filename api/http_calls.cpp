#include "beaver/api/http_calls.hpp"

#include "beaver/actors/registry.hpp"
#include "beaver/api/http_status.hpp"
#include "beaver/storage/json_cursor.hpp"

#include <algorithm>
#include <bit>

namespace beaver {

namespace {

/// A request that names no operation or has not the members of one.
struct refusal {
  wire_error what;
  std::string text;
};

constexpr std::string_view octets = "application/octet-stream";

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

/// Whether a list of media types names this very one.
bool accepts(const http_request& head, std::string_view type) {
  const auto* accepted = head.header("accept");
  return accepted != nullptr && accepted->find(type) != std::string::npos;
}

bool has_content(const http_request& head, std::string_view type) {
  const auto* given = head.header("content-type");
  return given != nullptr && same_word(*given, type);
}

/// The response to a mistake in a request, if `take` finds one.
template <class F>
std::optional<http_response> guarded(const operation& op, F take) {
  try {
    take();
    return std::nullopt;
  } catch (const refusal& r) {
    return error_response(r.what, r.text, to_string(errc::invalid_argument));
  } catch (const error& e) {
    return error_response(e.code(), op.type, e.what());
  }
}

} // namespace

http_call::http_call(const router::route& route, const http_request& head, bool over_socket)
  : route_(&route), op_(route.op), message_(op_->make()),
    slot_(op_->make_slot ? op_->make_slot() : nullptr), given_(op_->members.size()),
    waits_(op_->waits), all_in_body_(head.method == "POST" && route.method == verb::get),
    as_json_(accepts(head, "application/json")), as_bytes_(!as_json_ && accepts(head, octets)),
    vector_in_body_(!op_->vector_member.empty() && !is_get(head) && has_content(head, octets)),
    over_socket_(over_socket), range_(byte_range_of(head)) {}

void http_call::set(const member_info& m, std::string_view text) {
  op_->set_member(message_.get(), m.name, text);
  note(m);
}

void http_call::note(const member_info& m) {
  const auto i = static_cast<std::size_t>(&m - op_->members.data());
  if (given_[i])
    throw refusal{value_error, std::string{m.name} + " given twice"};
  given_[i] = true;
}

/// Whether a member means what an empty reply is to be replaced by.
bool http_call::takes_default(std::string_view name) const {
  return name == "default" && op_->reply_optional && member_of(*op_, name) == nullptr;
}

bool http_call::has_json_body() const noexcept {
  if (vector_in_body_ || over_socket_)
    return false;
  return all_in_body_ || (op_->route->method != verb::get && op_->route->raw_body.empty());
}

void http_call::take_path(const std::vector<std::pair<std::string_view, std::string>>& members) {
  for (const auto& [name, text] : members)
    for (const auto& m : op_->members)
      if (m.name == name)
        set(m, text);
}

void http_call::take_query(std::string_view query) {
  const auto members = query_members(query);
  if (!members)
    throw refusal{value_error, "the query is not percent-encoded as it should"};
  for (const auto& [name, text] : *members) {
    if (takes_default(name)) {
      otherwise_ = json_text{text}.normalised().text();
      continue;
    }
    const auto* m = member_of(*op_, name);
    if (m == nullptr || has_json_body())
      refuse_unknown(*op_, name);
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

std::optional<http_response> http_call::take_body(std::string_view body) {
  return guarded(*op_, [&] {
    const auto members = has_json_body() ? members_in(body) : "";
    if (!op_->route->raw_body.empty())
      set(*member_of(*op_, op_->route->raw_body), body);
    if (vector_in_body_)
      take_vector(body);
    miss_none();
    if (has_json_body())
      op_->decode_body(message_.get(), members);
    op_->check(message_.get());
  });
}

/// The members of a body that the operation is to see: all but those that mean something else.
std::string http_call::members_in(std::string_view body) {
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
      otherwise_ = json_text{value}.normalised().text();
      continue;
    }
    const auto* m = member_of(*op_, name);
    if (m == nullptr)
      refuse_unknown(*op_, name);
    note(*m);
    if (name == "block" && value == "false")
      waits_ = false;
    if (is_absent(*m, value))
      continue;
    kept += (kept.size() > 1 ? ", \"" : "\"") + name + "\": " + std::string{value};
  }
  return kept += '}';
}

void http_call::take_vector(std::string_view body) {
  static_assert(std::endian::native == std::endian::little);
  if (body.size() % sizeof(float) != 0)
    throw refusal{value_error, "body: a vector is 32-bit floats, of four bytes each"};
  std::vector<float> numbers(body.size() / sizeof(float)); // where it is aligned
  std::copy(body.begin(), body.end(), reinterpret_cast<char*>(numbers.data()));
  note(*member_of(*op_, op_->vector_member));
  op_->set_vector(message_.get(), numbers);
}

void http_call::miss_none() const {
  for (std::size_t i = 0; i < given_.size(); ++i)
    if (const auto& m = op_->members[i]; m.required && !given_[i])
      throw refusal{type_error, std::string{op_->name} + " misses '" + std::string{m.name} + '\''};
}

http_response http_call::empty_reply() const {
  http_response r;
  if (otherwise_)
    r.body = *otherwise_;
  else if (route_->lenient || op_->route->empty_reply == absent::null)
    r.body = "null";
  else
    r = waits_ ? error_response(errc::timeout, op_->type, "nothing came in time")
               : error_response(errc::not_found, op_->type, "there is nothing");
  r.headers.emplace_back(reply_header, no_reply);
  return r;
}

http_response http_call::reply() const {
  if (slot_ == nullptr)
    return {.body = "null"};
  if (op_->reply_type == "bytes"
      || (!as_json_ && op_->reply_type == "object" && op_->raw_reply(slot_.get()) != nullptr)) {
    const auto* content = op_->raw_reply(slot_.get());
    if (content == nullptr)
      return empty_reply();
    return bytes_response(content->text(), range_);
  }
  if (as_bytes_ && op_->vector_reply != nullptr) {
    const auto* found = op_->vector_reply(slot_.get());
    if (found == nullptr)
      return empty_reply();
    const auto content = std::as_bytes(found->view());
    return bytes_response({reinterpret_cast<const char*>(content.data()), content.size()}, range_);
  }
  std::string body;
  if (!op_->encode_reply(slot_.get(), body))
    return empty_reply();
  const bool tells = tells_by_status(*op_);
  if (!tells && !op_->route->quiet)
    return {.body = std::move(body)};
  http_response r{.body = "null"};
  if (tells && body == "false")
    r = error_response(errc::not_found, op_->type, "there is no such thing");
  r.headers.emplace_back(reply_header, std::move(body));
  return r;
}

http_response http_call::failed(errc code, std::string_view text) const {
  return error_response(code, op_->type, text);
}

http_calls::http_calls() : routes_(registry()) {}

std::variant<http_call, http_response> http_calls::begin(const http_request& head) const {
  const auto target = split_target(head.target);
  if (!target)
    return plain_response(400, "Bad Request");
  const auto* meant = head.header("x-http-method-override");
  const bool overridden = meant != nullptr && *meant == "GET" && head.method == "POST";
  auto found = routes_.find(overridden || is_get(head) ? "GET" : head.method, *target);
  bool over_socket = false;
  if (found.to == nullptr && asks_for_socket(head))
    if (auto waiting = routes_.find("POST", *target); waiting.to && waiting.to->op->waits) {
      found = std::move(waiting);
      over_socket = true;
    }
  if (found.to == nullptr) {
    if (found.allowed.empty())
      return plain_response(404, "Not Found");
    return not_allowed(std::move(found.allowed));
  }
  http_call call{*found.to, head, over_socket};
  auto refused = guarded(*found.to->op, [&] {
    call.take_path(found.members);
    call.take_query(target->query);
  });
  if (refused)
    return std::move(*refused);
  return call;
}

http_response http_calls::answer(backend& to, const http_request& request,
                                 std::stop_token stop) const {
  auto begun = begin(request);
  if (auto* refused = std::get_if<http_response>(&begun))
    return std::move(*refused);
  auto& call = std::get<http_call>(begun);
  const auto& op = call.op();
  if (call.wants_socket()) {
    auto r = plain_response(426, "Upgrade Required");
    r.headers.emplace_back("Upgrade", "websocket");
    return r;
  }
  if (auto refused = call.take_body(request.body))
    return std::move(*refused);
  try {
    if (op.waits)
      to.wait(op, call.message(), call.slot(), std::move(stop));
    else
      to.call(op, call.message(), call.slot());
    return call.reply();
  } catch (const error& e) {
    return call.failed(e.code(), e.what());
  }
}

} // namespace beaver
