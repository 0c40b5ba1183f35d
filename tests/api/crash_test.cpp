#include "support/child.hpp"
#include "support/open_database.hpp"
#include "support/raw_file.hpp"
#include "support/settings.hpp"

#include <boost/test/unit_test.hpp>
#include <random>

using namespace beaver;
using namespace beaver::test;

namespace {

constexpr int threads = 4;

/// Writes until it is killed; tells the number of each write after its acknowledgement. Thread t
/// writes the numbers that leave the remainder t.
int write_for_ever(const std::string& path, std::uint64_t first, line& parent) {
  auto how = quick(); // a killed process does not lose what the system has
  how.durability = first % 2 ? durability::full : durability::relaxed;
  database db{path, how};
  auto d = db.dict<std::uint64_t>("d");
  return failures_of_threads(threads, [&](int thread) {
    for (auto n = first + static_cast<std::uint64_t>(thread);; n += threads) {
      const auto key = std::to_string(n);
      switch (n / threads % 4) {
      case 0: { // all or nothing
        auto b = d.batched();
        b.set(key, n);
        b.set(key + "twin", n);
        b.commit();
        break;
      }
      case 1:
        db.transaction([&](transaction& tx) {
          tx.dict<std::uint64_t>("d").set(key, n);
          tx.dict<std::uint64_t>("d").set(key + "twin", n);
        });
        break;
      case 2: {
        auto out = db.blob("b").writer(key);
        out.write(std::string(1'200'000, static_cast<char>('a' + n % 26)));
        if (n % 3)
          out.commit();
        d.set(key, n);
        break;
      }
      default:
        d.set(key, n);
      }
      parent.send(n);
    }
  });
}

/// What must hold after each crash.
void check(database& db, const std::vector<std::uint64_t>& acknowledged) {
  const auto d = db.dict<std::uint64_t>("d");
  std::uint64_t lost = 0;
  for (const auto n : acknowledged) {
    const auto key = std::to_string(n);
    lost += d.find(key) != n;
    if (n / threads % 4 == 2 && n % 3)
      lost += !db.blob("b").contains(key);
  }
  BOOST_TEST(lost == 0u);
  std::uint64_t torn = 0;
  for (const auto& [key, n] : d.entries()) {
    const bool twin = key.ends_with("twin");
    if (twin || n / threads % 4 <= 1)
      torn += !d.contains(twin ? std::to_string(n) : key + "twin");
  }
  BOOST_TEST(torn == 0u);
  for (const auto& blob : db.blob("b").entries()) {
    const auto data = db.blob("b").get(blob.key);
    const char expected = static_cast<char>('a' + std::stoull(blob.key) % 26);
    torn +=
      data.size() != 1'200'000 || data.text().find_first_not_of(expected) != std::string_view::npos;
  }
  BOOST_TEST(torn == 0u);
}

} // namespace

BOOST_AUTO_TEST_SUITE(crash)

BOOST_AUTO_TEST_CASE(nothing_acknowledged_is_lost_when_the_process_is_killed) {
  const int kills = long_tests() ? 200 : 20;
  const auto seed = fresh_seed();
  BOOST_TEST_MESSAGE("seed " << seed << ", " << kills << " kills");
  std::mt19937 dice{seed};
  temp_folder folder;
  std::uint64_t first = 0;
  std::uint64_t total = 0;
  for (int kill = 0; kill < kills; ++kill) {
    BOOST_TEST_INFO("seed " << seed << ", kill " << kill);
    std::vector<std::uint64_t> acknowledged;
    child writer{[&](line& parent) { return write_for_ever(folder.file(), first, parent); }};
    const auto patience = dice() % 200; // acknowledgements until the kill; 0: while it opens
    while (acknowledged.size() < patience) {
      const auto n = writer.io().receive();
      BOOST_REQUIRE(n.has_value());
      acknowledged.push_back(*n);
    }
    writer.kill();
    while (const auto n = writer.io().receive()) // what it said before it died
      acknowledged.push_back(*n);
    BOOST_TEST(writer.wait() == -SIGKILL);
    total += acknowledged.size();
    {
      database db{folder.file(), quick()};
      check(db, acknowledged);
      db.blob("b").clear(); // what has been checked
      db.dict("d").clear();
    }
    BOOST_REQUIRE(raw_file{folder.file()}.integrity() == "ok");
    first += 1'000'001;
  }
  BOOST_TEST_MESSAGE(total << " acknowledged writes");
  BOOST_TEST(total > static_cast<std::uint64_t>(kills) * 20);
}

BOOST_AUTO_TEST_CASE(another_process_goes_on_when_one_is_killed) {
  temp_folder folder;
  { database{folder.file()}; }
  for (int kill = 0; kill < 10; ++kill) {
    child writer{[&](line& parent) { return write_for_ever(folder.file(), 0, parent); }};
    database db{folder.file(), quick()};
    auto d = db.dict<int>("mine");
    for (int i = 0; i < 50; ++i)
      BOOST_REQUIRE(writer.io().receive().has_value());
    d.set("before", kill);
    writer.kill();
    d.set("after", kill);
    BOOST_TEST(d.get("before") == kill);
    BOOST_TEST(d.get("after") == kill);
    BOOST_TEST(writer.wait() == -SIGKILL);
    d.set("later", kill);
    BOOST_TEST(d.get("later") == kill);
  }
  BOOST_TEST(raw_file{folder.file()}.integrity() == "ok");
}

BOOST_AUTO_TEST_SUITE_END()
