#include "beaver/storage/checkpoint.hpp"

#include <sqlite3.h>

namespace beaver {

wal_monitor::wal_monitor(connection& c) : connection_(c) {
  sqlite3_wal_hook(
    c.handle(),
    [](void* self, sqlite3*, const char*, int frames) {
      auto& monitor = *static_cast<wal_monitor*>(self);
      monitor.frames_ = frames;
      ++monitor.commits_;
      return SQLITE_OK;
    },
    this);
}

bool wal_monitor::restart(std::chrono::milliseconds patience) {
  connection_.busy_timeout(patience);
  const auto code = sqlite3_wal_checkpoint_v2(connection_.handle(), nullptr,
                                              SQLITE_CHECKPOINT_RESTART, nullptr, nullptr);
  connection_.busy_timeout(std::chrono::milliseconds{0});
  if (code == SQLITE_OK)
    frames_ = 0;
  else if ((code & 0xff) != SQLITE_BUSY && (code & 0xff) != SQLITE_LOCKED)
    connection_.fail(code, "checkpointing");
  return code == SQLITE_OK;
}

} // namespace beaver
