#include "beaver/storage/sweep.hpp"

#include "beaver/storage/blob_upload.hpp"
#include "beaver/storage/connection.hpp"
#include "beaver/storage/dict_table.hpp"

namespace beaver::sweep {

bool is_due(connection& c, unix_seconds now) {
  auto q = c.prepare("SELECT EXISTS (SELECT 1 FROM __beaver_dicts__ WHERE expires_at <= ?1)"
                     " OR EXISTS (SELECT 1 FROM __beaver_blob_uploads__ WHERE touched_at < ?2)");
  const auto oldest = now - upload_lifetime;
  q.bind(now, oldest);
  return q.step() && q.integer(0) != 0;
}

result run(connection& c, unix_seconds now, std::uint64_t limit) {
  return {dict_table::sweep(c, std::nullopt, now, limit).removed,
          blob_table::sweep_uploads(c, now - upload_lifetime)};
}

} // namespace beaver::sweep
