#pragma once
#include "beaver/storage/docs_options.hpp"
#include "beaver/storage/statement.hpp"
#include "beaver/storage/text_leaves.hpp"

#include <cstdint>
#include <vector>

namespace beaver::docs_table {

/// What full-text and fuzzy search know of documents: a row of 2.3's FTS5 table for each string in
/// a body, and a row for each three letters in a row that the strings have (trigram), put together
/// with spaces between them and in lower case. Writes both as the Python original does.
class text_writer {
public:
  /// All must outlive it.
  text_writer(connection& c, std::string_view name, const docs_options& options)
    : connection_(c), name_(name), options_(options) {}

  /// Indexes a document of which nothing is indexed. `json` is in normal form. Throws `error`
  /// invalid_argument as `text_leaves` does.
  void add(std::string_view id, std::string_view json);

  /// Removes all that is indexed of a document, whoever did it. The rows are found by an index on
  /// the FTS5 table's own content: O(log n), and what FTS5 takes to forget their words.
  void remove(std::string_view id);

private:
  void add_trigrams(std::string_view id, const std::vector<text_leaf>& leaves);

  connection& connection_;
  std::string_view name_;
  const docs_options& options_;
};

/// Removes what is indexed of all documents of a collection. Linear in it.
void clear_text(connection& c, std::string_view name);

/// Whether something is indexed for fuzzy search.
[[nodiscard]] bool has_trigrams(connection& c, std::string_view name);

} // namespace beaver::docs_table
