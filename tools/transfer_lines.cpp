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
class line_reader {
public:
  line_reader(const byte_source& from, std::size_t longest) : from_(from), longest_(longest) {}

  struct line {
    std::string_view text; // without its end; valid until the next call
    bool too_long;
    bool complete; // ended by a line break
  };

  std::optional<line> next() {
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
          return line{too_long ? std::string_view{} : part, too_long, true};
        return line{carry_.append(part), false, true};
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
      return line{carry_, too_long, false};
    }
  }

  /// Bytes taken from the source.
  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }

private:
  const byte_source& from_;
  const std::size_t longest_;
  std::string buffer_ = std::string(1 << 18, '\0');
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool ended_ = false;
  std::string carry_; // the beginning of a line from earlier buffers
  std::uint64_t bytes_ = 0;
};

} // namespace

transfer_result import_rows(const byte_source& from, const row_target& to,
                            const import_limits& limits, const transfer_hooks& hooks) {
  constexpr std::size_t largest_batch = 64 << 20;
  transfer_result result;
  auto& status = result.status;
  std::size_t batch_bytes = 0;
  line_reader lines{from, limits.longest_line};

  const auto commit = [&] {
    const auto rows = to.waiting();
    to.commit();
    status.rows += rows;
    batch_bytes = 0;
    if (hooks.progress)
      hooks.progress(status);
  };
  const auto take = [&](const line_reader::line& line) {
    if (line.too_long)
      throw bad_line("longer than " + std::to_string(limits.longest_line) + " bytes");
    auto text = line.text;
    if (constexpr std::string_view mark = "\xef\xbb\xbf";
        status.lines == 1 && text.starts_with(mark))
      text.remove_prefix(mark.size());
    if (text.find_first_not_of(" \t\r") != std::string_view::npos)
      batch_bytes += to.add(text);
  };

  while (const auto line = lines.next()) {
    status.bytes = lines.bytes();
    if (!line->complete && is_cancelled(hooks)) // its end may be missing
      break;
    ++status.lines;
    std::optional<std::string> reason;
    try {
      take(*line);
    } catch (const bad_line& e) {
      reason = e.what();
    } catch (const error& e) {
      if (e.code() != errc::invalid_argument)
        throw;
      reason = e.what();
    }
    if (reason) {
      ++status.bad_lines;
      if (hooks.bad_line)
        hooks.bad_line(status.lines, *reason);
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
