#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace beaver {

/// A word of a text, in bytes, and whether it is one that was looked for.
struct marked_word {
  std::size_t begin;
  std::size_t end;
  bool hit;
};

inline constexpr std::string_view ellipsis = "\u2026";

/// A text with the words that were looked for between marks; nothing if there are none. With
/// `most` only so many words of it: the first stretch with the most hits, and an ellipsis where
/// something is left out. `words`: in order. Linear.
[[nodiscard]] std::optional<std::string> marked_text(std::string_view text,
                                                     std::span<const marked_word> words,
                                                     std::string_view open, std::string_view close,
                                                     std::optional<std::size_t> most = {});

} // namespace beaver
