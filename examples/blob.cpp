// The guide's page on blobs as a program: whole values, metadata, streams, parts.
#include <beaver/beaver.hpp>
#include <filesystem>
#include <iostream>
#include <vector>

int main() {
  const auto path = std::filesystem::temp_directory_path() / "beaver-example-blob.db";
  std::filesystem::remove(path);
  {
    beaver::database db{path.string()};
    auto files = db.blob("files");

    files.put("note.txt", "Dams are built of wood.",
              beaver::json_text{R"({"type": "text/plain"})"});
    std::cout << files.get("note.txt").text() << '\n';

    // A blob of unknown length, chunk by chunk: it shows only with the commit.
    auto out = files.writer("log.bin");
    for (int i = 0; i < 100'000; ++i)
      out.write("a line of a long log\n");
    std::cout << "wrote " << out.commit() << " bytes\n";

    // And back in pieces, as it was when the reader was opened.
    if (auto in = files.reader("log.bin")) {
      std::vector<std::byte> piece(64 * 1024);
      std::size_t total = 0;
      while (const auto n = in->read(piece))
        total += n;
      std::cout << "read " << total << " of " << in->size() << " bytes\n";
    }
    std::cout << "a part: " << files.read("log.bin", 2, 4)->text() << '\n';

    for (const auto& entry : files.list())
      std::cout << entry.key << ", " << entry.size << " bytes"
                << (entry.metadata ? ", " + std::string{entry.metadata->text()} : "") << '\n';
  }
  std::filesystem::remove(path);
}
