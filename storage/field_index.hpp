#pragma once
#include "beaver/storage/filter_tree.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beaver {

class connection;

/// The indexes by values inside JSON rows that one log (or anything else with keys) has: which
/// there are, what is in them, and what they know of a filter.
///
/// An index gives keys of rows that may satisfy a filter. It gives all that do, and the reader
/// looks at each row: entries that are out of date do no harm, missing ones would. They cannot be
/// missing:
/// - every write of ours goes through `add` in its own transaction;
/// - every row that is inserted or updated, by whatever program, is marked as dirty by a trigger,
///   until `add` has seen it; the keys of dirty rows are candidates for every filter;
/// - an index is used only when `covered_to` has passed over all rows once.
///
/// Functions that change something run inside a write transaction. Reads of a file that has no
/// tables of ours find nothing. Any may throw `error` busy, io, full or corrupt from SQLite.
/// `Key`: double or std::string. Cheap to make: one lookup.
template <class Key>
class field_index {
public:
  /// `kind` and `name` must outlive it.
  field_index(connection& c, std::string_view kind, std::string_view name);

  struct field {
    json_path path;
    bool complete;
    std::optional<Key> covered_to; // rows up to this key are in it, while it is not complete
    std::size_t place;             // among the values of the reader
  };
  [[nodiscard]] const std::vector<field>& fields() const noexcept { return fields_; }
  [[nodiscard]] bool empty() const noexcept { return fields_.empty(); }

  // -- declarations -------------------------------------------------------------------------------

  /// Adds an index, which is complete only if there are no rows yet; false if there is one of this
  /// path, in whatever spelling.
  bool create(const json_path& path, bool complete);

  /// Removes an index with its entries; false if there is none.
  bool drop(const json_path& path);

  /// Number of entries of an index. Linear in it.
  [[nodiscard]] std::uint64_t entries(const field& of) const;

  // -- rows ---------------------------------------------------------------------------------------

  /// Indexes a row, which is not dirty from then on. `json` may be anything.
  void add(const Key& key, std::string_view json);

  /// Removes the entries of a row that goes.
  void remove(const Key& key, std::string_view json);

  /// Removes the entries of all rows. The indexes stay.
  void clear();

  /// Whether it is known by now that rows up to the end are in these indexes, or how far.
  void cover(const std::vector<json_path>& paths, const std::optional<Key>& up_to);

  // -- dirty rows ---------------------------------------------------------------------------------

  /// The keys of at most `limit` dirty rows, in order.
  [[nodiscard]] std::vector<Key> dirty(std::uint64_t limit) const;

  /// The row is gone: there is nothing to index.
  void forget(const Key& key);

  // -- filters ------------------------------------------------------------------------------------

  struct plan {
    std::string field;     // the index that is used
    std::vector<Key> keys; // in order, each once
  };

  /// Keys of all rows that may satisfy the filter, if an index can tell at a reasonable cost: with
  /// at most `max_keys` of them, `max_dirty` dirty ones, and an eighth of all rows. `has_rows(n)`
  /// says whether at least n rows have to be looked at without an index. Only conditions that all
  /// rows must satisfy are of use; the one with the fewest keys is taken. Costs a step over at most
  /// `max_keys` entries for each of them.
  [[nodiscard]] std::optional<plan>
  plan_for(const filter_node& root, const std::function<bool(std::uint64_t)>& has_rows) const;

  static constexpr std::uint64_t max_keys = 100'000;
  static constexpr std::uint64_t max_dirty = 1'000;

private:
  void load();
  [[nodiscard]] std::vector<std::string> values_of(std::string_view json);

  connection& connection_;
  std::string_view kind_;
  std::string_view name_;
  std::vector<field> fields_;
  path_reader reader_;
};

} // namespace beaver
