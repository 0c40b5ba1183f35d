#pragma once
#include <caf/execution_unit.hpp>
#include <caf/resumable.hpp>

namespace beaver {

/// True while the current thread is inside one of our handlers: a blocking call could then only
/// wait for itself.
[[nodiscard]] bool in_handler() noexcept;

/// Sets `in_handler` for a scope.
class handler_scope {
public:
  handler_scope() noexcept;
  ~handler_scope();
  handler_scope(const handler_scope&) = delete;
  handler_scope& operator=(const handler_scope&) = delete;

private:
  bool before_;
};

/// Marks an actor that may run on the thread of a caller who waits for it: the writer, the readers
/// and the managers. Nothing else is lent to, so that nobody's code runs on a stranger's thread.
template <class Base>
class lendable : public Base {
public:
  using Base::Base;

  // The one hint that CAF hands out without a cast; it reads it only when a system dies with jobs
  // left.
  caf::resumable::subtype_t subtype() const override { return caf::resumable::function_object; }

  caf::resumable::resume_result resume(caf::execution_unit* unit, std::size_t messages) override {
    handler_scope scope;
    return Base::resume(unit, messages);
  }
};

/// The execution unit of all calls into one actor system from threads that are not its own. A
/// blocking caller opens a `lending`; actors that become ready through it then run on the caller's
/// thread instead of waking another one. Lives as long as the system: actors keep a pointer to it.
class lent_unit final : public caf::execution_unit {
public:
  explicit lent_unit(caf::actor_system& system) : caf::execution_unit(&system) {}

  void exec_later(caf::resumable* job) override;
};

/// Lends the current thread while it exists. What is left at its end goes to the scheduler.
class lending {
public:
  explicit lending(lent_unit& unit) noexcept;
  ~lending();
  lending(const lending&) = delete;
  lending& operator=(const lending&) = delete;

  /// Runs one ready actor for a few messages; false if there is none.
  bool run_one();

private:
  friend class lent_unit;
  bool push(caf::resumable* job) noexcept;
  caf::resumable* pop() noexcept;

  static constexpr unsigned capacity = 16;
  lent_unit& unit_;
  unsigned first_ = 0;
  unsigned count_ = 0;
  caf::resumable* ready_[capacity];
};

} // namespace beaver
