// Keeps the dicts of a file equal to those of another one, which it opens for reading only. How far
// it has come is in the mirror itself, in the same transaction as what it has copied: it may be
// ended and started again at any time.
//
//   mirror SOURCE MIRROR      until it is interrupted
//   mirror                    shows itself on two files of its own
#include <beaver/beaver.hpp>
#include <filesystem>
#include <iostream>
#include <string>

namespace {

/// The text of a JSON string that has no escapes, which keys of this example have not.
std::string plain(const beaver::json_text& key) {
  return std::string{key.text().substr(1, key.text().size() - 2)};
}

/// Copies what has changed, until nothing new has come for `patience`.
void follow(beaver::database& source, beaver::database& mirror,
            std::chrono::duration<double> patience) {
  auto state = mirror.dict<std::uint64_t>("mirror.state");
  auto changes = source.watch("dict:*", {.after = state.find("sequence").value_or(0)});
  while (const auto c = changes.next(patience)) {
    // The change says where to look; what is there now may be newer still, and then comes again.
    const auto value = source.dict(c->name).find(plain(c->key));
    mirror.transaction([&](beaver::transaction& tx) {
      auto copy = tx.dict(c->name);
      if (value)
        copy.set(plain(c->key), *value);
      else
        copy.erase(plain(c->key));
      tx.dict<std::uint64_t>("mirror.state").set("sequence", c->sequence);
    });
  }
}

void show() {
  const auto folder = std::filesystem::temp_directory_path() / "beaver-example-mirror";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directory(folder);
  {
    beaver::database source{(folder / "source.db").string()};
    static_cast<void>(source.watch("dict:*")); // has changes recorded from here on
    auto users = source.dict<std::string>("users");
    users.set("ada", "London");
    users.set("alan", "Wilmslow");
    users.erase("ada");

    beaver::database reader{(folder / "source.db").string(), {.read_only = true}};
    beaver::database mirror{(folder / "mirror.db").string()};
    follow(reader, mirror, std::chrono::seconds{0});
    users.set("grace", "New York");
    follow(reader, mirror, std::chrono::seconds{0}); // goes on where it was
    for (const auto& [name, place] : mirror.dict<std::string>("users"))
      std::cout << name << " lives in " << place << '\n';
  }
  std::filesystem::remove_all(folder);
}

} // namespace

int main(int count, char** arguments) {
  if (count != 3) {
    show();
    return 0;
  }
  beaver::database source{arguments[1], {.read_only = true}};
  beaver::database mirror{arguments[2]};
  follow(source, mirror, beaver::for_ever);
}
