#pragma once
#include "beaver/storage/json_text.hpp"
#include "beaver/tools/transfer.hpp"

#include <cstddef>
#include <functional>
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
  /// Adds the row in a line to the batch and gives its bytes. Throws bad_line, or `error`
  /// invalid_argument for what is no JSON or is refused.
  std::function<std::size_t(std::string_view line)> add;
  std::function<std::size_t()> waiting; ///< rows in the batch
  std::function<void()> commit;
};

/// Reads lines until their end and adds each to the target: see `import_lines`.
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
