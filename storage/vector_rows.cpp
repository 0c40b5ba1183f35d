#include "beaver/storage/vector_rows.hpp"

#include <bit>
#include <cstring>

// Two texts each: whoever wants no vectors shall not pay for reading them.
#define ORDERED(columns, order) \
  "SELECT " columns " FROM __beaver_vectors__ " \
  "WHERE collection = ?1 AND item_id >= ?2 AND item_id < ?3 ORDER BY item_id" order
#define ONE_ROW(columns) \
  "SELECT " columns " FROM __beaver_vectors__ WHERE collection = ?1 AND item_id = ?2"

namespace beaver::vector_table::detail {

static_assert(std::endian::native == std::endian::little,
              "vectors are stored little-endian and copied as they are");

bool has_vectors(connection& c, std::string_view name, std::uint64_t n) {
  if (n == 0)
    return true;
  statement row =
    c.prepare("SELECT 1 FROM __beaver_vectors__ WHERE collection = ?1 LIMIT 1 OFFSET ?2");
  return row.bind(name, n - 1).step();
}

std::span<const std::byte> vector_in(const statement& row, int column) {
  return row.is_blob(column) ? row.blob(column) : std::span<const std::byte>{};
}

std::vector<float> floats_of(std::span<const std::byte> bytes) {
  std::vector<float> numbers(bytes.size() / sizeof(float));
  if (!numbers.empty())
    std::memcpy(numbers.data(), bytes.data(), numbers.size() * sizeof(float));
  return numbers;
}

std::span<const std::byte> bytes_of(std::span<const float> numbers) {
  return std::as_bytes(numbers);
}

vector_reader::vector_reader(connection& c, std::string_view name, const key_range& range,
                             const std::optional<json_text>& where, bool with_vectors)
  : row_reader(c, kind, name, range.descending.value_or(false)), bounds_(range),
    with_vectors_(with_vectors) {
  begin(where);
}

std::optional<std::string_view> vector_reader::metadata() const {
  return row().is_null(1) ? std::nullopt : std::optional{row().text(1)};
}

bool vector_reader::has_rows(std::uint64_t n) const { return has_vectors(file(), name(), n); }

bool vector_reader::is_within(const std::string& id) const {
  return id >= bounds_.lower && (!bounds_.upper || id < *bounds_.upper);
}

statement vector_reader::scan() {
  statement rows = with_vectors_
                     ? file().prepare(down() ? ORDERED("item_id, metadata, vector", " DESC")
                                             : ORDERED("item_id, metadata, vector", ""))
                     : file().prepare(down() ? ORDERED("item_id, metadata", " DESC")
                                             : ORDERED("item_id, metadata", ""));
  bounds_.bind(rows, name());
  return rows;
}

statement vector_reader::look_up() {
  return file().prepare(with_vectors_ ? ONE_ROW("item_id, metadata, vector")
                                      : ONE_ROW("item_id, metadata"));
}

void vector_reader::bind(statement& to, const std::string& id) { to.bind(name(), id); }

error vector_reader::corrupt(const error& why) const {
  return error(errc::corrupt, "vectors '" + std::string{name()} + "': the metadata of '"
                                + std::string{id()} + "' is " + why.what()
                                + "; erase the vector or put it right");
}

} // namespace beaver::vector_table::detail

namespace beaver::vector_table {

std::optional<json_text> metadata(connection& c, std::string_view name, std::string_view id) {
  statement row = c.prepare(ONE_ROW("metadata"));
  if (!row.bind(name, id).step() || row.is_null(0))
    return std::nullopt;
  return json_text{row.text(0)};
}

} // namespace beaver::vector_table
