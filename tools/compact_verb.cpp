#include "beaver/tools/compact_verb.hpp"

#include "beaver/actors/codec.hpp"
#include "beaver/api/database.hpp"
#include "beaver/tools/files.hpp"
#include "beaver/tools/output.hpp"
#include "beaver/tools/progress.hpp"
#include "beaver/tools/verbs.hpp"

namespace beaver::cli {

namespace {

int compact(const std::string& name, const invocation& call) {
  vectors_compact message{name};
  check_message(operation_of<vectors_compact>(), &message);
  interruption watch;
  auto db = open_database(call, access::write);
  progress_bar bar;
  std::stop_source stop;
  const auto show = [&](double share) {
    constexpr double parts = 10'000;
    bar.show({{}, static_cast<std::uint64_t>(share * parts), static_cast<std::uint64_t>(parts)});
    if (interruption::flag())
      stop.request_stop();
  };
  std::optional<compaction_report> report;
  try {
    report = db.vectors(name).compact(show, stop.get_token());
  } catch (const error& e) {
    if (e.code() != errc::cancelled)
      throw;
    throw interrupted("interrupted; vectors '" + name + "' are searched as before");
  }
  bar.hide();
  print_json(model<compaction_report>::encode(*report).text(), call.globals.raw);
  return succeeded;
}

} // namespace

void replace_compact_verb(const operation& op, const std::string& name, command& c) {
  if (op.name != "vectors_compact")
    return;
  c.notes = "Prints what the snapshot holds, and the recall of an approximate index as measured.\n"
            "Others read and write meanwhile. Ctrl-C withdraws it and ends with status 130;\n"
            "everything is then as before.\n";
  c.run = [name](const invocation& call) { return compact(name, call); };
}

} // namespace beaver::cli
