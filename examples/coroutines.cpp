// The guide's page on asynchronous calls as a program: coroutines without any library, on an
// executor of the program's own, and a subscription item by item.
#include <beaver/api/awaitable.hpp>
#include <beaver/beaver.hpp>
#include <boost/describe/class.hpp>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <iostream>
#include <mutex>
#include <string>

struct user {
  std::string name;
  int age;
};
BOOST_DESCRIBE_STRUCT(user, (), (name, age))

/// Runs on one thread what others post.
class event_loop {
public:
  beaver::executor executor() {
    return [this](std::function<void()> work) {
      const std::lock_guard guard{mutex_};
      queue_.push_back(std::move(work));
      arrived_.notify_one();
    };
  }

  void run_until(const std::function<bool()>& done) {
    while (!done()) {
      std::unique_lock lock{mutex_};
      arrived_.wait(lock, [this] { return !queue_.empty(); });
      const auto work = std::move(queue_.front());
      queue_.pop_front();
      lock.unlock();
      work();
    }
  }

private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<std::function<void()>> queue_;
};

using users_handle = beaver::dict<user, beaver::async>;

beaver::future<int> birthday(beaver::executor where, users_handle users, std::string name) {
  auto u = co_await via(where, users.get(name)); // throws not_found
  ++u.age;
  co_await via(where, users.set(name, u));
  co_return u.age;
}

beaver::future<std::string> morning(beaver::executor where, users_handle users) {
  auto stored = users.set("ada", {"Ada", 36}); // not within co_await: see the guide
  co_await via(where, std::move(stored));
  const int age = co_await via(where, birthday(where, users, "ada"));
  const auto nobody = co_await result_via(where, users.get("bob"));
  co_return "ada is " + std::to_string(age) + "; " + nobody.error().text;
}

beaver::future<int> sum_of_three(beaver::executor where, beaver::channel<int> numbers) {
  auto items = numbers.subscribe({.from_beginning = true});
  int sum = 0;
  for (int i = 0; i < 3; ++i) {
    const auto m = co_await via(where, items);
    sum += m->payload;
  }
  co_return sum;
}

int main() {
  const auto path = std::filesystem::temp_directory_path() / "beaver-example-coroutines.db";
  std::filesystem::remove(path);
  {
    beaver::database db{path.string()};
    event_loop loop;

    auto told = morning(loop.executor(), db.async().dict<user>("users"));
    loop.run_until([&] { return told.ready(); });
    std::cout << told.get().value() << '\n';

    auto numbers = db.channel<int>("numbers");
    auto sum = sum_of_three(loop.executor(), numbers);
    for (const int n : {1, 2, 3})
      numbers.publish(n);
    loop.run_until([&] { return sum.ready(); });
    std::cout << "sum: " << sum.get().value() << '\n';
  }
  std::filesystem::remove(path);
}
