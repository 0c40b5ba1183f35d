#include "beaver/storage/text_language.hpp"

#include "beaver/storage/json_format.hpp"
#include "beaver/storage/utf8.hpp"

#include <algorithm>

namespace beaver {
namespace {

using node = text_query_node;
using kind = node::kind;
using text_language::max_bytes;
using text_language::max_depth;
using text_language::max_leaves;

/// Far beyond the words of any text, and far from an overflow in FTS5, which reads an int.
constexpr std::uint32_t max_distance = 1'000'000'000;

// -- characters --------------------------------------------------------------------------------

bool is_blank(char32_t c) {
  return c <= ' ' || (c >= 0x7f && c <= 0xa0) || c == 0x1680 || (c >= 0x2000 && c <= 0x200a)
         || c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000
         || c == utf8::invalid;
}

bool is_curved_quote(char32_t c) { return c >= 0x201c && c <= 0x201f; }

/// UTF-8 whose only blank is ' ' and whose only double quote is '"'.
std::string cleaned(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  const char* end = text.data() + text.size();
  for (const char* p = text.data(); p != end;) {
    const auto c = utf8::decode(p, end);
    p += c == utf8::invalid ? 1 : 0;
    if (is_blank(c))
      out += ' ';
    else if (is_curved_quote(c))
      out += '"';
    else
      utf8::append(out, c);
  }
  return out;
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'
         || static_cast<unsigned char>(c) >= 0x80;
}

bool is_letter_or_digit(char c) { return is_letter(c) || json::is_digit(c); }

bool is_any_of(char c, std::string_view set) { return set.find(c) != set.npos; }

bool in_word(char c) { return !is_any_of(c, " \"()|"); }
bool in_field(char c) { return is_letter_or_digit(c) || is_any_of(c, ".-/"); }

bool is_operator(std::string_view word) { return word == "OR" || word == "AND" || word == "NOT"; }

// -- reading -----------------------------------------------------------------------------------

class reader {
public:
  explicit reader(std::string_view text) : text_(text) {}

  text_query read() && {
    query_.root = read_group({}, 0);
    return std::move(query_);
  }

private:
  [[nodiscard]] char at(std::size_t i) const { return i < text_.size() ? text_[i] : ' '; }
  [[nodiscard]] bool at_end() const { return at_ >= text_.size() || !query_.cut.empty(); }

  /// Up to the parenthesis that ends the group, or all.
  node read_group(std::string_view field, int depth) {
    std::vector<node> group;
    bool either = false; // an operator waits for the next operand
    bool negation = false;
    while (!at_end()) {
      const char c = at(at_);
      if (is_any_of(c, " |)")) {
        ++at_;
        either = either || c == '|';
        if (c == ')' && depth > 0)
          break;
        continue;
      }
      const auto word = operator_word();
      if (!word.empty()) {
        at_ += word.size();
        either = either || word == "OR";
        negation = negation != (word == "NOT");
        continue;
      }
      if (excludes()) {
        ++at_;
        negation = !negation;
      }
      auto operand = read_operand(field, depth);
      if (negation)
        operand = node::negation(std::move(operand));
      append(group, std::move(operand), either);
      either = negation = false;
    }
    return node::combination(kind::all, std::move(group));
  }

  static void append(std::vector<node>& group, node operand, bool either) {
    // An empty operand gives way, so that a million of them take no space.
    if (!group.empty() && (either || group.back().empty())) {
      std::vector<node> both;
      both.push_back(std::move(group.back()));
      both.push_back(std::move(operand));
      group.back() = node::combination(kind::any, std::move(both));
    } else {
      group.push_back(std::move(operand));
    }
  }

  node read_operand(std::string_view field, int depth) {
    if (const auto own = own_field(); !own.empty()) {
      field = own;
      at_ += own.size() + 1;
    }
    if (at(at_) == '"')
      return read_phrase(field);
    if (at(at_) != '(')
      return read_word(field);
    if (depth == max_depth) {
      query_.cut = "has more than " + std::to_string(max_depth) + " groups in groups";
      return {};
    }
    ++at_;
    return read_group(field, depth + 1);
  }

  node read_word(std::string_view field) {
    const auto word = take_word();
    const auto size = word.find_last_not_of('*') + 1;
    return add({.text = std::string{word.substr(0, size)},
                .prefix = size < word.size(),
                .field = std::string{field}});
  }

