#include "beaver/storage/docs_upkeep.hpp"

#include "beaver/storage/docs_rows.hpp"
#include "beaver/storage/docs_text.hpp"

namespace beaver::docs_table {
namespace {

using namespace detail;

struct rows {
  using key = std::string;
  static constexpr std::string_view kind = detail::kind;
  static constexpr std::string_view plural = "documents";
  static constexpr std::string_view table = "__beaver_documents__";
  static constexpr std::string_view name_column = "collection";
  static constexpr std::string_view key_column = "item_id";
  static constexpr std::string_view key_type = "text";

  static bool any(connection& c, std::string_view name) { return has_documents(c, name, 1); }

  static std::optional<std::string> find(connection& c, std::string_view name,
                                         std::string_view id) {
    const auto body = find_body(c, name, id);
    return body ? std::optional{std::string{body->text()}} : std::nullopt;
  }

  template <class F>
  static void read(connection& c, std::string_view name, const std::optional<std::string>& after,
                   std::uint64_t limit, F f) {
    const key_range range{.after = after};
    document_reader documents{c, name, range, {}};
    for (; limit > 0 && documents.step(); --limit)
      f(std::string{documents.id()}, documents.body());
  }
};

using upkeep = index_upkeep<rows>;

/// Indexes the text of up to `limit` documents behind `from` anew.
reindex_step rebuild_text(connection& c, std::string_view name, const docs_options& options,
                          const std::string& from, std::uint64_t limit) {
  std::vector<document> batch;
  const auto after = from.empty() ? std::nullopt : std::optional{from};
  rows::read(c, name, after, limit, [&](std::string id, std::string_view json) {
    batch.push_back({std::move(id), json_text{json}});
  });
  text_writer text{c, name, options};
  for (const auto& [id, body] : batch) {
    text.remove(id);
    try {
      text.add(id, body.normalised().text());
    } catch (const error& e) {
      throw corrupt_body(name, id, e);
    }
  }
  const bool more = batch.size() == limit;
  set_rebuilt_to(c, name, more ? std::optional{batch.back().id} : std::nullopt);
  return {batch.size(), more};
}

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
  if (!field)
    if (const auto options = docs_table::options(c, name); options.rebuilt_to) {
      auto step = rebuild_text(c, name, options, *options.rebuilt_to, limit);
      step.more = true; // the field indexes
      return step;
    }
  return upkeep::reindex(c, name, field, limit);
}

filter_plan explain(connection& c, std::string_view name, const json_text& where) {
  return upkeep::explain(
    c, name, where, [&](std::uint64_t n) { return has_documents(c, name, n); },
    [&] { return count(c, name); }, [](const std::string&) { return true; });
}

} // namespace beaver::docs_table
