#pragma once
#include "beaver/actors/blob.hpp"
#include "beaver/api/blob_io.hpp"
#include "beaver/api/changes.hpp"
#include "beaver/api/model.hpp"
#include "beaver/api/scan.hpp"
#include "beaver/api/style.hpp"

#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace beaver {

/// Bytes under text keys, each with optional JSON metadata. A blob with its key and metadata holds
/// at most 1,000,000,000 bytes; more is `errc::full`.
///
/// A handle is cheap to copy, usable from any thread, and valid until its database closes. Keys
/// have 1..1024 bytes of UTF-8. Every call may fail with `error`: invalid_argument, busy, io, full,
/// closed. `put` and `get` hold the whole value in memory; `writer` and `reader` do not.
template <class Style = sync>
class blob : public observable<blob<Style>, Style> {
  template <class R>
  using reply = typename Style::template reply<R>;

public:
  static constexpr std::string_view type_name = "blob";

  blob(std::string name, Style style) : name_(std::move(name)), style_(std::move(style)) {}

  [[nodiscard]] const std::string& name() const noexcept { return name_; }

  // -- writing ------------------------------------------------------------------------------------

  /// Stores `data`, replacing an earlier blob together with its metadata. O(size).
  reply<void> put(std::string_view key, bytes data, std::optional<json_text> metadata = {}) {
    return style_(blob_put{name_, std::string{key}, std::move(data), std::move(metadata)});
  }
  reply<void> put(std::string_view key, std::string_view data,
                  std::optional<json_text> metadata = {}) {
    return put(key, bytes{data}, std::move(metadata));
  }
  reply<void> put(std::string_view key, std::span<const std::byte> data,
                  std::optional<json_text> metadata = {}) {
    return put(key, bytes{data}, std::move(metadata));
  }

  /// Replaces the metadata (empty: removes it), leaves the content; whether there is such a blob.
  reply<bool> set_metadata(std::string_view key, std::optional<json_text> metadata) {
    return style_(blob_set_metadata{name_, std::string{key}, std::move(metadata)});
  }

  /// Removes the blob; whether there was one.
  reply<bool> erase(std::string_view key) { return style_(blob_erase{name_, std::string{key}}); }

  /// Removes all blobs.
  reply<void> clear() { return style_(blob_clear{name_}); }

  /// Begins a blob of unknown length.
  [[nodiscard]] blob_writer
  writer(std::string_view key,
         std::optional<json_text> metadata = {}) requires std::same_as<Style, sync> {
    return {style_.to, name_, std::string{key}, std::move(metadata)};
  }

  // -- reading ------------------------------------------------------------------------------------

  /// The blob with its metadata; empty if there is none.
  [[nodiscard]] reply<std::optional<blob_value>> find(std::string_view key) const
    requires(Style::reads) {
    return style_(blob_find{name_, std::string{key}});
  }

  /// The content; not_found if there is no such blob.
  [[nodiscard]] reply<bytes> get(std::string_view key) const requires(Style::reads) {
    return style_(blob_find{name_, std::string{key}}, [name = name_, key = std::string{key}](
                                                        std::optional<blob_value> value) {
      if (!value)
        throw error(errc::not_found, "blob store '" + name + "' has no key '" + key + "'");
      return std::move(value->data);
    });
  }

  /// At most `length` bytes from `offset` on; empty if there is no such blob. Reads only those
  /// bytes, but walks the file's page chain up to `offset`.
  [[nodiscard]] reply<std::optional<bytes>> read(std::string_view key, std::uint64_t offset,
                                                 std::uint64_t length) const
    requires(Style::reads) {
    return style_(blob_read{name_, std::string{key}, offset, length});
  }

  /// Size and metadata without the content; empty if there is no such blob.
  [[nodiscard]] reply<std::optional<blob_entry>> stat(std::string_view key) const
    requires(Style::reads) {
    return style_(blob_stat{name_, std::string{key}});
  }

  [[nodiscard]] reply<bool> contains(std::string_view key) const requires(Style::reads) {
    return style_(blob_contains{name_, std::string{key}});
  }

  /// Number of blobs, of those whose key starts with `prefix` if given.
  [[nodiscard]] reply<std::uint64_t> count(std::optional<std::string> prefix = {}) const
    requires(Style::reads) {
    return style_(blob_count{name_, std::move(prefix)});
  }

  /// Keys, sizes and metadata in key order, without content.
  [[nodiscard]] reply<std::vector<blob_entry>> list(key_range range = {}) const
    requires(Style::reads) {
    return style_(blob_list{std::move(range), name_});
  }

  [[nodiscard]] reply<blob_summary> info() const requires(Style::reads) {
    return style_(blob_info{name_});
  }

  /// `list` as an input range that holds one page in memory.
  [[nodiscard]] scan<blob_entry>
  entries(key_range range = {}) const requires std::same_as<Style, sync> {
    return {std::move(range), [self = *this](key_range page) {
              scan_page<blob_entry> fetched{self.list(std::move(page)), {}};
              if (!fetched.entries.empty())
                fetched.last = fetched.entries.back().key;
              return fetched;
            }};
  }

  /// Opens the blob, as it is now, for reading in pieces; empty if there is none.
  [[nodiscard]] std::optional<blob_reader>
  reader(std::string_view key) const requires std::same_as<Style, sync> {
    auto source = blob_source::open(style_.to, name_, std::string{key});
    return source ? std::optional<blob_reader>{std::in_place, std::move(*source)} : std::nullopt;
  }

  // -- batches ------------------------------------------------------------------------------------

  /// A handle that collects writes for one commit.
  [[nodiscard]] batch_of<blob<beaver::batched>> batched() const requires std::same_as<Style, sync> {
    return {style_.to, name_};
  }

private:
  friend class observable<blob<Style>, Style>;
  std::string name_;
  Style style_;
};

} // namespace beaver
