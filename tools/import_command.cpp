#include "beaver/tools/import_command.hpp"

#include "beaver/api/database.hpp"
#include "beaver/tools/files.hpp"
#include "beaver/tools/import.hpp"
#include "beaver/tools/output.hpp"
#include "beaver/tools/progress.hpp"
#include "beaver/tools/stores.hpp"
#include "beaver/tools/verbs.hpp"

#include <charconv>

namespace beaver::cli {

namespace {

/// The first of the options of stores among the parameters, and how many there are.
constexpr std::size_t first_store = 1;
constexpr std::size_t stores = 4; // those before store_kind::list

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
  enum place { file, key = first_store + stores, value, vector, fvecs, prefix };
  enum limit { batch = prefix + 1, strict };

  explicit import_plan(const arguments& given) : to(store_of(given, first_store, stores)) {
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

import_result import_from(const byte_source& source, database& db, const import_plan& plan,
                          const arguments& given, const import_hooks& hooks) {
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
  interruption watch;
  input_file from{given.text(import_plan::file)};
  auto db = open_database(call, access::write);
  progress_bar bar;
  import_status reached;
  import_hooks hooks;
  hooks.cancel = &interruption::flag();
  hooks.progress = [&](const import_status& s) {
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
  import_result result;
  try {
    result = import_from(source, db, plan, given, hooks);
  } catch (const error& e) {
    throw error(e.code(), e.what() + std::string{"; "} + count_text(reached.rows, "row")
                            + " imported before stay");
  }
  const auto& s = result.status;
  const auto rows = count_text(s.rows, "row");
  if (result.end == import_end::bad_line) {
    bar.complain("stopped at " + place_of(s.lines) + "; " + rows + " of the batches before stay");
    return failed;
  }
  if (result.end == import_end::cancelled)
    throw interrupted("interrupted; imported " + rows + " up to " + place_of(s.lines));
  bar.hide();
  print("imported " + rows + " in " + seconds_text(bar.elapsed()) + ", "
        + count_text(s.bad_lines, plan.records ? "bad record" : "bad line") + '\n');
  return succeeded;
}

} // namespace

command import_command() {
  command c;
  c.words = "import";
  c.summary = "Import lines of JSON objects into a dict, documents, a graph or vectors.";
  c.parameters = {{"file", form::word, true, "file", "the file; - is standard input"}};
  const auto into = store_options(stores);
  c.parameters.insert(c.parameters.end(), into.begin(), into.end());
  c.parameters.insert(
    c.parameters.end(),
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

} // namespace beaver::cli
