#include "beaver/storage/vector_options.hpp"

#include "beaver/storage/original_buckets.hpp"
#include "beaver/storage/vector_rows.hpp"
#include "beaver/storage/vector_snapshot.hpp"

namespace beaver::vector_table {
namespace {

std::optional<std::uint64_t> dims_of_first_row(connection& c, std::string_view name) {
  statement row = c.prepare("SELECT length(vector) / 4 FROM __beaver_vectors__ "
                            "WHERE collection = ?1 AND typeof(vector) = 'blob' "
                            "AND length(vector) > 0 AND length(vector) % 4 = 0 "
                            "ORDER BY item_id LIMIT 1");
  if (!row.bind(name).step())
    return std::nullopt;
  return static_cast<std::uint64_t>(row.integer(0));
}

void store(connection& c, std::string_view name, const vector_options& o) {
  c.prepare("INSERT INTO __beaver_vector_options__(collection, dims, metric, strategy, "
            "target_recall) VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET "
            "dims = excluded.dims, metric = excluded.metric, strategy = excluded.strategy, "
            "target_recall = excluded.target_recall")
    .bind(name, o.dims, o.metric, o.strategy, o.target_recall)
    .run();
}

} // namespace

vector_options options(connection& c, std::string_view name) {
  return from_ours(c, "__beaver_vector_options__", [&] {
    vector_options result;
    statement row = c.prepare("SELECT dims, metric, strategy, target_recall "
                              "FROM __beaver_vector_options__ WHERE collection = ?1");
    if (!row.bind(name).step())
      return result;
    if (!row.is_null(0))
      result.dims = static_cast<std::uint64_t>(row.integer(0));
    if (!row.is_null(1))
      result.metric = row.text(1);
    if (!row.is_null(2))
      result.strategy = row.text(2);
    if (!row.is_null(3))
      result.target_recall = row.real(3);
    return result;
  });
}

void set_options(connection& c, std::string_view name, const vector_options& options) {
  auto wanted = options;
  if (wanted.dims && *wanted.dims == 0)
    throw error(errc::invalid_argument,
                "vectors '" + std::string{name} + "': dims must be at least 1");
  const auto before = dims(c, name);
  if (detail::has_vectors(c, name, 1)) {
    if (before && wanted.dims && *wanted.dims != *before)
      throw error(errc::invalid_argument, "vectors '" + std::string{name} + "' has vectors of "
                                            + std::to_string(*before) + " numbers, not "
                                            + std::to_string(*wanted.dims)
                                            + "; clear it first, or use another name");
    if (!wanted.dims)
      wanted.dims = before;
  } else if (wanted.dims && wanted.dims != original_buckets::dims(c, name)) {
    original_buckets::forget_planes(c, name);
  }
  store(c, name, wanted);
  if (wanted.dims != before)
    vector_snapshot::invalidate(c, name);
}

std::optional<std::uint64_t> dims(connection& c, std::string_view name) {
  if (const auto decided = options(c, name).dims)
    return decided;
  if (const auto of_planes = original_buckets::dims(c, name))
    return of_planes;
  return dims_of_first_row(c, name);
}

void decide_dims(connection& c, std::string_view name, std::uint64_t dims) {
  auto o = options(c, name);
  o.dims = dims;
  store(c, name, o);
}

} // namespace beaver::vector_table
