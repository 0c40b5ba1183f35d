#pragma once
#include "beaver/api/database.hpp"

#include <memory>
#include <string>

namespace beaver::test {

/// A database in a file, in an actor system of its own, published over CAF's network. Keeps CAF out
/// of the tests that run over it.
class caf_home {
public:
  caf_home(const std::string& path, options how, bool tls);
  ~caf_home();

  [[nodiscard]] database& home() noexcept;
  [[nodiscard]] std::string url() const;

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace beaver::test
