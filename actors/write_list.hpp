#pragma once
#include "beaver/actors/operation.hpp"

#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

namespace beaver {

/// Checked writes in the order of their addition, for one commit. The messages lie one behind the
/// other in blocks, so that a hundred thousand of them cost neither as many allocations nor a move
/// of all whenever the list grows. Not thread-safe.
class write_list {
public:
  write_list() = default;
  write_list(write_list&& other) noexcept
    : blocks_(std::exchange(other.blocks_, {})), size_(std::exchange(other.size_, 0)) {}
  write_list& operator=(write_list&&) = delete;
  ~write_list();

  /// Validates and normalises a message and takes it. Throws `error` invalid_argument.
  template <message M>
  void add(M m) {
    static_assert(sizeof(M) <= block_bytes / 16 && alignof(M) <= alignof(entry));
    static_assert(std::is_nothrow_move_constructible_v<M>);
    const auto& op = operation_of<M>();
    op.check(&m);
    auto* place = make_room(op, sizeof(M));
    ::new (place->message()) M(std::move(m));
    ++size_;
  }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  /// Calls `visit(operation, message)` for each write.
  template <class Visit>
  void each(Visit visit) const {
    for (const auto& b : blocks_)
      for (std::size_t at = 0; at < b.used;) {
        auto* e = std::launder(reinterpret_cast<entry*>(b.memory.get() + at));
        visit(*e->op, e->message());
        at += e->bytes;
      }
  }

private:
  /// In front of each message.
  struct alignas(std::max_align_t) entry {
    const operation* op;
    std::size_t bytes; // with this and what alignment leaves free
    [[nodiscard]] void* message() noexcept { return this + 1; }
  };

  struct block {
    std::unique_ptr<std::byte[]> memory;
    std::size_t used = 0;
  };

  static constexpr std::size_t block_bytes = 64 << 10;

  entry* make_room(const operation& op, std::size_t message_bytes);

  std::vector<block> blocks_;
  std::size_t size_ = 0;
};

} // namespace beaver
