#include "beaver/storage/word_splitter.hpp"

#include "beaver/storage/connection.hpp"

#include <sqlite3.h>

#include <exception>

namespace beaver {

struct word_splitter::tokenizer {
  fts5_tokenizer how;
  Fts5Tokenizer* one = nullptr;

  explicit tokenizer(connection& c) {
    void* data = nullptr;
    auto* const fts5 = api(c);
    if (!fts5 || fts5->xFindTokenizer(fts5, "unicode61", &data, &how) != SQLITE_OK)
      throw error(errc::not_supported, "this SQLite has no FTS5, which full-text search needs");
    if (const int code = how.xCreate(data, nullptr, 0, &one); code != SQLITE_OK)
      c.fail(code, "make a tokenizer");
  }
  ~tokenizer() { how.xDelete(one); }
  tokenizer(const tokenizer&) = delete;
  tokenizer& operator=(const tokenizer&) = delete;

private:
  /// FTS5 gives its functions through a query with a pointer, see sqlite.org/fts5.html section 7.
  static fts5_api* api(connection& c) {
    fts5_api* result = nullptr;
    sqlite3_stmt* query = nullptr;
    if (sqlite3_prepare_v2(c.handle(), "SELECT fts5(?1)", -1, &query, nullptr) == SQLITE_OK) {
      sqlite3_bind_pointer(query, 1, static_cast<void*>(&result), "fts5_api_ptr", nullptr);
      sqlite3_step(query);
    }
    sqlite3_finalize(query);
    return result;
  }
};

namespace {

/// What is thrown must not pass through SQLite.
struct visit {
  const word_splitter::visitor& take;
  std::exception_ptr thrown{};
};

int on_word(void* context, int, const char* word, int size, int begin, int end) {
  auto& v = *static_cast<visit*>(context);
  try {
    v.take({word, static_cast<std::size_t>(size)}, static_cast<std::size_t>(begin),
           static_cast<std::size_t>(end));
    return SQLITE_OK;
  } catch (...) {
    v.thrown = std::current_exception();
    return SQLITE_ABORT;
  }
}

} // namespace

word_splitter::word_splitter(connection& c) : tokenizer_(std::make_unique<tokenizer>(c)) {}

word_splitter::~word_splitter() = default;

void word_splitter::each(std::string_view text, const visitor& take) const {
  visit v{take};
  const int code = tokenizer_->how.xTokenize(tokenizer_->one, &v, FTS5_TOKENIZE_DOCUMENT,
                                             text.data(), static_cast<int>(text.size()), on_word);
  if (v.thrown)
    std::rethrow_exception(v.thrown);
  if (code != SQLITE_OK)
    throw error(errc::full, "no memory to split a text into words");
}

bool word_splitter::has_words(std::string_view text) const {
  bool any = false;
  each(text, [&](std::string_view, std::size_t, std::size_t) { any = true; });
  return any;
}

} // namespace beaver
