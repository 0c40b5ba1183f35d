#include "beaver/actors/database.hpp"

#include "beaver/actors/table_type.hpp"
#include "beaver/actors/types.hpp"
#include "beaver/storage/file_status.hpp"
#include "beaver/storage/sweep.hpp"

namespace beaver {
using database_wire = detail::wire_block<database_messages, 21000>;
}
BEAVER_WIRE_BLOCK(beaver::database_wire)

namespace beaver {

namespace {

/// Runs the reading operation `name` of a type for its own answer.
template <class Reply>
Reply answer(job_context& x, const std::string& name, std::string_view manager) {
  const auto& op = get_operation(name);
  const auto m = op.make();
  if (!manager.empty())
    op.set_member(m.get(), "name", manager);
  std::optional<Reply> slot;
  op.run(x, m.get(), &slot);
  return std::move(*slot);
}

/// All managers of all types that can list their names.
std::vector<manager_entry> list_managers(job_context& x) {
  std::vector<manager_entry> all;
  for (const auto* type : registry()) {
    const std::string name{type->name};
    if (!find_operation(name + "_names"))
      continue;
    for (auto& manager : answer<std::vector<std::string>>(x, name + "_names", {})) {
      const auto count = answer<std::uint64_t>(x, name + "_count", manager);
      all.push_back({name, std::move(manager), count});
    }
  }
  return all;
}

struct database_operations {
  template <class M>
  static void check(M&) {}

  static database_status run(job_context& x, const database_info&) {
    const auto file = file_status::read(x.db);
    const auto& s = x.stats;
    return {.path = x.db.path(),
            .schema_version = file.schema_version,
            .additive_version = file.additive_version,
            .sqlite_version = file.sqlite_version,
            .file_bytes = file.file_bytes,
            .free_bytes = file.free_bytes,
            .wal_bytes = file.wal_bytes,
            .managers = list_managers(x),
            .commits = s.commits,
            .writes = s.write_jobs,
            .failed_writes = s.failed_jobs,
            .written_bytes = s.bytes,
            .largest_group = s.largest_group,
            .reads = s.reads,
            .checkpoints = s.checkpoints,
            .compactions = s.compactions,
            .commit_p50_us = s.commit_latency.quantile_us(0.5),
            .commit_p99_us = s.commit_latency.quantile_us(0.99),
            .list_index_bytes = s.list_index_bytes};
  }

  static sweep_result run(job_context& x, const database_sweep& m) {
    constexpr std::uint64_t all = std::numeric_limits<std::int64_t>::max();
    const auto swept = sweep::run(x.db, x.now, m.limit.value_or(all));
    if (x.changed)
      for (const auto& queue : swept.queues)
        x.changed->add("queue", queue);
    return {swept.dict_entries, swept.blob_uploads,     swept.queue_items, swept.queue_notes,
            swept.lock_waiters, swept.channel_messages, swept.log_entries, swept.changes};
  }

  static void run(job_context& x, const database_batch& m) {
    for (const auto& step : m.steps) {
      const auto* op = find_operation(step.operation);
      if (!op || op->reads || !op->run || op == &operation_of<database_batch>())
        throw error(errc::invalid_argument, "'" + step.operation + "' is no write of a batch");
      const auto arguments = op->make();
      op->decode(arguments.get(), step.arguments.text());
      op->check(arguments.get());
      op->run(x, arguments.get(), nullptr);
    }
  }
};

} // namespace

const data_type& database_type() {
  return detail::describe_table_type<database_operations, database_wire, database_messages>(
    "database", "");
}

} // namespace beaver
