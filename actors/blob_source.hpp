#pragma once
#include "beaver/actors/backend.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace beaver {

/// The content of one blob as it was when the source was opened, read piecewise: the memory it
/// takes does not grow with the blob. Over an engine it holds a snapshot of its own, with a
/// snapshot's limits; over a snapshot it shares that. Over a network all of the content is held in
/// memory. One thread at a time.
class blob_source {
public:
  /// Empty if there is no such blob. Throws `error` not_supported inside a transaction.
  [[nodiscard]] static std::optional<blob_source>
  open(const std::shared_ptr<backend>& from, const std::string& name, const std::string& key);

  blob_source(blob_source&&) noexcept;
  blob_source& operator=(blob_source&&) noexcept;
  ~blob_source();

  [[nodiscard]] std::uint64_t size() const noexcept;

  /// Fills `target` from `offset` on; gives the number of bytes, fewer than asked only at the end.
  /// Throws `error` timeout if the snapshot has passed its limits, closed if the database has
  /// closed.
  std::size_t read(std::uint64_t offset, std::span<std::byte> target);

  struct impl;

private:
  explicit blob_source(std::unique_ptr<impl> inside) noexcept;

  std::unique_ptr<impl> impl_;
};

} // namespace beaver
