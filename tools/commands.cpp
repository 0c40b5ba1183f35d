#include "beaver/tools/commands.hpp"

#include "beaver/actors/registry.hpp"
#include "beaver/api/database.hpp"
#include "beaver/api/remote.hpp"
#include "beaver/tools/dump_commands.hpp"
#include "beaver/tools/files.hpp"
#include "beaver/tools/help.hpp"
#include "beaver/tools/import_command.hpp"
#include "beaver/tools/output.hpp"
#include "beaver/tools/serve_command.hpp"
#include "beaver/tools/stream_verb.hpp"
#include "beaver/tools/verbs.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <limits>

namespace beaver::cli {

namespace {

/// The types with managers. The verbs of the database itself are commands of the program.
std::vector<const data_type*> named_types() {
  std::vector<const data_type*> all;
  for (const auto* type : registry())
    if (!std::string_view{type->plural}.empty())
      all.push_back(type);
  return all;
}

/// All subcommands that are no data type.
std::vector<command> plain_commands() {
  std::vector<command> all;
  for (const auto* type : registry())
    if (std::string_view{type->plural}.empty())
      for (auto& verb : verbs_of(*type, {}))
        if (verb.run)
          all.push_back(std::move(verb));
  all.push_back(import_command());
  all.push_back(dump_command());
  all.push_back(load_command());
  all.push_back(watch_command());
  all.push_back(serve_command());
  return all;
}

/// What is about to be done, so that a complaint can say where help is.
struct session {
  command_line line;
  std::string help_words{}; // "dict NAME set "
};

int carry_out(session& s, const command& c) {
  s.help_words = c.words + ' ';
  if (s.line.globals().help) {
    print(help_of(c));
    return succeeded;
  }
  if (!c.run)
    throw error(errc::not_supported, c.words + ": " + c.summary);
  const auto given = s.line.rest(c.parameters);
  return c.run(invocation{given, s.line.globals()});
}

/// `TYPE`, `TYPE NAME`, `TYPE NAME VERB ...`; of a type without managers `TYPE`, `TYPE VERB ...`
int carry_out(session& s, const data_type& type) {
  s.help_words = std::string{type.name} + ' ';
  const bool help = s.line.globals().help;
  const bool managers = has_managers(type);
  const auto name = managers ? s.line.next_word() : std::nullopt;
  const auto verb = name || !managers ? s.line.next_word() : std::nullopt;
  const auto verbs = verbs_of(type, name.value_or(""));
  const auto named = [&](std::string_view method) {
    const auto at = find_verb(type, method);
    return at == npos ? nullptr : &verbs[at];
  };
  const auto belongs_to_a_manager = [&](const command* c) {
    const auto at = static_cast<std::size_t>(c - verbs.data());
    return at >= type.operations.size() || has_name(type.operations[at]);
  };

  if (verb) {
    const auto* found = named(*verb);
    if (!found || belongs_to_a_manager(found) != managers)
      throw usage_error("unknown verb '" + *verb + "' of " + type.name
                        + suggestion(*verb, verb_words(type)));
    return carry_out(s, *found);
  }
  if (name) {
    // Without a verb this is a verb without a manager, or help on a verb, or else a manager's name.
    const auto* found = named(*name);
    if (found && (help || !belongs_to_a_manager(found)))
      return carry_out(s, *found);
  }
  const auto* standard = named(name ? "info" : "names");
  if (help) {
    print(help_of(type, verbs));
    return succeeded;
  }
  if (!standard)
    throw usage_error(std::string{type.name} + (name ? " NAME needs a verb" : " needs a NAME"));
  return carry_out(s, *standard);
}

int dispatch(session& s) {
  const auto word = s.line.next_word();
  const auto types = named_types();
  const auto commands = plain_commands();
  if (s.line.globals().version) {
    print("beaver " BEAVER_VERSION "\n");
    return succeeded;
  }
  if (!word) {
    if (!s.line.globals().help)
      throw usage_error("no command is given");
    print(overview(types, commands));
    return succeeded;
  }
  for (const auto* type : types)
    if (*word == type->name)
      return carry_out(s, *type);
  for (const auto& c : commands)
    if (*word == c.words)
      return carry_out(s, c);
  std::vector<std::string_view> known;
  known.reserve(types.size() + std::size(commands));
  for (const auto* type : types)
    known.emplace_back(type->name);
  for (const auto& c : commands)
    known.emplace_back(c.words);
  throw usage_error("unknown command '" + *word + "'" + suggestion(*word, known));
}

bool is_url(const std::string& place) {
  const auto end = place.find("://");
  const auto scheme = place.substr(0, end == place.npos ? 0 : end);
  return scheme == "http" || scheme == "https" || scheme == "caf" || scheme == "cafs";
}

} // namespace

std::string invocation::place() const {
  const auto set = [](const char* name) -> std::optional<std::string> {
    const char* value = std::getenv(name);
    return value && *value ? std::optional<std::string>{value} : std::nullopt;
  };
  if (globals.db && globals.url)
    throw usage_error("--db and --url are two databases");
  if (globals.db && globals.db->empty())
    throw usage_error("the path after --db is empty");
  if (globals.db)
    return *globals.db;
  if (globals.url)
    return *globals.url;
  const auto path = set("BEAVER_DB");
  const auto url = set("BEAVER_URL");
  if (path && url)
    throw usage_error("BEAVER_DB and BEAVER_URL are two databases; say --db or --url");
  if (path || url)
    return path ? *path : *url;
  throw usage_error("no database is given; name its file with --db PATH or in BEAVER_DB");
}

std::string invocation::path() const {
  auto all = place();
  if (is_url(all))
    throw usage_error("this needs the file itself; name it with --db PATH");
  return all;
}

database open_database(const invocation& call, access how) {
  const auto place = call.place();
  if (is_url(place)) {
    const auto variable = [](const char* name) {
      const char* value = std::getenv(name);
      return std::string{value != nullptr ? value : ""};
    };
    connect_options reaching;
    if (call.globals.token || place.starts_with("http"))
      reaching.token = call.globals.token ? *call.globals.token : variable("BEAVER_TOKEN");
    reaching.tls_ca = variable("BEAVER_TLS_CA");
    reaching.tls_certificate = variable("BEAVER_TLS_CERT");
    reaching.tls_key = variable("BEAVER_TLS_KEY");
    return connect(place, reaching);
  }
  options opening;
  opening.read_only = how == access::read && place != ":memory:";
  opening.threads = 1;
  opening.mmap_bytes = 0; // one command gains nothing, and mapped pages count as its memory
  opening.sweep_period = std::chrono::milliseconds{0};
  // A slow reader at the other end of a pipe is no reason to stop.
  opening.snapshot_timeout = std::chrono::hours{24 * 365};
  opening.snapshot_wal_bytes = std::numeric_limits<std::int64_t>::max();
  try {
    return database{place, opening};
  } catch (const error& e) {
    if (e.code() != errc::not_found)
      throw;
    throw error(e.code(), "there is no database '" + place + "'; the first write makes one");
  }
}

int run(std::vector<std::string> tokens) noexcept {
  std::string help_words;
  try {
    session s{command_line{std::move(tokens)}};
    try {
      return dispatch(s);
    } catch (const usage_error&) {
      help_words = s.help_words;
      throw;
    }
  } catch (const usage_error& e) {
    complain(std::string{e.what()} + " (see beaver " + help_words + "--help)");
    return misused;
  } catch (const interrupted& e) {
    complain(e.what());
    return ended_by_interrupt;
  } catch (const std::exception& e) {
    complain(e.what());
    return failed;
  }
}

} // namespace beaver::cli
