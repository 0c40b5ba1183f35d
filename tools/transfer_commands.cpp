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
enum class store_kind : std::uint8_t { dict, docs, graph, vectors };
struct row_store {
  const std::string& name;
  store_kind kind;
};

template <message Info>
void check_store(const std::string& name) {
  Info message{.name = name};
  check_message(operation_of<Info>(), &message);
}

constexpr parameter store_options[] = {
  {"dict", form::option, false, "string", "the name of the dict"},
  {"docs", form::option, false, "string", "the name of the documents, instead of a dict"},
  {"graph", form::option, false, "string", "the name of the graph, instead of a dict"},
  {"vectors", form::option, false, "string", "the name of the vectors, instead of a dict"}};

[[noreturn]] void store_is_missing() {
  throw usage_error("exactly one of --dict, --docs, --graph and --vectors must be given");
}

/// Where the options of stores are among the parameters of import and export, in the order of
/// store_kind.
constexpr std::size_t first_store = 1;

/// Refuses two places, none, and a name that none can have, before anything is opened or read.
row_store store_of(const arguments& given) {
  std::optional<row_store> store;
  for (std::size_t i = 0; i < std::size(store_options); ++i)
    if (const auto* name = given.at(first_store + i)) {
      if (store)
        store_is_missing();
      store.emplace(row_store{*name, static_cast<store_kind>(i)});
    }
  if (!store)
    store_is_missing();
  switch (store->kind) {
  case store_kind::dict:
    check_store<dict_info>(store->name);
    break;
  case store_kind::docs:
    check_store<docs_info>(store->name);
    break;
  case store_kind::graph:
    check_store<graph_info>(store->name);
    break;
  case store_kind::vectors:
    check_store<vectors_info>(store->name);
    break;
  }
  return *store;
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

/// What an import is to do, out of its arguments.
struct import_plan {
  enum place { file, key = first_store + std::size(store_options), value, vector, fvecs, prefix };
  enum limit { batch = prefix + 1, strict };

  explicit import_plan(const arguments& given) : to(store_of(given)) {
    const auto is_given = [&](std::size_t at) { return given.at(at) && *given.at(at) != "false"; };
    const bool into_vectors = to.kind == store_kind::vectors;
    records = into_vectors && (is_given(fvecs) || given.text(file).ends_with(".fvecs"));
    if (to.kind == store_kind::graph && (given.at(key) || given.at(value)))
      throw usage_error("--key and --value are for --dict, --docs and --vectors");
    if (!into_vectors && (given.at(vector) || is_given(fvecs) || given.at(prefix)))
      throw usage_error("--vector, --fvecs and --prefix are for --vectors");
    if (records && (given.at(key) || given.at(value) || given.at(vector)))
      throw usage_error("--key, --value and --vector are for lines, not for fvecs");
    if (into_vectors && !records && given.at(prefix))
      throw usage_error("--prefix is for fvecs, not for lines");
    if (to.kind == store_kind::dict && !given.at(key))
      throw usage_error("--key is missing");
    limits.batch_rows = batch_rows(given.at(batch));
    limits.strict = is_given(strict);
  }

  row_store to;
  bool records;
  import_limits limits{};
};

transfer_result import_from(const byte_source& source, database& db, const import_plan& plan,
                            const arguments& given, const transfer_hooks& hooks) {
  const auto text = [&](import_plan::place at) {
    const auto* found = given.at(at);
    return found ? std::optional{*found} : std::nullopt;
  };
  const auto& name = plan.to.name;
  const import_options how{text(import_plan::key).value_or(""), text(import_plan::value),
                           plan.limits};
  switch (plan.to.kind) {
  case store_kind::graph:
    return import_lines(source, db.graph(name), plan.limits, hooks);
  case store_kind::docs:
    return import_lines(source, db.docs(name), how, hooks);
  case store_kind::vectors:
    if (plan.records)
      return import_fvecs(source, db.vectors(name),
                          {text(import_plan::prefix).value_or(""), plan.limits}, hooks);
    return import_lines(source, db.vectors(name),
                        vector_import_options{text(import_plan::key).value_or("id"),
                                              text(import_plan::vector).value_or("vector"),
                                              how.value, plan.limits},
                        hooks);
  default:
    return import_lines(source, db.dict(name), how, hooks);
  }
}

int run_import(const invocation& call) {
  const auto& given = call.given;
  const import_plan plan{given};
  const auto path = call.path();
  interruption watch;
  input_file from{given.text(import_plan::file)};
  auto db = open_database(path, access::write);
  progress_bar bar;
  transfer_status reached;
  transfer_hooks hooks;
  hooks.cancel = &interruption::flag();
  hooks.progress = [&](const transfer_status& s) {
    reached = s;
    bar.show({s.rows, s.bytes, from.size()});
  };
  // Records are known by their ids, which begin with 0.
  const auto place_of = [&](std::uint64_t line) {
    return plan.records ? "record " + std::to_string(line > 0 ? line - 1 : 0)
                        : "line " + std::to_string(line);
  };
  hooks.bad_line = [&](std::uint64_t line, const std::string& reason) {
    bar.complain(place_of(line) + ": " + reason);
  };

  const byte_source source = [&](std::span<char> target) { return from.read(target); };
  transfer_result result;
  try {
    result = import_from(source, db, plan, given, hooks);
  } catch (const error& e) {
    throw error(e.code(), e.what() + std::string{"; "} + count_text(reached.rows, "row")
                            + " imported before stay");
  }
  const auto& s = result.status;
  const auto rows = count_text(s.rows, "row");
  if (result.end == transfer_end::bad_line) {
    bar.complain("stopped at " + place_of(s.lines) + "; " + rows + " of the batches before stay");
    return failed;
  }
  if (result.end == transfer_end::cancelled)
    throw interrupted("interrupted; imported " + rows + " up to " + place_of(s.lines));
  bar.hide();
  print("imported " + rows + " in " + seconds_text(bar.elapsed()) + ", "
        + count_text(s.bad_lines, plan.records ? "bad record" : "bad line") + '\n');
  return succeeded;
}

int run_export(const invocation& call) {
  const auto from = store_of(call.given);
  const auto& target = call.given.text(0);
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
  const auto result = from.kind == store_kind::graph     ? write_out(now.graph(from.name))
                      : from.kind == store_kind::docs    ? write_out(now.docs(from.name))
                      : from.kind == store_kind::vectors ? write_out(now.vectors(from.name))
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

/// The parameters of import and export: the file, the stores, and others.
std::vector<parameter> with_stores(const parameter& file, std::vector<parameter> others) {
  std::vector<parameter> all{file};
  all.insert(all.end(), std::begin(store_options), std::end(store_options));
  all.insert(all.end(), others.begin(), others.end());
  return all;
}

} // namespace

command import_command() {
  command c;
  c.words = "import";
  c.summary = "Import lines of JSON objects into a dict, documents, a graph or vectors.";
  c.parameters = with_stores(
    {"file", form::word, true, "file", "the file; - is standard input"},
    {{"key", form::option, false, "string",
      "the field that becomes the key or id: a string or a number; of vectors: id"},
     {"value", form::option, false, "string",
      "the field that becomes the value, or metadata; default: all"},
     {"vector", form::option, false, "string",
      "the field with the numbers of a vector; default: vector"},
     {"fvecs", form::flag, false, "boolean",
      "the file has records of fvecs; also if its name ends in .fvecs"},
     {"prefix", form::option, false, "string", "what the ids of such records begin with"},
     {"batch", form::option, false, "integer",
      "rows applied together or not at all; default: 1000"},
     {"strict", form::flag, false, "boolean", "stop at the first bad line"}});
  c.notes =
    "A dict needs --key; entries under the same keys are replaced. Documents get new ids\n"
    "without --key. Into a graph go lines\n"
    "{\"source\": ..., \"target\": ..., \"label\": ..., \"metadata\": ...}, the last field if\n"
    "it is there; an edge that is there gets this metadata. Of a line for vectors all other\n"
    "fields become metadata, with --value only that one, if it is there. Records of fvecs (the\n"
    "number of dimensions as a 32-bit integer, then so many 32-bit floats, little-endian) get\n"
    "their numbers as ids: 000000000, 000000001 ...\n"
    "A bad line (no JSON object, without one of the fields, with a key or an id that is not 1\n"
    "to 1024 bytes, a vector of another length than the others) is reported and skipped, or\n"
    "with --strict ends the import with status 3. Ctrl-C applies the rows read so far and ends\n"
    "with status 130. Rows applied stay in both cases.\n";
  c.run = run_import;
  return c;
}

command export_command() {
  command c;
  c.words = "export";
  c.summary = "Export a dict, documents, a graph or vectors as lines of JSON objects.";
  c.parameters =
    with_stores({"file", form::word, true, "file", "the file; - is standard output"}, {});
  c.notes =
    "Rows come in order and as they were at one instant:\n"
    "  {\"key\": ..., \"value\": ...}                 of a dict, times to live left out\n"
    "  {\"id\": ..., \"body\": ...}                   of documents\n"
    "  {\"source\": ..., \"target\": ..., \"label\": ..., \"metadata\": ...}  of a graph\n"
    "  {\"id\": ..., \"vector\": ..., \"metadata\": ...}  of vectors\n"
    "Read them back with beaver import FILE --dict NAME --key key --value value,\n"
    "--docs NAME --key id --value body, --graph NAME, or --vectors NAME --value metadata.\n";
  c.run = run_export;
  return c;
}

} // namespace beaver::cli
