#pragma once
#include "beaver/storage/json_text.hpp"
#include "beaver/tools/transfer.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace beaver {

class json_cursor;

// What imports and exports of all data types have in common.

/// Why a line is bad.
class bad_line : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// Where the rows of an import go.
struct row_target {
  /// Adds the row in a line, or another piece, to the batch and gives its bytes. Throws bad_line,
  /// or `error` invalid_argument for what is no JSON or is refused.
  std::function<std::size_t(std::string_view line)> add;
  std::function<std::size_t()> waiting; ///< rows in the batch
  std::function<void()> commit;
};

/// Cuts what is imported into pieces, one a row.
class piece_source {
public:
  struct piece {
    std::string_view bytes; // valid until the next call
    bool complete;          // its end has been seen
    std::string bad = {};   // not empty: why there is no row in it
  };

  virtual ~piece_source() = default;
  /// The next one, empty at the end. Throws `error` if there is no way to tell where it ends.
  [[nodiscard]] virtual std::optional<piece> next() = 0;
  /// Bytes taken so far.
  [[nodiscard]] virtual std::uint64_t bytes() const noexcept = 0;
};

/// Reads pieces until their end and adds each to the target.
transfer_result import_pieces(piece_source& from, const row_target& to, const import_limits& limits,
                              const transfer_hooks& hooks);

/// The same for lines; blank ones are passed over. See `import_lines`.
transfer_result import_rows(const byte_source& from, const row_target& to,
                            const import_limits& limits, const transfer_hooks& hooks);

/// Writes page after page: `next(text)` appends the rows of the next one and gives their number, 0
/// at the end.
transfer_result export_rows(const std::function<std::size_t(std::string& text)>& next,
                            const byte_sink& to, const transfer_hooks& hooks);

/// A string, or the text of a number. Throws bad_line for anything else.
[[nodiscard]] std::string read_id(json_cursor& in, std::string_view field);

/// Appends a stored value so that it takes one line. Throws `error` corrupt if it is no JSON;
/// `what` names it.
void append_one_line(std::string& out, const json_text& value, const std::string& what);

} // namespace beaver
