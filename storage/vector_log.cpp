#include "beaver/storage/vector_log.hpp"

#include "beaver/storage/listing.hpp"
#include "beaver/storage/vector_rows.hpp"

#define BEHIND \
  "FROM __beaver_vector_change_log__ INDEXED BY __beaver_vector_change_log_name__ " \
  "WHERE collection = ?1 AND seq > ?2"

namespace beaver::vector_log {
namespace {

constexpr std::string_view log_table = "__beaver_vector_change_log__";

std::uint64_t to_unsigned(std::int64_t n) { return static_cast<std::uint64_t>(n); }

} // namespace

std::uint64_t last(connection& c) {
  return from_ours(c, log_table, [&] {
    return to_unsigned(c.integer("SELECT max(seq) FROM __beaver_vector_change_log__"));
  });
}

void tail(connection& c, std::string_view name, std::uint64_t after, const change_visitor& visit) {
  from_ours(c, log_table, [&] {
    statement changes = c.prepare("SELECT max(seq), item_id " BEHIND
                                  " AND typeof(item_id) = 'text' GROUP BY item_id ORDER BY 1");
    statement row = c.prepare("SELECT vector FROM __beaver_vectors__ "
                              "WHERE collection = ?1 AND item_id = ?2");
    changes.bind(name, as_limit(after));
    while (changes.step()) {
      const auto id = changes.text(1);
      row.bind(name, id);
      std::optional<std::span<const std::byte>> vector;
      if (row.step())
        vector = vector_table::detail::vector_in(row, 0);
      visit(to_unsigned(changes.integer(0)), id, vector);
      row.reset();
    }
  });
}

std::uint64_t count(connection& c, std::string_view name, std::uint64_t after) {
  return from_ours(c, log_table, [&] {
    statement row = c.prepare("SELECT count(*) " BEHIND);
    row.bind(name, as_limit(after)).step();
    return to_unsigned(row.integer(0));
  });
}

std::uint64_t prune(connection& c, std::string_view name, std::uint64_t up_to,
                    std::uint64_t limit) {
  c.prepare("DELETE FROM __beaver_vector_change_log__ WHERE seq IN (SELECT seq " BEHIND
            " AND seq <= ?3 AND seq < (SELECT max(seq) FROM __beaver_vector_change_log__) "
            "ORDER BY seq LIMIT ?4)")
    .bind(name, 0, as_limit(up_to), as_limit(limit))
    .run();
  return to_unsigned(c.changes());
}

} // namespace beaver::vector_log
