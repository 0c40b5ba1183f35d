#pragma once
#include "beaver/storage/connection.hpp"

namespace beaver {

/// BEGIN IMMEDIATE in the constructor, ROLLBACK in the destructor unless committed.
class transaction_scope {
public:
  /// Throws `error` busy if the write lock is not given within the connection's busy timeout.
  explicit transaction_scope(connection& c);
  ~transaction_scope();
  transaction_scope(const transaction_scope&) = delete;
  transaction_scope& operator=(const transaction_scope&) = delete;

  void commit();

private:
  connection& connection_;
  bool open_ = true;
};

/// A savepoint within an open transaction, undone by the destructor unless released.
/// It does not protect against a full disk or an interrupt: these end the whole transaction, and
/// the owner must look at `connection::in_transaction` after a failure.
///
/// Nor does it when more was written since than the page cache holds; then undoing it ends the
/// whole transaction too. For SQLite (seen in 3.40.1) may have changed frames of the log in place
/// by then and, after ROLLBACK TO, leaves their successors without checksums: what is committed
/// next would be lost if all processes ended without a checkpoint.
class savepoint {
public:
  explicit savepoint(connection& c);
  ~savepoint();
  savepoint(const savepoint&) = delete;
  savepoint& operator=(const savepoint&) = delete;

  void release();

private:
  [[nodiscard]] int spilled() const noexcept;

  connection& connection_;
  const int spilled_before_;
  bool open_ = true;
};

/// Begins a read transaction that shows the file as it is now. (A plain BEGIN would wait for the
/// first statement to choose the instant.) It ends with the connection or with ROLLBACK.
void begin_read(connection& c);

} // namespace beaver
