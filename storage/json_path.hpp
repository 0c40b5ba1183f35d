#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beaver {

class json_cursor;

/// Names one value inside a JSON value:
///
///     user.id      the member "id" of the member "user"
///     tags.0       the first element of the array "tags", or its member "0" if it is an object
///     /a~1b/c.d    a JSON Pointer (RFC 6901): the member "c.d" of the member "a/b"
///     .            the whole value
///
/// A path that does not begin with '/' cannot name a member whose name is empty or has a dot.
/// Negative indexes do not exist.
class json_path {
public:
  static constexpr std::size_t max_size = 1'024;

  /// Throws `error` invalid_argument: empty, longer than `max_size`, an empty part ("a..b"), '~'
  /// without 0 or 1 in a pointer.
  explicit json_path(std::string_view text);

  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  [[nodiscard]] const std::vector<std::string>& parts() const noexcept { return parts_; }

  /// Equal spelling: two spellings of one path differ.
  friend bool operator==(const json_path& a, const json_path& b) noexcept {
    return a.text_ == b.text_;
  }

private:
  std::string text_;
  std::vector<std::string> parts_;
};

/// Finds the values at any number of paths in one pass over a JSON text, building nothing. Of
/// members with one name the last one counts, as in Python; so a text is always read to its end.
/// Not thread-safe.
class path_reader {
public:
  path_reader();
  ~path_reader();
  path_reader(path_reader&&) noexcept;
  path_reader& operator=(path_reader&&) noexcept;

  /// The place among the values at which the value of this path will be. Paths to the same parts
  /// share one.
  std::size_t add(const json_path& path);

  /// Reads a text, which must live as long as its values are looked at.
  /// Throws `error` invalid_argument if it is not JSON; there are no values then. Linear in it.
  void read(std::string_view json);

  /// The text of the value at a path, as it stands; empty if the path leads nowhere.
  [[nodiscard]] const std::optional<std::string_view>& operator[](std::size_t place) const {
    return values_[place];
  }

private:
  struct node {
    std::optional<std::size_t> place;
    std::map<std::string, std::unique_ptr<node>, std::less<>> members;
    std::map<std::uint64_t, node*> elements; // those members that are also an index
  };

  void visit(json_cursor& in, const node& n);
  void visit_members(json_cursor& in, const node& n);
  void visit_elements(json_cursor& in, const node& n);
  void forget(const node& n);

  std::unique_ptr<node> root_;
  std::vector<std::optional<std::string_view>> values_;
  std::string scratch_;
};

} // namespace beaver
