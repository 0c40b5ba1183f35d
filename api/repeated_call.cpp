#include "beaver/api/repeated_call.hpp"

#include "beaver/actors/operation.hpp"

#include <array>

namespace beaver {

/// One call on its way.
class repeated_call::turn final : public async_call {
public:
  explicit turn(std::shared_ptr<repeated_call> of) : of_(std::move(of)) {
    op = &of_->op_;
    message_ = op->make();
    op->decode(message_.get(), of_->message_);
    slot_ = op->make_slot();
    message = message_.get();
    reply = slot_.get();
    stop = of_->stop_.get_token();
  }

  void done(const failure* why) noexcept override { of_->done(std::move(slot_), why); }

private:
  const std::shared_ptr<repeated_call> of_;
  std::shared_ptr<void> message_;
  std::shared_ptr<void> slot_;
};

/// Hears that nobody takes the replies any more.
class repeated_call::watch final : public stream_buffer::owner {
public:
  explicit watch(const std::shared_ptr<repeated_call>& of) : of_(of) {}
  void wants_more(std::uint64_t) noexcept override {}
  void left(std::uint64_t) noexcept override {
    if (const auto of = of_.lock())
      of->withdraw();
  }

private:
  const std::weak_ptr<repeated_call> of_; // which holds the buffer, and so this
};

repeated_call::repeated_call(std::shared_ptr<backend> to, const operation& op, const void* message)
  : to_(std::move(to)), op_(op),
    items_(std::make_shared<stream_buffer>(stream_limits{.capacity = 1})) {
  op.encode(message, message_);
}

std::shared_ptr<repeated_call> repeated_call::make(std::shared_ptr<backend> to, const operation& op,
                                                   const void* message) {
  std::shared_ptr<repeated_call> made{new repeated_call{std::move(to), op, message}};
  made->items_->attach(std::make_shared<watch>(made), 0);
  return made;
}

void repeated_call::ask() {
  {
    std::lock_guard guard{mutex_};
    if (std::exchange(in_work_, true))
      return;
  }
  try {
    to_->start(std::make_unique<turn>(shared_from_this()));
  } catch (const error& e) {
    const failure why{e.code(), e.what()};
    done(nullptr, &why);
  }
}

void repeated_call::done(std::shared_ptr<void> slot, const failure* why) noexcept {
  {
    std::lock_guard guard{mutex_};
    in_work_ = false;
  }
  std::string text;
  if (why != nullptr) {
    items_->end(*why);
  } else if (op_.reply_optional && !op_.encode_reply(slot.get(), text)) {
    items_->end(std::nullopt);
  } else {
    const std::array<stream_buffer::pointer, 1> one{std::move(slot)};
    items_->offer(one);
  }
}

} // namespace beaver
