#pragma once
#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>

namespace beaver {

class connection;

/// Splits text into words as full-text search does, by FTS5's own tokenizer unicode61: runs of
/// letters and digits, in lower case and without diacritics; words are not reduced to their stems.
/// Same thread rule as the connection, which must outlive it.
class word_splitter {
public:
  /// Throws `error` io if the library has no FTS5.
  explicit word_splitter(connection& c);
  ~word_splitter();
  word_splitter(const word_splitter&) = delete;
  word_splitter& operator=(const word_splitter&) = delete;

  /// A word as it is compared, valid during the call, and the bytes of the text that it was.
  using visitor = std::function<void(std::string_view word, std::size_t begin, std::size_t end)>;

  /// Visits the words of a text in order. Linear.
  void each(std::string_view text, const visitor& visit) const;

  [[nodiscard]] bool has_words(std::string_view text) const;

private:
  struct tokenizer;
  std::unique_ptr<tokenizer> tokenizer_;
};

} // namespace beaver
