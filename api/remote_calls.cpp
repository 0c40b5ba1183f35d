#include "beaver/api/remote_calls.hpp"

#include "beaver/actors/registry.hpp"
#include "beaver/api/http_status.hpp"
#include "beaver/storage/base64.hpp"
#include "beaver/storage/json_cursor.hpp"

#include <map>

namespace beaver {

namespace {

constexpr std::size_t longest_query = 4096; // servers and proxies bound the head of a request

/// Puts the members of a message where they travel.
class request_maker final : public member_sink {
public:
  explicit request_maker(const endpoint& route) : route_(route) {}

  void value(const member_info& member, std::string_view json) override {
    if (member.where == placement::path) {
      in_path_[member.name] = plain(json);
    } else {
      (body_ += body_.empty() ? "{\"" : ", \"").append(member.name).append("\": ").append(json);
      (query_ += query_.empty() ? '?' : '&').append(member.name) += '=';
      append_percent_encoded(query_, json);
    }
  }

  void content(const member_info& member, const bytes& data) override {
    if (member.name == route_.raw_body)
      content_ = data;
    else
      value(member, '"' + base64_of(data) + '"');
  }

  /// `hidden`: members in the path must not look like the literal segments of other routes.
  [[nodiscard]] http_request request(bool hidden) const {
    http_request made{std::string{to_string(route_.method)}, path(hidden)};
    if (!route_.raw_body.empty()) {
      made.target += query_;
      made.body = content_.text();
      made.headers.emplace_back("content-type", "application/octet-stream");
    } else if (route_.method == verb::get && query_.size() <= longest_query) {
      made.target += query_;
    } else {
      if (route_.method == verb::get) {
        made.method = "POST";
        made.headers.emplace_back("x-http-method-override", "GET");
      }
      made.headers.emplace_back("content-type", "application/json");
      made.body = body_.empty() ? "{}" : body_ + '}';
    }
    return made;
  }

private:
  /// Of a string its text, of all else the JSON.
  static std::string plain(std::string_view json) {
    if (!json.starts_with('"'))
      return std::string{json};
    json_cursor in{json};
    return std::string{in.read_string()};
  }

  static std::string base64_of(const bytes& data) {
    std::string text;
    base64::append(text, data.text());
    return text;
  }

  [[nodiscard]] std::string path(bool hidden) const {
    std::string all;
    for (auto rest = route_.path; !rest.empty();) {
      const auto end = std::min(rest.find('/', 1), rest.size());
      const auto segment = rest.substr(1, end - 1);
      rest.remove_prefix(end);
      all += '/';
      if (!segment.starts_with('{')) {
        all += segment;
        continue;
      }
      const auto& text = in_path_.at(segment.substr(1, segment.size() - 2));
      if (!hidden || text.empty()) {
        append_percent_encoded(all, text);
      } else {
        constexpr char digits[] = "0123456789ABCDEF";
        const auto first = static_cast<unsigned char>(text.front());
        all += {'%', digits[first >> 4], digits[first & 15]};
        append_percent_encoded(all, std::string_view{text}.substr(1));
      }
    }
    return all;
  }

  const endpoint& route_;
  std::map<std::string_view, std::string> in_path_;
  std::string query_;
  std::string body_;
  bytes content_;
};

} // namespace

remote_calls::remote_calls() : routes_(registry()) {}

http_request remote_calls::request_of(const operation& op, const void* message) const {
  if (op.route->is_local())
    throw error(errc::not_supported,
                std::string{op.name} + ": " + std::string{op.route->local_reason});
  request_maker maker{*op.route};
  op.visit(message, maker);
  auto made = maker.request(false);
  const auto parts = split_target(made.target);
  if (const auto found = routes_.find(to_string(op.route->method), *parts);
      found.to == nullptr || found.to->op != &op)
    made = maker.request(true);
  made.headers.emplace_back("accept", "application/json");
  return made;
}

error failure_in(const http_response& from) {
  std::string code;
  std::string text;
  try {
    json_cursor in{from.body};
    in.enter_object();
    while (const auto member = in.next_member()) {
      const std::string name{*member};
      if (in.peek() == json_kind::string && name == "code")
        code = in.read_string();
      else if (in.peek() == json_kind::string && (name == "message" || name == "detail"))
        text = in.read_string();
      else
        in.skip();
    }
  } catch (const error&) { // somebody between us and the server speaks
    text.clear();
  }
  if (text.empty())
    text = "the server answered with status " + std::to_string(from.status);
  return error{code_of(from.status, code), text};
}

void remote_calls::take_reply(const operation& op, void* slot, const http_response& from) {
  const auto* told = from.header("beaver-reply");
  if (told == nullptr && (from.status < 200 || from.status > 299))
    throw failure_in(from);
  if (slot == nullptr)
    return;
  try {
    if (told != nullptr && *told == no_reply)
      op.decode_reply(slot, {});
    else if (told == nullptr && op.set_raw_reply != nullptr)
      op.set_raw_reply(slot, from.body);
    else
      op.decode_reply(slot, told != nullptr ? *told : from.body);
  } catch (const error& e) {
    throw error(errc::remote, std::string{"the server's "} + e.what());
  }
}

} // namespace beaver
