#include "beaver/actors/scope.hpp"

#include "beaver/actors/registry.hpp"
#include "beaver/storage/error.hpp"
#include "beaver/storage/listing.hpp"
#include "beaver/storage/utf8.hpp"

#include <algorithm>
#include <array>

namespace beaver {

namespace {

constexpr std::array<std::string_view, 3> kind_words{"read", "write", "admin"};
constexpr std::size_t longest_scope = 2'048; // a name has at most 1,024 bytes

[[noreturn]] void refuse(std::string_view scope, const std::string& why) {
  throw error(errc::invalid_argument, "scope '" + std::string{scope} + "': " + why);
}

bool is_all(std::string_view pattern) noexcept {
  return pattern.find_first_not_of('*') == pattern.npos;
}

access_kind kind_from(std::string_view scope, std::string_view word) {
  const auto found = std::find(kind_words.begin(), kind_words.end(), word);
  if (found == kind_words.end())
    refuse(scope, "its kind is '" + std::string{word} + "', not read, write or admin");
  return static_cast<access_kind>(found - kind_words.begin());
}

/// Data types whose managers are patterns over those of others.
struct pattern_type {
  std::string_view name;
  std::string_view over;
};
constexpr pattern_type pattern_types[] = {{"channel_pattern", "channels"}, {"changes", "*"}};

/// The data type that scopes call so. Throws if there is none.
const data_type& type_called(std::string_view scope, std::string_view word) {
  const auto all = registry();
  const auto found = std::find_if(all.begin(), all.end(), [&](const data_type* type) {
    return patterns_over(*type).empty() && type_word(*type) == word;
  });
  if (found != all.end())
    return **found;
  std::string known;
  for (const auto* type : all)
    if (patterns_over(*type).empty())
      known.append(type_word(*type)).append(", ");
  refuse(scope, "there is no data type '" + std::string{word} + "'; known are " + known + "and *");
}

/// Throws unless scopes of this kind may be about the type.
void check_type(std::string_view scope, access_kind kind, std::string_view word,
                std::string_view names) {
  if (has_managers(type_called(scope, word)))
    return;
  if (kind != access_kind::admin)
    refuse(scope, std::string{word} + " needs the kind admin");
  if (!is_all(names))
    refuse(scope, "there are no names under " + std::string{word});
}

/// Throws if a pattern of names can match nothing.
void check_names(std::string_view scope, std::string_view names) {
  if (names.empty())
    refuse(scope, "no names stand behind /; leave it out for all");
  for (auto open = names.find('['); open != names.npos; open = names.find('[', open)) {
    // A closing bracket that stands first, or behind ^, is one of the characters.
    const auto first = open + (names.substr(open + 1).starts_with('^') ? 3 : 2);
    const auto close = names.find(']', first);
    if (close == names.npos)
      refuse(scope, "a [ in its names is not closed");
    open = close;
  }
}

} // namespace

std::string_view type_word(const data_type& type) noexcept {
  if (!has_managers(type) && std::string_view{type.plural}.empty())
    return type.name;
  for (const auto& op : type.operations)
    if (const auto path = op.route->path; !path.empty())
      return path.substr(1, path.find('/', 1) - 1);
  return type.plural;
}

std::string_view patterns_over(const data_type& type) noexcept {
  for (const auto& row : pattern_types)
    if (row.name == type.name)
      return row.over;
  return {};
}

scope::scope(std::string_view text) {
  if (text.size() > longest_scope)
    refuse(text.substr(0, 64), "it has more than " + std::to_string(longest_scope) + " bytes");
  if (utf8::find_invalid(text) != text.npos || text.find('\0') != text.npos)
    throw error(errc::invalid_argument, "a scope is not UTF-8 without NUL");
  const auto colon = text.find(':');
  if (colon == text.npos)
    refuse(text, "it must be KIND:TYPES or KIND:TYPES/NAMES, as in read:dicts/cfg");
  kind_ = kind_from(text, text.substr(0, colon));
  const auto rest = text.substr(colon + 1);
  const auto slash = std::min(rest.find('/'), rest.size());
  types_ = rest.substr(0, slash);
  if (slash < rest.size()) {
    names_ = rest.substr(slash + 1);
    check_names(text, names_);
  }
  if (types_ != "*")
    check_type(text, kind_, types_, names_);
}

bool scope::covers_type(access_kind kind, std::string_view type) const {
  return kind <= kind_ && (types_ == "*" || types_ == type);
}

bool scope::covers(access_kind kind, std::string_view type, std::string_view name) const {
  // The matcher would read no further than to a NUL.
  return covers_type(kind, type) && name.find('\0') == name.npos && glob(names_, std::string{name});
}

bool scope::covers_all(access_kind kind, std::string_view type) const {
  return covers_type(kind, type) && is_all(names_);
}

} // namespace beaver
