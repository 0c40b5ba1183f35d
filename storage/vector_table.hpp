#pragma once
#include "beaver/storage/field_index.hpp"
#include "beaver/storage/json_text.hpp"
#include "beaver/storage/key_range.hpp"
#include "beaver/storage/original_buckets.hpp"
#include "beaver/storage/vector_options.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace beaver {

class connection;

struct vector_item {
  std::string id;
  std::vector<float> vector;
  std::optional<json_text> metadata;
};

/// What a collection holds.
struct vectors_summary {
  std::uint64_t vectors;
  std::uint64_t bytes; // of vectors and metadata
  std::optional<std::uint64_t> dims;
};

/// All SQL of the data type `vectors` but for its options (vector_options.hpp), field indexes
/// (vector_upkeep.hpp), the log of changes (vector_log.hpp) and snapshots of what is searched
/// (vector_snapshot.hpp): vectors of 32-bit floats under ids, with metadata of JSON.
///
/// Functions that change something run inside the caller's write transaction, the others inside a
/// read transaction or alone. Names, ids and metadata are taken as they come: the caller has
/// checked and normalised them. Any may throw `error` busy, io, full or corrupt from SQLite.
///
/// Other programs may have stored what is no vector of the collection. Only what has to give such a
/// vector fails; see `usable`.
namespace vector_table {

/// Stores and removes vectors of one collection within one transaction, with all that indexes know
/// of them; those of the Python original too. Reads the collection's options and hyperplanes once.
class vector_writer {
public:
  /// `name` must outlive it.
  vector_writer(connection& c, std::string_view name);

  /// Stores a vector and its metadata (absent: none), replacing earlier ones. The first vector of a
  /// collection decides how many numbers all have. O(log n), and O(16 dims) where the original has
  /// hyperplanes. Throws `error` invalid_argument, with nothing written, for another length, no
  /// numbers at all, or NaN or an infinity among them.
  void set(std::string_view id, std::span<const float> vector,
           const std::optional<json_text>& metadata = {});

  /// Removes a vector; false if there is none.
  bool erase(std::string_view id);

  /// To be called behind the last of them.
  void finish();

private:
  void check(std::string_view id, std::span<const float> vector);
  void leave_index(std::string_view id);

  connection& connection_;
  std::string_view name_;
  std::optional<std::uint64_t> dims_;
  bool stored_dims_;
  original_buckets buckets_;
  field_index<std::string> index_;
};

/// Empty if there is none. Throws `error` corrupt for one that is not usable.
[[nodiscard]] std::optional<vector_item> find(connection& c, std::string_view name,
                                              std::string_view id);

/// The metadata of a vector; empty if there is none, or no such vector.
[[nodiscard]] std::optional<json_text> metadata(connection& c, std::string_view name,
                                                std::string_view id);

/// Those with these ids, in the order of the ids; those that are not there are left out. Throws as
/// `find`.
[[nodiscard]] std::vector<vector_item> get_many(connection& c, std::string_view name,
                                                std::span<const std::string> ids);

/// Those in a range of ids whose metadata satisfies a filter, in the order of their ids. No
/// metadata is a row without a value. One that is not usable is listed with an empty vector. Linear
/// in what is passed over.
[[nodiscard]] std::vector<vector_item> list(connection& c, std::string_view name,
                                            const key_range& range,
                                            const std::optional<json_text>& where = {});

/// Number of vectors whose metadata satisfies a filter. Linear in them, or in those that an index
/// names.
[[nodiscard]] std::uint64_t count(connection& c, std::string_view name,
                                  const std::optional<json_text>& where = {});

/// Visits the ids of those, in order. Vectors themselves are not read.
void each_id(connection& c, std::string_view name, const json_text& where,
             const std::function<void(std::string_view id)>& visit);

/// Visits all vectors as they are stored, in the order of their ids' bytes. Bytes are valid during
/// the visit and may lie at any address; they are empty where no BLOB is stored.
void each_vector(
  connection& c, std::string_view name,
  const std::function<void(std::string_view id, std::span<const std::byte> vector)>& visit);

/// Whether bytes are a vector of so many numbers, all finite. Linear.
[[nodiscard]] bool usable(std::span<const std::byte> vector, std::uint64_t dims) noexcept;

/// Removes all vectors; gives their number. Options, field indexes and the original's hyperplanes
/// stay. Linear, with an entry in the log of changes for each.
std::uint64_t clear(connection& c, std::string_view name);

/// Looks at every row.
[[nodiscard]] vectors_summary info(connection& c, std::string_view name);

/// The names of all collections that hold a vector, in order. A lookup per name.
[[nodiscard]] std::vector<std::string> names(connection& c);

} // namespace vector_table
} // namespace beaver
