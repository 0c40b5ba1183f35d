#pragma once
#include "beaver/actors/file_version.hpp"
#include "beaver/storage/kept_read.hpp"
#include "beaver/storage/list_index.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace beaver {

/// The indexes over long lists that one reader keeps: of the lists that it was asked for last.
/// Belongs to that reader.
class list_indexes {
public:
  /// `bytes` is what all readers use together, for `info`.
  list_indexes(const file_version& versions, kept_read& read, std::atomic<std::uint64_t>& bytes)
    : versions_(versions), read_(read), bytes_(bytes) {}
  ~list_indexes() { count(0); }
  list_indexes(const list_indexes&) = delete;
  list_indexes& operator=(const list_indexes&) = delete;

  /// The index of a list, for the state of the file that the open transaction shows; null where
  /// that cannot be told. Valid until the next call.
  [[nodiscard]] list_index* find(std::string_view name);

private:
  void count(std::uint64_t now);

  struct entry {
    std::string name;
    std::unique_ptr<list_index> index;
  };

  const file_version& versions_;
  kept_read& read_;
  std::atomic<std::uint64_t>& bytes_;
  std::uint64_t counted_ = 0;
  std::vector<entry> entries_; ///< used last first
};

} // namespace beaver
