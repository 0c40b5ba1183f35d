#pragma once
#include "beaver/storage/docs_search.hpp"
#include "beaver/storage/rank_fusion.hpp"
#include "beaver/storage/text_query.hpp"
#include "beaver/storage/word_splitter.hpp"

#include <functional>
#include <unordered_map>

// How a query becomes ids of documents; for docs_search.cpp only.

namespace beaver::docs_table::detail {

/// Takes one document after the other, best first, until it says false.
using take_ranked = std::function<bool(ranked&&)>;

/// A query that FTS5 has a part in.
class text_match {
public:
  /// Both must outlive it. Throws as `search`.
  text_match(connection& c, std::string_view name, const docs_query& query);

  /// All that match, best first, equal ones in the order of their strings in the file. Reads only
  /// as far as it is taken if the query is that simple.
  void each(const take_ranked& take);

  /// An FTS5 expression that finds the words that are wanted in strings at a path; empty if none
  /// is.
  [[nodiscard]] std::string marked(std::string_view path) const;

private:
  struct found;
  struct placed;
  void each_in_order(const take_ranked& take);
  void each_lazily(const take_ranked& take);
  [[nodiscard]] std::vector<placed> all();
  void look_for(std::size_t leaf, found& in);
  [[nodiscard]] double weight_of(std::string_view path) const;

  connection& connection_;
  std::string_view name_;
  const docs_query& query_;
  text_query parsed_;
  std::vector<std::string> expressions_; // of the leaves
  std::vector<bool> wanted_;
};

/// Whether a query is about the strings at a path.
[[nodiscard]] bool is_on(const docs_query& query, std::string_view path);

inline constexpr std::string_view default_open = "<b>";
inline constexpr std::string_view default_close = "</b>";

/// A query whose words may be misspelt.
class fuzzy_match {
public:
  /// Both must outlive it. Throws as `search`.
  fuzzy_match(connection& c, std::string_view name, const docs_query& query);
  ~fuzzy_match();
  fuzzy_match(const fuzzy_match&) = delete;
  fuzzy_match& operator=(const fuzzy_match&) = delete;

  /// Documents that have the words but for a few edits, best first: all, or at least the best
  /// `enough` of them.
  [[nodiscard]] std::vector<ranked> best(std::optional<std::uint64_t> enough);

  /// From now on one word is enough. False if it was so before, or there are no two.
  bool loosen();

  /// The strings of a document that match, marked.
  [[nodiscard]] std::vector<docs_fragment> fragments(std::string_view body) const;

private:
  struct wanted_word;
  struct candidate;
  struct fit;

  void add_word(std::string_view word);
  [[nodiscard]] std::unordered_map<std::string, std::size_t>
  common_trigrams(const wanted_word& word) const;
  [[nodiscard]] std::vector<candidate> candidates();
  [[nodiscard]] fit fit_of(std::string_view body) const;

  connection& connection_;
  std::string_view name_;
  const docs_query& query_;
  bool any_; // word is enough
  double total_weight_ = 0;
  word_splitter splitter_;
  std::vector<wanted_word> words_;
};

} // namespace beaver::docs_table::detail
