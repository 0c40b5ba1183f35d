#include "beaver/tools/transfer_lines.hpp"

#include "beaver/storage/json_cursor.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace beaver {

namespace {

bool is_cancelled(const transfer_hooks& hooks) {
  return hooks.cancel && hooks.cancel->load(std::memory_order_relaxed);
}

/// Cuts a source into lines. Of a line that is too long only the length is kept.
class line_reader final : public piece_source {
public:
  line_reader(const byte_source& from, std::size_t longest) : from_(from), longest_(longest) {}

  std::optional<piece> next() override {
    carry_.clear();
    bool too_long = false;
    for (;;) {
      const auto rest = std::string_view{buffer_}.substr(begin_, end_ - begin_);
      const auto newline = rest.find('\n');
      const auto part = rest.substr(0, newline);
      too_long = too_long || carry_.size() + part.size() > longest_;
      if (newline != std::string_view::npos) {
        begin_ += newline + 1;
        if (carry_.empty() || too_long)
          return line(part, too_long, true);
        return line(carry_.append(part), false, true);
      }
      if (too_long)
        carry_.clear();
      else
        carry_.append(part);
      begin_ = 0;
      end_ = ended_ ? 0 : from_(buffer_); // at a terminal the end is not to be asked for twice
      bytes_ += end_;
      ended_ = end_ == 0;
      if (!ended_)
        continue;
      if (carry_.empty() && !too_long)
        return {};
      return line(carry_, too_long, false);
    }
  }

  [[nodiscard]] std::uint64_t bytes() const noexcept override { return bytes_; }

private:
  /// A line without its end, and without a mark of the byte order.
  piece line(std::string_view text, bool too_long, bool complete) {
    constexpr std::string_view mark = "\xef\xbb\xbf";
    if (std::exchange(first_, false) && text.starts_with(mark))
      text.remove_prefix(mark.size());
    if (too_long)
      return {{}, complete, "longer than " + std::to_string(longest_) + " bytes"};
    return {text, complete};
  }

  const byte_source& from_;
  const std::size_t longest_;
  std::string buffer_ = std::string(1 << 18, '\0');
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool first_ = true;
  bool ended_ = false;
  std::string carry_; // the beginning of a line from earlier buffers
  std::uint64_t bytes_ = 0;
};

} // namespace

transfer_result import_pieces(piece_source& from, const row_target& to, const import_limits& limits,
                              const transfer_hooks& hooks) {
  constexpr std::size_t largest_batch = 64 << 20;
  transfer_result result;
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
        result.end = transfer_end::bad_line;
        return result;
      }
    }
    if (to.waiting() >= limits.batch_rows || batch_bytes >= largest_batch)
      commit();
    if (is_cancelled(hooks))
      break;
  }
  if (is_cancelled(hooks))
    result.end = transfer_end::cancelled;
  if (to.waiting() > 0)
    commit();
  return result;
}

transfer_result import_rows(const byte_source& from, const row_target& to,
                            const import_limits& limits, const transfer_hooks& hooks) {
  line_reader lines{from, limits.longest_line};
  auto unless_blank = to;
  unless_blank.add = [&](std::string_view line) {
    return line.find_first_not_of(" \t\r") == line.npos ? 0 : to.add(line);
  };
  return import_pieces(lines, unless_blank, limits, hooks);
}

transfer_result export_rows(const std::function<std::size_t(std::string& text)>& next,
                            const byte_sink& to, const transfer_hooks& hooks) {
  transfer_result result;
  auto& status = result.status;
  for (;;) {
    if (is_cancelled(hooks)) {
      result.end = transfer_end::cancelled;
      return result;
    }
    std::string text;
    const auto rows = next(text);
    if (rows == 0)
      return result;
    to(text);
    status.rows += rows;
    status.lines += rows;
    status.bytes += text.size();
    if (hooks.progress)
      hooks.progress(status);
  }
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

void append_one_line(std::string& out, const json_text& value, const std::string& what) {
  try {
    json_cursor in{value};
    in.skip();
    in.finish();
  } catch (const error& e) {
    throw error(errc::corrupt, what + " is not JSON: " + e.what());
  }
  const auto start = out.size();
  out += value.text();
  if (!value.normal()) // within strings a line break is always escaped
    std::replace_if(
      out.begin() + static_cast<std::ptrdiff_t>(start), out.end(),
      [](char c) { return c == '\n' || c == '\r'; }, ' ');
}

} // namespace beaver
