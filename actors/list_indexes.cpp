#include "beaver/actors/list_indexes.hpp"

#include <algorithm>

namespace beaver {

namespace {

constexpr std::size_t most_lists = 8; // of at most `list_index::max_bytes` each

} // namespace

list_index* list_indexes::find(std::string_view name) {
  const auto* seen = read_.state();
  if (!seen)
    return nullptr;
  auto found = std::ranges::find(entries_, name, &entry::name);
  if (found == entries_.end()) {
    if (entries_.size() == most_lists)
      entries_.pop_back();
    entries_.push_back({std::string{name}, std::make_unique<list_index>()});
    found = std::prev(entries_.end());
  }
  std::rotate(entries_.begin(), found, std::next(found));
  std::uint64_t bytes = 0;
  for (const auto& e : entries_)
    bytes += e.index->bytes();
  count(bytes);
  auto& index = *entries_.front().index;
  index.refresh(name, versions_.of("list", name, *seen));
  return &index;
}

void list_indexes::count(std::uint64_t now) {
  bytes_ += now - counted_;
  counted_ = now;
}

} // namespace beaver
