#include "beaver/tools/blob_files.hpp"

#include "beaver/api/database.hpp"
#include "beaver/tools/files.hpp"
#include "beaver/tools/output.hpp"
#include "beaver/tools/verbs.hpp"

#include <vector>

namespace beaver::cli {

namespace {

constexpr std::size_t buffer_size = 1 << 20;

int put(const std::string& name, const invocation& call) {
  blob_put message{.name = name, .key = call.given.text(0), .data = {}, .metadata = {}};
  const auto& file = call.given.text(1);
  if (const auto* metadata = call.given.at(2)) {
    if (*metadata == "-" && file == "-")
      throw usage_error("standard input can be read for one argument only");
    message.metadata = value_from(*metadata == "-" ? input_file{"-"}.read_all() : *metadata);
  }
  check_message(operation_of<blob_put>(), &message); // before the content is on its way
  interruption watch;
  input_file from{file};
  auto db = open_database(call, access::write);
  auto writer = db.blob(name).writer(message.key, message.metadata);
  std::vector<char> buffer(buffer_size);
  while (const auto n = from.read(buffer))
    writer.write(std::string_view{buffer.data(), n});
  if (interruption::flag())
    throw interrupted("interrupted; blob '" + message.key + "' is as it was");
  writer.commit();
  return succeeded;
}

int get(const std::string& name, const invocation& call) {
  blob_find message{.name = name, .key = call.given.text(0)};
  check_message(operation_of<blob_find>(), &message);
  const auto* file = call.given.at(1);
  auto db = open_database(call, access::read);
  auto reader = db.blob(name).reader(message.key);
  if (!reader)
    return absent;
  output_file to{file ? *file : "-"};
  std::vector<std::byte> buffer(buffer_size);
  while (const auto n = reader->read(buffer))
    to.write({reinterpret_cast<const char*>(buffer.data()), n});
  to.commit();
  return succeeded;
}

} // namespace

void replace_blob_verb(const operation& op, const std::string& name, command& c) {
  if (op.name == "blob_put") {
    c.summary = "Store a file as a blob.";
    c.parameters = {{"key"},
                    {"file", form::word, true, "file", "a file; - is standard input"},
                    {"metadata", form::option, false, "json"}};
    c.notes = "Prints nothing. The blob appears as a whole or not at all.\n";
    c.run = [name](const invocation& call) { return put(name, call); };
  } else if (op.name == "blob_find") {
    c.summary = "Write the content of a blob to a file or to standard output.";
    c.parameters = {
      {"key"},
      {"file", form::word, false, "file", "a file; without it, or with -, standard output"}};
    c.notes = "Writes nothing and ends with status 1 if there is no such blob.\n"
              "For size and metadata see stat.\n";
    c.run = [name](const invocation& call) { return get(name, call); };
  }
}

} // namespace beaver::cli
