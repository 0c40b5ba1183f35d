#pragma once
#include "beaver/api/remote.hpp"
#include "beaver/api/server.hpp"
#include "beaver/beaver.hpp"
#include "support/caf_home.hpp"
#include "support/failure.hpp"
#include "support/settings.hpp"
#include "support/temp_folder.hpp"

#include <atomic>
#include <boost/test/tree/decorator.hpp>
#include <chrono>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace beaver::test {

/// Time that stands still until the test moves it. Copies share it.
class test_clock {
public:
  clock_function function() const {
    return [now = now_] { return now->load(); };
  }
  void advance(double seconds) { now_->store(now_->load() + seconds); }
  [[nodiscard]] double now() const { return now_->load(); }

private:
  std::shared_ptr<std::atomic<double>> now_ = std::make_shared<std::atomic<double>>(1e9);
};

/// Options of most tests: what is tested is not the disk.
inline options quick() {
  options how;
  how.durability = durability::relaxed;
  how.threads = 2;
  return how;
}

/// The same with a clock of the test, and nothing that happens by itself.
inline options with_clock(const test_clock& clock) {
  auto how = quick();
  how.clock = clock.function();
  how.sweep_period = std::chrono::milliseconds{0};
  return how;
}

/// What BEAVER_TEST_OVER says: "" for a file in this process, "http", "https", "caf" or "cafs" for
/// a server that has it, and a client of that.
std::string test_road();

/// For cases about what needs the file in this process: transactions, snapshots, sizes of groups,
/// the order in which threads arrive. By other roads there is only their refusal, which
/// api/remote_test.cpp looks at.
boost::unit_test::precondition in_this_process();

/// For cases about who comes first of calls that were started one after the other: over HTTP each
/// takes a connection of its own, and none waits for the other.
boost::unit_test::precondition in_order_of_start();

inline server_options test_server(const std::string& road) {
  server_options how;
  how.port = 0;
  if (road == "https") {
    how.tls_certificate = BEAVER_TEST_DATA "/tls/certificate.pem";
    how.tls_key = BEAVER_TEST_DATA "/tls/key.pem";
  }
  return how;
}

inline bool over_caf() { return test_road().starts_with("caf"); }

inline connect_options test_client() {
  connect_options how;
  how.tls_ca = BEAVER_TEST_DATA "/tls/certificate.pem";
  if (test_road() == "cafs") {
    how.tls_certificate = how.tls_ca;
    how.tls_key = BEAVER_TEST_DATA "/tls/key.pem";
  }
  return how;
}

/// A folder, and a database in it, which is reached by the road of this run: what is tested with
/// this holds for files and for servers.
struct open_database {
  explicit open_database(options how = quick())
    : published(over_caf() ? std::make_unique<caf_home>(folder.file(), how, test_road() == "cafs")
                           : nullptr),
      file(published ? nullptr : std::make_unique<database>(folder.file(), std::move(how))),
      home(published ? published->home() : *file),
      serving(test_road().starts_with("http")
                ? std::make_unique<server>(home, test_server(test_road()))
                : nullptr),
      far(test_road().empty() ? nullptr
                              : std::make_unique<database>(connect(
                                serving ? serving->url() : published->url(), test_client()))),
      db(far ? *far : home) {}

  temp_folder folder;
  std::unique_ptr<caf_home> published;
  std::unique_ptr<database> file;
  database& home; ///< the file itself
  std::unique_ptr<server> serving;
  std::unique_ptr<database> far;
  database& db;
};

/// Runs `body(0)`, ..., `body(n - 1)` at the same time, each on a thread of its own. Gives how many
/// of them threw. The test framework must not be called from there.
template <class F>
int failures_of_threads(int n, F body) {
  std::atomic<bool> go{false};
  std::atomic<int> failures{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < n; ++i)
    threads.emplace_back([&, i] {
      go.wait(false);
      try {
        body(i);
      } catch (...) {
        ++failures;
      }
    });
  go = true;
  go.notify_all();
  for (auto& t : threads)
    t.join();
  return failures;
}

/// Returns when the manager of `d` has passed on all calls started before: it refuses a bad key
/// itself, in its turn. Works inside a transaction, where those calls wait at the writer.
template <class T>
void passed_on(const async_database& db, const std::string& name, const T& any) {
  auto d = db.dict<T>(name);
  if (d.set("", any).get().has_value())
    throw std::logic_error("an empty key was accepted");
}

/// Entries of a folder of /proc about this process: "fd", "task".
inline std::size_t entries_of_process(const std::string& what) {
  std::size_t n = 0;
  for ([[maybe_unused]] const auto& entry :
       std::filesystem::directory_iterator{"/proc/self/" + what})
    ++n;
  return n;
}

} // namespace beaver::test
