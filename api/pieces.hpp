#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace beaver {

/// Fills some of the span and gives the number of bytes; 0 at the end, or if what it is read for
/// has been cancelled meanwhile.
using byte_source = std::function<std::size_t(std::span<char>)>;

/// Takes all of a text.
using byte_sink = std::function<void(std::string_view)>;

namespace detail {

/// Cuts what is read into pieces, one for each row or item.
class piece_source {
public:
  struct piece {
    std::string_view bytes; // valid until the next call
    bool complete;          // its end has been seen
    std::string bad = {};   // not empty: why there is nothing in it
  };

  virtual ~piece_source() = default;
  /// The next one, empty at the end. Throws `error` if there is no way to tell where it ends.
  [[nodiscard]] virtual std::optional<piece> next() = 0;
  /// Bytes taken so far.
  [[nodiscard]] virtual std::uint64_t bytes() const noexcept = 0;
};

/// Lines without their ends. Of one that is too long only the length is looked at. A mark of the
/// byte order in front is passed over. Memory: a buffer, and one line.
class line_pieces final : public piece_source {
public:
  line_pieces(const byte_source& from, std::size_t longest) : from_(from), longest_(longest) {}

  std::optional<piece> next() override;
  [[nodiscard]] std::uint64_t bytes() const noexcept override { return bytes_; }

private:
  piece line(std::string_view text, bool too_long, bool complete);

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

/// The elements of the array `items` in a JSON object, unchecked: {"metadata": {...}, "items":
/// [...]}, members in any order. `check` gets the metadata, and throws what is wrong with it.
/// Memory: a buffer, and one item.
/// Throws `error` invalid_argument, naming the byte, for what is no such object.
class item_pieces final : public piece_source {
public:
  item_pieces(const byte_source& from, std::function<void(std::string_view)> check)
    : from_(from), check_(std::move(check)) {}

  std::optional<piece> next() override;
  [[nodiscard]] std::uint64_t bytes() const noexcept override { return bytes_; }

private:
  bool enter_member();
  std::optional<char> peek();
  char next_char();
  void read_value(char first);
  void read_nested(char first);
  void read_string();
  void take(char c);
  [[noreturn]] void fail(const std::string& what) const;

  const byte_source& from_;
  const std::function<void(std::string_view)> check_;
  std::string buffer_ = std::string(1 << 18, '\0');
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::uint64_t bytes_ = 0;
  std::string value_; // the last one
  bool begun_ = false;
  bool in_items_ = false;
  bool first_ = false; // of the items
  bool seen_items_ = false;
  bool drained_ = false;
  bool ended_ = false;
};

} // namespace detail
} // namespace beaver
