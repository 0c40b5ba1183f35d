#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace beaver {

class connection;

/// All SQL of the data type `sketch`: small summaries of large data, each one blob with its kind
/// and two parameters. What the bytes mean is not known here.
///
/// Functions that change something run inside the caller's write transaction, the others inside a
/// read transaction or alone. Names are taken as they come: the caller has checked them.
namespace sketch_table {

/// A sketch without its bytes.
struct row {
  std::int64_t rowid;
  std::string type;
  std::int64_t capacity;
  double error_rate;
  std::uint64_t size; // bytes
};

/// Empty if there is none of that name.
[[nodiscard]] std::optional<row> find(connection& c, std::string_view name);

/// Makes a sketch whose bytes are all 0, where there is none; gives its row.
row create(connection& c, std::string_view name, std::string_view type, std::int64_t capacity,
           double error_rate, std::uint64_t size);

/// All bytes of a sketch that is there, or the first of them. Linear.
[[nodiscard]] std::vector<std::uint8_t> read(connection& c, const row& r);
[[nodiscard]] std::vector<std::uint8_t> read(connection& c, const row& r, std::uint64_t first);

/// Replaces all bytes, which may be more or fewer than before; `r.size` follows.
void write(connection& c, row& r, std::span<const std::uint8_t> bytes);

/// Writes those pages of `after` that differ from `before`, both of the size of the sketch.
void write_changes(connection& c, const row& r, std::span<const std::uint8_t> before,
                   std::span<const std::uint8_t> after);

/// Removes a sketch; whether there was one.
bool erase(connection& c, std::string_view name);

/// The names of all sketches, in order.
[[nodiscard]] std::vector<std::string> names(connection& c);

} // namespace sketch_table

/// Single bytes of a stored sketch, read and written in lines of 64: for changes that touch few of
/// them. Reads what it needs, once; `flush` writes the lines that have changed. Lives within one
/// job, and a writable one makes SAVEPOINT and COMMIT fail meanwhile.
class sketch_lines {
public:
  /// Throws `error`. The row must be there.
  sketch_lines(connection& c, const sketch_table::row& r, bool writable);
  ~sketch_lines();
  sketch_lines(const sketch_lines&) = delete;
  sketch_lines& operator=(const sketch_lines&) = delete;

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::uint8_t get(std::size_t at) const;
  void set(std::size_t at, std::uint8_t value);

  /// Forgets what was read, for what comes next to be read anew.
  void forget() noexcept;
  /// Writes what has been set. Without it nothing is.
  void flush();

private:
  struct line;
  [[nodiscard]] line& line_of(std::size_t at) const;

  struct state;
  std::unique_ptr<state> state_;
  std::size_t size_;
};

} // namespace beaver
