#pragma once
#include "beaver/api/database.hpp"
#include "recorded_queue.hpp"

#include <array>
#include <random>

// Clients of real queues and lists: their step() makes one random call and records it, their
// drain() takes out what is left. A client that does wrong now and then shows that this is found.

namespace beaver::test {

using dice = std::mt19937_64;

enum class conduct { good, duplicates, reorders };

/// Odd rounds know leases and delays that end by themselves. What somebody reads meanwhile is then
/// no part of the order: whoever writes goes by the time before its commit, a reader by a later
/// one.
class queue_client {
public:
  using model = queue_model;

  queue_client(database& db, int round, client_record& record, int client, conduct how)
    : queue_(db.queue<std::int64_t>("q" + std::to_string(round)), record, client),
      handle_(queue_.unrecorded()), time_passes_(round % 2 == 1), how_(how) {}

  void step(dice& random) {
    switch (random() % 12) {
    case 0:
    case 1:
    case 2:
    case 3:
      put(random);
      return;
    case 4:
    case 5:
    case 6:
      get(random);
      return;
    case 7:
    case 8:
      queue_.take(time_passes_ ? some_time(random) + short_time : long_time, some_time(random));
      return;
    case 9:
      queue_.ack();
      return;
    case 10:
      queue_.nack();
      return;
    default:
      if (time_passes_)
        queue_.get({});
      else if (random() % 2)
        queue_.count();
      else
        queue_.peek();
    }
  }

  void drain() {
    while (!queue_.get({}).empty()) {}
  }

private:
  using duration = recorded_queue::duration;
  static constexpr duration short_time = std::chrono::milliseconds{1};
  static constexpr duration long_time = std::chrono::minutes{10};

  static duration some_time(dice& random) {
    using namespace std::chrono_literals;
    static constexpr std::array<duration, 4> times{0s, 50us, 1ms, 5ms};
    return times[random() % times.size()];
  }

  void put(dice& random) {
    const auto item = queue_.new_number();
    const auto priority = static_cast<std::int64_t>(random() % 3);
    if (time_passes_ && random() % 4 == 0)
      queue_.put_later(item, priority, some_time(random) + short_time);
    else
      queue_.put(item, priority);
  }

  void get(dice& random) {
    if (how_ == conduct::good || random() % 3) {
      queue_.get(some_time(random));
      return;
    }
    queue_.record().record(model::get(queue_.name()), [&] {
      if (how_ == conduct::duplicates)
        return recorded_queue::noted(handle_.peek());
      auto two = handle_.get_many(2);
      if (two.empty())
        return values{};
      if (two.size() == 2)
        handle_.put(two[0].value, two[0].priority);
      return recorded_queue::noted(std::optional{two.back()});
    });
  }

  recorded_queue queue_;
  recorded_queue::handle handle_;
  bool time_passes_;
  conduct how_;
};

class list_client {
public:
  using model = list_model;

  list_client(database& db, int round, client_record& record, int client, conduct how)
    : list_(db.list<std::int64_t>("l" + std::to_string(round))), record_(record),
      last_number_(client * 1'000'000), how_(how) {}

  void step(dice& random) {
    const auto number = ++last_number_;
    const auto index = static_cast<std::int64_t>(random() % 7) - 3;
    const auto& name = list_.name();
    switch (random() % 14) {
    case 0:
    case 1:
    case 2:
      record(model::push(name, number), [&] { list_.push(number); });
      return;
    case 3:
    case 4:
      record(model::prepend(name, number), [&] { list_.prepend(number); });
      return;
    case 5:
    case 6:
      record(model::insert(name, index, number), [&] { list_.insert(index, number); });
      return;
    case 7:
      record(model::set(name, index, number), [&] { return list_.set(index, number); });
      return;
    case 8:
    case 9:
      record(model::pop_front(name), [&] { return pop_front(random); });
      return;
    case 10:
      record(model::pop_back(name), [&] { return list_.pop(); });
      return;
    case 11:
      record(model::erase(name, index), [&] { return list_.erase(index); });
      return;
    case 12:
      record(model::at(name, index), [&] { return list_.find_at(index); });
      return;
    default:
      if (random() % 2)
        record(model::count(name), [&] { return static_cast<std::int64_t>(list_.count()); });
      else
        record(model::items(name), [&] { return list_.range(); });
    }
  }

  void drain() {
    record(model::items(list_.name()), [&] { return list_.range(); });
  }

private:
  static values noted(std::int64_t result) { return {result}; }
  static values noted(std::optional<std::int64_t> result) {
    return result ? values{*result} : values{};
  }
  static values noted(values result) { return result; }

  template <class F>
  void record(call what, F body) {
    record_.record(std::move(what), [&] {
      if constexpr (std::is_void_v<decltype(body())>) {
        body();
        return values{};
      } else {
        return noted(body());
      }
    });
  }

  std::optional<std::int64_t> pop_front(dice& random) {
    if (how_ == conduct::duplicates && random() % 3 == 0)
      return list_.find_at(0);
    if (how_ == conduct::reorders && random() % 3 == 0)
      return list_.pop(1);
    return list_.pop_front();
  }

  list<std::int64_t> list_;
  client_record& record_;
  std::int64_t last_number_;
  conduct how_;
};

} // namespace beaver::test
