#pragma once
#include "beaver/actors/blob.hpp"
#include "beaver/actors/blob_source.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace beaver {

/// Writes a blob whose length need not be known: content is staged in the file chunk by chunk, each
/// durable on its own, and becomes the blob with `commit` in one transaction. Without `commit`
/// nothing shows; what a crash leaves is swept after a day. Memory: one chunk. One thread at a
/// time.
class blob_writer {
public:
  blob_writer(std::shared_ptr<backend> to, std::string name, std::string key,
              std::optional<json_text> metadata);
  blob_writer(blob_writer&&) noexcept = default;
  blob_writer& operator=(blob_writer&&) = delete;
  /// Drops what was staged, unless committed.
  ~blob_writer();

  /// Appends. Throws `error` full beyond a blob's limit (see `blob`), io, closed.
  void write(std::span<const std::byte> part);
  void write(std::string_view part) { write(std::as_bytes(std::span{part})); }

  /// Makes the blob, in place of an earlier one; gives its size. The writer is finished. Throws
  /// `error` not_found if what was staged has been swept meanwhile.
  std::uint64_t commit();

  /// Bytes written so far.
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

private:
  void stage();

  static constexpr std::size_t chunk = 1 << 20;

  std::shared_ptr<backend> to_; // null: finished
  std::string name_;
  std::string key_;
  std::string upload_;
  std::optional<json_text> metadata_;
  std::string buffer_;
  std::uint64_t size_ = 0;
  std::uint64_t staged_ = 0; // bytes
};

/// Reads a blob as it was when the reader was opened, piece by piece. See `blob_source` for limits.
class blob_reader {
public:
  explicit blob_reader(blob_source source) : source_(std::move(source)) {}

  [[nodiscard]] std::uint64_t size() const noexcept { return source_.size(); }
  [[nodiscard]] std::uint64_t position() const noexcept { return position_; }
  void seek(std::uint64_t position) noexcept { position_ = position; }

  /// Fills `target` and moves on; gives the number of bytes, 0 at the end.
  std::size_t read(std::span<std::byte> target) {
    const auto n = source_.read(position_, target);
    position_ += n;
    return n;
  }

private:
  blob_source source_;
  std::uint64_t position_ = 0;
};

} // namespace beaver
