#include "beaver/api/remote.hpp"

#include "support/child.hpp"
#include "support/open_database.hpp"

#include <boost/test/unit_test.hpp>
#include <set>

using namespace beaver;
using namespace beaver::test;

namespace {

constexpr int kills = 20;
constexpr int clients = 200;
constexpr int publishers = 20; // of them
constexpr int listeners = 4;
constexpr int databases = 10;                 // that the clients share
constexpr std::uint64_t writes_a_round = 500; // acknowledged, between two kills

/// Servers of a file, one after the other at the same address, each a process of its own that is
/// killed. They are forked by a process without threads.
class mortal_server {
public:
  explicit mortal_server(const std::filesystem::path& file)
    : nursery_([file](line& orders) {
        while (const auto port = orders.receive()) {
          child one{[&](line& up) {
            database db{file, quick()};
            auto how = test_server("http");
            how.port = static_cast<std::uint16_t>(*port);
            server at{db, how};
            up.send(at.port());
            return up.receive() ? 0 : 1; // serves until it is killed
          }};
          const auto bound = one.io().receive();
          if (!bound || !orders.send(*bound) || !orders.receive())
            return 1;
          one.kill();
          if (one.wait() != -SIGKILL || !orders.send(0))
            return 2;
        }
        return 0;
      }) {}

  void start() {
    nursery_.io().send(port_);
    port_ = nursery_.io().receive().value();
  }
  void kill() {
    nursery_.io().send(0);
    nursery_.io().receive().value();
  }
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

private:
  child nursery_;
  std::uint64_t port_ = 0;
};

/// Clients that write on whatever happens to the server, each what nobody else writes.
class writers {
public:
  writers(std::vector<database>& over) : written(clients) {
    for (int i = 0; i < clients; ++i)
      threads_.emplace_back(
        [this, i, &db = over[static_cast<std::size_t>(i) % over.size()]] { run(i, db); });
  }

  void await_further(std::uint64_t number) const {
    const auto wanted = acknowledged_ + number;
    while (acknowledged_ < wanted)
      std::this_thread::yield();
  }

  void stop() {
    stopped_ = true;
    for (auto& each : threads_)
      each.join();
  }

  static std::string name_of(int client, int number) {
    return std::to_string(client) + '-' + std::to_string(number);
  }

  std::vector<std::vector<std::string>> written; ///< and acknowledged, by client
  std::atomic<int> lost{0};                      ///< whose end nobody knows
  std::atomic<int> failed{0};                    ///< for another reason
  std::atomic<bool> up{true};

private:
  void run(int client, database& db) {
    auto d = db.dict<int>("d");
    auto c = db.channel<std::string>("c");
    for (int n = 0; !stopped_; ++n) {
      const auto name = name_of(client, n);
      up.wait(false); // the kill is what is tested, not how often one can ask for what is not there
      try {
        if (client < publishers)
          c.publish(name);
        else
          d.set(name, n);
        written[static_cast<std::size_t>(client)].push_back(name);
        ++acknowledged_;
      } catch (const error& e) {
        ++(e.code() == errc::remote || e.code() == errc::closed ? lost : failed);
      }
    }
  }

  std::atomic<bool> stopped_{false};
  std::atomic<std::uint64_t> acknowledged_{0};
  std::vector<std::thread> threads_;
};

} // namespace

BOOST_AUTO_TEST_SUITE(server_restarts)

BOOST_AUTO_TEST_CASE(kills_under_load_lose_nothing_that_was_acknowledged) {
  const temp_folder folder;
  std::vector<std::set<std::string>> heard(listeners);
  std::vector<int> out_of_order(listeners, 0);
  std::vector<std::vector<std::string>> written;
  {
    mortal_server serving{folder.file()};
    serving.start();
    std::vector<database> over;
    for (int i = 0; i < databases; ++i)
      over.push_back(connect(serving.url(), {.pool = clients / databases}));
    std::vector<std::thread> ears;
    for (int i = 0; i < listeners; ++i)
      ears.emplace_back(
        [&, i,
         from = over[static_cast<std::size_t>(i)].channel<std::string>("c").subscribe()]() mutable {
          const auto me = static_cast<std::size_t>(i);
          std::uint64_t last = 0;
          while (auto next = from.next()) {
            if (next->payload == "end")
              break;
            out_of_order[me] += next->sequence <= last || !heard[me].insert(next->payload).second;
            last = next->sequence;
          }
        });
    writers all{over};
    for (int i = 0; i < kills; ++i) {
      all.await_further(writes_a_round);
      all.up = false;
      serving.kill();
      serving.start();
      all.up = true;
      all.up.notify_all();
    }
    all.await_further(writes_a_round);
    all.stop();
    over.front().channel<std::string>("c").publish("end");
    for (auto& each : ears)
      each.join();
    BOOST_TEST(all.failed == 0);
    BOOST_TEST_MESSAGE(all.lost << " calls were cut off");
    BOOST_TEST(all.lost > 0);
    written = std::move(all.written);
    over.clear();
    serving.kill();
  }
  database db{folder.file()};
  const auto stored = db.dict<int>("d").keys();
  const std::set<std::string> keys(stored.begin(), stored.end());
  std::size_t missing = 0;
  for (int client = 0; client < clients; ++client)
    for (const auto& each : written[static_cast<std::size_t>(client)]) {
      missing += client >= publishers && !keys.contains(each);
      for (const auto& one : heard)
        missing += client < publishers && !one.contains(each);
    }
  BOOST_TEST(missing == 0u);
  for (int i = 0; i < listeners; ++i) {
    BOOST_TEST(out_of_order[static_cast<std::size_t>(i)] == 0);
    BOOST_TEST((heard[static_cast<std::size_t>(i)] == heard.front()));
  }
}

BOOST_AUTO_TEST_SUITE_END()
