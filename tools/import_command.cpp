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

constexpr std::size_t file = 0;
/// The first of the options of stores among the parameters, and how many there are.
constexpr std::size_t first_store = 1;
constexpr std::size_t stores = 4; // those before store_kind::list
/// The others, in their order.
enum option : std::size_t { key, value, vector, fvecs, prefix, batch, strict };

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
  import_plan(const arguments& all, const row_store& into, std::size_t first_option)
    : given(all), first(first_option), to(into) {
    const bool into_vectors = to.kind == store_kind::vectors;
    records = into_vectors && (is_given(fvecs) || given.text(file).ends_with(".fvecs"));
    if (to.kind == store_kind::graph && (at(key) || at(value)))
      throw usage_error("--key and --value are for --dict, --docs and --vectors");
    if (!into_vectors && (at(vector) || is_given(fvecs) || at(prefix)))
      throw usage_error("--vector, --fvecs and --prefix are for --vectors");
    if (records && (at(key) || at(value) || at(vector)))
      throw usage_error("--key, --value and --vector are for lines, not for fvecs");
    if (into_vectors && !records && at(prefix))
      throw usage_error("--prefix is for fvecs, not for lines");
    if (to.kind == store_kind::dict && !at(key))
      throw usage_error("--key is missing");
    limits.batch_rows = batch_rows(at(batch));
    limits.strict = is_given(strict);
  }

  [[nodiscard]] const std::string* at(option which) const { return given.at(first + which); }
  [[nodiscard]] bool is_given(option which) const { return at(which) && *at(which) != "false"; }
  [[nodiscard]] std::optional<std::string> text(option which) const {
    return at(which) ? std::optional{*at(which)} : std::nullopt;
  }

  const arguments& given;
  std::size_t first; // of the options
  row_store to;
  bool records;
  import_limits limits{};
};

import_result import_from(const byte_source& source, database& db, const import_plan& plan,
                          const import_hooks& hooks) {
  const auto& name = plan.to.name;
  const import_options how{plan.text(key).value_or(""), plan.text(value), plan.limits};
  switch (plan.to.kind) {
  case store_kind::graph:
    return import_lines(source, db.graph(name), plan.limits, hooks);
  case store_kind::docs:
    return import_lines(source, db.docs(name), how, hooks);
  case store_kind::vectors:
    if (plan.records)
      return import_fvecs(source, db.vectors(name), {plan.text(prefix).value_or(""), plan.limits},
                          hooks);
    return import_lines(source, db.vectors(name),
                        vector_import_options{plan.text(key).value_or("id"),
                                              plan.text(vector).value_or("vector"), how.value,
                                              plan.limits},
                        hooks);
  default:
    return import_lines(source, db.dict(name), how, hooks);
  }
}

int run_import(const invocation& call, const import_plan& plan) {
  interruption watch;
  input_file from{call.given.text(file)};
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
    result = import_from(source, db, plan, hooks);
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

const parameter file_parameter{"file", form::word, true, "file", "the file; - is standard input"};

const std::vector<parameter>& option_parameters() {
  static const std::vector<parameter> all{
    {"key", form::option, false, "string",
     "the field that becomes the key or id: a string or a number; of vectors: id"},
    {"value", form::option, false, "string",
     "the field that becomes the value, or metadata; default: all"},
    {"vector", form::option, false, "string",
     "the field with the numbers of a vector; default: vector"},
    {"fvecs", form::flag, false, "boolean",
     "the file has records of fvecs; also if its name ends in .fvecs"},
    {"prefix", form::option, false, "string", "what the ids of such records begin with"},
    {"batch", form::option, false, "integer", "rows applied together or not at all; default: 1000"},
    {"strict", form::flag, false, "boolean", "stop at the first bad line"}};
  return all;
}

constexpr const char* on_vectors =
  "Of a line for vectors all other\n"
  "fields become metadata, with --value only that one, if it is there. Records of fvecs (the\n"
  "number of dimensions as a 32-bit integer, then so many 32-bit floats, little-endian) get\n"
  "their numbers as ids: 000000000, 000000001 ...\n";
constexpr const char* on_bad_lines =
  "A bad line (no JSON object, without one of the fields, with a key or an id that is not 1\n"
  "to 1024 bytes, a vector of another length than the others) is reported and skipped, or\n"
  "with --strict ends the import with status 3. Ctrl-C applies the rows read so far and ends\n"
  "with status 130. Rows applied stay in both cases.\n";

} // namespace

command import_command() {
  command c;
  c.words = "import";
  c.summary = "Import lines of JSON objects into a dict, documents, a graph or vectors.";
  c.parameters = {file_parameter};
  const auto into = store_options(stores);
  c.parameters.insert(c.parameters.end(), into.begin(), into.end());
  c.parameters.insert(c.parameters.end(), option_parameters().begin(), option_parameters().end());
  c.notes =
    "A dict needs --key; entries under the same keys are replaced. Documents get new ids\n"
    "without --key. Into a graph go lines\n"
    "{\"source\": ..., \"target\": ..., \"label\": ..., \"metadata\": ...}, the last field if\n"
    "it is there; an edge that is there gets this metadata. ";
  c.notes += on_vectors;
  c.notes += on_bad_lines;
  c.run = [](const invocation& call) {
    return run_import(
      call, {call.given, store_of(call.given, first_store, stores), first_store + stores});
  };
  return c;
}

command vectors_import_command(const std::string& name) {
  command c;
  c.words = "vectors NAME import";
  c.summary = "Import lines of JSON objects, or records of fvecs.";
  c.parameters = {file_parameter};
  c.parameters.insert(c.parameters.end(), option_parameters().begin(), option_parameters().end());
  c.notes = on_vectors;
  c.notes += on_bad_lines;
  c.run = [name](const invocation& call) {
    return run_import(call, {call.given, store_named(store_kind::vectors, name), file + 1});
  };
  return c;
}

} // namespace beaver::cli
