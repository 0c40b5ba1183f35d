// A page of the guide as a program: docs/guide/nodes.md.
#include <beaver/api/actor_net.hpp>
#include <beaver/api/remote.hpp>
#include <beaver/beaver.hpp>

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <filesystem>
#include <future>
#include <iostream>
#include <unistd.h>

int main() {
  const auto path =
    std::filesystem::temp_directory_path() / ("beaver-nodes-" + std::to_string(::getpid()) + ".db");
  {
    // The node that has the file.
    beaver::actor_network here;
    beaver::actor_database db{here.system(), path.string()};
    beaver::actor_server at{db};

    // A program on another node, with actors of its own: typed handles, as if the file were here.
    beaver::actor_network there;
    auto far = beaver::actor_database::connect(there.system(), at.url());
    std::promise<std::string> answer;
    there.system().spawn([&, words = far.dict("words")](caf::event_based_actor* self) {
      self->request(words, caf::infinite, beaver::dict_increment{{}, "dam", {}})
        .then([&](const beaver::json_text& sum) { answer.set_value(std::string{sum.text()}); },
              [&](caf::error& why) { answer.set_value(self->system().render(why)); });
    });
    std::cout << "dam: " << answer.get_future().get() << '\n';

    // And one without actors: the same calls as over a file.
    auto plain = beaver::connect(at.url());
    plain.queue<std::string>("jobs").put("repair", 1);
    std::cout << "jobs: " << db.facade().queue<std::string>("jobs").count() << '\n';
  }
  for (const auto* end : {"", "-wal", "-shm", "-bell"})
    std::filesystem::remove(path.string() + end);
}
