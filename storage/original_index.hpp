#pragma once
#include "beaver/storage/json_path.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace beaver {

class connection;

/// The field indexes that a program of the Python original has declared for one log. We keep them
/// as that program would, so that its filters see our writes, and read nothing from them.
///
/// A member that is a string stands there as it is, a number as Python's str() with its value as a
/// double, true and false as True and False with 1 and 0, null without either; arrays, objects and
/// missing values have no row. (2.3 refuses to write entries whose field is an array or object.)
class original_index {
public:
  /// `kind` and `name` must outlive it. One lookup.
  original_index(connection& c, std::string_view kind, std::string_view name);

  [[nodiscard]] bool empty() const noexcept { return fields_.empty(); }

  /// `json`: in normal form.
  void add(std::string_view item_key, std::string_view json);
  void remove(std::string_view item_key);

  /// Removes the rows of all items. What is declared stays.
  void clear();

private:
  connection& connection_;
  std::string_view kind_;
  std::string_view name_;
  std::vector<std::pair<std::string, std::size_t>> fields_; // name, place among the values
  path_reader reader_;
};

/// The key of a log entry there: Python's repr of its timestamp.
[[nodiscard]] std::string original_item_key(double timestamp);

} // namespace beaver
