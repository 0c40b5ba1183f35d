#pragma once
#include "beaver/beaver.hpp"
#include "support/failure.hpp"
#include "support/settings.hpp"
#include "support/temp_folder.hpp"

#include <atomic>
#include <cstdlib>
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

/// A folder, and a database in it.
struct open_database {
  explicit open_database(options how = quick()) : db(folder.file(), std::move(how)) {}

  temp_folder folder;
  database db;
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
