#pragma once
#include "beaver/storage/blob_handle.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace beaver {

/// Reads one blob piecewise over a connection inside a read transaction, which it keeps on the
/// state of its opening. SQLite remembers where the pages lie, so that going on costs only what is
/// read. Same thread rule as the connection; must go before the connection does.
class blob_stream {
public:
  /// Empty if there is no such blob. Throws `error` as any read does.
  [[nodiscard]] static std::optional<blob_stream> open(connection& c, std::string_view name,
                                                       std::string_view key);

  [[nodiscard]] std::uint64_t size() const noexcept { return handle_.size(); }

  /// Fills `target` from `offset` on and gives the number of bytes: fewer than asked at the end, 0
  /// behind it. Throws `error` cancelled if the same connection changed the blob meanwhile.
  std::size_t read(std::uint64_t offset, std::span<std::byte> target) const;

private:
  explicit blob_stream(blob_handle handle) noexcept;

  blob_handle handle_;
};

} // namespace beaver
