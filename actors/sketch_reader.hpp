#pragma once
#include "beaver/actors/sketch_kinds.hpp"
#include "beaver/storage/kept_read.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace beaver {

/// The sketches that one reader has open, for as long as its transaction lasts: finding the way
/// into a large one costs much more than to look at a few of its bytes. Belongs to that reader.
class sketch_reader {
public:
  sketch_reader(connection& c, kept_read& read);
  ~sketch_reader() { read_.before_end({}); }
  sketch_reader(const sketch_reader&) = delete;
  sketch_reader& operator=(const sketch_reader&) = delete;

  /// As the open transaction shows it; null if there is none of that name. Valid until the next
  /// call.
  [[nodiscard]] const stored_sketch* find(std::string_view name);

private:
  struct entry {
    std::string name;
    stored_sketch sketch;
    std::unique_ptr<sketch_lines> lines;
  };

  static constexpr std::size_t most_open = 8;

  connection& connection_;
  kept_read& read_;
  std::vector<std::unique_ptr<entry>> open_; // used last first
};

} // namespace beaver
