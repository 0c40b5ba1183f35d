#include "beaver/tools/commands.hpp"

int main(int count, char** arguments) {
  return beaver::cli::run({arguments + (count > 0 ? 1 : 0), arguments + count});
}
