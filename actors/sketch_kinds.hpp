#pragma once
#include "beaver/actors/sketch.hpp"
#include "beaver/sketches/cells.hpp"
#include "beaver/storage/error.hpp"
#include "beaver/storage/sketch_table.hpp"

#include <functional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace beaver {

class connection;

/// A sketch that is there, as a job finds it.
struct stored_sketch {
  connection& db;
  std::string_view name;
  sketch_table::row row;
  sketch_lines* lines = nullptr; ///< for reading, where a reader has them open

  /// "sketch 'visitors'"
  [[nodiscard]] std::string text() const { return "sketch '" + std::string{name} + '\''; }
};

/// What the four kinds of sketches do, each in its own way, over its row: the meeting of sketches/,
/// which knows no file, and of storage/, which knows no sketch. Items come as JSON in normal form.
/// Everything throws `error`: corrupt for bytes that are no such sketch, invalid_argument for what
/// the kind does not do or take.
class kind_of_sketch {
public:
  virtual ~kind_of_sketch() = default;

  [[nodiscard]] virtual sketch_kind kind() const noexcept = 0;
  /// As the table has it.
  [[nodiscard]] virtual std::string_view word() const noexcept = 0;

  /// Makes an empty sketch with these options and defaults.
  virtual stored_sketch create(connection& c, std::string_view name,
                               const sketch_options& options) const = 0;
  /// All options of a sketch that is there.
  [[nodiscard]] virtual sketch_options options(const stored_sketch& s) const = 0;

  virtual void add(stored_sketch& s, std::span<const json_text> items,
                   std::uint64_t times) const = 0;
  [[nodiscard]] virtual std::uint64_t count(const stored_sketch& s) const = 0;
  /// Adds what was added to other bytes, which are checked.
  virtual void merge(stored_sketch& s, std::span<const std::uint8_t> other) const = 0;
  /// Throws invalid_argument unless these can be bytes of a sketch with the options of this one.
  virtual void check(const stored_sketch& s, std::span<const std::uint8_t> data) const = 0;
  virtual void clear(stored_sketch& s) const = 0;
  virtual void describe(const stored_sketch& s, sketch_summary& into) const = 0;

  // What only some do.
  [[nodiscard]] virtual bool contains(const stored_sketch& s, std::string_view item) const;
  [[nodiscard]] virtual sketch_overlap compare(const stored_sketch& s,
                                               std::span<const std::uint8_t> other) const;
  [[nodiscard]] virtual sketch_frequency estimate(const stored_sketch& s,
                                                  std::string_view item) const;
  [[nodiscard]] virtual std::vector<sketch_top_item> top(const stored_sketch& s,
                                                         std::optional<std::uint64_t> limit) const;
  [[nodiscard]] virtual std::vector<double> quantiles(const stored_sketch& s,
                                                      std::span<const double> shares) const;
  [[nodiscard]] virtual std::vector<double> ranks(const stored_sketch& s,
                                                  std::span<const double> values) const;

private:
  [[noreturn]] void cannot(const stored_sketch& s, std::string_view what) const;
};

/// The type of a kind, and of a row. The second throws `error` not_supported for a word of nobody.
[[nodiscard]] const kind_of_sketch& sketch_kind_of(sketch_kind kind);
[[nodiscard]] const kind_of_sketch& sketch_kind_of(const stored_sketch& s);

namespace detail {

[[nodiscard]] const kind_of_sketch& approximate_set_type();
[[nodiscard]] const kind_of_sketch& count_min_type();
[[nodiscard]] const kind_of_sketch& top_k_type();
[[nodiscard]] const kind_of_sketch& quantiles_type();

/// Calls `f`; what sketches/ throws of it becomes an `error` with this code and text in front.
template <class F>
auto as_error(errc code, const std::string& what, F f) {
  try {
    return f();
  } catch (const std::logic_error& e) { // invalid_argument, length_error
    throw error(code, what + ": " + e.what());
  }
}

/// The same for bytes that the file has.
template <class F>
auto of_file(const stored_sketch& s, F f) {
  return as_error(errc::corrupt, s.text(), std::move(f));
}

/// Changes the bytes with `f(std::vector<std::uint8_t>&)` and writes the pages that differ then.
template <class F>
void change_bytes(const stored_sketch& s, F f) {
  const auto before = sketch_table::read(s.db, s.row);
  auto after = before;
  f(after);
  sketch_table::write_changes(s.db, s.row, before, after);
}

/// Adds items, each with `add(cells, item)`, for kinds of which an item touches few bytes.
template <class Add>
void add_to_cells(const stored_sketch& s, std::span<const json_text> items, Add add) {
  // From one item for so many bytes on it is cheaper to read all of them: an item touches some
  // eight lines.
  constexpr std::uint64_t bytes_of_an_add = 8'192;
  if (items.size() > s.row.size / bytes_of_an_add) {
    change_bytes(s, [&](std::vector<std::uint8_t>& bytes) {
      sketches::memory_cells cells{bytes};
      for (const auto& item : items)
        add(cells, item.text());
    });
    return;
  }
  sketch_lines lines{s.db, s.row, true};
  for (const auto& item : items) {
    lines.forget();
    add(lines, item.text());
    lines.flush();
  }
}

/// An option that a kind does not have.
void refuse_option(bool given, std::string_view option, std::string_view kind);

} // namespace detail
} // namespace beaver
