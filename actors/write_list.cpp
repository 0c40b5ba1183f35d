#include "beaver/actors/write_list.hpp"

namespace beaver {

write_list::~write_list() {
  each([](const operation& op, void* message) { op.destroy(message); });
}

write_list::entry* write_list::make_room(const operation& op, std::size_t message_bytes) {
  const auto whole = (message_bytes + sizeof(entry) - 1) / sizeof(entry) * sizeof(entry);
  const auto bytes = sizeof(entry) + whole;
  if (blocks_.empty() || block_bytes - blocks_.back().used < bytes)
    blocks_.push_back({std::make_unique_for_overwrite<std::byte[]>(block_bytes)});
  auto& b = blocks_.back();
  auto* made = ::new (b.memory.get() + b.used) entry{&op, bytes};
  b.used += bytes;
  return made;
}

} // namespace beaver
