#include "beaver/storage/sweep.hpp"

#include "beaver/storage/blob_upload.hpp"
#include "beaver/storage/change_feed.hpp"
#include "beaver/storage/connection.hpp"
#include "beaver/storage/dict_table.hpp"
#include "beaver/storage/lock_table.hpp"
#include "beaver/storage/queue_lease.hpp"
#include "beaver/storage/retention.hpp"

namespace beaver::sweep {

bool is_due(connection& c, unix_seconds now) {
  auto q = c.prepare("SELECT EXISTS (SELECT 1 FROM __beaver_dicts__ WHERE expires_at <= ?1)"
                     " OR EXISTS (SELECT 1 FROM __beaver_blob_uploads__ WHERE touched_at < ?2)"
                     " OR EXISTS (SELECT 1 FROM __beaver_lock_waiters__ WHERE expires_at <= ?1"
                     " AND substr(lock_name, 1, length(?3)) <> ?3)");
  const auto oldest = now - upload_lifetime;
  q.bind(now, oldest, lock_table::internal_prefix);
  if (q.step() && q.integer(0) != 0)
    return true;
  const auto due = queue_table::next_due(c, std::nullopt);
  return (due && *due <= now) || retention::is_due(c, now) || change_feed::is_due(c, now);
}

result run(connection& c, unix_seconds now, std::uint64_t limit) {
  auto queues = queue_table::sweep(c, now, limit);
  const auto retained = retention::sweep(c, now, limit);
  return {.dict_entries = dict_table::sweep(c, std::nullopt, now, limit).removed,
          .blob_uploads = blob_table::sweep_uploads(c, now - upload_lifetime),
          .queue_items = queues.moved.ready + queues.moved.dead,
          .queue_notes = queues.notes,
          .lock_waiters = lock_table::sweep(c, now),
          .channel_messages = retained.messages,
          .log_entries = retained.entries,
          .changes = change_feed::sweep(c, now, limit),
          .queues = std::move(queues.queues)};
}

} // namespace beaver::sweep
