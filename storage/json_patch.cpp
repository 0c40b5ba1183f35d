#include "beaver/storage/json_patch.hpp"

#include "beaver/storage/json_compare.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace beaver {
namespace {

/// A member as it stands, its name without quotes but with escapes: normal forms of one name are
/// the same text.
using member = std::pair<std::string, std::string_view>;

std::vector<member> members_of(std::string_view object) {
  std::vector<member> all;
  json_cursor in{object};
  for (in.enter_object(); const auto name = in.next_raw_member();) {
    std::string own{*name};
    const auto value = in.skip();
    const auto same =
      std::find_if(all.begin(), all.end(), [&](const member& m) { return m.first == own; });
    if (same == all.end())
      all.emplace_back(std::move(own), value);
    else
      same->second = value;
  }
  return all;
}

void append_merged(std::string& out, std::optional<std::string_view> target,
                   std::string_view patch) {
  if (json_kind_of(patch) != json_kind::object) {
    out += patch;
    return;
  }
  auto changes = members_of(patch);
  std::vector<member> before;
  if (target && json_kind_of(*target) == json_kind::object)
    before = members_of(*target);
  bool first = true;
  const auto begin_member = [&](std::string_view name) {
    out.append(first ? "\"" : ", \"").append(name).append("\": ");
    first = false;
  };
  out += '{';
  for (const auto& old : before) {
    const auto change = std::find_if(changes.begin(), changes.end(),
                                     [&](const member& m) { return m.first == old.first; });
    if (change == changes.end()) {
      begin_member(old.first);
      out += old.second;
    } else if (change->second != "null") {
      begin_member(old.first);
      append_merged(out, old.second, change->second);
    }
    if (change != changes.end())
      changes.erase(change);
  }
  for (const auto& [name, value] : changes)
    if (value != "null") {
      begin_member(name);
      append_merged(out, std::nullopt, value);
    }
  out += '}';
}

} // namespace

json_text merge_patch(const json_text& target, const json_text& patch) {
  std::string out;
  append_merged(out, target.text(), patch.text());
  return json_text::from_normal(out);
}

} // namespace beaver
