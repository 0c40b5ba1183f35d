#include "beaver/actors/file_version.hpp"

#include <string_view>

namespace beaver {

namespace {

constexpr std::size_t most_names = 4'096; // a program with more pays with rebuilt indexes

constexpr std::uint64_t of_a_stranger = std::uint64_t{1} << 63;

std::uint64_t hash(const wal_state& state) {
  return std::hash<std::string_view>{}(
    {reinterpret_cast<const char*>(state.data()), sizeof(wal_state)});
}

} // namespace

void file_version::committed(const wal_state& before, const wal_state& after, bool wrote,
                             const change_set& changed) {
  std::lock_guard guard{mutex_};
  const bool others_before = !known_ || before != last_;
  // Only the count tells our own commit from one that came right behind it.
  const bool others_behind =
    wrote ? wal_view::commits(after) != wal_view::commits(before) + 1 : after != before;
  if (others_before || others_behind || changed_.size() > most_names)
    forget();
  for (const auto& [key, news] : changed.names())
    changed_.insert_or_assign(key, ++now_);
  last_ = after;
  known_ = !others_behind;
}

void file_version::forget() {
  changed_.clear();
  epoch_ = ++now_;
}

bool file_version::is_ours(const wal_state& seen) const {
  std::lock_guard guard{mutex_};
  return known_ && seen == last_;
}

std::uint64_t file_version::of(std::string_view type, std::string_view name,
                               const wal_state& seen) const {
  std::lock_guard guard{mutex_};
  if (!known_ || seen != last_)
    return hash(seen) | of_a_stranger;
  const auto found = changed_.find(change_set::key{type, name});
  return found == changed_.end() ? epoch_ : found->second;
}

} // namespace beaver
