#include "beaver/actors/reply_port.hpp"

#include "beaver/actors/caf_errors.hpp"
#include "beaver/actors/lent_unit.hpp"

#include <caf/mailbox_element.hpp>
#include <caf/message.hpp>

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
      phase_.wait(waiting, std::memory_order_acquire);
  }
  phase_.store(idle, std::memory_order_relaxed);
  if (failure_)
    throw error(failure_->code, failure_->text);
}

void reply_port::start(const caf::strong_actor_ptr& target, caf::mailbox_element_ptr content,
                       std::unique_ptr<async_call> call, owner& home) {
  op_ = call->op;
  reply_ = call->reply;
  failure_.reset();
  async_ = std::move(call);
  home_ = &home;
  send(target, std::move(content), nullptr);
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
    auto call = std::move(async_);
    call->done(failure_ ? &*failure_ : nullptr);
    home_->recycle(*this);
    return;
  }
  phase_.store(answered, std::memory_order_release);
  phase_.notify_one();
}

} // namespace beaver
