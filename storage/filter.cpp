#include "beaver/storage/filter.hpp"

#include <algorithm>

namespace beaver {
namespace {

using kind = filter_node::kind;

std::vector<json_operand> elements_of(const json_text& array) {
  std::vector<json_operand> all;
  json_cursor in{array};
  for (in.enter_array(); in.next_element();)
    all.emplace_back(in.read_value());
  return all;
}

bool contains(std::string_view array, const json_operand& wanted) {
  json_cursor in{array};
  if (in.peek() != json_kind::array)
    return false;
  for (in.enter_array(); in.next_element();)
    if (wanted.equals(in.skip()))
      return true;
  return false;
}

} // namespace

// Nothing has been read yet, so no path leads anywhere.
row_filter::row_filter(const filter_node& root) : root_(compile(root)), absence_(holds(root_)) {}

row_filter::node row_filter::compile(const filter_node& from) {
  node n{.what = from.what};
  if (from.condition) {
    const auto& c = *from.condition;
    test t{reader_.add(c.path), c.op, {}, c.value.text() == "true"};
    if (c.op == filter_operator::in)
      t.values = elements_of(c.value);
    else
      t.values.emplace_back(c.value);
    n.test = tests_.size();
    tests_.push_back(std::move(t));
  }
  for (const auto& part : from.parts)
    n.parts.push_back(compile(part));
  return n;
}

bool row_filter::matches(std::string_view json) {
  reader_.read(json);
  return holds(root_);
}

bool row_filter::holds(const node& n) const {
  const auto part_holds = [this](const node& part) { return holds(part); };
  switch (n.what) {
  case kind::all:
    return std::all_of(n.parts.begin(), n.parts.end(), part_holds);
  case kind::any:
    return std::any_of(n.parts.begin(), n.parts.end(), part_holds);
  case kind::negation:
    return !holds(n.parts.front());
  default:
    return holds(tests_[n.test]);
  }
}

bool row_filter::holds(const test& t) const {
  const auto& found = reader_[t.place];
  if (t.op == filter_operator::exists)
    return found.has_value() == t.wanted;
  if (!found)
    return false;
  switch (t.op) {
  case filter_operator::equal:
    return t.values.front().equals(*found);
  case filter_operator::not_equal:
    return !t.values.front().equals(*found);
  case filter_operator::less:
    return t.values.front().order(*found) < 0;
  case filter_operator::less_equal:
    return t.values.front().order(*found) <= 0;
  case filter_operator::greater:
    return t.values.front().order(*found) > 0;
  case filter_operator::greater_equal:
    return t.values.front().order(*found) >= 0;
  case filter_operator::in:
    return std::any_of(t.values.begin(), t.values.end(),
                       [&](const json_operand& value) { return value.equals(*found); });
  default:
    return contains(*found, t.values.front());
  }
}

} // namespace beaver
