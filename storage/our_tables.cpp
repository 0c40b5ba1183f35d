#include "beaver/storage/our_tables.hpp"

namespace beaver {

bool has_table(connection& c, std::string_view table) {
  return c.prepare("SELECT 1 FROM sqlite_schema WHERE name = ?1").bind(table).step();
}

} // namespace beaver
