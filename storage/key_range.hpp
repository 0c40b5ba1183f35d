#pragma once
#include "beaver/storage/listing.hpp"
#include "beaver/storage/statement.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace beaver {

/// Which entries a listing covers, in which order. All bounds apply together.
struct key_range {
  std::optional<std::string> prefix{};  // keys that start with it
  std::optional<std::string> from{};    // keys >= from
  std::optional<std::string> to{};      // keys < to
  std::optional<std::string> after{};   // keys behind this one in the chosen order: the next page
  std::optional<bool> descending{};     // absent: ascending, by the bytes of the key
  std::optional<std::uint64_t> limit{}; // absent: all
  /// The listing ends with the entry that brings it to so many bytes: bounds the memory of a page
  /// whose entries may be large. A page that ends so says nothing of what follows.
  std::optional<std::uint64_t> max_bytes{};
};

/// The least text that sorts behind every text starting with `prefix`, by bytes; empty if there is
/// none. Well-formed UTF-8 gives well-formed UTF-8.
[[nodiscard]] std::optional<std::string> prefix_successor(std::string_view prefix);

/// A `key_range` as the one half-open interval and the limit that it comes down to, so that one SQL
/// text per order serves every combination of bounds:
/// `... key >= ?2 AND key < ?3 ... ORDER BY key [DESC]`, limit where the text wants it.
struct key_bounds {
  explicit key_bounds(const key_range& range);
  /// All keys that start with `prefix`; all keys if there is none.
  explicit key_bounds(std::optional<std::string_view> prefix);

  std::string lower{};
  std::optional<std::string> upper{}; // absent: no upper bound
  bool descending = false;
  std::int64_t limit = as_limit(std::nullopt);
  std::optional<std::uint64_t> max_bytes{};

  /// Binds `name`, lower, upper and `rest` to ?1, ?2, ...; they and the bounds must outlive the use
  /// of the statement.
  template <class... Rest>
  void bind(statement& target, std::string_view name, const Rest&... rest) const {
    if (upper)
      target.bind(name, lower, *upper, rest...);
    else
      target.bind(name, lower, behind_all_text(), rest...);
  }

private:
  /// SQLite sorts every BLOB behind every TEXT.
  [[nodiscard]] static std::span<const std::byte> behind_all_text() noexcept;
};

} // namespace beaver
