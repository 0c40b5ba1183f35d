#pragma once
#include "beaver/storage/json_text.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beaver {

class connection;

/// Makes indexes deep inside one long list cheap to read: remembers the order key of every 256th
/// item, and reaches an index by a few steps from the nearest of them. Learns only as far as it is
/// asked, by one pass over the index of the primary key, and forgets when the file changes: nobody
/// has to announce what was changed.
///
/// Needs at most 1 MiB: where the keys would need more (beyond some 4,000,000 items, or if the
/// keys are long), it keeps every second one.
///
/// Belongs to the owner of a connection; same thread rule. Functions may throw `error` busy, io or
/// corrupt from SQLite and can then be called again.
class list_index {
public:
  list_index();

  /// Where `bytes` would pass this, every second key goes.
  static constexpr std::size_t max_bytes = std::size_t{1} << 20;

  /// Says for what the calls up to the next `refresh` ask: the list `name` in the state of the file
  /// that `file_version` stands for. If either is another one than before, all is forgotten.
  ///
  /// All these calls must see one state of the file, and calls under an equal version the same one:
  /// any number will do that changes with every commit that may have touched the list, by any
  /// program, and with every write or rollback on the connection itself.
  void refresh(std::string_view name, std::uint64_t file_version);

  /// The same as in `list_table`. The first call that goes far into the list costs a step over each
  /// index entry up to there, `count` and a negative index far from the end over all; later ones a
  /// few microseconds, and `range` also what it gives.
  [[nodiscard]] std::uint64_t count(connection& c);
  [[nodiscard]] std::optional<json_text> at(connection& c, std::int64_t index);
  [[nodiscard]] std::vector<json_text> range(connection& c, std::optional<std::int64_t> start = {},
                                             std::optional<std::int64_t> stop = {});

  /// Memory in use, by this object itself too.
  [[nodiscard]] std::size_t bytes() const noexcept;

private:
  void forget();
  /// `items` values from the non-negative `index` on.
  [[nodiscard]] std::vector<json_text> read(connection& c, std::int64_t index, std::int64_t items);
  /// Gets to know one key more, or the size of the list if there is none.
  void learn(connection& c);
  void thin_out();

  std::string name_;
  std::uint64_t version_ = 0;
  std::int64_t stride_;
  std::vector<std::string> keys_; ///< of the items 0 (any smaller text), stride_, 2 * stride_ ...
  std::size_t key_bytes_;         ///< of their texts on the heap
  std::optional<std::int64_t> size_; ///< once all is learnt
};

} // namespace beaver
