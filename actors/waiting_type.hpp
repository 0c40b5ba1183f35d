#pragma once
#include "beaver/actors/reply_port.hpp"
#include "beaver/actors/table_type.hpp"
#include "beaver/actors/wait_line.hpp"

#include <algorithm>
#include <map>

// Data types whose calls may wait until their table has something for them: messages M derived from
// `may_wait`, for which `run` gives what is there and an empty reply stands for nothing. Beyond
// what `table_type.hpp` asks for, their `Operations` have
//   type                              std::string_view: "queue"
// and, where they need them, static functions of a job_context& x and the manager's name or M:
//   before_serving(x, name)           comes first in a job that serves those who wait
//   next_look(x, name)                std::optional<unix_seconds>: when something gets ready by
//                                     itself, asked while somebody waits
//   is_worth_trying(x, name)          bool, over a reader: whether there may be something at all
//   arrive(x, m), depart(x, m)        make a call that waits known in the file, and undo that when
//                                     it leaves with nothing; with
//   renewal                           std::chrono::seconds: how often `arrive` is repeated
//   go_on(x, m)                       bool: whether to serve those behind M, where the table and
//                                     not the line decides whose turn it is

namespace beaver::detail {

[[nodiscard]] inline bool is_empty_reply(const auto& reply) {
  if constexpr (requires { reply.has_value(); })
    return !reply.has_value();
  else
    return reply.empty();
}

template <class Operations, waiting_message M>
std::optional<caf::message> serve_message(job_context& context, const void* m) {
  auto reply = run_message<Operations>(context, *static_cast<const M*>(m));
  if (is_empty_reply(reply))
    return std::nullopt;
  return caf::make_message(std::move(reply));
}

template <class Operations, waiting_message M>
constexpr wait_line::kind kind_of() {
  wait_line::kind k{serve_message<Operations, M>, nullptr, nullptr, nullptr};
  if constexpr (requires(job_context & x, const M& m) { Operations::go_on(x, m); })
    k.go_on = [](job_context& x, const void* m) {
      return Operations::go_on(x, *static_cast<const M*>(m));
    };
  if constexpr (requires(job_context & x, const M& m) { Operations::arrive(x, m); }) {
    k.arrive = [](job_context& x, const void* m) {
      Operations::arrive(x, *static_cast<const M*>(m));
    };
    k.depart = [](job_context& x, const void* m) {
      Operations::depart(x, *static_cast<const M*>(m));
    };
  }
  return k;
}

template <class Operations, waiting_message M>
inline constexpr wait_line::kind kind_for = kind_of<Operations, M>();

template <class Operations>
constexpr serve_job::kind serving_of() {
  serve_job::kind k{Operations::type, nullptr, nullptr};
  if constexpr (requires { &Operations::before_serving; })
    k.prepare = &Operations::before_serving;
  if constexpr (requires { &Operations::next_look; })
    k.next_look = &Operations::next_look;
  return k;
}

/// The manager of one named instance. Without callers who wait it only passes jobs on, as
/// `table_manager` does. With some it has them served behind every write, in the same commit group
/// and on the same thread, so that a caller who puts wakes the one who waits directly; and whenever
/// somebody else has committed.
template <class Operations, class... Messages>
class waiting_manager final
  : public lendable<typename typed_handle<boost::mp11::mp_list<Messages...>>::template extend_with<
      watcher_actor>::base> {
  using handle =
    typename typed_handle<boost::mp11::mp_list<Messages...>>::template extend_with<watcher_actor>;
  using super = lendable<typename handle::base>;
  using steady = std::chrono::steady_clock;

public:
  waiting_manager(caf::actor_config& config, const char* type, engine_state_ptr engine,
                  std::string manager_name)
    : super(config), type_(type), engine_(std::move(engine)), name_(std::move(manager_name)) {
    this->set_exception_handler(
      [](std::exception_ptr&) { return to_caf(errc::internal, "manager failed"); });
    this->set_down_handler([this](caf::down_msg& down) { caller_ended(down.source.id()); });
  }

  const char* name() const override { return type_; }

  typename super::behavior_type make_behavior() override {
    return {handler<Messages>()...,
            [this](wake_atom) { serve_soon(); },
            [this](ring_atom) { look_before_serving(); },
            [this](cancel_atom, std::uint64_t request) {
              if (const auto& caller = this->current_sender())
                line_->cancel(caller->id(), request);
              after_change();
            },
            [this](due_atom, std::uint64_t number) {
              if (number == timer_number_)
                when_due();
            },
            [this](stop_atom) -> caf::result<void> {
              stopping_.push_back(this->make_response_promise());
              line_->end_all(closed());
              after_change();
              return caf::delegated<void>{};
            }};
  }

  void on_exit() override {
    engine_->watchers.remove(type_, name_, this->id());
    line_->abandon(closed());
    engine_.reset();
  }

private:
  [[nodiscard]] caf::error closed() const {
    return to_caf(errc::closed, "database '" + engine_->path + "' is closed");
  }

  template <class M>
  auto handler() {
    return [this](M& m) -> caf::result<typename M::reply> {
      try {
        handler_scope scope;
        adopt_name(m, name_);
        if constexpr (waiting_message<M>)
          if (const auto limit = wait_limit(m); limit != steady::duration::zero())
            return wait(m, limit);
        auto work = make_table_job<Operations>(m);
        if constexpr (is_read<M>)
          this->delegate(engine_->read_target(next_reader_++), std::move(work));
        else if (line_->empty())
          this->delegate(engine_->writer, std::move(work));
        else
          write_and_serve<M>(std::move(work));
        return caf::delegated<typename M::reply>{};
      } catch (...) {
        return current_to_caf();
      }
    };
  }

  template <class M>
  caf::result<typename M::reply> wait(M& m, std::optional<steady::duration> limit) {
    Operations::check(m);
    // In this order: whoever closes looks for watchers after it has said so.
    if (line_->empty())
      engine_->watchers.add(type_, name_, caf::actor_cast<watcher_actor>(this));
    if (engine_->closing) {
      after_change();
      return closed();
    }
    watch_caller();
    std::optional<steady::time_point> deadline;
    if (limit)
      deadline = steady::now() + *limit;
    const wait_line::task what{std::make_shared<const M>(std::move(m)), &kind_for<Operations, M>};
    const auto number = line_->add(
      {what, caf::make_message(typename M::reply{}), deadline, this->make_response_promise()});
    if (engine_->bells)
      engine_->bells->watch();
    if (deadline)
      arm(*deadline);
    if (what.how->arrive)
      run_for({what}, &wait_line::kind::arrive, number);
    serve_soon();
    return caf::delegated<typename M::reply>{};
  }

  /// Actors that may die while they wait. The ports of blocking callers do not.
  void watch_caller() {
    const auto& caller = this->current_sender();
    if (!caller || dynamic_cast<reply_port*>(caf::actor_cast<caf::abstract_actor*>(caller)))
      return;
    if (callers_.emplace(caller->id(), caf::actor_cast<caf::actor_addr>(caller)).second)
      this->monitor(caf::actor_cast<caf::actor_addr>(caller));
  }

  void caller_ended(caf::actor_id who) {
    callers_.erase(who);
    line_->forget(who);
    after_change();
  }

  template <class M>
  void write_and_serve(job_ptr work) {
    auto promise = this->make_response_promise();
    auto failed = [promise](caf::error& why) mutable { promise.deliver(std::move(why)); };
    auto answer =
      this->request(caf::actor_cast<caf::actor>(engine_->writer), caf::infinite, std::move(work));
    if constexpr (std::is_void_v<typename M::reply>)
      answer.then([promise]() mutable { promise.deliver(caf::unit); }, failed);
    else
      answer.then([promise](typename M::reply& r) mutable { promise.deliver(std::move(r)); },
                  failed);
    serve();
  }

  void serve_soon() {
    if (!line_->empty() && !line_->job_queued())
      serve();
  }

  /// Many processes may wait where one item came: a look costs no lock.
  void look_before_serving() {
    if constexpr (requires { &Operations::is_worth_trying; }) {
      if (line_->empty() || line_->job_queued() || engine_->readers.empty())
        return serve_soon();
      this
        ->request(caf::actor_cast<caf::actor>(engine_->read_target(next_reader_++)), caf::infinite,
                  job_ptr{std::make_shared<look_job>(name_, &Operations::is_worth_trying)})
        .then(
          [this](bool worth) {
            if (worth)
              serve_soon();
          },
          [this](caf::error&) { serve_soon(); });
    } else {
      serve_soon();
    }
  }

  void serve() {
    const auto number = line_->announce_job();
    auto work = std::make_shared<serve_job>(line_, number, name_, serving_of<Operations>());
    this->request(caf::actor_cast<caf::actor>(engine_->writer), caf::infinite, job_ptr{work})
      .then(
        [this, number] {
          line_->finish_job(number, {});
          after_change();
        },
        [this, number](caf::error& why) {
          line_->finish_job(number, why);
          if (from_caf(why).code == errc::busy)
            serve_soon();
          else
            line_->end_all(why);
          after_change();
        });
  }

  /// Does something for each in a job; an error goes to the call with this number, if there is one.
  void run_for(std::vector<wait_line::task> tasks, task_job::step step, std::uint64_t number = 0) {
    this
      ->request(caf::actor_cast<caf::actor>(engine_->writer), caf::infinite,
                job_ptr{std::make_shared<task_job>(std::move(tasks), step)})
      .then([] {},
            [this, number](caf::error& why) {
              line_->fail(number, why);
              after_change();
            });
  }

  void when_due() {
    armed_.reset();
    if (renew_at_ && *renew_at_ <= steady::now()) {
      renew_at_.reset();
      run_for(line_->tasks(), &wait_line::kind::arrive);
    }
    if (look_at_ && *look_at_ <= steady::now()) {
      look_at_.reset();
      serve_soon();
    }
    after_change();
  }

  /// Calls have left the line, or a job has looked.
  void after_change() {
    handler_scope scope;
    const auto next = line_->expire(steady::now());
    if (auto gone = line_->take_departed(); !gone.empty())
      run_for(std::move(gone), &wait_line::kind::depart);
    if (line_->empty()) {
      renew_at_.reset();
      engine_->watchers.remove(type_, name_, this->id());
      for (const auto& [id, caller] : callers_)
        this->demonitor(caller);
      callers_.clear();
      for (auto& promise : stopping_)
        promise.deliver(caf::unit);
      stopping_.clear();
      return;
    }
    if (next)
      arm(*next);
    if (const auto look = line_->take_next_look())
      look_at_ = steady::now() + from_now(*look);
    if (look_at_)
      arm(*look_at_);
    if constexpr (requires { Operations::renewal; }) {
      if (!renew_at_)
        renew_at_ = steady::now() + Operations::renewal;
      arm(*renew_at_);
    }
  }

  [[nodiscard]] steady::duration from_now(unix_seconds when) const {
    using namespace std::chrono_literals;
    const std::chrono::duration<double> left{when - engine_->clock()};
    return std::clamp<steady::duration>(
      std::chrono::duration_cast<steady::duration>(std::min<decltype(left)>(left, 60s)), 1ms, 60s);
  }

  /// One timer for all, since CAF's cannot be withdrawn.
  void arm(steady::time_point when) {
    if (armed_ && *armed_ <= when)
      return;
    armed_ = when;
    this->delayed_send(caf::actor_cast<watcher_actor>(this),
                       std::max(when - steady::now(), steady::duration::zero()), due_atom::value,
                       ++timer_number_);
  }

  const char* type_;
  engine_state_ptr engine_;
  std::string name_;
  std::size_t next_reader_ = 0;
  const std::shared_ptr<wait_line> line_ = std::make_shared<wait_line>();
  std::map<caf::actor_id, caf::actor_addr> callers_; // that are monitored
  std::optional<steady::time_point> look_at_;        // when something gets ready by itself
  std::optional<steady::time_point> renew_at_;
  std::optional<steady::time_point> armed_;
  std::uint64_t timer_number_ = 0;
  std::vector<caf::response_promise> stopping_; // answered when nobody waits any more
};

template <class Operations, class... Messages>
caf::actor spawn_waiting_manager(caf::actor_system& system, const char* type,
                                 const engine_state_ptr& engine, const std::string& name) {
  using manager = waiting_manager<Operations, Messages...>;
  return caf::actor_cast<caf::actor>(spawn_lazily<manager>(system, type, engine, name));
}

template <class Operations, class... Messages>
spawn_function waiting_spawner(boost::mp11::mp_list<Messages...>) {
  return spawn_waiting_manager<Operations, Messages...>;
}

/// The registry's view of a data type whose calls may wait; made once per type.
template <class Operations, class Block, class List>
const data_type& describe_waiting_type(const char* name, const char* plural) {
  static const auto type = [&] {
    auto made = make_table_type<Operations, Block>(List{}, name, plural);
    made.spawn = waiting_spawner<Operations>(List{});
    return made;
  }();
  return type;
}

} // namespace beaver::detail
