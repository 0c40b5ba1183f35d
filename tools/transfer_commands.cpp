#include "beaver/tools/transfer_commands.hpp"

#include "beaver/api/database.hpp"
#include "beaver/tools/files.hpp"
#include "beaver/tools/output.hpp"
#include "beaver/tools/progress.hpp"
#include "beaver/tools/transfer.hpp"
#include "beaver/tools/verbs.hpp"

#include <charconv>
#include <cstdio>

namespace beaver::cli {

namespace {

std::string seconds_text(std::chrono::duration<double> elapsed) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f s", elapsed.count());
  return text;
}

std::string count_text(std::uint64_t n, std::string_view one) {
  return std::to_string(n) + ' ' + std::string{one} + (n == 1 ? "" : "s");
}

/// Where rows go to or come from: a dict, or a graph.
struct row_store {
  const std::string& name;
  bool is_graph;
};

/// Refuses two places, none, and a name that neither can have, before anything is opened or read.
row_store store_of(const std::string* dict, const std::string* graph) {
  if ((dict != nullptr) == (graph != nullptr))
    throw usage_error(dict ? "--dict and --graph cannot be had together"
                           : "--dict or --graph is missing");
  if (graph) {
    graph_info message{.name = *graph};
    check_message(operation_of<graph_info>(), &message);
    return {*graph, true};
  }
  dict_info message{.name = *dict};
  check_message(operation_of<dict_info>(), &message);
  return {*dict, false};
}

std::size_t batch_rows(const std::string* text) {
  std::size_t n = 1'000;
  if (!text)
    return n;
  const auto [end, failure] = std::from_chars(text->data(), text->data() + text->size(), n);
  if (failure != std::errc{} || end != text->data() + text->size() || n == 0)
    throw usage_error("--batch must be an integer > 0");
  return n;
}

int run_import(const invocation& call) {
  enum place { file, dict, graph, key, value, batch, strict };
  const auto& given = call.given;
  const auto to = store_of(given.at(dict), given.at(graph));
  import_options how{.key = {}};
  if (given.at(key))
    how.key = given.text(key);
  else if (!to.is_graph)
    throw usage_error("--key is missing");
  if (const auto* field = given.at(value))
    how.value = *field;
  if (to.is_graph && (given.at(key) || given.at(value)))
    throw usage_error("--key and --value are for --dict");
  how.limits.batch_rows = batch_rows(given.at(batch));
  how.limits.strict = given.at(strict) && *given.at(strict) != "false";

  const auto path = call.path();
  interruption watch;
  input_file from{given.text(file)};
  auto db = open_database(path, access::write);
  progress_bar bar;
  transfer_status reached;
  transfer_hooks hooks;
  hooks.cancel = &interruption::flag();
  hooks.progress = [&](const transfer_status& s) {
    reached = s;
    bar.show({s.rows, s.bytes, from.size()});
  };
  hooks.bad_line = [&](std::uint64_t line, const std::string& reason) {
    bar.complain("line " + std::to_string(line) + ": " + reason);
  };

  const byte_source source = [&](std::span<char> target) { return from.read(target); };
  transfer_result result;
  try {
    if (to.is_graph) {
      auto edges = db.graph(to.name);
      result = import_lines(source, edges, how.limits, hooks);
    } else {
      auto entries = db.dict(to.name);
      result = import_lines(source, entries, how, hooks);
    }
  } catch (const error& e) {
    throw error(e.code(), e.what() + std::string{"; "} + count_text(reached.rows, "row")
                            + " imported before stay");
  }
  const auto& s = result.status;
  const auto rows = count_text(s.rows, "row");
  if (result.end == transfer_end::bad_line) {
    bar.complain("stopped at line " + std::to_string(s.lines) + "; " + rows
                 + " of the batches before stay");
    return failed;
  }
  if (result.end == transfer_end::cancelled)
    throw interrupted("interrupted; imported " + rows + " up to line " + std::to_string(s.lines));
  bar.hide();
  print("imported " + rows + " in " + seconds_text(bar.elapsed()) + ", "
        + count_text(s.bad_lines, "bad line") + '\n');
  return succeeded;
}

int run_export(const invocation& call) {
  enum place { file, dict, graph };
  const auto from = store_of(call.given.at(dict), call.given.at(graph));
  const auto& target = call.given.text(file);
  const auto path = call.path();
  interruption watch;
  auto db = open_database(path, access::read);
  const auto now = db.snapshot();
  output_file to{target};
  progress_bar bar;
  transfer_hooks hooks;
  hooks.cancel = &interruption::flag();
  const auto total = from.is_graph ? now.graph(from.name).count() : now.dict(from.name).count();
  hooks.progress = [&](const transfer_status& s) { bar.show({s.rows, s.rows, total}); };
  const byte_sink sink = [&](std::string_view text) { to.write(text); };
  const auto result = from.is_graph ? export_lines(now.graph(from.name), sink, hooks)
                                    : export_lines(now.dict(from.name), sink, hooks);
  const auto rows = count_text(result.status.rows, "row");
  if (result.end == transfer_end::cancelled)
    throw interrupted("interrupted after " + rows
                      + (target == "-" ? "" : "; '" + target + "' is as it was"));
  to.commit();
  bar.hide();
  const auto summary = "exported " + rows + " in " + seconds_text(bar.elapsed()) + '\n';
  write_all(target == "-" ? standard_error : standard_output, summary, "the summary");
  return succeeded;
}

constexpr parameter dict_option{"dict", form::option, false, "string", "the name of the dict"};
constexpr parameter graph_option{"graph", form::option, false, "string",
                                 "the name of the graph, instead of a dict"};

} // namespace

command import_command() {
  command c;
  c.words = "import";
  c.summary = "Import lines of JSON objects into a dict or a graph.";
  c.parameters = {
    {"file", form::word, true, "file", "the file; - is standard input"},
    dict_option,
    graph_option,
    {"key", form::option, false, "string",
     "the field that becomes the key in the dict: a string or a number"},
    {"value", form::option, false, "string", "the field that becomes the value; default: all"},
    {"batch", form::option, false, "integer", "rows applied together or not at all; default: 1000"},
    {"strict", form::flag, false, "boolean", "stop at the first bad line"},
  };
  c.notes =
    "A dict needs --key; entries under the same keys are replaced. Into a graph go lines\n"
    "{\"source\": ..., \"target\": ..., \"label\": ..., \"metadata\": ...}, the last field if\n"
    "it is there; an edge that is there gets this metadata. A bad line (no JSON object,\n"
    "without one of the fields, with a key or an id that is not 1 to 1024 bytes) is reported\n"
    "and skipped, or with --strict ends the import with status 3. Ctrl-C applies the rows\n"
    "read so far and ends with status 130. Rows applied stay in both cases.\n";
  c.run = run_import;
  return c;
}

command export_command() {
  command c;
  c.words = "export";
  c.summary = "Export a dict or a graph as lines of JSON objects.";
  c.parameters = {{"file", form::word, true, "file", "the file; - is standard output"},
                  dict_option,
                  graph_option};
  c.notes =
    "Rows come in order and as they were at one instant: {\"key\": ..., \"value\": ...} of a "
    "dict,\ntimes to live left out, {\"source\": ..., \"target\": ..., \"label\": ..., "
    "\"metadata\": ...}\nof a graph. beaver import FILE --dict NAME --key key --value value, or "
    "--graph NAME,\nreads them back.\n";
  c.run = run_export;
  return c;
}

} // namespace beaver::cli
