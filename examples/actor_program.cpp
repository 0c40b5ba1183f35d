// A program built on CAF that keeps its data in a beaver database: its own actor talks to the
// database's managers by message, and never blocks.
#include <beaver/api/actors.hpp>
#include <caf/all.hpp>
#include <filesystem>
#include <iostream>

namespace {

/// Counts the words that it is sent, in a dict, and reports a word's count to whoever asks.
class word_counter : public caf::event_based_actor {
public:
  word_counter(caf::actor_config& config, beaver::dict_actor counts)
    : caf::event_based_actor(config), counts_(std::move(counts)) {}

  caf::behavior make_behavior() override {
    return {
      [this](std::string& word) { // the sum goes from the database straight to the asker
        return delegate(counts_,
                        beaver::dict_increment{.name = {}, .key = std::move(word), .by = {}});
      },
    };
  }

private:
  beaver::dict_actor counts_;
};

} // namespace

int main() {
  const auto path = std::filesystem::temp_directory_path() / "beaver-actor-program.db";
  caf::actor_system_config config;
  beaver::register_messages(config);
  caf::actor_system system{config};
  {
    beaver::actor_database db{system, path.string()};
    auto counter = system.spawn<word_counter>(db.dict("words"));

    caf::scoped_actor self{system};
    for (const auto* word : {"dam", "lodge", "dam", "river", "dam"})
      self->request(counter, caf::infinite, std::string{word})
        .receive([&](beaver::json_text& sum) { std::cout << word << ' ' << sum.text() << '\n'; },
                 [&](caf::error& e) { std::cerr << system.render(e) << '\n'; });

    // The sync facade sees the same data.
    for (const auto& [word, count] : db.facade().dict<int>("words"))
      std::cout << word << " was counted " << count << " times\n";
    caf::anon_send_exit(counter, caf::exit_reason::user_shutdown);
  }
  std::filesystem::remove(path);
}
