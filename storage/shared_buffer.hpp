#pragma once
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

namespace beaver::detail {

/// Immutable bytes with shared ownership: copying shares, one allocation per buffer.
class shared_buffer {
public:
  shared_buffer() = default;

  explicit shared_buffer(std::string_view source) : shared_buffer(source.size()) {
    if (!source.empty())
      std::memcpy(storage_.get(), source.data(), source.size());
  }

  /// `size` bytes for the maker to fill through `fill()` before anybody else holds a copy.
  explicit shared_buffer(std::size_t size)
    : storage_(size ? std::make_shared_for_overwrite<char[]>(size) : nullptr), size_(size) {}

  [[nodiscard]] char* fill() noexcept { return storage_.get(); }
  [[nodiscard]] std::string_view view() const noexcept { return {storage_.get(), size_}; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

private:
  std::shared_ptr<char[]> storage_;
  std::size_t size_ = 0;
};

} // namespace beaver::detail
