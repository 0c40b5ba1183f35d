#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

struct sqlite3_stmt;

namespace beaver {

class connection;
class json_text;

/// A run of `n` zero bytes, bound without being built in memory.
struct zero_blob {
  std::int64_t size;
};

/// One use of a prepared statement out of its connection's cache. The destructor resets it.
/// Bound text and bytes are referenced, not copied: they must live as long as the statement.
/// Same thread rule as the connection.
class statement {
public:
  statement(statement&& other) noexcept;
  statement& operator=(statement&&) = delete;
  ~statement();

  /// Binds the arguments to ?1, ?2, ... Accepts integers, bool, double, text, bytes, `json_text`,
  /// `zero_blob`, `std::nullptr_t`, and `std::optional` of these (empty = NULL).
  template <class... Args>
  statement& bind(const Args&... args) {
    int index = 0;
    (bind_at(++index, args), ...);
    return *this;
  }

  /// Advances to the next row; false when there is none. Throws `error` with SQLite's text.
  bool step();

  /// Runs a statement of which no row is wanted.
  void run();

  /// Makes the statement ready for another set of arguments.
  void reset() noexcept;

  // -- columns of the current row, counted from 0 -------------------------------------------------

  [[nodiscard]] bool is_null(int column) const noexcept;
  [[nodiscard]] bool is_integer(int column) const noexcept;
  [[nodiscard]] bool is_text(int column) const noexcept;
  [[nodiscard]] bool is_blob(int column) const noexcept;
  [[nodiscard]] std::int64_t integer(int column) const noexcept;
  [[nodiscard]] double real(int column) const noexcept;
  /// Valid until the next `step`, `reset` or destruction. A BLOB column gives its bytes.
  [[nodiscard]] std::string_view text(int column) const noexcept;
  [[nodiscard]] std::span<const std::byte> blob(int column) const noexcept;

private:
  friend class connection;
  struct cached;
  statement(connection& owner, cached& entry) noexcept : owner_(&owner), entry_(&entry) {}

  void bind_at(int index, std::int64_t value);
  void bind_at(int index, int value) { bind_at(index, std::int64_t{value}); }
  void bind_at(int index, std::uint64_t value) { bind_at(index, static_cast<std::int64_t>(value)); }
  void bind_at(int index, bool value) { bind_at(index, std::int64_t{value}); }
  void bind_at(int index, double value);
  void bind_at(int index, std::string_view value);
  void bind_at(int index, const std::string& value) { bind_at(index, std::string_view{value}); }
  void bind_at(int index, const char* value) { bind_at(index, std::string_view{value}); }
  void bind_at(int index, std::span<const std::byte> value);
  void bind_at(int index, const json_text& value);
  void bind_at(int index, zero_blob value);
  void bind_at(int index, std::nullptr_t);
  template <class T>
  void bind_at(int index, const std::optional<T>& value) {
    if (value)
      bind_at(index, *value);
    else
      bind_at(index, nullptr);
  }

  connection* owner_;
  cached* entry_;
};

} // namespace beaver
