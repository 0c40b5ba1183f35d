#pragma once
#include "beaver/actors/caf_errors.hpp"
#include "beaver/actors/engine_actors.hpp"
#include "beaver/actors/lent_unit.hpp"
#include "beaver/actors/message.hpp"

#include <caf/typed_event_based_actor.hpp>
#include <string>
#include <utility>

namespace beaver::detail {

template <class M>
inline constexpr bool is_read = M::route.method == verb::get;

/// A message to a manager may leave out its name; another name is a mistake.
template <class M>
void adopt_name([[maybe_unused]] M& m, [[maybe_unused]] const std::string& name) {
  if constexpr (requires { m.name; }) {
    if (m.name.empty())
      m.name = name;
    else if (m.name != name)
      throw error(errc::invalid_argument,
                  "message for '" + m.name + "' sent to the manager of '" + name + "'");
  }
}

/// What every manager of a named instance has: its place, and the way of a job from it to the
/// writer or a reader, whose reply goes straight to the caller.
template <class Handle>
class manager_frame : public lendable<typename Handle::base> {
  using super = lendable<typename Handle::base>;

public:
  manager_frame(caf::actor_config& config, const char* type, engine_state_ptr engine,
                std::string manager_name)
    : super(config), type_(type), engine_(std::move(engine)), name_(std::move(manager_name)) {
    this->set_exception_handler(
      [](std::exception_ptr&) { return to_caf(errc::internal, "manager failed"); });
  }

  const char* name() const override { return type_; }

protected:
  /// A handler for M, which `serve` gets with its name filled in. What it throws is the answer.
  template <class M, class F>
  auto on(F serve) {
    return [this, serve](M& m) -> caf::result<typename M::reply> {
      try {
        handler_scope scope;
        adopt_name(m, name_);
        return serve(m);
      } catch (...) {
        return current_to_caf();
      }
    };
  }

  template <class M>
  caf::result<typename M::reply> pass_on(job_ptr work) {
    if constexpr (is_read<M>)
      this->delegate(next_reader(), std::move(work));
    else
      this->delegate(engine_->writer, std::move(work));
    return caf::delegated<typename M::reply>{};
  }

  /// Reads are spread over the readers.
  [[nodiscard]] job_actor next_reader() { return engine_->read_target(next_reader_++); }

  /// Has a job run over a connection; for the answer.
  auto ask(const job_actor& where, job_ptr work) {
    return this->request(caf::actor_cast<caf::actor>(where), caf::infinite, std::move(work));
  }

  [[nodiscard]] caf::error closed() const {
    return to_caf(errc::closed, "database '" + engine_->path + "' is closed");
  }

  const char* type_;
  engine_state_ptr engine_;
  std::string name_;

private:
  std::size_t next_reader_ = 0;
};

} // namespace beaver::detail
