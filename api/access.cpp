#include "beaver/api/access.hpp"

#include "beaver/actors/backend.hpp"
#include "beaver/actors/database.hpp"
#include "beaver/actors/registry.hpp"
#include "beaver/actors/token.hpp"
#include "beaver/storage/json_cursor.hpp"

#include <algorithm>

namespace beaver {

namespace {

const data_type& type_of(const operation& op) {
  for (const auto* type : registry())
    if (type->name == op.type)
      return *type;
  throw error(errc::internal, "no data type is named " + std::string{op.type});
}

/// A member that names a further manager.
struct further_manager {
  std::string_view operation;
  std::string_view member;
  access_kind kind;
  std::string_view type;
  std::string_view same_as_name_with =
    {}; ///< absent: that of the same name, if this member is there
};
constexpr further_manager further_managers[] = {
  {"docs_search", "vectors", access_kind::read, "vectors", "vector"},
  {"queue_configure", "dead_letter", access_kind::write, "queues"},
  {"queue_open", "dead_letter", access_kind::write, "queues"},
  {"sketch_compare", "other", access_kind::read, "sketches"},
  {"sketch_merge", "other", access_kind::read, "sketches"}};

/// A member of a message that is a text; empty if it is absent.
std::optional<std::string> text_member(std::string_view message, std::string_view member) {
  json_cursor in{message};
  for (in.enter_object(); const auto name = in.next_member();)
    if (*name != member)
      static_cast<void>(in.skip());
    else if (in.peek() == json_kind::string)
      return std::string{in.read_string()};
    else
      return std::string{in.skip()};
  return std::nullopt;
}

/// The manager that such a member names; empty if none.
std::optional<std::string> named_by(const further_manager& row, const operation& op,
                                    const void* message) {
  std::string json;
  op.encode(message, json);
  auto named = text_member(json, row.member);
  if (!named && !row.same_as_name_with.empty() && text_member(json, row.same_as_name_with))
    named = op.manager_name(message);
  return named;
}

bool is_blank(char c) { return c == ' ' || c == '\t'; }

/// Cuts off the first word of a line; empty at its end.
std::string_view next_word(std::string_view& line) {
  while (!line.empty() && is_blank(line.front()))
    line.remove_prefix(1);
  const auto end = std::find_if(line.begin(), line.end(), is_blank);
  const auto word = line.substr(0, static_cast<std::size_t>(end - line.begin()));
  line.remove_prefix(word.size());
  return word;
}

/// The token in the value of a header; empty if there is none.
std::string_view bearer_token(std::string_view authorization) {
  constexpr std::string_view scheme = "bearer";
  const auto word = next_word(authorization);
  const bool known =
    std::equal(word.begin(), word.end(), scheme.begin(), scheme.end(),
               [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
  const auto token = next_word(authorization);
  return known && next_word(authorization).empty() ? token : std::string_view{};
}

} // namespace

access_kind kind_of(const operation& op) noexcept {
  if (!has_managers(type_of(op)))
    return access_kind::admin;
  return op.reads || op.streams ? access_kind::read : access_kind::write;
}

bool caller::covers(access_kind kind, std::string_view type, std::string_view name) const {
  return std::any_of(scopes_.begin(), scopes_.end(),
                     [&](const scope& s) { return s.covers(kind, type, name); });
}

bool caller::covers_all(access_kind kind, std::string_view type) const {
  return std::any_of(scopes_.begin(), scopes_.end(),
                     [&](const scope& s) { return s.covers_all(kind, type); });
}

bool caller::may(const operation& op, std::string_view name) const {
  const auto& type = type_of(op);
  if (const auto over = patterns_over(type); !over.empty())
    return covers_all(kind_of(op), over);
  return has_name(op) ? covers(kind_of(op), type_word(type), name)
                      : covers_all(kind_of(op), type_word(type));
}

bool caller::may_send(const operation& op, const void* message) const {
  if (&op == &operation_of<database_batch>()) {
    const auto& steps = static_cast<const database_batch*>(message)->steps;
    return std::all_of(steps.begin(), steps.end(), [this](const batch_step& step) {
      const auto* step_op = find_operation(step.operation);
      if (!step_op)
        throw error(errc::invalid_argument, "'" + step.operation + "' is no write of a batch");
      const auto step_message = step_op->make();
      step_op->decode(step_message.get(), step.arguments.text());
      return step_op != &operation_of<database_batch>() && may_send(*step_op, step_message.get());
    });
  }
  if (!may(op, op.manager_name(message)))
    return false;
  return std::all_of(std::begin(further_managers), std::end(further_managers),
                     [&](const further_manager& row) {
                       if (row.operation != op.name)
                         return true;
                       const auto named = named_by(row, op, message);
                       return !named || covers(row.kind, row.type, *named);
                     });
}

access_list::access_list(std::shared_ptr<backend> over, attempt_options attempts)
  : over_(std::move(over)), attempts_(std::move(attempts)) {}

void access_list::add_tokens(std::string_view lines) {
  for (std::size_t number = 1; !lines.empty(); ++number) {
    const auto end = std::min(lines.find('\n'), lines.size());
    auto line = lines.substr(0, end);
    lines.remove_prefix(std::min(end + 1, lines.size()));
    if (line.ends_with('\r'))
      line.remove_suffix(1);
    const auto token = next_word(line);
    if (token.empty() || token.starts_with('#'))
      continue;
    const auto id = "line " + std::to_string(number);
    std::vector<scope> scopes;
    try {
      for (auto word = next_word(line); !word.empty(); word = next_word(line))
        scopes.emplace_back(word);
    } catch (const error& e) {
      throw error(e.code(), id + " of the tokens: " + e.what());
    }
    if (scopes.empty())
      scopes.emplace_back("admin:*");
    static_tokens_.push_back({secret::digest_of(token), caller{id, std::move(scopes)}});
  }
}

std::optional<caller> access_list::find(std::string_view token) const {
  if (!static_tokens_.empty()) {
    const auto digest = secret::digest_of(token);
    const static_token* found = nullptr;
    for (const auto& known : static_tokens_) // all of them, whichever it is
      if (secret::same(known.digest, digest))
        found = &known;
    if (found)
      return found->who;
  }
  const auto entry = call(*over_, token_verify{std::string{token}});
  if (!entry)
    return std::nullopt;
  std::vector<scope> scopes;
  try {
    for (const auto& text : entry->scopes)
      scopes.emplace_back(text);
  } catch (const error& e) {
    throw error(errc::corrupt, "token '" + entry->id + "': " + e.what());
  }
  return caller{entry->id, std::move(scopes)};
}

access_list::identity access_list::authenticate(std::string_view authorization,
                                                std::string_view peer) {
  if (authorization.empty())
    return {verdict::unauthenticated};
  if (!attempts_.allows(peer))
    return {verdict::too_many};
  const auto token = bearer_token(authorization);
  auto who = token.empty() ? std::nullopt : find(token);
  if (who)
    return {verdict::allowed, std::move(who)};
  attempts_.failed(peer);
  return {verdict::unauthenticated};
}

verdict access_list::check(std::string_view authorization, const operation& op,
                           std::string_view name, std::string_view peer) {
  const auto found = authenticate(authorization, peer);
  if (!found.who)
    return found.how;
  return found.who->may(op, name) ? verdict::allowed : verdict::forbidden;
}

} // namespace beaver
