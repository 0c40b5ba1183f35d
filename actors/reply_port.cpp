#include "beaver/actors/reply_port.hpp"

#include "beaver/actors/caf_errors.hpp"
#include "beaver/actors/lent_unit.hpp"
#include "beaver/actors/watch_list.hpp"

#include <caf/mailbox_element.hpp>
#include <caf/message.hpp>

#ifdef __linux__
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace beaver {

void reply_port::ask(const caf::strong_actor_ptr& target, caf::mailbox_element_ptr content,
                     const operation* op, void* reply, caf::execution_unit* host) {
  op_ = op;
  reply_ = reply;
  failure_.reset();
  phase_.store(waiting, std::memory_order_relaxed);
  send(target, std::move(content), host);
}

void reply_port::wait(lending& lent) {
  while (phase_.load(std::memory_order_acquire) != answered) {
    if (!lent.run_one())
      sleep();
  }
  phase_.store(idle, std::memory_order_relaxed);
  if (failure_)
    throw error(failure_->code, failure_->text);
}

// std::atomic::wait yields some times before it sleeps. With more callers than cores that takes the
// core from those who are about to join the commit group: 4 threads wrote 1.5 times slower.
void reply_port::sleep() {
  std::uint32_t seen = waiting;
  if (!phase_.compare_exchange_strong(seen, asleep, std::memory_order_acquire) && seen != asleep)
    return;
#ifdef __linux__
  ::syscall(SYS_futex, &phase_, FUTEX_WAIT_PRIVATE, asleep, nullptr, nullptr, 0);
#else
  phase_.wait(asleep, std::memory_order_acquire);
#endif
}

void reply_port::wake() {
#ifdef __linux__
  ::syscall(SYS_futex, &phase_, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
#else
  phase_.notify_one();
#endif
}

void reply_port::start(const caf::strong_actor_ptr& target, caf::mailbox_element_ptr content,
                       std::unique_ptr<async_call> call, owner& home) {
  op_ = call->op;
  reply_ = call->reply;
  failure_.reset();
  home_ = &home;
  const auto stop = call->stop;
  const auto number = request_number() + 1;
  if (stop.stop_possible())
    withdraws_.emplace(stop, [=, this] { withdraw(target, number); });
  async_ = std::move(call);
  send(target, std::move(content), nullptr);
  if (stop.stop_requested()) // perhaps before there was something to withdraw
    withdraw(target, number);
}

void reply_port::withdraw(const caf::strong_actor_ptr& target, std::uint64_t number) {
  target->enqueue(caf::make_mailbox_element(caf::strong_actor_ptr{ctrl()}, caf::message_id{}, {},
                                            cancel_atom::value, number),
                  nullptr);
}

void reply_port::send(const caf::strong_actor_ptr& target, caf::mailbox_element_ptr content,
                      caf::execution_unit* host) {
  const auto number = number_.load(std::memory_order_relaxed) + 1;
  number_.store(number, std::memory_order_relaxed);
  content->sender = caf::strong_actor_ptr{ctrl()};
  content->mid = caf::message_id{number}.with_category(caf::message_id::normal_message_category);
  target->enqueue(std::move(content), host);
}

void reply_port::enqueue(caf::mailbox_element_ptr element, caf::execution_unit*) {
  const caf::message_id expected{number_.load(std::memory_order_relaxed)};
  if (!element->mid.is_response() || element->mid.request_id() != expected)
    return;
  auto content = element->move_content_to_message();
  if (content.match_elements<caf::error>())
    failure_ = from_caf(content.get_as<caf::error>(0));
  else if (!op_ && reply_)
    *static_cast<caf::message*>(reply_) = std::move(content);
  else if (op_ && !op_->from_message(content, reply_))
    failure_ = failure{errc::internal, "unexpected reply to " + std::string{op_->name}};
  if (async_) {
    withdraws_.reset();
    auto call = std::move(async_);
    call->done(failure_ ? &*failure_ : nullptr);
    home_->recycle(*this);
    return;
  }
  if (phase_.exchange(answered, std::memory_order_acq_rel) == asleep)
    wake();
}

} // namespace beaver
