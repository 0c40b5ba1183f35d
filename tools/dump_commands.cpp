#include "beaver/tools/dump_commands.hpp"

#include "beaver/api/database.hpp"
#include "beaver/tools/files.hpp"
#include "beaver/tools/output.hpp"
#include "beaver/tools/progress.hpp"
#include "beaver/tools/stores.hpp"

namespace beaver::cli {

namespace {

/// The places of the parameters that both commands have.
enum place : std::size_t { file, first_store, format = first_store + store_kinds, append };

dump_format format_of(const arguments& given) {
  const auto* chosen = given.at(format);
  if (!chosen)
    return given.text(file).ends_with(".json") ? dump_format::json : dump_format::jsonl;
  if (*chosen == "json")
    return dump_format::json;
  if (*chosen == "jsonl")
    return dump_format::jsonl;
  throw usage_error("--format is json or jsonl, not '" + *chosen + '\'');
}

int run_dump(const invocation& call) {
  const auto store = store_of(call.given, first_store);
  const auto& target = call.given.text(file);
  dump_options how{.format = format_of(call.given)};
  interruption watch;
  auto db = open_database(call, access::read);
  output_file to{target};
  progress_bar bar;
  std::stop_source stop;
  how.stop = stop.get_token();
  const auto status = with_store(db, store, [&](const auto& manager) {
    how.progress = [&, total = manager.count()](const dump_status& s) {
      bar.show({s.items, s.items, total});
      if (interruption::flag())
        stop.request_stop();
    };
    try {
      return db.dump(
        manager, [&](std::string_view text) { to.write(text); }, how);
    } catch (const error& e) {
      if (e.code() != errc::cancelled)
        throw;
      throw interrupted("interrupted" + (target == "-" ? "" : "; '" + target + "' is as it was"));
    }
  });
  to.commit();
  bar.hide();
  write_all(target == "-" ? standard_error : standard_output,
            "dumped " + count_text(status.items, "item") + " in " + seconds_text(bar.elapsed())
              + '\n',
            "the summary");
  return succeeded;
}

int run_load(const invocation& call) {
  const auto store = store_of(call.given, first_store);
  load_options how{.format = format_of(call.given)};
  if (const auto* given = call.given.at(append); given && *given != "false")
    how.mode = load_mode::append;
  interruption watch;
  input_file from{call.given.text(file)};
  auto db = open_database(call, access::write);
  progress_bar bar;
  std::stop_source stop;
  how.stop = stop.get_token();
  const auto stop_if_interrupted = [&] {
    if (interruption::flag())
      stop.request_stop();
  };
  how.progress = [&](const dump_status& s) {
    bar.show({s.items, s.bytes, from.size()});
    stop_if_interrupted();
  };
  const byte_source source = [&](std::span<char> part) {
    const auto n = from.read(part);
    stop_if_interrupted();
    return n;
  };
  const auto status = with_store(db, store, [&](const auto& manager) {
    try {
      return db.load(manager, source, how);
    } catch (const error& e) {
      const std::string after = "; nothing was loaded";
      if (e.code() == errc::cancelled)
        throw interrupted("interrupted" + after);
      throw error(e.code(), e.what() + after);
    }
  });
  bar.hide();
  print("loaded " + count_text(status.items, "item") + " in " + seconds_text(bar.elapsed()) + '\n');
  return succeeded;
}

/// The parameters of both, the last only of `load`.
std::vector<parameter> parameters_with(const parameter& first) {
  std::vector<parameter> all{first};
  const auto stores = store_options();
  all.insert(all.end(), stores.begin(), stores.end());
  all.push_back({"format", form::option, false, "string",
                 "json or jsonl; default: json if the file's name ends in .json, else jsonl"});
  return all;
}

} // namespace

command dump_command() {
  command c;
  c.words = "dump";
  c.summary = "Write all that one dict, list, queue ... holds, as it is at this instant.";
  c.parameters =
    parameters_with({"file", form::word, true, "file", "the file; - is standard output"});
  c.notes =
    "With jsonl an item is a line, with json all are in one object, as beaver-db 2.3 has it:\n"
    "  {\"metadata\": {\"type\": ..., \"name\": ..., \"count\": ...}, \"items\": [...]}\n"
    "Items are\n"
    "  {\"key\": ..., \"value\": ...}                 of a dict, times to live left out\n"
    "  {\"id\": ..., \"body\": ...}                   of documents\n"
    "  {\"source\": ..., \"target\": ..., \"label\": ..., \"metadata\": ...}  of a graph\n"
    "  {\"id\": ..., \"vector\": ..., \"metadata\": ...}  of vectors\n"
    "  the value                                  of a list\n"
    "  {\"priority\": ..., \"timestamp\": ..., \"data\": ...}  of a queue\n"
    "  {\"timestamp\": ..., \"data\": ...}            of a log\n"
    "  {\"key\": ..., \"metadata\": ..., \"size\": ..., \"payload\": ...}  of a blob store,\n"
    "                                             the last in base64\n"
    "Read them back with beaver load.\n";
  c.run = run_dump;
  return c;
}

command load_command() {
  command c;
  c.words = "load";
  c.summary = "Load what beaver dump, or beaver-db 2.3, has written: all of it or nothing.";
  c.parameters =
    parameters_with({"file", form::word, true, "file", "the file; - is standard input"});
  c.parameters.push_back(
    {"append", form::flag, false, "boolean", "keep what is there, instead of clearing it first"});
  c.notes =
    "A bad item ends it with status 3, Ctrl-C with 130; everything is then as before. Other\n"
    "writers wait meanwhile: for large amounts of lines there is beaver import.\n";
  c.run = run_load;
  return c;
}

} // namespace beaver::cli
