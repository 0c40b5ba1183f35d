#pragma once
#include "beaver/storage/bell_file.hpp"
#include "support/temp_folder.hpp"

#include <fstream>
#include <memory>
#include <string>

namespace beaver::test {

/// A folder with something that stands for a database: a bell never looks into it.
struct bell_fixture {
  temp_folder folder;
  const std::string database = folder.file();
  const std::string file = database + "-bell";

  bell_fixture() { std::ofstream{database} << "a database"; }
  [[nodiscard]] std::unique_ptr<bell> open() const { return open_bell(database); }
};

} // namespace beaver::test
