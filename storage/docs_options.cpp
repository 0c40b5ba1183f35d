#include "beaver/storage/docs_options.hpp"

#include "beaver/storage/docs_rows.hpp"
#include "beaver/storage/text_list.hpp"

namespace beaver::docs_table {

stored_options options(connection& c, std::string_view name) {
  return from_ours(c, "__beaver_docs_options__", [&] {
    stored_options result;
    statement row = c.prepare("SELECT full_text, fuzzy, rebuilt_to FROM __beaver_docs_options__ "
                              "WHERE collection = ?1");
    if (!row.bind(name).step())
      return result;
    result.stored = true;
    if (!row.is_null(0))
      result.full_text = text_list::from_json(row.text(0));
    if (!row.is_null(1))
      result.fuzzy = row.integer(1) != 0;
    if (!row.is_null(2))
      result.rebuilt_to = row.text(2);
    return result;
  });
}

void set_options(connection& c, std::string_view name, const docs_options& options) {
  const docs_options before = docs_table::options(c, name);
  std::optional<std::string> paths;
  if (options.full_text)
    paths = text_list::to_json(*options.full_text);
  c.prepare("INSERT INTO __beaver_docs_options__(collection, full_text, fuzzy) VALUES(?1, ?2, ?3) "
            "ON CONFLICT DO UPDATE SET full_text = excluded.full_text, fuzzy = excluded.fuzzy")
    .bind(name, paths, options.fuzzy)
    .run();
  if (options.full_text != before.full_text
      || options.fuzzy.value_or(false) != before.fuzzy.value_or(false))
    if (detail::has_documents(c, name, 1))
      set_rebuilt_to(c, name, "");
}

void set_rebuilt_to(connection& c, std::string_view name, const std::optional<std::string>& id) {
  c.prepare("UPDATE __beaver_docs_options__ SET rebuilt_to = ?2 WHERE collection = ?1")
    .bind(name, id)
    .run();
}

} // namespace beaver::docs_table
