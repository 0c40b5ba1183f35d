// What a program outside the project does: include the umbrella header, open a file, write, read
// back after reopening. Fails with a status of its own for each thing that is not as it should be.
#include <beaver/beaver.hpp>

#include <boost/describe/class.hpp>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>

struct user {
  std::string name;
  int age;
};
BOOST_DESCRIBE_STRUCT(user, (), (name, age))

namespace {

int use_library(const std::string& file) {
  {
    beaver::database db{file};
    db.dict("cfg").set("theme", beaver::json_text{R"("dark")"});
    db.dict<user>("users").set("ada", user{"Ada", 36});
  }
  beaver::database db{file};
  if (db.dict("cfg").get("theme").text() != R"("dark")")
    return 2;
  if (db.dict<user>("users").get("ada").age != 36)
    return 3;
  if (db.dict<user>("users").find("bob"))
    return 4;
  try {
    static_cast<void>(db.dict<user>("users").get("bob"));
    return 5;
  } catch (const beaver::error& e) {
    if (e.code() != beaver::errc::not_found)
      return 6;
  }
  return EXIT_SUCCESS;
}

} // namespace

int main() {
  std::string folder = (std::filesystem::temp_directory_path() / "beaver-consumer-XXXXXX").string();
  if (!mkdtemp(folder.data()))
    return EXIT_FAILURE;
  int status = EXIT_FAILURE;
  try {
    status = use_library(folder + "/app.db");
  } catch (const std::exception& e) {
    std::cerr << "consumer: " << e.what() << '\n';
  }
  std::filesystem::remove_all(folder);
  std::cout << "consumer: " << (status == EXIT_SUCCESS ? "works" : "does not work") << '\n';
  return status;
}
