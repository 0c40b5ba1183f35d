#include "beaver/storage/kept_read.hpp"

#include <sqlite3.h>

#include <utility>

namespace beaver {

bool kept_read::unchanged() const noexcept { return mapped_ && view_.read() == seen_; }

void kept_read::begin() {
  if (held()) {
    if (unchanged())
      return;
    drop();
  }
  mapped_ = view_.map();
  // BEGIN does not take the snapshot, the job's first statement does. It then may hold a commit
  // that this copy of the header does not know: the next call begins anew for nothing. The other
  // way round a commit could be missed.
  if (mapped_)
    seen_ = view_.read();
  connection_.prepare("BEGIN").run();
  held_ = true;
}

const wal_state* kept_read::state() {
  if (!mapped_)
    return nullptr;
  if (!exact_) {
    auto first = connection_.prepare("SELECT 1 FROM sqlite_schema LIMIT 1"); // takes the snapshot
    static_cast<void>(first.step());
    exact_ = unchanged();
  }
  return exact_ ? &seen_ : nullptr;
}

void kept_read::drop() noexcept {
  mapped_ = false;
  exact_ = false;
  const bool held = std::exchange(held_, false);
  if (held && before_end_)
    before_end_();
  if (!held || !connection_.in_transaction())
    return;
  try {
    connection_.prepare("COMMIT").run();
  } catch (...) {
    sqlite3_exec(connection_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
  }
}

} // namespace beaver
