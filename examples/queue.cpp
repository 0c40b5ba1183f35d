// The guide's page on queues as a program: priorities, work that is taken and acknowledged, work
// that fails, one commit for many.
#include <beaver/beaver.hpp>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

using namespace std::chrono_literals;

int main() {
  const auto path = std::filesystem::temp_directory_path() / "beaver-example-queue.db";
  std::filesystem::remove(path);
  {
    beaver::database db{path.string()};

    // The smallest priority first; equals in the order of their puts.
    auto mails = db.queue<std::string>("mails");
    mails.put("newsletter", 10);
    mails.put("password reset", 1);
    mails.put("reminder", 5, 1h); // not before an hour has passed
    while (const auto mail = mails.get())
      std::cout << "sent: " << mail->value << '\n';
    std::cout << mails.counts().delayed << " waits for its time\n";

    // Work that must not be lost: what is taken comes back unless it is acknowledged.
    auto jobs = db.queue<std::string>("jobs", {.max_attempts = 2});
    jobs.put_many(std::vector<std::string>{"resize", "broken"});
    while (const auto job = jobs.take(30s)) {
      if (job->value == "broken") {
        std::cout << job->value << " failed, attempt " << job->attempts << '\n';
        jobs.nack(*job);
      } else {
        std::cout << job->value << " done\n";
        jobs.ack(*job);
      }
    }
    for (const auto& letter : db.queue<std::string>("jobs.dead"))
      std::cout << letter.value << " is given up\n";
    std::cout << jobs.redrive() << " tries again\n";

    // The result and the end of the work in one transaction: both or neither.
    auto job = jobs.take(30s);
    auto done = db.batched();
    done.dict<std::string>("results").set(job->value, "at last");
    done.queue<std::string>("jobs").ack(job->receipt);
    done.commit();
    std::cout << jobs.count() << " jobs are left\n";
  }
  std::filesystem::remove(path);
}
