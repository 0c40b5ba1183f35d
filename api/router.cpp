#include "beaver/api/router.hpp"

#include "beaver/actors/registry.hpp"

#include <algorithm>

namespace beaver {

namespace {

bool is_member(std::string_view segment) noexcept { return segment.starts_with('{'); }

/// Whether one pattern is to be tried before another: where they differ first it is literal.
bool more_literal(const std::vector<std::string_view>& a, const std::vector<std::string_view>& b) {
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    if (is_member(a[i]) != is_member(b[i]))
      return is_member(b[i]);
  return a.size() < b.size();
}

bool fits(const std::vector<std::string_view>& pattern,
          const std::vector<std::string_view>& segments) {
  return std::equal(pattern.begin(), pattern.end(), segments.begin(), segments.end(),
                    [](std::string_view wanted, std::string_view given) {
                      return is_member(wanted) ? !given.empty() : wanted == given;
                    });
}

} // namespace

bool tells_by_status(const operation& op) noexcept {
  return op.reply_type == "boolean"
         && (op.route->method == verb::put || op.route->method == verb::del);
}

std::string_view to_string(verb method) noexcept {
  switch (method) {
  case verb::get:
    return "GET";
  case verb::put:
    return "PUT";
  case verb::post:
    return "POST";
  case verb::del:
    break;
  }
  return "DELETE";
}

router::router(std::span<const data_type* const> types) {
  for (const auto* type : types)
    for (const auto& op : type->operations)
      if (!op.route->is_local()) {
        add(op, op.route->path, false);
        if (!op.route->lenient_path.empty())
          add(op, op.route->lenient_path, true);
      }
  for (auto& [first, patterns] : by_first_)
    std::stable_sort(patterns.begin(), patterns.end(), [](const pattern& a, const pattern& b) {
      return more_literal(a.segments, b.segments);
    });
}

void router::add(const operation& op, std::string_view path, bool lenient) {
  auto segments = split_target(path)->segments;
  routes_.push_back({&op, op.route->method, path, lenient});
  auto& patterns = by_first_[segments.front()];
  patterns.push_back({std::move(segments), routes_.size() - 1});
}

router::match router::find(std::string_view method, const url_parts& target) const {
  match found;
  const auto group = by_first_.find(target.segments.front());
  if (group == by_first_.end())
    return found;
  for (const auto& each : group->second) {
    if (!fits(each.segments, target.segments))
      continue;
    const auto& to = routes_[each.route];
    if (to_string(to.method) != method) {
      if (const auto other = to_string(to.method); found.allowed.find(other) == std::string::npos)
        found.allowed += (found.allowed.empty() ? "" : ", ") + std::string{other};
      continue;
    }
    found.members.clear();
    for (std::size_t i = 0; i < each.segments.size(); ++i) {
      if (!is_member(each.segments[i]))
        continue;
      auto value = percent_decoded(target.segments[i]);
      if (!value)
        return {};
      const auto name = each.segments[i];
      found.members.emplace_back(name.substr(1, name.size() - 2), std::move(*value));
    }
    found.to = &to;
    return found;
  }
  return found;
}

} // namespace beaver
