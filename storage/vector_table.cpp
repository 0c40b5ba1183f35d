#include "beaver/storage/vector_table.hpp"

#include "beaver/storage/vector_rows.hpp"
#include "beaver/storage/vector_upkeep.hpp"

#include <cstring>
#include <limits>

// Ids are text; a BLOB sorts behind all text.
#define ALL_OF_COLLECTION "FROM __beaver_vectors__ WHERE collection = ?1 AND item_id < x''"

namespace beaver::vector_table {
namespace {

using namespace detail;

std::uint64_t to_unsigned(std::int64_t n) { return static_cast<std::uint64_t>(n); }

std::string numbers_text(std::uint64_t n) {
  return std::to_string(n) + (n == 1 ? " number" : " numbers");
}

std::optional<vector_item> find_with(connection& c, std::string_view name, std::string_view id,
                                     std::optional<std::uint64_t> dims) {
  statement row = c.prepare("SELECT vector, metadata FROM __beaver_vectors__ "
                            "WHERE collection = ?1 AND item_id = ?2");
  if (!row.bind(name, id).step())
    return std::nullopt;
  const auto bytes = vector_in(row, 0);
  if (!dims || !usable(bytes, *dims))
    throw error(errc::corrupt, "vectors '" + std::string{name} + "': what is stored for '"
                                 + std::string{id} + "' (" + std::to_string(bytes.size())
                                 + " bytes) is not "
                                 + (dims ? numbers_text(*dims) + " that are finite" : "a vector")
                                 + "; set or erase it");
  vector_item item{std::string{id}, floats_of(bytes), {}};
  if (!row.is_null(1))
    item.metadata.emplace(row.text(1));
  return item;
}

} // namespace

vector_writer::vector_writer(connection& c, std::string_view name)
  : connection_(c), name_(name), dims_(dims(c, name)),
    stored_dims_(options(c, name).dims.has_value()), buckets_(c, name), index_(c, kind, name) {}

void vector_writer::check(std::string_view id, std::span<const float> vector) {
  const auto refuse = [&](const std::string& why) {
    throw error(errc::invalid_argument, "vectors '" + std::string{name_} + "': the vector for '"
                                          + std::string{id} + "' " + why);
  };
  if (vector.empty())
    refuse("has no numbers");
  if (dims_ && vector.size() != *dims_)
    refuse("has " + numbers_text(vector.size()) + " where the collection's have "
           + std::to_string(*dims_));
  if (!usable(bytes_of(vector), vector.size()))
    refuse("has NaN or an infinity among its numbers");
}

void vector_writer::set(std::string_view id, std::span<const float> vector,
                        const std::optional<json_text>& metadata) {
  check(id, vector);
  if (!stored_dims_) {
    decide_dims(connection_, name_, vector.size());
    dims_ = vector.size();
    stored_dims_ = true;
  }
  leave_index(id);
  connection_
    .prepare("INSERT INTO __beaver_vectors__(collection, item_id, vector, metadata) "
             "VALUES(?1, ?2, ?3, ?4) ON CONFLICT(collection, item_id) "
             "DO UPDATE SET vector = excluded.vector, metadata = excluded.metadata")
    .bind(name_, id, bytes_of(vector), metadata)
    .run();
  buckets_.put(id, vector);
  if (!index_.empty() && metadata)
    index_.add(std::string{id}, metadata->text());
  else if (!index_.empty())
    index_.forget(std::string{id});
}

bool vector_writer::erase(std::string_view id) {
  leave_index(id);
  connection_.prepare("DELETE FROM __beaver_vectors__ WHERE collection = ?1 AND item_id = ?2")
    .bind(name_, id)
    .run();
  const bool erased = connection_.changes() > 0;
  buckets_.remove(id);
  return erased;
}

void vector_writer::finish() {
  constexpr std::uint64_t settled_at_once = 32;
  if (!index_.empty())
    settle_index(connection_, name_, index_, settled_at_once);
}

void vector_writer::leave_index(std::string_view id) {
  if (index_.empty())
    return;
  if (const auto old = metadata(connection_, name_, id))
    index_.remove(std::string{id}, old->text());
  else
    index_.forget(std::string{id});
}

std::optional<vector_item> find(connection& c, std::string_view name, std::string_view id) {
  return find_with(c, name, id, dims(c, name));
}

std::vector<vector_item> get_many(connection& c, std::string_view name,
                                  std::span<const std::string> ids) {
  const auto numbers = dims(c, name);
  std::vector<vector_item> result;
  for (const auto& id : ids)
    if (auto item = find_with(c, name, id, numbers))
      result.push_back(std::move(*item));
  return result;
}

std::vector<vector_item> list(connection& c, std::string_view name, const key_range& range,
                              const std::optional<json_text>& where) {
  constexpr auto all = std::numeric_limits<std::uint64_t>::max();
  const auto numbers = dims(c, name);
  std::vector<vector_item> result;
  std::uint64_t bytes = 0;
  vector_reader rows{c, name, range, where, true};
  while (result.size() < range.limit.value_or(all) && rows.step()) {
    auto& item = result.emplace_back(vector_item{std::string{rows.id()}, {}, {}});
    const auto stored = rows.vector();
    if (numbers && usable(stored, *numbers))
      item.vector = floats_of(stored);
    if (const auto metadata = rows.metadata())
      item.metadata.emplace(*metadata);
    bytes += item.id.size() + stored.size() + (item.metadata ? item.metadata->size() : 0);
    if (bytes >= range.max_bytes.value_or(all))
      break;
  }
  return result;
}

std::uint64_t count(connection& c, std::string_view name, const std::optional<json_text>& where) {
  std::uint64_t n = 0;
  if (where) {
    each_id(c, name, *where, [&n](std::string_view) { ++n; });
    return n;
  }
  statement row = c.prepare("SELECT count(*) " ALL_OF_COLLECTION);
  row.bind(name).step();
  return to_unsigned(row.integer(0));
}

void each_id(connection& c, std::string_view name, const json_text& where,
             const std::function<void(std::string_view)>& visit) {
  vector_reader rows{c, name, {}, where, false};
  while (rows.step())
    visit(rows.id());
}

void each_vector(connection& c, std::string_view name,
                 const std::function<void(std::string_view, std::span<const std::byte>)>& visit) {
  statement rows = c.prepare("SELECT item_id, vector " ALL_OF_COLLECTION " ORDER BY item_id");
  rows.bind(name);
  while (rows.step())
    visit(rows.text(0), vector_in(rows, 1));
}

bool usable(std::span<const std::byte> vector, std::uint64_t dims) noexcept {
  if (dims == 0 || vector.size() / sizeof(float) != dims || vector.size() % sizeof(float) != 0)
    return false;
  // Finite: not all bits of the exponent are set. Looks at every number, for then the compiler
  // takes several at once.
  constexpr std::uint32_t exponent = 0x7f800000;
  std::uint32_t infinite = 0;
  for (std::size_t i = 0; i < vector.size(); i += sizeof(float)) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, vector.data() + i, sizeof bits);
    infinite |= (bits & exponent) == exponent ? 1u : 0u;
  }
  return infinite == 0;
}

std::uint64_t clear(connection& c, std::string_view name) {
  c.prepare("DELETE FROM __beaver_vectors__ WHERE collection = ?1").bind(name).run();
  const auto removed = to_unsigned(c.changes());
  original_buckets::clear(c, name);
  field_index<std::string>{c, kind, name}.clear();
  return removed;
}

vectors_summary info(connection& c, std::string_view name) {
  statement row =
    c.prepare("SELECT count(*), coalesce(sum(length(vector) "
              "+ coalesce(length(CAST(metadata AS BLOB)), 0)), 0) " ALL_OF_COLLECTION);
  row.bind(name).step();
  return {to_unsigned(row.integer(0)), to_unsigned(row.integer(1)), dims(c, name)};
}

std::vector<std::string> names(connection& c) {
  return collect_names(c, "SELECT min(collection) FROM __beaver_vectors__ WHERE collection >= ?1");
}

} // namespace beaver::vector_table
