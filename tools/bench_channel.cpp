#include "beaver/tools/bench_hop.hpp"
#include "beaver/tools/bench_workload.hpp"

#include <deque>
#include <malloc.h>
#include <memory>

namespace beaver::bench {

namespace {

using folder = std::filesystem::path;
using namespace std::chrono_literals;

constexpr const char* channel_name = "news";

struct channel_files : twin_databases {
  explicit channel_files(const folder& where) : twin_databases(where, durability::relaxed) {}

  /// Messages in one transaction. The raw side counts in its timestamps: it need not look for the
  /// newest.
  void publish_raw(std::size_t count) {
    raw->begin();
    for (std::size_t i = 0; i < count; ++i, ++raw_number)
      raw->publish(channel_name, static_cast<double>(raw_number), raw_text.with(raw_number));
    raw->commit();
  }

  sample_value raw_text;
  std::uint64_t raw_number = 1;
};

contest channel_publish(const folder& where) {
  auto s = std::make_shared<channel_files>(where);
  contest c;
  c.ours.workers.push_back(
    repeat([s, news = s->db.channel(channel_name), text = sample_value{}, number = 0ull]() mutable {
      news.publish(json_text{text.with(number++)});
    }));
  c.baseline.workers.push_back(repeat([s] { s->publish_raw(1); }));
  return c;
}

// -- latency --------------------------------------------------------------------------------------

/// From a publish to the moment when the last of the subscribers has it, each in its callback.
template <std::size_t Subscribers>
contest channel_latency(const folder& where) {
  struct state : channel_files {
    using channel_files::channel_files;
    std::atomic<std::uint64_t> received{0};
    hop raw_hop;
    std::atomic<std::uint64_t> raw_received{0};
    std::vector<listener> listeners; // end before what they count in
  };
  auto s = std::make_shared<state>(where);
  const executor at_once = [](const std::function<void()>& work) { work(); };
  for (std::size_t i = 0; i < Subscribers; ++i)
    s->listeners.push_back(
      s->db.channel(channel_name)
        .subscribe([&count = s->received](const auto&) { ++count; }, {}, {}, at_once));
  contest c;
  c.ours.workers.push_back(repeat([s, news = s->db.channel(channel_name), text = sample_value{},
                                   sent = std::uint64_t{0}]() mutable {
    news.publish(json_text{text.with(sent)});
    spin_until(s->received, ++sent * Subscribers);
  }));
  c.baseline.workers.push_back(repeat([s, sent = std::uint64_t{0}]() mutable {
    s->publish_raw(1);
    s->raw_hop.raise();
    spin_until(s->raw_received, ++sent);
  }));
  c.baseline.companions.push_back([s](const std::atomic<bool>& stop) {
    while (!stop)
      if (s->raw_hop.take())
        ++s->raw_received;
  });
  return c;
}

// -- throughput -----------------------------------------------------------------------------------

/// What fan-out costs at least: a queue and a lock for each subscriber, one shared message for all.
class raw_fan_out {
public:
  explicit raw_fan_out(std::size_t subscribers) : inboxes_(subscribers) {}

  void give(const std::shared_ptr<const std::string>& message) {
    for (auto& to : inboxes_) {
      std::lock_guard guard{to.mutex};
      to.messages.push_back(message);
    }
  }

  void take_all() {
    for (auto& from : inboxes_) {
      std::deque<std::shared_ptr<const std::string>> taken;
      {
        std::lock_guard guard{from.mutex};
        taken.swap(from.messages);
      }
      for (const auto& message : taken)
        keep(message->data());
    }
  }

private:
  struct inbox {
    std::mutex mutex;
    std::deque<std::shared_ptr<const std::string>> messages;
  };
  std::vector<inbox> inboxes_;
};

/// Messages that are published, stored, and taken by every subscriber. Each that one of them takes
/// counts as an operation.
template <std::size_t Subscribers>
contest channel_deliver(const folder& where) {
  constexpr std::size_t messages = Subscribers < 10'000 ? 100 : 20;
  struct state : channel_files {
    explicit state(const folder& f) : channel_files(f), raw_subscribers(Subscribers) {}
    std::vector<channel_subscription<json_text>> subscribers;
    std::uint64_t bytes_each = 0;
    raw_fan_out raw_subscribers;
  };
  auto s = std::make_shared<state>(where);
  auto news = s->db.channel(channel_name);
  s->subscribers.reserve(Subscribers);
  const auto before = ::mallinfo2();
  for (std::size_t i = 0; i < Subscribers; ++i)
    s->subscribers.push_back(news.subscribe());
  s->bytes_each = (::mallinfo2().uordblks - before.uordblks) / Subscribers
                  + sizeof(channel_subscription<json_text>);
  contest c;
  c.ours.workers.push_back([s, news, text = sample_value{}, number = 0ull](slice& time) mutable {
    while (time.running()) {
      std::vector<json_text> batch;
      for (std::size_t i = 0; i < messages; ++i)
        batch.emplace_back(text.with(number++));
      news.publish_many(batch);
      for (auto& one : s->subscribers)
        for (std::size_t got = 0; got < messages; ++got)
          keep(one.next()->payload.text().data());
      time.done_many(messages * Subscribers);
    }
  });
  c.baseline.workers.push_back([s, text = sample_value{}, number = 0ull](slice& time) mutable {
    while (time.running()) {
      s->publish_raw(messages);
      for (std::size_t i = 0; i < messages; ++i)
        s->raw_subscribers.give(std::make_shared<const std::string>(text.with(number++)));
      s->raw_subscribers.take_all();
      time.done_many(messages * Subscribers);
    }
  });
  c.extras = [s] { return std::vector<extra>{{"bytes_per_subscriber", s->bytes_each}}; };
  return c;
}

constexpr const char* insert = "BEGIN IMMEDIATE, insert at a counted time, COMMIT";
constexpr const char* insert_and_hop = "the same insert, and one condition variable hop";
constexpr const char* insert_and_fan_out =
  "the same inserts, and a locked queue of shared messages for each";

constexpr bench_case cases[] = {
  {"channel_publish", "publish to nobody, relaxed durability", insert, channel_publish},
  {"channel_latency_1sub", "publish until a subscriber has it", insert_and_hop, channel_latency<1>},
  {"channel_latency_100sub", "publish until the last of 100 has it", insert_and_hop,
   channel_latency<100>},
  {"channel_latency_1000sub", "publish until the last of 1,000 has it", insert_and_hop,
   channel_latency<1'000>},
  {"channel_deliver_1sub", "a message taken, published 100 at a time", insert_and_fan_out,
   channel_deliver<1>},
  {"channel_deliver_100sub", "a message taken by one of 100", insert_and_fan_out,
   channel_deliver<100>},
  {"channel_deliver_1000sub", "a message taken by one of 1,000", insert_and_fan_out,
   channel_deliver<1'000>},
  {"channel_deliver_10000sub", "a message taken by one of 10,000, published 20 at a time",
   insert_and_fan_out, channel_deliver<10'000>},
};

} // namespace

std::span<const bench_case> channel_cases() { return cases; }

} // namespace beaver::bench
