#include "beaver/actors/lent_unit.hpp"

#include <caf/actor_system.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>
#include <utility>

namespace beaver {

namespace {

thread_local lending* current_lending = nullptr;
thread_local bool inside_handler = false;

// A caller runs at most this many messages of an actor before it looks for its own reply again.
constexpr std::size_t messages_per_turn = 8;

} // namespace

bool in_handler() noexcept { return inside_handler; }

handler_scope::handler_scope() noexcept : before_(std::exchange(inside_handler, true)) {}

handler_scope::~handler_scope() { inside_handler = before_; }

void lent_unit::exec_later(caf::resumable* job) {
  auto* list = current_lending;
  const bool ours =
    list && &list->unit_ == this && job->subtype() == caf::resumable::function_object;
  if (!ours || !list->push(job))
    system().scheduler().enqueue(job);
}

lending::lending(lent_unit& unit) noexcept : unit_(unit) { current_lending = this; }

lending::~lending() {
  current_lending = nullptr;
  while (auto* job = pop())
    unit_.system().scheduler().enqueue(job);
}

bool lending::run_one() {
  auto* job = pop();
  if (!job)
    return false;
  const auto outcome = job->resume(&unit_, messages_per_turn);
  if (outcome != caf::resumable::resume_later)
    caf::intrusive_ptr_release(job);
  else if (!push(job))
    unit_.system().scheduler().enqueue(job);
  return true;
}

bool lending::push(caf::resumable* job) noexcept {
  if (count_ == capacity)
    return false;
  ready_[(first_ + count_++) % capacity] = job;
  return true;
}

caf::resumable* lending::pop() noexcept {
  if (count_ == 0)
    return nullptr;
  auto* job = ready_[first_];
  first_ = (first_ + 1) % capacity;
  --count_;
  return job;
}

} // namespace beaver
