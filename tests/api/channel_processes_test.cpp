#include "support/child.hpp"
#include "support/open_database.hpp"
#include "support/processes.hpp"
#include "support/raw_file.hpp"

#include <array>
#include <boost/describe/class.hpp>
#include <boost/test/unit_test.hpp>
#include <random>

using namespace beaver;
using namespace beaver::test;
using namespace std::chrono_literals;

namespace {

struct numbered {
  int publisher;
  int number;
};
BOOST_DESCRIBE_STRUCT(numbered, (), (publisher, number))

constexpr auto patience = 60s; // longer than any wait that ends as it should

using stream = channel_subscription<numbered>;

stream open(database& db, const std::string& cursor) {
  return db.channel<numbered>("c").subscribe(
    {.from_beginning = true, .cursor = cursor, .capacity = 64});
}

/// What one subscriber has seen: each publisher's messages must come in their order, each once.
class order_check {
public:
  void see(const channel_message_of<numbered>& m) {
    auto& expected = next_.at(static_cast<std::size_t>(m.payload.publisher));
    if (m.payload.number != expected || m.sequence <= last_ || m.missed != 0)
      throw std::logic_error("message " + std::to_string(m.payload.number) + " of publisher "
                             + std::to_string(m.payload.publisher) + " instead of "
                             + std::to_string(expected));
    ++expected;
    last_ = m.sequence;
    ++seen_;
  }
  [[nodiscard]] int seen() const { return seen_; }

private:
  std::array<int, 3> next_{};
  std::uint64_t last_ = 0;
  int seen_ = 0;
};

/// Follows a cursor that it leaves and joins again at random moments, until it has seen `all`.
void follow_in_pieces(database& db, const std::string& cursor, int all, std::uint64_t seed) {
  std::mt19937_64 dice{seed};
  order_check check;
  while (check.seen() < all) {
    auto s = open(db, cursor);
    std::optional<channel_message_of<numbered>> last;
    for (auto left = 1 + dice() % 3'000; left > 0 && check.seen() < all; --left) {
      last = s.next(patience);
      if (!last)
        throw std::logic_error("waited in vain after " + std::to_string(check.seen()));
      check.see(*last);
      if (dice() % 64 == 0)
        s.commit(*last);
    }
    s.commit(*last);
  }
}

void publish_in_pieces(database& db, int publisher, int count, std::uint64_t seed) {
  std::mt19937_64 dice{seed};
  auto c = db.channel<numbered>("c");
  for (int number = 0; number < count;) {
    std::vector<numbered> batch;
    for (auto n = 1 + dice() % 20; n > 0 && number < count; --n)
      batch.push_back({publisher, number++});
    if (batch.size() == 1)
      c.publish(batch[0]);
    else
      c.publish_many(batch);
  }
}

// -- those that are killed ------------------------------------------------------------------------

/// Publishes where the one before it ended, and tells each message that is stored.
int publish_for_ever(const std::string& file, line& parent) {
  database db{file, quick()};
  auto c = db.channel<numbered>("c");
  auto number = static_cast<int>(c.count());
  do
    c.publish({0, number++});
  while (parent.send(1));
  return 1;
}

/// Appends each message to a list in the transaction that moves its cursor.
int copy_for_ever(const std::string& file, line& parent) {
  database db{file, quick()};
  auto s = open(db, "copy");
  while (const auto m = s.next(patience)) {
    db.transaction([&](transaction& tx) {
      tx.list<int>("copied").push(m->payload.number);
      tx.channel<numbered>("c").set_cursor("copy", *m);
    });
    parent.send(1);
  }
  return 1;
}

} // namespace

BOOST_AUTO_TEST_SUITE(channel_processes)

BOOST_AUTO_TEST_CASE(every_subscriber_of_three_processes_sees_every_message_once_and_in_order) {
  const int each = long_tests() ? 33'334 : 3'000;
  const auto seed = fresh_seed();
  BOOST_TEST_CONTEXT("seed " << seed) {
    const temp_folder folder;
    const int failed = failures_of_processes(3, [&](int process) {
      database db{folder.file(), quick()};
      const auto number = static_cast<std::uint64_t>(process);
      return failures_of_threads(3, [&](int thread) {
        if (thread == 0)
          publish_in_pieces(db, process, each, seed + number);
        else
          follow_in_pieces(db, std::to_string(process) + "." + std::to_string(thread), 3 * each,
                           seed + 10 * number + static_cast<std::uint64_t>(thread));
      });
    });
    BOOST_TEST(failed == 0);
    raw_file raw{folder.file()};
    BOOST_TEST(raw.integer("SELECT count(*) FROM __beaver_pubsub_log__") == 3 * each);
    BOOST_TEST(raw.integrity() == "ok");
  }
}

BOOST_AUTO_TEST_CASE(nothing_is_lost_or_done_twice_when_publishers_and_subscribers_are_killed) {
  const int kills = long_tests() ? 200 : 12;
  const auto seed = fresh_seed();
  BOOST_TEST_CONTEXT("seed " << seed) {
    const temp_folder folder;
    { const database make{folder.file()}; }
    std::mt19937_64 dice{seed};
    std::uint64_t published = 0; // at least
    for (int i = 0; i < kills; ++i) {
      child publisher{[&](line& l) { return publish_for_ever(folder.file(), l); }};
      child copier{[&](line& l) { return copy_for_ever(folder.file(), l); }};
      const auto now = 1 + dice() % 200;
      for (auto n = now; n > 0; --n)
        published += publisher.io().receive().value_or(0);
      const bool publisher_first = dice() % 2 == 0;
      if (publisher_first)
        publisher.kill();
      for (auto n = dice() % (now + 1); n > 0; --n) // what is new is not copied by any before
        BOOST_REQUIRE(copier.io().receive());
      copier.kill();
      publisher.kill();
      publisher.wait();
      copier.wait();
    }
    database db{folder.file(), quick()};
    const auto all = db.channel<numbered>("c").count();
    BOOST_TEST(all >= published);
    auto rest = open(db, "copy");
    auto list = db.list<int>("copied");
    while (const auto m = rest.next(0s))
      list.push(m->payload.number);
    BOOST_TEST(list.count() == all);
    int expected = 0;
    for (const int number : list)
      BOOST_REQUIRE_EQUAL(number, expected++);
    BOOST_TEST(raw_file{folder.file()}.integrity() == "ok");
  }
}

BOOST_AUTO_TEST_SUITE_END()
