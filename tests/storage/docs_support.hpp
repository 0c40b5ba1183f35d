#pragma once
#include "beaver/storage/docs_search.hpp"
#include "beaver/storage/docs_upkeep.hpp"

#include "table_fixture.hpp"

namespace beaver::test {

using strings = std::vector<std::string>;

/// A database with the collection "d".
class docs_fixture : public table_fixture {
public:
  void put(std::string_view id, std::string_view body, std::string_view name = "d") {
    write([&] {
      docs_table::document_writer to{c(), name};
      to.put(id, json_text{body}.normalised());
      to.finish();
    });
  }
  bool drop(std::string_view id) {
    return write([&] {
      docs_table::document_writer from{c(), "d"};
      const bool dropped = from.erase(id);
      from.finish();
      return dropped;
    });
  }
  void configure(const docs_options& options) {
    write([&] { docs_table::set_options(c(), "d", options); });
  }
  void reindex() {
    while (write([&] { return docs_table::reindex(c(), "d", {}, 2); }).more) {}
  }

  /// The ids that a search finds, in order.
  strings ids(docs_query query) {
    strings found;
    for (const auto& hit : docs_table::search(c(), "d", query).hits)
      found.push_back(hit.id);
    return found;
  }
  strings ids(std::string_view query) { return ids(docs_query{.query = std::string{query}}); }

  /// Rows of a table.
  std::int64_t rows(const std::string& table) {
    return c().integer("SELECT count(*) FROM " + table);
  }
};

} // namespace beaver::test
