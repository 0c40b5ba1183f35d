#include "beaver/actors/file_writer.hpp"

namespace beaver {

namespace {

using namespace std::chrono_literals;

// Somebody in the queue may have been stopped in the middle: fairness ends here.
constexpr auto queue_patience = 1s;

} // namespace

bool file_writer::try_begin() {
  if (!enter_and_begin()) {
    waiting_since_ = waiting_since_.value_or(std::chrono::steady_clock::now());
    return false;
  }
  waiting_since_.reset();
  changed_.clear();
  open_ = true;
  if (!mapped_)
    mapped_ = view_.map();
  if (*mapped_)
    before_ = view_.read();
  // The next one can take its place while this transaction waits for the disk.
  if (turn_ && state_.connecting.full_sync && turn_->contended())
    state_.bells->bell().ring();
  return true;
}

bool file_writer::enter_and_begin() {
  if (state_.bells && !turn_ && !db_.read_only())
    turn_.emplace(state_.bells->bell());
  const bool patient =
    !waiting_since_ || std::chrono::steady_clock::now() - *waiting_since_ < queue_patience;
  if (turn_ && !turn_->try_enter() && patient)
    return false;
  try {
    if (db_.try_begin())
      return true;
  } catch (...) {
    if (turn_)
      turn_->abandon();
    throw;
  }
  if (turn_)
    turn_->refused();
  return false;
}

void file_writer::give_up() noexcept {
  if (!waiting_since_)
    return;
  waiting_since_.reset();
  if (!turn_)
    return;
  turn_->abandon();
  state_.bells->bell().ring(); // we may have been the next
}

void file_writer::commit() {
  const auto commits = log_.commits();
  db_.prepare("COMMIT").run();
  const bool wrote = log_.commits() != commits;
  if (*mapped_)
    state_.versions.committed(before_, view_.read(), wrote, changed_);
  leave(wrote);
}

void file_writer::roll_back() {
  if (!open_)
    return;
  changed_.clear();
  if (db_.in_transaction())
    db_.prepare("ROLLBACK").run();
  leave(false);
}

/// A transaction that wrote nothing is news only to those who queue: else two processes that look
/// for something in vain would wake each other for ever.
void file_writer::leave(bool wrote) noexcept {
  open_ = false;
  if (!turn_)
    return;
  turn_->abandon(); // also a place in the queue, if it began out of turn
  if (wrote || turn_->contended())
    state_.bells->bell().ring();
}

} // namespace beaver
