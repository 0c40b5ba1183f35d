#include "beaver/actors/session.hpp"

#include "beaver/actors/job.hpp"
#include "beaver/storage/transaction.hpp"

#include <filesystem>
#include <optional>

namespace beaver {

namespace {

void run_over(job_context context, const operation& op, void* message, void* reply) {
  if (!op.run)
    throw error(errc::not_supported,
                std::string{op.name} + " is not possible within a transaction or snapshot");
  op.check(message);
  op.run(context, message, reply);
}

} // namespace

void transaction_session::call(const operation& op, void* message, void* reply) {
  if (std::this_thread::get_id() != owner_)
    throw error(errc::invalid_argument, "a transaction belongs to the thread that began it");
  if (!db_)
    throw error(errc::closed, "the transaction has ended");
  check_alive();
  std::optional<savepoint> guard; // undoes this one write if it fails half-way
  if (!op.reads)
    guard.emplace(*db_);
  run_over({*db_, clock_(), stats_, &changed_}, op, message, reply);
  if (guard)
    guard->release();
}

void transaction_session::check_alive() const {
  if (expired_.load(std::memory_order_relaxed))
    throw error(errc::timeout, "the transaction held the database for too long; it is rolled back");
  if (!db_->in_transaction())
    throw error(errc::closed,
                "the transaction has ended with an earlier failure and left no trace");
}

snapshot_session::snapshot_session(const std::string& path, connection_options options,
                                   clock_function clock, const engine_stats& stats, limits limit)
  : path_(path), clock_(std::move(clock)), stats_(stats), limits_(limit) {
  options.read_only = true;
  db_ = std::make_unique<connection>(path, options);
  begin_read(*db_);
  wal_bytes_before_ = wal_bytes();
}

void snapshot_session::call(const operation& op, void* message, void* reply) {
  if (!op.reads)
    throw error(errc::read_only, std::string{op.name} + " would write; a snapshot only reads");
  with_connection([&](connection& db) { run_over({db, clock_(), stats_}, op, message, reply); });
}

void snapshot_session::check_open() {
  if (db_ && past_limit()) {
    close();
    expired_ = true;
  }
  if (db_)
    return;
  if (expired_)
    throw error(errc::timeout, "the snapshot of '" + path_
                                 + "' was held for too long or held back too much of the "
                                   "write-ahead log");
  throw error(errc::closed, "the snapshot has ended");
}

bool snapshot_session::past_limit() const noexcept {
  return std::chrono::steady_clock::now() >= limits_.deadline
         || wal_bytes() > wal_bytes_before_ + limits_.wal_bytes;
}

std::uint64_t snapshot_session::wal_bytes() const noexcept {
  std::error_code absent;
  const auto size = std::filesystem::file_size(path_ + "-wal", absent);
  return absent ? 0 : size;
}

bool snapshot_session::expire() noexcept {
  std::lock_guard guard{mutex_};
  if (db_ && past_limit()) {
    close();
    expired_ = true;
  }
  return !db_;
}

void snapshot_session::end() noexcept {
  std::lock_guard guard{mutex_};
  close();
}

void snapshot_session::close() noexcept {
  users_.clear();
  db_.reset();
}

void snapshot_session::detach(const void* user) noexcept {
  std::erase_if(users_, [user](const auto& u) { return u.get() == user; });
}

void snapshot_list::add(const std::shared_ptr<snapshot_session>& s) {
  std::lock_guard guard{mutex_};
  open_.push_back(s);
}

bool snapshot_list::expire() noexcept {
  std::lock_guard guard{mutex_};
  std::erase_if(open_, [](const auto& weak) {
    const auto s = weak.lock();
    return !s || s->expire();
  });
  return !open_.empty();
}

void snapshot_list::end_all() noexcept {
  std::lock_guard guard{mutex_};
  for (const auto& weak : open_)
    if (const auto s = weak.lock())
      s->end();
  open_.clear();
}

} // namespace beaver
