#include "beaver/storage/text_query.hpp"

#include <algorithm>
#include <iterator>

namespace beaver {
namespace {

using kind = text_query_node::kind;

bool holds(const text_query_node& node, const std::vector<bool>& found) {
  const auto part_holds = [&](const text_query_node& part) { return holds(part, found); };
  switch (node.what) {
  case kind::leaf:
    return found[node.leaf];
  case kind::negation:
    return !part_holds(node.parts.front());
  case kind::any:
    return std::any_of(node.parts.begin(), node.parts.end(), part_holds);
  default:
    return std::all_of(node.parts.begin(), node.parts.end(), part_holds);
  }
}

void mark_positive(const text_query_node& node, bool wanted, std::vector<bool>& out) {
  if (node.what == kind::leaf && wanted)
    out[node.leaf] = true;
  for (const auto& part : node.parts)
    mark_positive(part, wanted != (node.what == kind::negation), out);
}

/// What stays of a node of `from`; its leaves are added to `to`.
text_query_node remaining(const text_query_node& node, const std::vector<bool>& gone,
                          const text_query& from, text_query& to) {
  if (node.what == kind::leaf)
    return gone[node.leaf] ? text_query_node{} : to.add(from.leaves[node.leaf]);
  std::vector<text_query_node> parts;
  for (const auto& part : node.parts)
    parts.push_back(remaining(part, gone, from, to));
  return node.what == kind::negation ? text_query_node::negation(std::move(parts.front()))
                                     : text_query_node::combination(node.what, std::move(parts));
}

/// As a string of FTS5.
void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text)
    out.append(c == '"' ? 2 : 1, c);
  out += '"';
}

} // namespace

std::string text_query_leaf::match() const {
  std::string out;
  const auto* star = prefix ? " *" : "";
  if (!distance) {
    append_quoted(out, text);
    return out + star;
  }
  for (std::string_view rest = text; !rest.empty();) {
    const auto size = std::min(rest.find(' '), rest.size());
    out += out.empty() ? "NEAR(" : " ";
    append_quoted(out, rest.substr(0, size));
    rest.remove_prefix(std::min(size + 1, rest.size()));
  }
  return out + star + ", " + std::to_string(*distance) + ')';
}

text_query_node text_query_node::combination(kind what, std::vector<text_query_node> parts) {
  text_query_node out{.what = what};
  for (auto& part : parts)
    if (part.what == what)
      std::move(part.parts.begin(), part.parts.end(), std::back_inserter(out.parts));
    else if (!part.empty())
      out.parts.push_back(std::move(part));
  if (out.parts.empty())
    return {};
  if (out.parts.size() > 1)
    return out;
  auto only = std::move(out.parts.front());
  return only;
}

text_query_node text_query_node::negation(text_query_node part) {
  if (part.empty())
    return part;
  if (part.what == kind::negation) {
    auto twice = std::move(part.parts.front());
    return twice;
  }
  text_query_node out{.what = kind::negation};
  out.parts.push_back(std::move(part));
  return out;
}

text_query_node text_query::add(const text_query_leaf& leaf) {
  const auto found = std::find(leaves.begin(), leaves.end(), leaf);
  text_query_node out{.what = kind::leaf, .leaf = static_cast<std::size_t>(found - leaves.begin())};
  if (found == leaves.end())
    leaves.push_back(leaf);
  return out;
}

bool text_query::matches(const std::vector<bool>& found) const { return holds(root, found); }

bool text_query::matches_others() const { return matches(std::vector<bool>(leaves.size())); }

std::vector<bool> text_query::positive() const {
  std::vector<bool> out(leaves.size());
  mark_positive(root, true, out);
  return out;
}

text_query text_query::loosened() const {
  if (root.what != kind::all)
    return *this;
  text_query out = *this;
  auto& parts = out.root.parts;
  const auto excluded = std::stable_partition(
    parts.begin(), parts.end(), [](const auto& part) { return part.what != kind::negation; });
  std::vector<text_query_node> wanted(std::make_move_iterator(parts.begin()),
                                      std::make_move_iterator(excluded));
  parts.erase(parts.begin(), excluded);
  parts.insert(parts.begin(), text_query_node::combination(kind::any, std::move(wanted)));
  out.root = text_query_node::combination(kind::all, std::move(parts));
  return out;
}

text_query text_query::without(const std::vector<bool>& gone) const {
  text_query out{.cut = cut};
  out.root = remaining(root, gone, *this, out);
  return out;
}

} // namespace beaver
