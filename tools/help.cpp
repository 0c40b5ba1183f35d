#include "beaver/tools/help.hpp"

#include "beaver/actors/registry.hpp"
#include "beaver/tools/verbs.hpp"

#include <algorithm>

namespace beaver::cli {

namespace {

constexpr std::string_view program = "beaver [--db PATH] [--raw] ";

std::string in_capitals(std::string_view name) {
  std::string text{name};
  for (auto& c : text)
    c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return text;
}

/// What stands for the value of an option.
std::string_view value_word(const parameter& p) {
  if (p.name.ends_with("_seconds"))
    return "SECONDS";
  if (p.type == "integer")
    return "N";
  if (p.type == "number")
    return "NUMBER";
  if (p.type == "file")
    return "PATH";
  return p.type == "string" || p.repeats ? "TEXT" : "JSON";
}

/// "KEY", "--limit N", "--descending", "-- COMMAND..."
std::string spelling(const parameter& p) {
  if (p.as == form::word)
    return in_capitals(p.name) + (p.repeats ? "..." : "");
  if (p.as == form::words)
    return "-- " + in_capitals(p.name) + "...";
  auto text = p.option();
  if (p.as == form::option)
    text.append(" ").append(value_word(p)).append(p.repeats ? " ..." : "");
  return text;
}

std::string_view meaning(const parameter& p) {
  if (!p.help.empty())
    return p.help;
  if (p.as == form::flag)
    return "yes if given";
  if (p.type == "json")
    return "JSON, else taken as a string; - reads it from standard input";
  if (p.type == "filter")
    return "conditions as in 'year>=1990 && topic=storage', or as JSON; - reads it from standard "
           "input";
  if (p.type == "bytes")
    return "bytes; - reads them from standard input";
  if (p.repeats)
    return "text, as often as needed; or all as one JSON array, which - reads from standard input";
  if (p.type == "string")
    return "text";
  if (p.type == "integer" || p.type == "number")
    return p.type;
  if (p.type == "boolean")
    return "true or false";
  return p.type == "array" ? "a JSON array; - reads it from standard input"
                           : "a JSON object; - reads it from standard input";
}

struct entry {
  std::string left;
  std::string right;
};

/// Two columns, indented.
std::string table(const std::vector<entry>& entries) {
  std::size_t width = 0;
  for (const auto& e : entries)
    width = std::max(width, e.left.size());
  std::string text;
  for (const auto& e : entries)
    text += "  " + e.left + std::string(width - e.left.size() + 2, ' ') + e.right + '\n';
  return text;
}

std::string parameter_table(std::span<const parameter> parameters) {
  std::vector<entry> entries;
  for (const auto& p : parameters)
    entries.push_back({spelling(p), std::string{meaning(p)}});
  return table(entries);
}

std::string words_for(const data_type& type) {
  return std::string{type.name} + (has_managers(type) ? " NAME VERB ..." : " VERB ...");
}

std::string verb_list(std::span<const command> verbs, bool of_managers) {
  std::string text;
  for (const auto& c : verbs) {
    if (!c.run || (c.words.find(" NAME ") != std::string::npos) != of_managers)
      continue;
    text += "  " + synopsis(c);
    if (!c.aliases.empty())
      text += "   (also: " + c.aliases + ')';
    text += "\n      " + c.summary + '\n';
  }
  return text;
}

} // namespace

std::string synopsis(const command& c) {
  const auto last_word = c.words.rfind(' ');
  auto text = last_word == std::string::npos ? c.words : c.words.substr(last_word + 1);
  for (const auto& p : c.parameters)
    text += p.required ? ' ' + spelling(p) : " [" + spelling(p) + ']';
  return text;
}

std::string help_of(const command& c) {
  auto text = "usage: " + std::string{program};
  if (const auto last_word = c.words.rfind(' '); last_word != std::string::npos)
    text += c.words.substr(0, last_word + 1);
  text += synopsis(c) + "\n\n" + c.summary + '\n';
  if (!c.aliases.empty())
    text += "Other spellings: " + c.aliases + ".\n";
  if (!c.parameters.empty())
    text += '\n' + parameter_table(c.parameters);
  if (!c.notes.empty())
    text += '\n' + c.notes;
  return text;
}

std::string help_of(const data_type& type, std::span<const command> verbs) {
  const std::string name{type.name};
  const bool managers = has_managers(type);
  const auto has = [&](std::string_view verb) { return find_verb(type, verb) != npos; };
  auto text = "usage: " + std::string{program} + words_for(type) + '\n';
  std::vector<entry> short_forms;
  if (has("names"))
    short_forms.push_back({"beaver " + name, "list all " + std::string{type.plural}});
  if (has("info"))
    short_forms.push_back({"beaver " + name + " NAME", "describe one of them"});
  short_forms.push_back(
    {"beaver " + name + (managers ? " NAME" : "") + " VERB --help", "help on a verb"});
  return text + '\n' + table(short_forms) + "\nVerbs:\n" + verb_list(verbs, managers);
}

std::string overview(std::span<const data_type* const> types, std::span<const command> commands) {
  std::vector<entry> groups;
  for (const auto* type : types)
    groups.push_back({words_for(*type), (has_managers(*type) ? "one of the " : "the ")
                                          + std::string{type->plural} + "; see beaver "
                                          + std::string{type->name} + " --help"});
  std::vector<entry> own;
  for (const auto& c : commands)
    own.push_back({synopsis(c), c.summary});
  const auto is_long = [](const entry& e) { return e.left.size() > 40; };
  for (auto& e : own)
    if (is_long(e))
      e.left = e.left.substr(0, e.left.find(' ')) + " ...";
  return "usage: " + std::string{program} + "COMMAND ...\n\nData:\n" + table(groups)
         + "\nCommands:\n" + table(own) + "\nOptions, at any place of the line:\n"
         + parameter_table(global_parameters()) +
         R"(
Options may be shortened as far as they stay unambiguous; -- ends them.
Output is JSON: pretty on a terminal, else (or with --raw) on one line.

Exit status: 0 done; 1 absent, empty or false; 2 wrong usage; 3 failure; 130 interrupted.
)";
}

} // namespace beaver::cli
