#pragma once
#include "beaver/tools/arguments.hpp"

#include <functional>
#include <string>
#include <vector>

namespace beaver {

class database;
struct operation;

namespace cli {

/// How the program ends.
enum status : int {
  succeeded = 0,
  absent = 1, ///< nothing there: no such entry, an empty list, the answer "false"
  misused = 2,
  failed = 3,
  ended_by_interrupt = 130
};

/// What a command gets to work with.
struct invocation {
  const arguments& given;
  const global_options& globals;

  /// Where the database is: --db, or BEAVER_DB. Throws usage_error if neither says.
  [[nodiscard]] std::string path() const;
};

/// One thing that the program does.
struct command {
  std::string words;   ///< what calls it: "dict NAME set", "import"
  std::string aliases; ///< other spellings of the last word, separated by ", "
  std::string summary; ///< one sentence
  std::vector<parameter> parameters;
  std::string notes; ///< the end of its help: whole lines
  std::function<int(const invocation&)> run;
};

enum class access : unsigned char { read, write };

/// Opens the database for one command: no sweep in the background, as few threads as possible.
/// For reading it must exist. Throws `error`.
[[nodiscard]] database open_database(const std::string& path, access how);

} // namespace cli
} // namespace beaver
