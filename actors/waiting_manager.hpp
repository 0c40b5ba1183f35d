#pragma once
#include "beaver/actors/reply_port.hpp"
#include "beaver/actors/waiting_kinds.hpp"

#include <algorithm>
#include <set>

namespace beaver::detail {

/// The manager of one named instance. Without callers who wait it only passes jobs on, as
/// `table_manager` does. With some it has them served behind every write, in the same commit group
/// and on the same thread, so that a caller who puts wakes the one who waits directly; and whenever
/// somebody else has committed.
template <class Operations, class... Messages>
class waiting_manager final
  : public manager_frame<typename typed_handle<
      boost::mp11::mp_list<Messages...>>::template extend_with<watcher_actor>> {
  using super = manager_frame<
    typename typed_handle<boost::mp11::mp_list<Messages...>>::template extend_with<watcher_actor>>;
  using steady = std::chrono::steady_clock;
  using super::closed;
  using super::engine_;
  using super::name_;
  using super::type_;

  static constexpr auto service = service_of<Operations>();

public:
  waiting_manager(caf::actor_config& config, const char* type, engine_state_ptr engine,
                  std::string manager_name)
    : super(config, type, std::move(engine), std::move(manager_name)) {
    this->set_down_handler([this](caf::down_msg& down) { caller_ended(down.source); });
  }

  typename super::behavior_type make_behavior() override {
    return {this->template on<Messages>([this](Messages& m) { return accept(m); })...,
            [this](wake_atom) { serve_soon(); },
            [this](ring_atom) { serve_if_likely(rings_pay_); },
            [this](cancel_atom, std::uint64_t request) {
              if (const auto& caller = this->current_sender())
                line_->cancel(caller.get(), request);
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
  template <class M>
  caf::result<typename M::reply> accept(M& m) {
    if constexpr (waiting_message<M>)
      if (const auto limit = wait_limit(m); limit != steady::duration::zero())
        return wait(m, limit);
    auto work = make_table_job<Operations>(m);
    if constexpr (!is_read<M>)
      if (!line_->empty()) {
        write_and_serve<M>(std::move(work));
        return caf::delegated<typename M::reply>{};
      }
    return this->template pass_on<M>(std::move(work));
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
    if (what.how->arrive) {
      run_for({what}, &wait_line::kind::arrive, number);
      serve_soon();
    } else {
      serve_if_likely(arrivals_pay_);
    }
    return caf::delegated<typename M::reply>{};
  }

  /// Actors that may die while they wait. The ports of blocking callers do not.
  void watch_caller() {
    const auto& caller = this->current_sender();
    if (!caller || dynamic_cast<reply_port*>(caf::actor_cast<caf::abstract_actor*>(caller)))
      return;
    if (const auto who = caf::actor_cast<caf::actor_addr>(caller); callers_.insert(who).second)
      this->monitor(who);
  }

  void caller_ended(const caf::actor_addr& who) {
    callers_.erase(who);
    line_->forget(caf::actor_cast<caf::actor_control_block*>(who));
    after_change();
  }

  template <class M>
  void write_and_serve(job_ptr work) {
    auto promise = this->make_response_promise();
    auto failed = [promise](caf::error& why) mutable { promise.deliver(std::move(why)); };
    auto answer = this->ask(engine_->writer, std::move(work));
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

  /// Where an attempt of this sort found nothing last time, a reader looks first. That costs no
  /// lock: many processes may wait where one item came, and one that begins to wait again is in
  /// nobody's way. Where it did find something, the look would be in vain.
  void serve_if_likely(bool& pays) {
    if (line_->empty() || line_->job_queued())
      return;
    if (pays || !service.can_look() || engine_->readers.empty())
      return serve(&pays);
    if (!line_->announce_glance())
      return;
    this->ask(this->next_reader(), std::make_shared<glance_job>(line_, name_, service))
      .then(
        [this, &pays](bool worth) {
          pays = worth;
          if (worth)
            serve_soon();
          after_change();
        },
        [this](caf::error&) {
          line_->begin_glance(); // which it may not have done
          serve_soon();
        });
  }

  void serve(bool* pays = nullptr) {
    const auto number = line_->announce_job();
    this->ask(engine_->writer, std::make_shared<serve_job>(line_, number, name_, service))
      .then(
        [this, number, pays] {
          const bool served = line_->finish_job(number, {});
          if (pays)
            *pays = served;
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
    this->ask(engine_->writer, std::make_shared<task_job>(std::move(tasks), step))
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
      for (const auto& caller : callers_)
        this->demonitor(caller);
      callers_.clear();
      for (auto& promise : stopping_)
        promise.deliver(caf::unit);
      stopping_.clear();
      return;
    }
    if (next)
      arm(*next);
    // Never later than was said before: what was said may come from an older state of the file.
    if (const auto look = line_->take_next_look()) {
      const auto when = steady::now() + from_now(*look);
      look_at_ = std::min(look_at_.value_or(when), when);
    }
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

  const std::shared_ptr<wait_line> line_ = std::make_shared<wait_line>();
  bool arrivals_pay_ = true;                  // the last call that arrived found something
  bool rings_pay_ = false;                    // and the last ring of another process
  std::set<caf::actor_addr> callers_;         // that are monitored
  std::optional<steady::time_point> look_at_; // when something gets ready by itself
  std::optional<steady::time_point> renew_at_;
  std::optional<steady::time_point> armed_;
  std::uint64_t timer_number_ = 0;
  std::vector<caf::response_promise> stopping_; // answered when nobody waits any more
};

} // namespace beaver::detail
