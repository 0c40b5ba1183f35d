// The guide's page on lists as a program: both ends, any index, slices, a loop, one commit for
// many.
#include <beaver/beaver.hpp>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

int main() {
  const auto path = std::filesystem::temp_directory_path() / "beaver-example-list.db";
  std::filesystem::remove(path);
  {
    beaver::database db{path.string()};

    auto tasks = db.list<std::string>("tasks");
    tasks.push("write");
    tasks.prepend("read");
    tasks.insert(1, "think");
    tasks.extend(std::vector<std::string>{"test", "ship"});
    std::cout << tasks.get(0) << " first, " << tasks.get(-1) << " last\n";
    for (const auto& task : tasks.range(1, 3))
      std::cout << "then " << task << '\n';

    tasks.move(-1, 0);
    if (const auto at = tasks.find("test"))
      std::cout << "test stands at " << *at << '\n';
    while (const auto task = tasks.pop_front())
      std::cout << "done: " << *task << '\n';

    // Many writes, one commit; then a loop that holds one page in memory.
    auto numbers = db.list<int>("numbers");
    auto batch = numbers.batched();
    for (int i = 0; i < 10'000; ++i)
      batch.push(i);
    batch.commit();
    std::int64_t sum = 0;
    for (const int n : numbers)
      sum += n;
    std::cout << "the sum of " << numbers.count() << " numbers is " << sum << '\n';
    numbers.trim(-3, {});
    std::cout << numbers.count() << " are left\n";
  }
  std::filesystem::remove(path);
}
