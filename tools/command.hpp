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

  /// Where the database is: its path, of --db or else BEAVER_DB, or the URL of its server, of --url
  /// or else BEAVER_URL. Throws usage_error if nothing says.
  [[nodiscard]] std::string place() const;

  /// The path, for what needs the file itself. Throws usage_error for a server.
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

/// Opens the database of a command, for it alone: no sweep in the background, as few threads as
/// possible. For reading it must exist. Or makes it that of a server. Throws `error`, usage_error.
[[nodiscard]] database open_database(const invocation& call, access how);

} // namespace cli
} // namespace beaver
