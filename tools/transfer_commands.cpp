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

/// Refuses a name that no dict can have before anything is opened or read.
void check_dict_name(const std::string& name) {
  dict_info message{.name = name};
  check_message(operation_of<dict_info>(), &message);
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
  enum place { file, dict_name, key, value, batch, strict };
  const auto& given = call.given;
  const auto& name = given.text(dict_name);
  check_dict_name(name);
  import_options how{.key = given.text(key)};
  if (const auto* field = given.at(value))
    how.value = *field;
  how.batch_rows = batch_rows(given.at(batch));
  how.strict = given.at(strict) && *given.at(strict) != "false";

  const auto path = call.path();
  interruption watch;
  input_file from{given.text(file)};
  auto db = open_database(path, access::write);
  auto dict = db.dict(name);
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

  transfer_result result;
  try {
    result =
      import_lines([&](std::span<char> target) { return from.read(target); }, dict, how, hooks);
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
  enum place { file, dict_name };
  const auto& name = call.given.text(dict_name);
  const auto& target = call.given.text(file);
  check_dict_name(name);
  const auto path = call.path();
  interruption watch;
  auto db = open_database(path, access::read);
  const auto entries = db.snapshot().dict(name);
  output_file to{target};
  progress_bar bar;
  transfer_hooks hooks;
  hooks.cancel = &interruption::flag();
  const auto total = entries.count();
  hooks.progress = [&](const transfer_status& s) { bar.show({s.rows, s.rows, total}); };
  const auto result = export_lines(
    entries, [&](std::string_view text) { to.write(text); }, hooks);
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

constexpr parameter dict_option{"dict", form::option, true, "string", "the name of the dict"};

} // namespace

command import_command() {
  command c;
  c.words = "import";
  c.summary = "Import lines of JSON objects into a dict.";
  c.parameters = {
    {"file", form::word, true, "file", "the file; - is standard input"},
    dict_option,
    {"key", form::option, true, "string", "the field that becomes the key: a string or a number"},
    {"value", form::option, false, "string", "the field that becomes the value; default: all"},
    {"batch", form::option, false, "integer", "rows applied together or not at all; default: 1000"},
    {"strict", form::flag, false, "boolean", "stop at the first bad line"},
  };
  c.notes = "Entries under the same keys are replaced. A bad line (no JSON object, without one of\n"
            "the fields, with a key that is not 1 to 1024 bytes) is reported and skipped, or with\n"
            "--strict ends the import with status 3. Ctrl-C applies the rows read so far and ends\n"
            "with status 130. Rows applied stay in both cases.\n";
  c.run = run_import;
  return c;
}

command export_command() {
  command c;
  c.words = "export";
  c.summary = "Export a dict as lines {\"key\": ..., \"value\": ...}.";
  c.parameters = {{"file", form::word, true, "file", "the file; - is standard output"},
                  dict_option};
  c.notes = "Entries come in key order and as they were at one instant; times to live are left "
            "out.\nbeaver import FILE --dict NAME --key key --value value reads them back.\n";
  c.run = run_export;
  return c;
}

} // namespace beaver::cli
