#include "beaver/storage/filter_tree.hpp"

#include "beaver/storage/error.hpp"
#include "beaver/storage/json_cursor.hpp"

#include <array>

namespace beaver::filter_wire {
namespace {

using kind = filter_node::kind;

constexpr std::array<std::string_view, 9> spellings{"==", "!=", "<",      "<=",      ">",
                                                    ">=", "in", "exists", "contains"};

[[noreturn]] void refuse(const std::string& at, const std::string& why) {
  throw error(errc::invalid_argument, at + ' ' + why);
}

std::string element_at(const std::string& list, std::size_t i) {
  return list + '[' + std::to_string(i) + ']';
}

filter_operator operator_of(const std::string& at, std::string_view text) {
  for (std::size_t i = 0; i < spellings.size(); ++i)
    if (spellings[i] == text)
      return static_cast<filter_operator>(i);
  std::string known;
  for (const auto s : spellings)
    known += (known.empty() ? "" : ", ") + std::string{s};
  refuse(at, "must be one of " + known);
}

/// The members of an element, as far as they are there.
struct element {
  std::optional<std::string> path;
  std::optional<std::string> op;
  std::optional<json_text> value;
  std::optional<filter_node> combination;
};

class parser {
public:
  explicit parser(const json_text& wire) : in_(wire) {}

  filter_node parse(const std::string& name) {
    auto root = read_any(name, 0);
    if (root.what == kind::all)
      return root;
    filter_node all;
    all.parts.push_back(std::move(root));
    return all;
  }

private:
  filter_node read_any(const std::string& at, int depth) {
    if (depth > max_depth)
      refuse(at, "is nested deeper than " + std::to_string(max_depth));
    if (in_.peek() == json_kind::array)
      return read_list(kind::all, at, depth);
    if (in_.peek() != json_kind::object)
      refuse(at, "must be an object or an array");
    return read_element(at, depth);
  }

  filter_node read_list(kind what, const std::string& at, int depth) {
    if (in_.peek() != json_kind::array)
      refuse(at, "must be an array");
    filter_node list{.what = what};
    in_.enter_array();
    while (in_.next_element())
      list.parts.push_back(read_any(element_at(at, list.parts.size()), depth + 1));
    return list;
  }

  filter_node read_element(const std::string& at, int depth) {
    element e;
    std::size_t members = 0;
    in_.enter_object();
    while (const auto next = in_.next_member()) {
      const std::string name{*next};
      std::string inside{at};
      inside += '.';
      inside += name;
      read_member(e, name, inside, depth);
      ++members;
    }
    if (!e.combination)
      return condition_of(e, at);
    if (members > 1)
      refuse(at, "must have nothing beside and, or, not");
    return std::move(*e.combination);
  }

  void read_member(element& e, const std::string& name, const std::string& at, int depth) {
    const auto once = [&](const auto& member) {
      if (member)
        refuse(at, "is given twice");
    };
    if (name == "path" || name == "operator") {
      auto& member = name == "path" ? e.path : e.op;
      once(member);
      if (in_.peek() != json_kind::string)
        refuse(at, "must be a string");
      member = in_.read_string();
    } else if (name == "value") {
      once(e.value);
      e.value = in_.read_value();
    } else if (name == "and" || name == "or") {
      once(e.combination);
      e.combination = read_list(name == "and" ? kind::all : kind::any, at, depth + 1);
    } else if (name == "not") {
      once(e.combination);
      filter_node negation{.what = kind::negation};
      negation.parts.push_back(read_any(at, depth + 1));
      e.combination = std::move(negation);
    } else {
      refuse(at, "is unknown; known are path, operator, value, and, or, not");
    }
  }

  static filter_node condition_of(element& e, const std::string& at) {
    if (!e.path)
      refuse(at + ".path", "is missing");
    if (!e.op)
      refuse(at + ".operator", "is missing");
    const auto op = operator_of(at + ".operator", *e.op);
    if (!e.value && op == filter_operator::exists)
      e.value = json_text::from_normal("true");
    if (!e.value)
      refuse(at + ".value", "is missing");
    const char first = e.value->text()[0];
    if (op == filter_operator::in && first != '[')
      refuse(at + ".value", "must be an array");
    if (op == filter_operator::exists && first != 't' && first != 'f')
      refuse(at + ".value", "must be true or false");
    filter_node node{.what = kind::condition};
    try {
      node.condition = filter_condition{json_path{*e.path}, op, std::move(*e.value)};
    } catch (const error& refused) {
      refuse(at + ".path:", refused.what());
    }
    return node;
  }

  json_cursor in_;
};

void print_list(std::string& out, const std::vector<filter_node>& parts);

void print_node(std::string& out, const filter_node& node) {
  switch (node.what) {
  case kind::condition:
    out += R"({"path": )";
    json::append_string(out, node.condition->path.text());
    out += R"(, "operator": ")";
    out += spelling(node.condition->op);
    out += R"(", "value": )";
    out += node.condition->value.text();
    break;
  case kind::negation:
    out += R"({"not": )";
    print_node(out, node.parts.front());
    break;
  default:
    out += node.what == kind::all ? R"({"and": )" : R"({"or": )";
    print_list(out, node.parts);
  }
  out += '}';
}

void print_list(std::string& out, const std::vector<filter_node>& parts) {
  out += '[';
  for (std::size_t i = 0; i < parts.size(); ++i) {
    out += i > 0 ? ", " : "";
    print_node(out, parts[i]);
  }
  out += ']';
}

} // namespace

filter_node parse(const json_text& wire, std::string_view name) {
  const std::string at{name};
  json_text normal;
  try {
    normal = wire.normalised();
  } catch (const error& e) {
    refuse(at, std::string{"is "} + e.what());
  }
  return parser{normal}.parse(at);
}

json_text print(const filter_node& root) {
  std::string out;
  print_list(out, root.parts);
  return json_text::from_normal(out);
}

std::string_view spelling(filter_operator op) noexcept {
  return spellings[static_cast<std::size_t>(op)];
}

} // namespace beaver::filter_wire
