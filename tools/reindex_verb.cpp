#include "beaver/tools/reindex_verb.hpp"

#include "beaver/api/database.hpp"
#include "beaver/tools/files.hpp"
#include "beaver/tools/output.hpp"
#include "beaver/tools/progress.hpp"
#include "beaver/tools/verbs.hpp"

namespace beaver::cli {

namespace {

/// `get(db)` gives the handle.
template <message Reindex, class Get>
int reindex(const std::string& name, const invocation& call, Get get) {
  Reindex message{.name = name, .field = {}, .limit = {}};
  if (const auto* field = call.given.at(0))
    message.field = *field;
  check_message(operation_of<Reindex>(), &message);
  interruption watch;
  auto db = open_database(call, access::write);
  auto rows = get(db);
  const auto total = rows.count();
  progress_bar bar;
  std::stop_source stop;
  std::uint64_t done = 0;
  try {
    done = rows.reindex(
      message.field,
      [&](std::uint64_t n) {
        bar.show({n, n, total});
        if (interruption::flag())
          stop.request_stop();
      },
      stop.get_token());
  } catch (const error& e) {
    if (e.code() != errc::cancelled)
      throw;
    throw interrupted("interrupted; what is indexed stays so, and the next reindex goes on there");
  }
  bar.hide();
  print("indexed " + std::to_string(done) + (done == 1 ? " row\n" : " rows\n"));
  return succeeded;
}

} // namespace

void replace_reindex_verb(const operation& op, const std::string& name, command& c) {
  const bool of_docs = op.name == "docs_reindex";
  const bool of_vectors = op.name == "vectors_reindex";
  if (!of_docs && !of_vectors && op.name != "log_reindex")
    return;
  c.parameters = {{"field", form::option, false, "string", "the path of one index; default: all"}};
  c.notes = "Prints how many rows were looked at. Others can write meanwhile. Ctrl-C ends it\n"
            "with status 130; what is indexed stays so.\n";
  c.run = [name, of_docs, of_vectors](const invocation& call) {
    if (of_docs)
      return reindex<docs_reindex>(name, call, [&](database& db) { return db.docs(name); });
    if (of_vectors)
      return reindex<vectors_reindex>(name, call, [&](database& db) { return db.vectors(name); });
    return reindex<log_reindex>(name, call, [&](database& db) { return db.log(name); });
  };
}

} // namespace beaver::cli
