#pragma once
#include "support/json_tree.hpp"

#include <algorithm>

namespace beaver::test {

/// A filter as a tree over trees, with its wire form: the words of `row_filter` once more.
struct filter_oracle {
  enum class kind { condition, all, any, negation };

  kind what = kind::all;
  std::vector<json_tree::string> path{};
  std::string op{};
  json_tree value{};
  std::vector<filter_oracle> parts{};

  [[nodiscard]] bool matches(const json_tree& row) const {
    const auto part = [&](const filter_oracle& f) { return f.matches(row); };
    switch (what) {
    case kind::all:
      return std::all_of(parts.begin(), parts.end(), part);
    case kind::any:
      return std::any_of(parts.begin(), parts.end(), part);
    case kind::negation:
      return !parts.front().matches(row);
    default:
      return holds(find(row, path));
    }
  }

  template <class Below>
  void write(std::string& out, Below below) const {
    switch (what) {
    case kind::condition: {
      out += "{\"path\": ";
      write_path(out, below);
      out += ", \"operator\": \"" + op + "\", \"value\": ";
      value.write(out, below);
      out += '}';
      return;
    }
    case kind::negation:
      out += "{\"not\": ";
      parts.front().write(out, below);
      out += '}';
      return;
    default:
      out += what == kind::all ? "{\"and\": [" : "{\"or\": [";
      for (std::size_t i = 0; i < parts.size(); ++i) {
        out += i > 0 ? ", " : "";
        parts[i].write(out, below);
      }
      out += "]}";
    }
  }

private:
  [[nodiscard]] bool holds(const json_tree* found) const {
    if (op == "exists")
      return std::get<bool>(value.value) == (found != nullptr);
    if (!found)
      return false;
    if (op == "==")
      return found->equals(value);
    if (op == "!=")
      return !found->equals(value);
    if (op == "in") {
      const auto& all = std::get<json_tree::array>(value.value);
      return std::any_of(all.begin(), all.end(),
                         [&](const json_tree& one) { return found->equals(one); });
    }
    if (op == "contains") {
      const auto* all = std::get_if<json_tree::array>(&found->value);
      return all && std::any_of(all->begin(), all->end(), [&](const json_tree& one) {
               return one.equals(value);
             });
    }
    int order = 0;
    if (found->is_number() && value.is_number()) {
      order = found->number().compare(value.number());
    } else {
      const auto* a = std::get_if<json_tree::string>(&found->value);
      const auto* b = std::get_if<json_tree::string>(&value.value);
      if (!a || !b)
        return false;
      order = a->compare(*b);
    }
    return op == "<" ? order < 0 : op == "<=" ? order <= 0 : op == ">" ? order > 0 : order >= 0;
  }

  template <class Below>
  void write_path(std::string& out, Below below) const {
    const bool plain = std::all_of(path.begin(), path.end(), [](const auto& part) {
      return !part.empty() && part.find(U'.') == part.npos && part.find(U'/') == part.npos;
    });
    json_tree::string text;
    if (path.empty()) {
      text = U".";
    } else if (plain && below(2) == 0) {
      for (const auto& part : path)
        text += (text.empty() ? U"" : U".") + part;
    } else {
      for (const auto& part : path) {
        text += U'/';
        for (const char32_t c : part)
          text += c == U'~' ? U"~0" : c == U'/' ? U"~1" : json_tree::string{c};
      }
    }
    json_tree::write_string(out, text, below);
  }
};

/// A random filter of at most `depth` levels; its values are like those of `from`.
inline filter_oracle random_filter(random_tree& from, int depth) {
  using kind = filter_oracle::kind;
  if (depth > 0 && from.below(2) == 0) {
    filter_oracle f{.what = from.below(3) == 0 ? kind::negation
                            : from.below(2)    ? kind::all
                                               : kind::any};
    for (auto n = f.what == kind::negation ? 1 : from.below(4); n > 0; --n)
      f.parts.push_back(random_filter(from, depth - 1));
    return f;
  }
  static const std::string operators[] = {
    "==", "==", "!=", "<", "<=", ">", ">=", "in", "exists", "contains"};
  filter_oracle f{.what = kind::condition};
  for (auto n = from.below(10) == 0 ? 0 : 1 + from.below(2); n > 0; --n)
    f.path.push_back(from.name());
  f.op = operators[from.below(std::size(operators))];
  f.value = f.op == "exists" ? json_tree{from.below(2) == 0}
            : f.op == "in"   ? from.array(1)
                             : from.value(from.below(4) == 0 ? 1 : 0);
  return f;
}

} // namespace beaver::test
