#include "beaver/storage/vector_upkeep.hpp"

#include "beaver/storage/vector_rows.hpp"

namespace beaver::vector_table {
namespace {

using namespace detail;

struct rows {
  using key = std::string;
  static constexpr std::string_view kind = detail::kind;
  static constexpr std::string_view plural = "vectors";
  static constexpr std::string_view table = "__beaver_vectors__";
  static constexpr std::string_view name_column = "collection";
  static constexpr std::string_view key_column = "item_id";
  static constexpr std::string_view key_type = "text";

  static bool any(connection& c, std::string_view name) { return has_vectors(c, name, 1); }

  static std::optional<std::string> find(connection& c, std::string_view name,
                                         std::string_view id) {
    const auto metadata = vector_table::metadata(c, name, id);
    return metadata ? std::optional{std::string{metadata->text()}} : std::nullopt;
  }

  template <class F>
  static void read(connection& c, std::string_view name, const std::optional<std::string>& after,
                   std::uint64_t limit, F f) {
    const key_range range{.after = after};
    vector_reader vectors{c, name, range, {}, false};
    for (; limit > 0 && vectors.step(); --limit)
      f(std::string{vectors.id()}, vectors.metadata());
  }
};

using upkeep = index_upkeep<rows>;

} // namespace

bool create_index(connection& c, std::string_view name, std::string_view field) {
  return upkeep::create(c, name, field);
}

bool drop_index(connection& c, std::string_view name, std::string_view field) {
  return upkeep::drop(c, name, field);
}

std::vector<field_index_state> indexes(connection& c, std::string_view name) {
  return upkeep::list(c, name);
}

void settle_index(connection& c, std::string_view name, field_index<std::string>& index,
                  std::uint64_t limit) {
  upkeep::settle(c, name, index, limit);
}

reindex_step reindex(connection& c, std::string_view name, const std::optional<std::string>& field,
                     std::uint64_t limit) {
  return upkeep::reindex(c, name, field, limit);
}

filter_plan explain(connection& c, std::string_view name, const json_text& where) {
  return upkeep::explain(
    c, name, where, [&](std::uint64_t n) { return has_vectors(c, name, n); },
    [&] { return count(c, name); }, [](const std::string&) { return true; });
}

} // namespace beaver::vector_table
