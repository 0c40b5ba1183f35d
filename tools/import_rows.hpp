#pragma once
#include "beaver/storage/json_text.hpp"
#include "beaver/tools/import.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace beaver {

class json_cursor;

// What imports into all data types have in common.

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

/// Reads pieces until their end and adds each to the target.
import_result import_pieces(detail::piece_source& from, const row_target& to,
                            const import_limits& limits, const import_hooks& hooks);

/// The same for lines; blank ones are passed over. See `import_lines`.
import_result import_rows(const byte_source& from, const row_target& to,
                          const import_limits& limits, const import_hooks& hooks);

/// A string, or the text of a number. Throws bad_line for anything else.
[[nodiscard]] std::string read_id(json_cursor& in, std::string_view field);

} // namespace beaver
