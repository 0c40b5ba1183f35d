#include "fuzz/fuzz.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

/// Gives a fuzz target the inputs in a folder, and each of their beginnings.
int main(int, char** arguments) {
  std::vector<std::filesystem::path> files;
  for (const auto& each : std::filesystem::directory_iterator{arguments[1]})
    files.push_back(each.path());
  std::sort(files.begin(), files.end());
  for (const auto& file : files) {
    std::printf("%s\n", file.filename().c_str()); // the last one is the culprit
    std::fflush(stdout);
    std::ifstream in{file, std::ios::binary};
    const std::string content{std::istreambuf_iterator<char>{in}, {}};
    for (std::size_t size = 0; size <= content.size(); ++size)
      beaver::test::fuzz_one(std::string_view{content}.substr(0, size));
  }
  return files.empty() ? 1 : 0;
}
