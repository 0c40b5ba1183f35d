#include "beaver/storage/listing.hpp"

#include "beaver/storage/connection.hpp"

#include <sqlite3.h>

namespace beaver {

std::vector<std::string> collect_names(connection& c, std::string_view sql) {
  // DISTINCT would visit every row; this jumps from name to name. A foreign program may have left
  // names that are BLOBs, which sort behind all text: they are out of reach for everybody.
  std::vector<std::string> result;
  std::string from;
  statement row = c.prepare(sql);
  while (row.bind(from).step() && row.is_text(0)) {
    result.emplace_back(row.text(0));
    row.reset();
    from = result.back() + '\0'; // the least text behind it
  }
  return result;
}

bool glob(const std::string& pattern, const std::string& text) noexcept {
  return sqlite3_strglob(pattern.c_str(), text.c_str()) == 0;
}

} // namespace beaver
