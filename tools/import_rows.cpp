#include "beaver/tools/import_rows.hpp"

#include "beaver/storage/json_cursor.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace beaver {

namespace {

bool is_cancelled(const import_hooks& hooks) {
  return hooks.cancel && hooks.cancel->load(std::memory_order_relaxed);
}

} // namespace

import_result import_pieces(detail::piece_source& from, const row_target& to,
                            const import_limits& limits, const import_hooks& hooks) {
  constexpr std::size_t largest_batch = 64 << 20;
  import_result result;
  auto& status = result.status;
  std::size_t batch_bytes = 0;

  const auto commit = [&] {
    const auto rows = to.waiting();
    to.commit();
    status.rows += rows;
    batch_bytes = 0;
    if (hooks.progress)
      hooks.progress(status);
  };

  while (const auto piece = from.next()) {
    status.bytes = from.bytes();
    if (!piece->complete && is_cancelled(hooks)) // its end may be missing
      break;
    ++status.lines;
    auto reason = piece->bad;
    try {
      if (reason.empty())
        batch_bytes += to.add(piece->bytes);
    } catch (const bad_line& e) {
      reason = e.what();
    } catch (const error& e) {
      if (e.code() != errc::invalid_argument)
        throw;
      reason = e.what();
    }
    if (!reason.empty()) {
      ++status.bad_lines;
      if (hooks.bad_line)
        hooks.bad_line(status.lines, reason);
      if (limits.strict) {
        result.end = import_end::bad_line;
        return result;
      }
    }
    if (to.waiting() >= limits.batch_rows || batch_bytes >= largest_batch)
      commit();
    if (is_cancelled(hooks))
      break;
  }
  if (is_cancelled(hooks))
    result.end = import_end::cancelled;
  if (to.waiting() > 0)
    commit();
  return result;
}

import_result import_rows(const byte_source& from, const row_target& to,
                          const import_limits& limits, const import_hooks& hooks) {
  detail::line_pieces lines{from, limits.longest_line};
  auto unless_blank = to;
  unless_blank.add = [&](std::string_view line) {
    return line.find_first_not_of(" \t\r") == line.npos ? 0 : to.add(line);
  };
  return import_pieces(lines, unless_blank, limits, hooks);
}

std::string read_id(json_cursor& in, std::string_view field) {
  switch (in.peek()) {
  case json_kind::string:
    return std::string{in.read_string()};
  case json_kind::number:
    return std::string{in.read_number()};
  default:
    throw bad_line("field '" + std::string{field} + "' is neither a string nor a number");
  }
}

} // namespace beaver
