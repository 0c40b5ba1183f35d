#include "beaver/storage/marked_text.hpp"

#include <algorithm>

namespace beaver {
namespace {

/// The first stretch of `most` words with the most hits.
std::span<const marked_word> best_stretch(std::span<const marked_word> words, std::size_t most) {
  std::size_t hits = 0;
  std::size_t best = 0;
  std::size_t best_end = most;
  for (std::size_t i = 0; i < words.size(); ++i) {
    hits += words[i].hit;
    if (i >= most)
      hits -= words[i - most].hit;
    if (i + 1 >= most && hits > best) {
      best = hits;
      best_end = i + 1;
    }
  }
  return words.subspan(best_end - most, most);
}

} // namespace

std::optional<std::string> marked_text(std::string_view text, std::span<const marked_word> words,
                                       std::string_view open, std::string_view close,
                                       std::optional<std::size_t> most) {
  if (std::none_of(words.begin(), words.end(), [](const marked_word& w) { return w.hit; }))
    return std::nullopt;
  std::string result;
  std::size_t at = 0;
  std::size_t end = text.size();
  if (most && words.size() > *most) {
    const auto* const last_word = &words.back();
    const bool from_start = &words.front() == (words = best_stretch(words, *most)).data();
    if (!from_start) {
      at = words.front().begin;
      result += ellipsis;
    }
    if (&words.back() != last_word)
      end = words.back().end;
  }
  for (const auto& w : words) {
    if (!w.hit)
      continue;
    result += text.substr(at, w.begin - at);
    result.append(open).append(text.substr(w.begin, w.end - w.begin)).append(close);
    at = w.end;
  }
  result += text.substr(at, end - at);
  if (end < text.size())
    result += ellipsis;
  return result;
}

} // namespace beaver
