#include "beaver/storage/transaction.hpp"

#include <sqlite3.h>

namespace beaver {
namespace {

// In a destructor: the failure that led here is on its way already, and SQLite rolls back by itself
// when the connection closes.
void quietly(connection& c, std::string_view sql) noexcept {
  try {
    c.prepare(sql).run();
  } catch (...) {}
}

} // namespace

transaction_scope::transaction_scope(connection& c) : connection_(c) {
  if (!c.try_begin())
    throw error(errc::busy,
                "'" + c.path()
                  + "': another connection holds the write lock; try again or raise the "
                    "busy timeout");
}

transaction_scope::~transaction_scope() {
  // Rolling back what SQLite has rolled back already would only be one more error.
  if (open_ && connection_.in_transaction())
    quietly(connection_, "ROLLBACK");
}

void transaction_scope::commit() {
  connection_.prepare("COMMIT").run();
  open_ = false;
}

// Savepoints of one name nest: ROLLBACK TO and RELEASE mean the innermost.
savepoint::savepoint(connection& c) : connection_(c), spilled_before_(spilled()) {
  // Outside of a transaction SAVEPOINT would begin one, and RELEASE would commit it.
  if (!c.in_transaction())
    throw error(errc::internal, "'" + c.path() + "': a savepoint needs an open transaction");
  c.prepare("SAVEPOINT job").run();
}

savepoint::~savepoint() {
  if (!open_ || !connection_.in_transaction())
    return;
  if (spilled() != spilled_before_) {
    quietly(connection_, "ROLLBACK");
    return;
  }
  quietly(connection_, "ROLLBACK TO job");
  quietly(connection_, "RELEASE job");
}

/// Pages written to the log before their transaction ended, so far.
int savepoint::spilled() const noexcept {
  int count = 0;
  int highest = 0;
  sqlite3_db_status(connection_.handle(), SQLITE_DBSTATUS_CACHE_SPILL, &count, &highest, 0);
  return count;
}

void savepoint::release() {
  connection_.prepare("RELEASE job").run();
  open_ = false;
}

void begin_read(connection& c) { c.execute("BEGIN; SELECT 1 FROM sqlite_schema"); }

} // namespace beaver
