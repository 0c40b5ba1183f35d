// The guide's page on locks as a program: turns of several threads, a time limit, writes that are
// fenced off.
#include <beaver/beaver.hpp>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <thread>
#include <vector>

int main() {
  using namespace std::chrono_literals;
  const auto path = std::filesystem::temp_directory_path() / "beaver-example-lock.db";
  std::filesystem::remove(path);
  {
    beaver::database db{path.string()};
    auto report = db.lock("report", {30s});

    // Threads, or processes, one after the other.
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i)
      threads.emplace_back([report, i]() mutable {
        const auto held = report.acquire();
        std::cout << "thread " << i << " has the lock\n";
      }); // released
    for (auto& t : threads)
      t.join();

    auto held = report.acquire();
    held.on_loss([] { std::cerr << "the lock is lost\n"; });
    if (!report.acquire(50ms))
      std::cout << "held by " << (report.holder()->waiter == held.waiter() ? "us" : "others")
                << '\n';

    // Written while we hold the lock, or not at all.
    db.transaction(held.fence(),
                   [](beaver::transaction& tx) { tx.dict<int>("report").set("pages", 12); });
    const auto stale = held.fence();
    held.release();
    try {
      auto late = db.batched(stale);
      late.dict<int>("report").set("pages", 13);
      late.commit();
    } catch (const beaver::error& e) {
      std::cout << e.what() << '\n';
    }
    std::cout << db.dict<int>("report").get("pages") << " pages\n";
  }
  std::filesystem::remove(path);
}
