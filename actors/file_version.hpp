#pragma once
#include "beaver/actors/change_set.hpp"
#include "beaver/storage/wal_view.hpp"

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace beaver {

/// Tells when the data of a manager may have changed, so that an index over it in memory survives
/// the commits of this process to everything else. A commit by anybody else may have changed
/// anything. Told of every commit by the writer, asked by readers; thread-safe.
class file_version {
public:
  /// A transaction of this process ended in a commit. `before` is what its BEGIN saw under the
  /// write lock, `after` what was there when COMMIT had returned (and others could commit again),
  /// `wrote` whether it wrote anything.
  void committed(const wal_state& before, const wal_state& after, bool wrote,
                 const change_set& changed);

  /// Whether the last commit that the file shows is this process's own.
  [[nodiscard]] bool is_ours(const wal_state& seen) const;

  /// A number that differs between two states of the file if the manager's data does. O(log n) in
  /// the managers that have changed.
  [[nodiscard]] std::uint64_t of(std::string_view type, std::string_view name,
                                 const wal_state& seen) const;

private:
  void forget();

  mutable std::mutex mutex_;
  bool known_ = false; ///< whether `last_` holds
  wal_state last_{};
  std::uint64_t now_ = 0;   ///< counts what has happened
  std::uint64_t epoch_ = 0; ///< when anything may have changed last
  std::map<change_set::key, std::uint64_t, std::less<>> changed_; ///< and these since then
};

} // namespace beaver
