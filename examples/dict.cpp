// The guide's page on dicts as a program: typed values, time to live, ranges, counters, safe
// changes.
#include <beaver/beaver.hpp>
#include <boost/describe/class.hpp>
#include <filesystem>
#include <iostream>
#include <string>

struct user {
  std::string name;
  int age;
};
BOOST_DESCRIBE_STRUCT(user, (), (name, age))

int main() {
  using namespace std::chrono_literals;
  const auto path = std::filesystem::temp_directory_path() / "beaver-example-dict.db";
  std::filesystem::remove(path);
  {
    beaver::database db{path.string()};

    auto users = db.dict<user>("users");
    users.set("team/ada", {"Ada", 36});
    users.set("team/bob", {"Bob", 27});
    users.set("guest", {"Eve", 30}, 30min); // gone in half an hour
    std::cout << users.get("team/ada").name << " is " << users.get("team/ada").age << '\n';
    if (!users.find("team/carl"))
      std::cout << "no carl\n";

    for (const auto& [key, value] : users.entries({.prefix = "team/"}))
      std::cout << key << ": " << value.name << '\n';

    auto hits = db.dict<int>("hits");
    hits.increment("home");
    std::cout << "home was seen " << hits.increment("home") << " times\n";

    // One value, changed safely however many do so at once.
    for (;;) {
      const auto before = users.find("team/ada");
      auto after = *before;
      ++after.age;
      if (users.compare_and_set("team/ada", before, after))
        break;
    }

    // Several changes that belong together.
    db.transaction([](beaver::transaction& tx) {
      auto all = tx.dict<user>("users");
      all.set("team/eve", *all.pop("guest"));
    });
    std::cout << users.count("team/") << " in the team, " << users.count() << " in all\n";

    // Many writes, one commit.
    auto batch = hits.batched();
    for (int i = 0; i < 1'000; ++i)
      batch.set("page/" + std::to_string(i), i);
    batch.commit();
    std::cout << hits.count() << " pages\n";
  }
  std::filesystem::remove(path);
}
