#pragma once
#include "beaver/api/queue.hpp"
#include "beaver/storage/clock.hpp"
#include "support/history_models.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace beaver::test {

/// A queue of one client whose calls are recorded in the words of `queue_model`. Not thread-safe.
class recorded_queue {
public:
  using handle = queue<std::int64_t>;
  using duration = handle::duration;

  /// Clients of one queue have different numbers.
  recorded_queue(handle q, client_record& record, std::int64_t client)
    : queue_(std::move(q)), record_(record), last_number_(client * 1'000'000) {}

  [[nodiscard]] const handle& unrecorded() const noexcept { return queue_; }
  [[nodiscard]] client_record& record() noexcept { return record_; }
  [[nodiscard]] const std::string& name() const noexcept { return queue_.name(); }

  /// Another one each time, among all clients.
  std::int64_t new_number() { return ++last_number_; }

  void put(std::int64_t item, std::int64_t priority) {
    record_.record(queue_model::put(name(), item, priority), [&] {
      queue_.put(item, static_cast<double>(priority));
      return values{};
    });
  }

  void put_later(std::int64_t item, std::int64_t priority, duration delay) {
    const auto lease = new_number();
    const auto due = monotonic_now() + nanoseconds(delay) - grain;
    record_.record(queue_model::put(name(), item, priority, lease), [&] {
      queue_.put(item, static_cast<double>(priority), delay);
      return values{};
    });
    record_.may_happen(queue_model::lease_end(name(), lease), due);
  }

  values get(duration timeout) {
    return record_.record(queue_model::get(name()), [&] { return noted(queue_.get(timeout)); });
  }

  /// What it gives can be settled until the next take().
  values take(duration visibility, duration timeout) {
    std::optional<handle::taken> taken;
    lease_ = new_number();
    auto result = record_.record(queue_model::take(name(), lease_), [&] {
      taken = queue_.take(visibility, timeout);
      return noted(taken);
    });
    receipt_ = taken ? taken->receipt : "nothing";
    if (taken) {
      const auto now = monotonic_now();
      const duration left{taken->leased_until - system_now()};
      record_.may_happen(queue_model::lease_end(name(), lease_), now + nanoseconds(left) - grain);
    }
    return result;
  }

  bool ack() {
    return record_.record(queue_model::ack(name(), lease_),
                          [&] { return values{queue_.ack(receipt_)}; })[0];
  }
  bool nack() {
    return record_.record(queue_model::nack(name(), lease_),
                          [&] { return values{queue_.nack(receipt_)}; })[0];
  }

  values peek() {
    return record_.record(queue_model::peek(name()), [&] { return noted(queue_.peek()); });
  }

  void count() {
    record_.record(queue_model::count(name()),
                   [&] { return values{static_cast<std::int64_t>(queue_.count())}; });
  }

  template <class Item>
  static values noted(const std::optional<Item>& item) {
    if (!item)
      return {};
    return {item->value, static_cast<std::int64_t>(item->priority)};
  }

private:
  /// Times in the file are numbers that know no shorter one.
  static constexpr std::int64_t grain = 1'000;

  static std::int64_t nanoseconds(duration time) {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(time).count();
  }

  handle queue_;
  client_record& record_;
  std::int64_t last_number_;
  std::int64_t lease_ = 0;
  std::string receipt_ = "nothing";
};

} // namespace beaver::test