  node read_phrase(std::string_view field) {
    const auto from = at_ + 1;
    const auto end = std::min(text_.find('"', from), text_.size());
    text_query_leaf leaf{.field = std::string{field}};
    bool space = false;
    for (const char c : text_.substr(from, end - from)) {
      if (c != ' ')
        leaf.text.append(space && !leaf.text.empty() ? " " : "") += c;
      space = c == ' ';
    }
    at_ = end + 1;
    for (;;)
      if (at(at_) == '*') {
        ++at_;
        leaf.prefix = true;
      } else if (at(at_) == '~' && json::is_digit(at(at_ + 1))) {
        leaf.distance = read_distance();
      } else {
        break;
      }
    if (leaf.text.find(' ') == leaf.text.npos)
      leaf.distance.reset();
    return add(std::move(leaf));
  }

  std::uint32_t read_distance() {
    std::uint64_t distance = 0;
    while (json::is_digit(at(++at_)))
      distance = std::min<std::uint64_t>(distance * 10 + static_cast<std::uint64_t>(at(at_) - '0'),
                                         max_distance);
    return static_cast<std::uint32_t>(distance);
  }

  node add(text_query_leaf&& leaf) {
    if (leaf.text.empty())
      return {};
    if (leaves_ == max_leaves) {
      query_.cut = "has more than " + std::to_string(max_leaves) + " words and phrases";
      return {};
    }
    const auto bytes = leaf.text.size() + leaf.field.size();
    if (bytes > max_bytes - bytes_) {
      query_.cut = "has words and phrases of more than " + std::to_string(max_bytes) + " bytes";
      return {};
    }
    ++leaves_;
    bytes_ += bytes;
    return query_.add(leaf);
  }

  std::string_view take_word() {
    const auto from = at_;
    while (at_ < text_.size() && in_word(text_[at_]))
      ++at_;
    return text_.substr(from, at_ - from);
  }

  /// The operator that stands here as a word of its own; empty if there is none.
  [[nodiscard]] std::string_view operator_word() const {
    auto end = at_;
    while (end - at_ < 4 && in_word(at(end)))
      ++end;
    const auto word = text_.substr(at_, end - at_);
    return is_operator(word) ? word : std::string_view{};
  }

  [[nodiscard]] bool excludes() const {
    return at(at_) == '-' && (at_ == 0 || is_any_of(at(at_ - 1), " (|"))
           && !is_any_of(at(at_ + 1), " -)|");
  }

  /// The name of a field that stands here with a colon and something to look for behind it.
  [[nodiscard]] std::string_view own_field() const {
    if (!is_letter_or_digit(at(at_)))
      return {};
    auto end = at_;
    bool named = false; // 12:30 is a time
    for (; in_field(at(end)); ++end)
      named = named || is_letter(at(end));
    const char next = at(end + 1);
    const bool scopes = at(end) == ':' && (is_letter_or_digit(next) || is_any_of(next, "\"("));
    return named && scopes ? text_.substr(at_, end - at_) : std::string_view{};
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t leaves_ = 0;
  std::size_t bytes_ = 0;
  text_query query_;
};

// -- printing ----------------------------------------------------------------------------------

/// Whether a text is read as one word that means itself.
bool is_plain(std::string_view text) {
  return is_letter_or_digit(text.front()) && !is_operator(text)
         && std::none_of(text.begin(), text.end(),
                         [](char c) { return !in_word(c) || is_any_of(c, ":*"); });
}

void print_leaf(std::string& out, const text_query_leaf& leaf) {
  if (!leaf.field.empty())
    out.append(leaf.field) += ':';
  const auto* quote = is_plain(leaf.text) ? "" : "\"";
  out.append(quote).append(leaf.text).append(quote).append(leaf.prefix ? "*" : "");
  if (leaf.distance)
    out.append("~").append(std::to_string(*leaf.distance));
}

void print_node(std::string& out, const text_query& query, const node& from) {
  const auto print_part = [&](const node& part, bool grouped) {
    out += grouped ? "(" : "";
    print_node(out, query, part);
    out += grouped ? ")" : "";
  };
  switch (from.what) {
  case kind::leaf:
    print_leaf(out, query.leaves[from.leaf]);
    break;
  case kind::negation:
    out += '-';
    print_part(from.parts.front(), from.parts.front().what != kind::leaf);
    break;
  default:
    for (std::size_t i = 0; i < from.parts.size(); ++i) {
      out += i == 0 ? "" : from.what == kind::all ? " " : " OR ";
      print_part(from.parts[i], from.parts[i].what == kind::all);
    }
  }
}

} // namespace

text_query text_language::parse(std::string_view text) {
  const auto clean = cleaned(text);
  return reader{clean}.read();
}

std::string text_language::print(const text_query& query) {
  std::string out;
  print_node(out, query, query.root);
  return out;
}

} // namespace beaver
