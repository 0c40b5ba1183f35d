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

/// Where rows go to or come from.
enum class store_kind : std::uint8_t { dict, docs, graph };
struct row_store {
  const std::string& name;
  store_kind kind;
};

template <message Info>
void check_store(const std::string& name) {
  Info message{.name = name};
  check_message(operation_of<Info>(), &message);
}

/// Refuses two places, none, and a name that none can have, before anything is opened or read.
row_store store_of(const std::string* dict, const std::string* docs, const std::string* graph) {
  if ((dict != nullptr) + (docs != nullptr) + (graph != nullptr) != 1)
    throw usage_error("exactly one of --dict, --docs and --graph must be given");
  if (dict) {
    check_store<dict_info>(*dict);
    return {*dict, store_kind::dict};
  }
  if (docs) {
    check_store<docs_info>(*docs);
    return {*docs, store_kind::docs};
  }
  check_store<graph_info>(*graph);
  return {*graph, store_kind::graph};
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
  enum place { file, dict, docs, graph, key, value, batch, strict };
  const auto& given = call.given;
  const auto to = store_of(given.at(dict), given.at(docs), given.at(graph));
  import_options how;
  if (const auto* field = given.at(key))
    how.key = *field;
  else if (to.kind == store_kind::dict)
    throw usage_error("--key is missing");
  if (const auto* field = given.at(value))
    how.value = *field;
  if (to.kind == store_kind::graph && (given.at(key) || given.at(value)))
    throw usage_error("--key and --value are for --dict and --docs");
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
    if (to.kind == store_kind::graph)
      result = import_lines(source, db.graph(to.name), how.limits, hooks);
    else if (to.kind == store_kind::docs)
      result = import_lines(source, db.docs(to.name), how, hooks);
    else
      result = import_lines(source, db.dict(to.name), how, hooks);
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
  enum place { file, dict, docs, graph };
  const auto from = store_of(call.given.at(dict), call.given.at(docs), call.given.at(graph));
  const auto& target = call.given.text(file);
  const auto path = call.path();
  interruption watch;
  auto db = open_database(path, access::read);
  const auto now = db.snapshot();
  output_file to{target};
  progress_bar bar;
  transfer_hooks hooks;
  hooks.cancel = &interruption::flag();
  std::uint64_t total = 0;
  hooks.progress = [&](const transfer_status& s) { bar.show({s.rows, s.rows, total}); };
  const byte_sink sink = [&](std::string_view text) { to.write(text); };
  const auto write_out = [&](const auto& rows) {
    total = rows.count();
    return export_lines(rows, sink, hooks);
  };
  const auto result = from.kind == store_kind::graph  ? write_out(now.graph(from.name))
                      : from.kind == store_kind::docs ? write_out(now.docs(from.name))
                                                      : write_out(now.dict(from.name));
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
constexpr parameter docs_option{"docs", form::option, false, "string",
                                "the name of the documents, instead of a dict"};
constexpr parameter graph_option{"graph", form::option, false, "string",
                                 "the name of the graph, instead of a dict"};

} // namespace

command import_command() {
  command c;
  c.words = "import";
  c.summary = "Import lines of JSON objects into a dict, documents or a graph.";
  c.parameters = {
    {"file", form::word, true, "file", "the file; - is standard input"},
    dict_option,
    docs_option,
    graph_option,
    {"key", form::option, false, "string",
     "the field that becomes the key or id: a string or a number"},
    {"value", form::option, false, "string", "the field that becomes the value; default: all"},
    {"batch", form::option, false, "integer", "rows applied together or not at all; default: 1000"},
    {"strict", form::flag, false, "boolean", "stop at the first bad line"},
  };
  c.notes =
    "A dict needs --key; entries under the same keys are replaced. Documents get new ids\n"
    "without --key. Into a graph go lines\n"
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
  c.summary = "Export a dict, documents or a graph as lines of JSON objects.";
  c.parameters = {{"file", form::word, true, "file", "the file; - is standard output"},
                  dict_option,
                  docs_option,
                  graph_option};
  c.notes =
    "Rows come in order and as they were at one instant: {\"key\": ..., \"value\": ...} of a "
    "dict,\ntimes to live left out, {\"id\": ..., \"body\": ...} of documents, {\"source\": ..., "
    "\"target\": ..., \"label\": ..., "
    "\"metadata\": ...}\nof a graph. beaver import FILE --dict NAME --key key --value value, or "
    "--graph NAME,\nreads them back.\n";
  c.run = run_export;
  return c;
}

} // namespace beaver::cli
