#include "beaver/tools/transfer.hpp"

#include "beaver/storage/json_cursor.hpp"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

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

/// Why a line is bad.
class bad_line : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

struct row {
  std::string key;
  json_text value;
};

/// Throws bad_line, or `error` invalid_argument for what is no JSON.
row read_row(std::string_view line, const import_options& how) {
  auto object = json_text{line}.normalised();
  json_cursor in{object};
  if (in.peek() != json_kind::object)
    throw bad_line("not a JSON object");
  std::optional<std::string> key;
  std::optional<json_text> value;
  const auto read_key = [&](json_cursor& at) {
    switch (at.peek()) {
    case json_kind::string:
      return std::string{at.read_string()};
    case json_kind::number:
      return std::string{at.read_number()};
    default:
      throw bad_line("field '" + how.key + "' is neither a string nor a number");
    }
  };
  in.enter_object();
  while (const auto name = in.next_member()) {
    const bool is_key = *name == how.key;
    const bool is_value = how.value && *name == *how.value;
    if (is_value) {
      value = in.read_value();
      if (is_key) { // one field for both
        json_cursor again{*value};
        key = read_key(again);
      }
    } else if (is_key) {
      key = read_key(in);
    } else {
      in.skip();
    }
  }
  if (!key)
    throw bad_line("no field '" + how.key + "'");
  if (how.value && !value)
    throw bad_line("no field '" + *how.value + "'");
  return {std::move(*key), how.value ? std::move(*value) : std::move(object)};
}

/// JSON without line breaks between its tokens.
std::string one_line(std::string_view json) {
  std::string text{json};
  // Within strings a line break is always escaped.
  std::replace_if(
    text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return text;
}

} // namespace

transfer_result import_lines(const byte_source& from, dict<>& to, const import_options& how,
                             const transfer_hooks& hooks) {
  constexpr std::size_t largest_batch = 64 << 20;
  transfer_result result;
  auto& status = result.status;
  auto batch = to.batched();
  std::size_t batch_bytes = 0;
  line_reader lines{from, how.longest_line};

  const auto commit = [&] {
    const auto rows = batch.size();
    batch.commit();
    status.rows += rows;
    batch_bytes = 0;
    if (hooks.progress)
      hooks.progress(status);
  };
  const auto take = [&](const line_reader::line& line) {
    if (line.too_long)
      throw bad_line("longer than " + std::to_string(how.longest_line) + " bytes");
    auto text = line.text;
    if (constexpr std::string_view mark = "\xef\xbb\xbf";
        status.lines == 1 && text.starts_with(mark))
      text.remove_prefix(mark.size());
    if (text.find_first_not_of(" \t\r") == std::string_view::npos)
      return;
    const auto r = read_row(text, how);
    batch.set(r.key, r.value);
    batch_bytes += r.key.size() + r.value.size();
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
      if (how.strict) {
        result.end = transfer_end::bad_line;
        return result;
      }
    }
    if (batch.size() >= how.batch_rows || batch_bytes >= largest_batch)
      commit();
    if (is_cancelled(hooks))
      break;
  }
  if (is_cancelled(hooks))
    result.end = transfer_end::cancelled;
  if (batch.size() > 0)
    commit();
  return result;
}

transfer_result export_lines(const dict<>& from, const byte_sink& to, const transfer_hooks& hooks) {
  transfer_result result;
  auto& status = result.status;
  key_range range{.limit = 1'024, .max_bytes = 4 << 20};
  for (;;) {
    if (is_cancelled(hooks)) {
      result.end = transfer_end::cancelled;
      return result;
    }
    const auto page = from.items(range);
    if (page.empty())
      return result;
    std::string text;
    for (const auto& [key, value] : page) {
      try {
        json_cursor in{value};
        in.skip();
        in.finish();
      } catch (const error& e) {
        throw error(errc::corrupt, "the value under '" + key + "' is not JSON: " + e.what());
      }
      text += "{\"key\": ";
      json::append_string(text, key);
      text += ", \"value\": ";
      text += value.normal() ? value.text() : one_line(value.text());
      text += "}\n";
    }
    to(text);
    status.rows += page.size();
    status.lines += page.size();
    status.bytes += text.size();
    if (hooks.progress)
      hooks.progress(status);
    range.after = page.back().first;
  }
}

} // namespace beaver
