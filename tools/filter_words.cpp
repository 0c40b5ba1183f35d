#include "beaver/tools/filter_words.hpp"

#include "beaver/tools/arguments.hpp"
#include "beaver/tools/verbs.hpp"

#include <array>

namespace beaver::cli {

namespace {

constexpr std::string_view blank = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(blank);
  return first == text.npos ? std::string_view{}
                            : text.substr(first, text.find_last_not_of(blank) - first + 1);
}

struct spelling {
  std::string_view typed;
  std::string_view meant;
};
/// Longer ones first.
constexpr std::array spellings{spelling{" contains ", "contains"},
                               spelling{" in ", "in"},
                               spelling{"==", "=="},
                               spelling{"!=", "!="},
                               spelling{"<=", "<="},
                               spelling{">=", ">="},
                               spelling{"=", "=="},
                               spelling{"<", "<"},
                               spelling{">", ">"}};

std::string condition_from(std::string_view text) {
  text = trimmed(text);
  std::size_t at = text.npos;
  const spelling* found = nullptr;
  for (const auto& s : spellings)
    if (const auto place = text.find(s.typed); place < at) {
      at = place;
      found = &s;
    }
  std::string out = "{\"path\": ";
  if (!found) {
    constexpr std::string_view exists = " exists";
    if (!text.ends_with(exists))
      throw usage_error("'" + std::string{text}
                        + "' is no condition; write PATH=VALUE, with one of = != < <= > >= in "
                          "contains, or PATH exists");
    json::append_string(out, trimmed(text.substr(0, text.size() - exists.size())));
    return out + ", \"operator\": \"exists\"}";
  }
  json::append_string(out, trimmed(text.substr(0, at)));
  out.append(", \"operator\": \"").append(found->meant).append("\", \"value\": ");
  out += value_from(trimmed(text.substr(at + found->typed.size()))).text();
  return out + '}';
}

} // namespace

json_text filter_from(std::string_view text) {
  const auto first = text.find_first_not_of(blank);
  if (first == text.npos || text[first] == '[' || text[first] == '{')
    return json_text{text};
  std::string all = "[";
  for (bool more = true; more;) {
    const auto end = text.find("&&");
    more = end != text.npos;
    all += all.size() > 1 ? ", " : "";
    all += condition_from(text.substr(0, end));
    if (more)
      text.remove_prefix(end + 2);
  }
  return json_text{all + ']'};
}

} // namespace beaver::cli
