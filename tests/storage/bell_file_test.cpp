#include "beaver/storage/bell_file.hpp"

#include "beaver/storage/bell_page.hpp"
#include "bell_fixture.hpp"
#include "support/child.hpp"
#include "support/processes.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <atomic>
#include <filesystem>
#include <thread>
#include <vector>

#include <sys/mman.h>
#include <unistd.h>

using namespace beaver;
using namespace beaver::test;
using namespace std::chrono_literals;

namespace {

/// Waits until somebody sleeps on the bell, so that what follows wakes and does not only come
/// first.
void await_sleeper(const bell& b) {
  const auto place = b.place_in_turn();
  ::close(place.descriptor);
  while ((std::atomic_ref(place.page->sleeping).load() & ~place.mine) == 0)
    std::this_thread::yield();
}

/// Memory that forked processes have in common.
template <class T>
class shared {
public:
  shared()
    : value_(static_cast<T*>(
      ::mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {
    BOOST_REQUIRE(value_ != MAP_FAILED);
  }
  ~shared() { ::munmap(value_, sizeof(T)); }
  shared(const shared&) = delete;
  shared& operator=(const shared&) = delete;
  T& operator*() const { return *value_; }

private:
  T* value_;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(a_bell, bell_fixture)

BOOST_AUTO_TEST_CASE(tells_a_second_one_of_the_same_database_that_something_happened) {
  const auto ringer = open();
  const auto waiter = open();
  BOOST_TEST(ringer->available());
  BOOST_TEST(ringer->can_ring());
  BOOST_TEST(ringer->reason() == "");
  const auto before = waiter->value();
  BOOST_TEST(!waiter->wait(before, 0ns));
  ringer->ring();
  BOOST_TEST(waiter->value() != before);
  BOOST_TEST(waiter->wait(before, 0ns));
  BOOST_TEST(waiter->wait(before, bell::for_ever));
  BOOST_TEST(!waiter->wait(waiter->value(), 0ns));
}

BOOST_AUTO_TEST_CASE(of_another_database_is_another_bell) {
  std::ofstream{folder.file("other.db")};
  const auto other = open_bell(folder.file("other.db"));
  const auto mine = open();
  const auto before = mine->value();
  other->ring();
  BOOST_TEST(mine->value() == before);
}

BOOST_AUTO_TEST_CASE(ends_a_wait_at_its_timeout) {
  const auto b = open();
  const auto started = std::chrono::steady_clock::now();
  BOOST_TEST(!b->wait(b->value(), 30ms));
  BOOST_TEST((std::chrono::steady_clock::now() - started >= 30ms));
  BOOST_TEST(!b->wait(b->value(), -1s));
}

BOOST_AUTO_TEST_CASE(wakes_a_thread_that_sleeps_on_another_one) {
  const auto ringer = open();
  const auto waiter = open();
  for (int i = 0; i < 200; ++i) {
    const auto before = waiter->value();
    bool moved = false;
    std::thread sleeper{[&] { moved = waiter->wait(before, bell::for_ever); }};
    await_sleeper(*ringer);
    ringer->ring();
    sleeper.join();
    BOOST_REQUIRE(moved);
  }
}

BOOST_AUTO_TEST_CASE(still_wakes_one_that_has_rung_itself_meanwhile) {
  const auto mine = open();
  const auto other = open();
  for (int i = 0; i < 200; ++i) {
    const auto before = mine->value();
    bool moved = false;
    std::thread sleeper{[&] { moved = mine->wait(before, bell::for_ever); }};
    await_sleeper(*other);
    mine->ring(); // does not wake the sleeper, if it sleeps already
    other->ring();
    sleeper.join();
    BOOST_REQUIRE(moved);
  }
}

BOOST_AUTO_TEST_CASE(can_be_interrupted) {
  const auto b = open();
  const auto other = open();
  for (int i = 0; i < 200; ++i) {
    const auto before = b->value();
    bool moved = true;
    std::thread sleeper{[&] { moved = b->wait(before, bell::for_ever); }};
    if (i % 2)
      await_sleeper(*other);
    b->interrupt();
    sleeper.join();
    BOOST_REQUIRE(!moved);
  }
}

BOOST_AUTO_TEST_CASE(keeps_an_interrupt_for_the_next_wait_and_forgets_it_then) {
  const auto b = open();
  b->interrupt();
  b->interrupt();
  BOOST_TEST(!b->wait(b->value() - 1, bell::for_ever));
  BOOST_TEST(b->wait(b->value() - 1, bell::for_ever));
}

BOOST_AUTO_TEST_CASE(loses_no_ring_between_processes) {
  constexpr std::uint32_t rounds = 5'000;
  shared<std::array<std::atomic<std::uint32_t>, 2>> said;
  // Each waits without a timeout for what the other has said: one lost ring and they hang.
  const auto play = [&](unsigned me) {
    const auto b = open();
    for (std::uint32_t round = 1; round <= rounds; ++round) {
      const auto speak = [&] {
        (*said)[me] = round;
        b->ring();
      };
      const auto listen = [&] {
        for (;;) {
          const auto last = b->value();
          if ((*said)[1 - me] >= round)
            return;
          static_cast<void>(b->wait(last, bell::for_ever));
        }
      };
      me == 0 ? speak() : listen();
      me == 0 ? listen() : speak();
    }
    return 0;
  };
  BOOST_TEST(failures_of_processes(2, [&](int me) { return play(static_cast<unsigned>(me)); })
             == 0);
  BOOST_TEST(!std::filesystem::exists(file));
}

BOOST_AUTO_TEST_CASE(is_rung_although_another_sleeper_was_killed) {
  child victim{[&](line& parent) {
    const auto b = open();
    const auto last = b->value();
    parent.send(1);
    static_cast<void>(b->wait(last, bell::for_ever));
    return 0;
  }};
  BOOST_REQUIRE(victim.io().receive().has_value());
  const auto mine = open();
  await_sleeper(*mine);
  victim.kill();
  BOOST_TEST(victim.wait() == -SIGKILL);
  const auto place = mine->place_in_turn();
  BOOST_TEST(std::atomic_ref(place.page->sleeping).load() != 0u); // it could not say goodbye
  mine->ring();
  const auto third = open(); // cleans up behind it
  BOOST_TEST(std::atomic_ref(place.page->sleeping).load() == 0u);
  ::close(place.descriptor);
}

BOOST_AUTO_TEST_CASE(serves_more_processes_than_it_has_bits) {
  std::vector<std::unique_ptr<bell>> many;
  for (int i = 0; i < 40; ++i)
    many.push_back(open());
  for (const unsigned who : {0u, 30u, 35u}) {
    std::vector<std::thread> sleepers;
    std::atomic<int> moved = 0;
    for (const auto& b : many)
      if (b != many[who])
        sleepers.emplace_back(
          [&b, &moved, last = b->value()] { moved += b->wait(last, bell::for_ever); });
    many[who]->ring();
    for (auto& sleeper : sleepers)
      sleeper.join();
    BOOST_TEST(moved == 39);
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(a_polling_bell)

BOOST_AUTO_TEST_CASE(says_perhaps_after_a_nap) {
  const auto b = polling_bell("a reason", 1ms);
  BOOST_TEST(!b->available());
  BOOST_TEST(!b->can_ring());
  BOOST_TEST(b->reason() == "a reason");
  BOOST_TEST(b->place_in_turn().descriptor < 0);
  for (const auto timeout : {bell::for_ever, std::chrono::nanoseconds{1h}, 0ns, -1ns})
    BOOST_TEST(b->wait(b->value(), timeout));
  b->ring();
}

BOOST_AUTO_TEST_CASE(can_be_interrupted) {
  const auto b = polling_bell("a reason", 1h);
  for (int i = 0; i < 100; ++i) {
    std::thread other{[&] { b->interrupt(); }};
    BOOST_TEST(!b->wait(b->value(), bell::for_ever));
    other.join();
  }
  b->interrupt();
  BOOST_TEST(!b->wait(b->value(), bell::for_ever));
  BOOST_TEST(b->wait(b->value(), 0ns));
}

BOOST_AUTO_TEST_SUITE_END()
