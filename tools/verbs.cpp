#include "beaver/tools/verbs.hpp"

#include "beaver/actors/registry.hpp"
#include "beaver/api/database.hpp"
#include "beaver/storage/json_cursor.hpp"
#include "beaver/storage/text_list.hpp"
#include "beaver/tools/blob_files.hpp"
#include "beaver/tools/compact_verb.hpp"
#include "beaver/tools/files.hpp"
#include "beaver/tools/filter_words.hpp"
#include "beaver/tools/import_command.hpp"
#include "beaver/tools/lock_run.hpp"
#include "beaver/tools/log_watch.hpp"
#include "beaver/tools/member_help.hpp"
#include "beaver/tools/output.hpp"
#include "beaver/tools/reindex_verb.hpp"
#include "beaver/tools/stream_verb.hpp"

#include <algorithm>
#include <charconv>

namespace beaver::cli {

namespace {

std::vector<std::string_view> split(std::string_view words) {
  std::vector<std::string_view> all;
  while (!words.empty()) {
    const auto end = std::min(words.find(' '), words.size());
    if (end > 0)
      all.push_back(words.substr(0, end));
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return all;
}

std::string notes_on(const operation& op) {
  std::string text;
  if (op.reply_type == "void")
    text = "Prints nothing.\n";
  else if (op.reply_type == "boolean")
    text = "Prints true, or false and ends with status 1.\n";
  else if (op.reply_optional)
    text = "Prints nothing and ends with status 1 if there is none.\n";
  else if (op.reply_type == "array")
    text = "Prints a JSON array; ends with status 1 if it is empty.\n";
  if (op.reply_type == "bytes")
    text += "The bytes are printed as they are.\n";
  return text;
}

int print_reply(const operation& op, const void* slot, bool raw) {
  if (op.reply_type == "bytes") {
    const auto* content = op.raw_reply(slot);
    if (content)
      print(content->text());
    return content ? succeeded : absent;
  }
  std::string text;
  if (!slot)
    return succeeded;
  if (!op.encode_reply(slot, text))
    return absent;
  print_json(text, raw);
  const bool nothing =
    (op.reply_type == "boolean" && text == "false") || (op.reply_type == "array" && text == "[]");
  return nothing ? absent : succeeded;
}

/// Throws usage_error for text that is not UTF-8.
std::string list_from(const std::vector<std::string>& texts) {
  try {
    return text_list::to_json(texts);
  } catch (const error& e) {
    throw usage_error(e.what());
  }
}

int run_operation(const operation& op, const std::string& name, std::span<const parameter> all,
                  const invocation& call) {
  const auto message = make_message(op, name, all, call);
  auto db = open_database(call, op.reads ? access::read : access::write);
  const auto slot = op.make_slot();
  auto& to = *db.style().to;
  op.waits ? to.wait(op, message.get(), slot.get(), {}) : to.call(op, message.get(), slot.get());
  return print_reply(op, slot.get(), call.globals.raw);
}

/// A verb that is no operation; it stands behind those.
struct further_verb {
  std::string_view type;
  std::string_view word;
  command (*make)(const std::string& name);
};
constexpr further_verb further_verbs[] = {{"lock", "run", lock_run_command},
                                          {"log", "watch", log_watch_command},
                                          {"vectors", "import", vectors_import_command}};

const further_verb* further_verb_of(const data_type& type) {
  for (const auto& verb : further_verbs)
    if (verb.type == type.name)
      return &verb;
  return nullptr;
}

command make_verb(const data_type& type, const operation& op, const std::string& name) {
  command c;
  c.words = std::string{type.name} + (has_name(op) ? " NAME " : " ") + std::string{op.method};
  if (std::string_view{type.plural}.empty()) // the database itself: its verbs are the program's
    c.words = op.method;
  for (const auto alias : split(op.route->aliases))
    c.aliases += (c.aliases.empty() ? "" : ", ") + std::string{alias};
  c.summary = op.route->summary;
  if (op.route->is_local())
    return c;
  c.parameters = parameters_of(op);
  if (op.streams)
    return stream_command(op, name, std::move(c));
  c.notes = notes_on(op);
  c.run = [&op, name, all = c.parameters](const invocation& call) {
    return run_operation(op, name, all, call);
  };
  replace_blob_verb(op, name, c);
  replace_compact_verb(op, name, c);
  replace_reindex_verb(op, name, c);
  return c;
}

} // namespace

json_text value_from(std::string_view text) {
  try {
    return json_text{text}.normalised();
  } catch (const error& e) {
    // What looks like JSON but passes a limit must not become a string behind one's back.
    const auto first = text.find_first_not_of(" \t\r\n");
    const bool literal = first != text.npos && text[first] >= 'A' && text[first] <= 'Z';
    const bool too_deep = std::string_view{e.what()}.find("nested deeper") != std::string::npos;
    if (too_deep || (!literal && is_well_formed(text)))
      throw usage_error(std::string{"value is "} + e.what());
  }
  try {
    std::string quoted;
    json::append_string(quoted, text);
    return json_text::from_normal(quoted);
  } catch (const error& e) {
    throw usage_error(std::string{"value: "} + e.what());
  }
}

std::optional<double> seconds_of(const std::string* text, std::string_view option) {
  if (!text)
    return std::nullopt;
  double seconds = 0;
  const auto [end, failure] = std::from_chars(text->data(), text->data() + text->size(), seconds);
  if (failure != std::errc{} || end != text->data() + text->size() || !(seconds >= 0))
    throw usage_error(std::string{option} + " must be a number of seconds");
  return seconds;
}

std::optional<std::uint64_t> count_of(const std::string* text, std::string_view option) {
  if (!text)
    return std::nullopt;
  std::uint64_t count = 0;
  const auto [end, failure] = std::from_chars(text->data(), text->data() + text->size(), count);
  if (failure != std::errc{} || end != text->data() + text->size())
    throw usage_error(std::string{option} + " must be a whole number");
  return count;
}

std::shared_ptr<void> make_message(const operation& op, const std::string& name,
                                   std::span<const parameter> all, const invocation& call) {
  auto message = op.make();
  if (has_name(op))
    set_member(op, message.get(), {.name = "name"}, name);
  bool input_used = false;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto* text = call.given.at(i);
    if (!text)
      continue;
    const auto& texts = call.given.texts(i);
    const bool one_json = texts.size() == 1 && (text->starts_with('[') || *text == "-");
    if (all[i].repeats && !one_json) {
      set_member(op, message.get(), all[i], list_from(texts));
      continue;
    }
    const bool takes_input = all[i].type == "json" || all[i].type == "bytes"
                             || all[i].type == "array" || all[i].type == "object"
                             || all[i].type == "filter";
    if (*text != "-" || !takes_input) {
      set_member(op, message.get(), all[i], *text);
      continue;
    }
    if (std::exchange(input_used, true))
      throw usage_error("standard input can be read for one argument only");
    set_member(op, message.get(), all[i], input_file{"-"}.read_all());
  }
  check_message(op, message.get());
  return message;
}

void set_member(const operation& op, void* message, const parameter& which, std::string_view text) {
  try {
    if (which.type == "json")
      op.set_member(message, which.name, value_from(text).text());
    else if (which.type == "filter")
      op.set_member(message, which.name, filter_from(text).text());
    else
      op.set_member(message, which.name, text);
  } catch (const error& e) {
    if (e.code() != errc::invalid_argument)
      throw;
    throw usage_error(e.what());
  }
}

void check_message(const operation& op, void* message) {
  try {
    op.check(message);
  } catch (const error& e) {
    if (e.code() != errc::invalid_argument)
      throw;
    throw usage_error(e.what());
  }
}

std::vector<parameter> parameters_of(const operation& op) {
  const auto rank = [&](const member_info& m) -> std::size_t {
    if (m.where == placement::path)
      return op.route->path.find('{' + std::string{m.name} + '}');
    return m.required ? op.route->path.size() : op.route->path.size() + 1;
  };
  std::vector<const member_info*> ordered;
  for (const auto& m : op.members)
    if (m.name != "name")
      ordered.push_back(&m);
  std::stable_sort(ordered.begin(), ordered.end(),
                   [&](const auto* a, const auto* b) { return rank(*a) < rank(*b); });
  std::vector<parameter> all;
  all.reserve(ordered.size());
  for (const auto* m : ordered)
    all.push_back({.name = m->name,
                   .as = m->required            ? form::word
                         : m->type == "boolean" ? form::flag
                                                : form::option,
                   .required = m->required,
                   .type = m->name == "where" ? "filter" : m->type,
                   .help = help_on(op.name, m->name),
                   .repeats = m->item_type == "string"});
  return all;
}

std::vector<command> verbs_of(const data_type& type, const std::string& name) {
  std::vector<command> all;
  for (const auto& op : type.operations)
    all.push_back(make_verb(type, op, name));
  if (const auto* further = further_verb_of(type))
    all.push_back(further->make(name));
  return all;
}

std::size_t find_verb(const data_type& type, std::string_view word) {
  for (std::size_t i = 0; i < type.operations.size(); ++i)
    if (type.operations[i].method == word)
      return i;
  for (std::size_t i = 0; i < type.operations.size(); ++i) {
    const auto aliases = split(type.operations[i].route->aliases);
    if (std::find(aliases.begin(), aliases.end(), word) != aliases.end())
      return i;
  }
  if (const auto* further = further_verb_of(type); further && further->word == word)
    return type.operations.size();
  return npos;
}

std::vector<std::string_view> verb_words(const data_type& type) {
  std::vector<std::string_view> all;
  for (const auto& op : type.operations) {
    if (op.route->is_local() || has_name(op) != has_managers(type))
      continue;
    all.push_back(op.method);
    for (const auto alias : split(op.route->aliases))
      all.push_back(alias);
  }
  if (const auto* further = further_verb_of(type))
    all.push_back(further->word);
  return all;
}

} // namespace beaver::cli
