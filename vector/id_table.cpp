#include "beaver/vector/id_table.hpp"

#include <bit>
#include <functional>

namespace beaver {

/// Where it is, or the free slot where it belongs.
std::size_t id_table::slot_of(std::string_view id) const noexcept {
  const auto mask = slots_.size() - 1;
  auto slot = std::hash<std::string_view>{}(id)&mask;
  while (slots_[slot] != 0 && (*this)[slots_[slot] - 1] != id)
    slot = (slot + 1) & mask;
  return slot;
}

std::optional<std::uint32_t> id_table::find(std::string_view id) const noexcept {
  if (slots_.empty())
    return std::nullopt;
  const auto entry = slots_[slot_of(id)];
  return entry == 0 ? std::nullopt : std::optional{entry - 1};
}

std::uint32_t id_table::add(std::string_view id) {
  if ((ends_.size() + 1) * 2 > slots_.size())
    rehash(slots_.empty() ? 16 : slots_.size() * 2);
  const auto slot = slot_of(id);
  text_ += id;
  ends_.push_back(text_.size());
  slots_[slot] = count();
  return count() - 1;
}

void id_table::reserve(std::size_t ids, std::size_t bytes) {
  text_.reserve(bytes);
  ends_.reserve(ids);
  if (const auto slots = std::bit_ceil(ids * 2 + 1); slots > slots_.size())
    rehash(slots);
}

void id_table::rehash(std::size_t slots) {
  slots_.assign(slots, 0);
  for (std::uint32_t row = 0; row < count(); ++row)
    slots_[slot_of((*this)[row])] = row + 1;
}

} // namespace beaver
