#pragma once
#include "beaver/storage/shared_buffer.hpp"

#include <cstddef>
#include <span>
#include <string_view>
#include <utility>

namespace beaver {

/// An immutable run of bytes with shared ownership: crosses actors without a copy.
class bytes {
public:
  bytes() = default;
  explicit bytes(std::span<const std::byte> source)
    : buffer_(std::string_view{reinterpret_cast<const char*>(source.data()), source.size()}) {}
  explicit bytes(std::string_view source) : buffer_(source) {}
  explicit bytes(detail::shared_buffer buffer) : buffer_(std::move(buffer)) {}

  [[nodiscard]] std::span<const std::byte> view() const noexcept {
    return std::as_bytes(std::span{buffer_.view()});
  }
  [[nodiscard]] std::string_view text() const noexcept { return buffer_.view(); }
  [[nodiscard]] std::size_t size() const noexcept { return buffer_.size(); }
  friend bool operator==(const bytes& a, const bytes& b) noexcept { return a.text() == b.text(); }

private:
  detail::shared_buffer buffer_;
};

} // namespace beaver
