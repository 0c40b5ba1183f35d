#include "beaver/actors/registry.hpp"

#include "beaver/actors/types.hpp"
#include "beaver/storage/error.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>

namespace beaver {

// A table in one place and no objects that register themselves: linkers drop those out of static
// libraries.
std::span<const data_type* const> registry() noexcept {
  static const std::array all{&database_type(), &dict_type(),    &blob_type(),
                              &list_type(),     &queue_type(),   &log_type(),
                              &lock_type(),     &channel_type(), &channel_pattern_type(),
                              &changes_type(),  &docs_type(),    &graph_type(),
                              &vectors_type(),  &sketch_type(),  &token_type()};
  return all;
}

bool has_managers(const data_type& type) noexcept {
  return std::any_of(type.operations.begin(), type.operations.end(), has_name);
}

const operation* find_operation(std::string_view name) noexcept {
  static const auto index = [] {
    std::unordered_map<std::string_view, const operation*> rows;
    for (const auto* type : registry())
      for (const auto& op : type->operations)
        rows.emplace(op.name, &op);
    return rows;
  }();
  const auto found = index.find(name);
  return found == index.end() ? nullptr : found->second;
}

bool has_name(const operation& op) noexcept {
  return std::any_of(op.members.begin(), op.members.end(),
                     [](const member_info& m) { return m.name == "name"; });
}

const operation& get_operation(std::string_view name) {
  if (const auto* op = find_operation(name))
    return *op;
  throw error(errc::internal, "no operation is named " + std::string{name});
}

} // namespace beaver
