// A page of the guide as a program: docs/guide/server.md.
#include <beaver/api/remote.hpp>
#include <beaver/api/server.hpp>
#include <beaver/beaver.hpp>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <unistd.h>

int main() {
  const auto path = std::filesystem::temp_directory_path()
                    / ("beaver-remote-" + std::to_string(::getpid()) + ".db");
  {
    // The program that has the file.
    beaver::database home{path.string()};
    beaver::server_options how;
    how.port = 0; // any that is free
    beaver::server at{home, how};

    // Another one, somewhere else: the same handles.
    auto db = beaver::connect(at.url());
    auto settings = db.dict<std::string>("settings");
    settings.set("theme", "dark");
    std::cout << "theme: " << settings.get("theme") << '\n';

    auto jobs = db.queue<int>("jobs");
    auto news = db.channel<std::string>("news").subscribe();
    home.queue<int>("jobs").put(7, 1);
    home.channel<std::string>("news").publish("the dam is ready");
    std::cout << "job: " << jobs.get()->value << '\n';
    std::cout << "news: " << news.next()->payload << '\n';

    auto together = db.batched(); // one request, all or nothing
    together.dict<std::string>("settings").set("language", "en");
    together.list<int>("visits").push(1);
    together.commit();
    std::cout << "settings: " << settings.count() << '\n';

    try {
      db.transaction([](beaver::transaction&) {});
    } catch (const beaver::error& e) {
      std::cout << "no: " << e.what() << '\n';
    }
  }
  for (const auto* end : {"", "-wal", "-shm", "-bell"})
    std::filesystem::remove(path.string() + end);
}
