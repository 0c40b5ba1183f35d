#include "beaver/storage/original_buckets.hpp"

#include "beaver/storage/connection.hpp"
#include "beaver/storage/vector_rows.hpp"

#include <algorithm>
#include <array>

namespace beaver {
namespace {

/// There are min(16, d) hyperplanes of d numbers.
constexpr std::uint64_t most_planes = 16;

std::optional<std::uint64_t> dims_of(std::uint64_t size) {
  for (std::uint64_t d = 1; d < most_planes; ++d)
    if (d * d * sizeof(float) == size)
      return d;
  if (size > 0 && size % (most_planes * sizeof(float)) == 0)
    return size / (most_planes * sizeof(float));
  return std::nullopt;
}

/// Bucket numbers are stored as numpy's 64-bit integers come out of Python's sqlite3: 8 bytes,
/// little-endian. The original also looks them up so; an INTEGER it would not find.
std::array<std::byte, 8> stored(std::uint64_t bucket) {
  std::array<std::byte, 8> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::byte>(bucket >> 8 * i);
  return bytes;
}

} // namespace

original_buckets::original_buckets(connection& c, std::string_view name)
  : connection_(c), name_(name) {
  statement row = c.prepare("SELECT hyperplanes FROM __beaver_lsh_config__ WHERE collection = ?1");
  if (!row.bind(name).step())
    return;
  kept_ = true;
  const auto bytes = row.blob(0);
  if (const auto d = dims_of(bytes.size())) {
    dims_ = *d;
    planes_ = vector_table::detail::floats_of(bytes);
  }
}

void original_buckets::put(std::string_view id, std::span<const float> vector) {
  remove(id);
  if (planes_.empty() || vector.size() != dims_)
    return;
  std::uint64_t bucket = 0;
  for (auto plane = planes_.begin(); plane != planes_.end();
       plane += static_cast<std::ptrdiff_t>(dims_)) {
    // The original divides by the length first, which changes no sign, and adds up in float, so it
    // may see a vector on the other side of a plane that it all but touches.
    double product = 0;
    for (std::size_t i = 0; i < dims_; ++i)
      product += double{plane[static_cast<std::ptrdiff_t>(i)]} * double{vector[i]};
    bucket = bucket << 1 | (product > 0 ? 1u : 0u);
  }
  const auto bytes = stored(bucket);
  connection_
    .prepare("INSERT INTO __beaver_lsh_index__(collection, bucket_id, item_id) "
             "VALUES(?1, ?2, ?3)")
    .bind(name_, std::span<const std::byte>{bytes}, id)
    .run();
}

void original_buckets::remove(std::string_view id) {
  if (kept_)
    connection_.prepare("DELETE FROM __beaver_lsh_index__ WHERE collection = ?1 AND item_id = ?2")
      .bind(name_, id)
      .run();
}

void original_buckets::clear(connection& c, std::string_view name) {
  c.prepare("DELETE FROM __beaver_lsh_index__ WHERE collection = ?1").bind(name).run();
}

void original_buckets::forget_planes(connection& c, std::string_view name) {
  c.prepare("DELETE FROM __beaver_lsh_config__ WHERE collection = ?1").bind(name).run();
}

std::optional<std::uint64_t> original_buckets::dims(connection& c, std::string_view name) {
  statement row =
    c.prepare("SELECT length(hyperplanes) FROM __beaver_lsh_config__ WHERE collection = ?1 "
              "AND typeof(hyperplanes) = 'blob'");
  if (!row.bind(name).step())
    return std::nullopt;
  return dims_of(static_cast<std::uint64_t>(row.integer(0)));
}

} // namespace beaver
