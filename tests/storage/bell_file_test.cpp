#include "beaver/storage/bell_file.hpp"

#include "beaver/storage/bell_page.hpp"
#include "support/child.hpp"
#include "support/processes.hpp"
#include "support/raw_file.hpp"
#include "table_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <atomic>
#include <fstream>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>

using namespace beaver;
using namespace beaver::test;
using namespace std::chrono_literals;

namespace {

namespace fs = std::filesystem;

/// A folder with something that stands for a database: a bell never looks into it.
struct fixture {
  temp_folder folder;
  const std::string database = folder.file();
  const std::string file = database + "-bell";

  fixture() { std::ofstream{database} << "a database"; }
  [[nodiscard]] std::unique_ptr<bell> open() const { return open_bell(database); }
};

struct stat status(const std::string& path) {
  struct stat result = {};
  BOOST_REQUIRE(::lstat(path.c_str(), &result) == 0);
  return result;
}

unsigned mode_of(const std::string& path) { return status(path).st_mode & 07777; }

/// Whether the file that `b` holds is the one of that name.
bool holds_the_named_file(const bell& b) {
  const auto place = b.place_in_turn();
  if (place.descriptor >= 0)
    ::close(place.descriptor);
  return place.descriptor >= 0;
}

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

BOOST_FIXTURE_TEST_SUITE(a_bell, fixture)

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
  BOOST_TEST(!fs::exists(file));
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

BOOST_FIXTURE_TEST_SUITE(a_bell_file, fixture)

BOOST_AUTO_TEST_CASE(is_gone_after_the_last_close_and_not_before) {
  auto first = open();
  auto second = open();
  BOOST_TEST(fs::file_size(file) == 4096u);
  first.reset();
  BOOST_TEST(fs::exists(file));
  BOOST_TEST(holds_the_named_file(*second));
  second.reset();
  BOOST_TEST(!fs::exists(file));
}

BOOST_AUTO_TEST_CASE(that_a_killed_process_has_left_is_used_and_then_removed) {
  child victim{[&](line& parent) {
    const auto b = open();
    parent.send(1);
    static_cast<void>(parent.receive());
    return 0;
  }};
  BOOST_REQUIRE(victim.io().receive().has_value());
  victim.kill();
  BOOST_TEST(victim.wait() == -SIGKILL);
  BOOST_TEST(fs::exists(file));
  {
    const auto b = open();
    BOOST_TEST(b->available());
  }
  BOOST_TEST(!fs::exists(file));
}

BOOST_AUTO_TEST_CASE(is_completed_if_its_maker_died_half_way) {
  for (const auto* half : {"", "beaver bell 1\n"}) {
    std::string text{half};
    text.resize(text.empty() ? 0 : 16);
    std::ofstream{file, std::ios::binary} << text;
    {
      const auto b = open();
      BOOST_TEST(b->available());
      b->ring();
      BOOST_TEST(fs::file_size(file) == 4096u);
    }
    BOOST_TEST(!fs::exists(file));
  }
}

BOOST_AUTO_TEST_CASE(has_the_mode_and_group_of_the_database) {
  const auto before = ::umask(077);
  for (const unsigned mode : {0600u, 0640u, 0664u, 0666u}) {
    BOOST_REQUIRE(::chmod(database.c_str(), mode) == 0);
    const auto b = open();
    BOOST_TEST(mode_of(file) == mode);
  }
  ::umask(before);
  if (::geteuid() != 0)
    return; // only root may give a file away
  BOOST_REQUIRE(::chown(database.c_str(), 1234, 4321) == 0);
  const auto b = open();
  BOOST_TEST(status(file).st_uid == 1234u);
  BOOST_TEST(status(file).st_gid == 4321u);
}

BOOST_AUTO_TEST_CASE(gives_a_group_that_is_not_the_databases_no_more_than_everybody) {
  if (::geteuid() != 0)
    return; // it takes a database of somebody else
  BOOST_REQUIRE(::chmod(folder.path().c_str(), 0777) == 0);
  BOOST_REQUIRE(::chmod(database.c_str(), 0662) == 0);
  BOOST_REQUIRE(::chown(database.c_str(), 1234, 4321) == 0);
  child other{[&](line&) {
    drop_root();
    const auto b = open();
    return b->available() && mode_of(file) == 0622 ? 0 : 1;
  }};
  BOOST_TEST(other.wait() == 0);
}

BOOST_AUTO_TEST_CASE(is_never_a_symbolic_link) {
  for (const bool dangling : {false, true}) {
    const auto target = folder.file("target");
    if (!dangling)
      std::ofstream{target} << "precious";
    fs::create_symlink(target, file);
    {
      const auto b = open();
      BOOST_TEST(!b->available());
      BOOST_TEST(b->reason().find("symbolic link") != std::string_view::npos);
    }
    BOOST_TEST(fs::is_symlink(file));
    BOOST_TEST(fs::exists(target) == !dangling);
    if (!dangling)
      BOOST_TEST(file_bytes(target) == "precious");
    fs::remove(file);
    fs::remove(target);
  }
}

BOOST_AUTO_TEST_CASE(is_never_a_file_of_somebody_else) {
  const auto refused = [&] {
    const auto b = open();
    return !b->available() && b->reason().find("something else") != std::string_view::npos;
  };
  for (const std::string text : {"short", "a text that is a bit longer than the mark"}) {
    std::ofstream{file} << text;
    BOOST_TEST(refused());
    BOOST_TEST(file_bytes(file) == text);
  }
  fs::remove(file);
  std::ofstream{folder.file("elsewhere")};
  fs::create_hard_link(folder.file("elsewhere"), file);
  BOOST_TEST(refused());
  BOOST_TEST(fs::file_size(file) == 0u);
  fs::remove(file);
  BOOST_REQUIRE(::mkfifo(file.c_str(), 0600) == 0);
  BOOST_TEST(refused());
  fs::remove(file);
  fs::create_directory(file);
  BOOST_TEST(!open()->available());
  BOOST_TEST(fs::exists(file));
}

BOOST_AUTO_TEST_CASE(is_done_without_where_none_can_be_made) {
  const auto none = open_bell(folder.file("no.db"));
  BOOST_TEST(!none->available());
  BOOST_TEST(none->reason().find("no.db") != std::string_view::npos);
  BOOST_TEST(!fs::exists(folder.file("no.db-bell")));
  BOOST_REQUIRE(::chmod(folder.path().c_str(), 0555) == 0);
  BOOST_REQUIRE(::chmod(database.c_str(), 0666) == 0);
  child other{[&](line&) {
    drop_root();
    const auto b = open();
    const bool polls = !b->available() && !b->can_ring() && !b->reason().empty();
    return polls && b->wait(b->value(), bell::for_ever) ? 0 : 1;
  }};
  BOOST_TEST(other.wait() == 0);
  BOOST_TEST(!fs::exists(file));
}

BOOST_AUTO_TEST_CASE(is_not_waited_for_when_a_process_stands_still_in_its_close) {
  child other{[&](line& parent) {
    const int held = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (held < 0 || ::flock(held, LOCK_EX) != 0)
      return 1;
    parent.send(1);
    static_cast<void>(parent.receive());
    return 0;
  }};
  BOOST_REQUIRE(other.io().receive().has_value());
  const auto without = open();
  BOOST_TEST(!without->available());
  BOOST_TEST(without->reason().find("stands still") != std::string_view::npos);
  other.kill();
  BOOST_TEST(other.wait() == -SIGKILL);
  BOOST_TEST(open()->available());
  BOOST_TEST(!fs::exists(file));
}

BOOST_AUTO_TEST_CASE(can_be_waited_on_without_the_right_to_write) {
  BOOST_REQUIRE(::chmod(folder.path().c_str(), 0777) == 0);
  BOOST_REQUIRE(::chmod(database.c_str(), 0644) == 0);
  if (::geteuid() != 0)
    return; // it takes two users
  child reader{[&](line& parent) {
    static_cast<void>(parent.receive());
    drop_root();
    const auto b = open();
    if (!b->available() || b->can_ring() || b->place_in_turn().descriptor >= 0)
      return 1;
    const auto last = b->value();
    b->ring();
    if (b->value() != last)
      return 2;
    std::thread other{[&] { b->interrupt(); }};
    const bool interrupted = !b->wait(last, bell::for_ever);
    other.join();
    if (!interrupted || b->wait(last, 1ms))
      return 3;
    parent.send(1);
    return b->wait(last, bell::for_ever) ? 0 : 4;
  }};
  child early{[&](line&) { // none there, and none made: it would be in the writer's way
    drop_root();
    return open()->available() || fs::exists(file) ? 1 : 0;
  }};
  BOOST_TEST(early.wait() == 0);
  const auto writer = open();
  reader.io().send(1);
  if (reader.io().receive())
    writer->ring();
  BOOST_TEST(reader.wait() == 0);
  BOOST_TEST(fs::exists(file));
}

BOOST_AUTO_TEST_CASE(never_loses_a_holder_while_processes_come_go_and_are_killed) {
  const std::uint64_t opens = long_tests() ? 200'000 : 6'000;
  const auto seed = fresh_seed();
  BOOST_TEST_INFO("seed " << seed);
  dice random{seed};
  std::vector<std::unique_ptr<child>> processes(5);
  std::uint64_t done = 0;
  std::uint64_t kills = 0;
  while (done < opens) {
    auto& process = processes[random.below(processes.size())];
    if (!process)
      process = std::make_unique<child>([&](line& parent) {
        for (std::uint64_t round = 1;; ++round) {
          const auto b = open();
          if (!b->available() || !holds_the_named_file(*b))
            return 1;
          if (round % 10 == 0 && !parent.send(round))
            return 2;
          if (!holds_the_named_file(*b))
            return 3;
        }
      });
    for (auto messages = random.below(8); messages > 0; --messages) {
      const bool alive = process->io().receive().has_value();
      if (!alive)
        BOOST_TEST(process->wait() == 0); // with the code that says what was wrong
      BOOST_REQUIRE(alive);
      done += 10;
    }
    if (random.one_in(2)) {
      process->kill();
      BOOST_TEST(process->wait() == -SIGKILL);
      process.reset();
      ++kills;
    }
  }
  processes.clear();
  BOOST_TEST_MESSAGE(done << " opens, " << kills << " kills, seed " << seed);
  { const auto last = open(); }
  BOOST_TEST(!fs::exists(file));
}

BOOST_AUTO_TEST_CASE(never_stays_behind_processes_that_come_and_go) {
  BOOST_TEST(failures_of_processes(4,
                                   [&](int) {
                                     for (int i = 0; i < 1'000; ++i)
                                       if (const auto b = open();
                                           !b->available() || !holds_the_named_file(*b))
                                         return 1;
                                     return 0;
                                   })
             == 0);
  BOOST_TEST(!fs::exists(file));
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
