#include "beaver/storage/bell_page.hpp"

#include "bell_fixture.hpp"
#include "support/child.hpp"
#include "support/processes.hpp"
#include "support/raw_file.hpp"
#include "support/settings.hpp"
#include "table_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace beaver;
using namespace beaver::test;
using namespace std::chrono_literals;

namespace {

namespace fs = std::filesystem;

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

} // namespace

BOOST_FIXTURE_TEST_SUITE(a_bell_file, bell_fixture)

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
  BOOST_TEST_INFO_SCOPE("seed " << seed);
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
