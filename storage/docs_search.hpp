#pragma once
#include "beaver/storage/docs_table.hpp"
#include "beaver/storage/rank_fusion.hpp"

namespace beaver {

/// What the strings at a path, or below it, count for in the rank of a document.
struct field_weight {
  std::string field;
  double weight; // >= 0; strings of no such field have 1
};

/// How the documents that words find and those whose vectors are near become one list.
struct docs_fusion {
  std::optional<fusion_method> method{}; // absent: reciprocal_rank
  std::optional<double> k{};             // of reciprocal_rank, > 0; absent: 60
  std::optional<double> text_weight{};   // >= 0; absent: 1
  std::optional<double> vector_weight{}; // likewise; not both are 0
};

/// What is looked for in a collection, and how much of what is found is wanted.
struct docs_query {
  /// In the language of storage/text_language.hpp: words, "phrases", prefix*, -without, a OR b,
  /// field:word, "close together"~5.
  std::string query{};
  std::optional<bool> fts5{};  // it is an FTS5 expression about single strings instead
  std::optional<bool> fuzzy{}; // it is words, which may be misspelt
  /// One of what stands side by side is enough; not with `fts5`. Absent, with `fuzzy`: where all
  /// words find nothing, one is enough (and the answer says `any`).
  std::optional<bool> any{};
  /// Edits that are forgiven in a word of more than two letters; absent: 1 up to five letters, 2 in
  /// longer ones. Only with `fuzzy`.
  std::optional<std::uint64_t> max_distance{};
  std::optional<std::vector<std::string>> on{}; // only strings at these paths or below
  std::optional<std::vector<field_weight>> weights{};
  /// Documents whose vectors are near this one are looked for too; with an empty `query`, only
  /// they. The next four go with it.
  std::optional<std::vector<float>> vector{};
  std::optional<std::string> vectors{}; // the collection of theirs, by id; absent: of this name
  std::optional<bool> exact{};          // look at all vectors, whatever their strategy is
  /// So many that words find, and so many that are near, are put together. Absent: without `limit`
  /// all, else as many as end the page, at least 100. Stated, pages go on where the last one ended.
  std::optional<std::uint64_t> depth{};
  std::optional<docs_fusion> fusion{};    // how
  std::optional<json_text> where{};       // only documents that satisfy this filter
  std::optional<std::uint64_t> limit{};   // absent: all
  std::optional<std::uint64_t> offset{};  // so many are passed over first
  std::optional<bool> total{};            // count all that match; words only
  std::optional<bool> highlight{};        // give the strings that match, their words marked
  std::optional<std::uint64_t> snippet{}; // the same cut to so many words, 1..64
  std::optional<std::string> open{};      // the mark before a word; absent: <b>
  std::optional<std::string> close{};     // and behind it; absent: </b>
};

/// A string of a document in which words are marked.
struct docs_fragment {
  std::string path;
  std::string text;
};

/// Where a document stands in one of the lists that were put together.
struct docs_place {
  std::uint64_t rank; // from 1
  double score;       // by words: higher is better; by a vector: a distance, lower is nearer
};

struct docs_hit {
  std::string id;
  json_text body;
  double score; // higher is better; comparable within one answer
  std::optional<std::vector<docs_fragment>> fragments{};
  std::optional<docs_place> text{}; // of a search with a vector: by its words
  std::optional<docs_place> near{}; // likewise: by its vector
};

struct docs_hits {
  std::vector<docs_hit> hits;           // best first
  std::optional<std::uint64_t> total{}; // if it was asked for
  std::optional<bool> incomplete{};     // true: text is still being indexed by changed options
  std::optional<bool> approximate{};    // true: documents nearer than some of these may be missed
  std::optional<bool> any{};            // true: no document has all words, these have some of them
};

/// A document whose vector is near.
struct near_document {
  std::string id;
  double score; // a distance: lower is nearer
};

namespace docs_table {

inline constexpr std::uint64_t most_snippet_words = 64; // FTS5's own bound

inline constexpr std::uint64_t usual_depth = 100;

/// Throws `error` invalid_argument that names the member: fuzzy or any with fts5, max_distance
/// without fuzzy, a weight that is not finite or < 0, a snippet of 0 or more than 64 words;
/// vectors, exact, depth or fusion without vector, total with it (a vector ranks whatever has one),
/// a depth of 0, a fusion that `fuse` refuses.
void check(const docs_query& query);

/// How many of each list a search with a vector puts together.
[[nodiscard]] std::uint64_t depth(const docs_query& query);

/// Documents that match, best first.
///
/// A document matches as a whole: words may stand in different strings of it. Its score is the sum
/// over the words (or phrases) that are looked for of the best rank that one of its strings has for
/// it: BM25 as FTS5 computes it, times the string's weight; of equal ones the first is the one that
/// was stored earlier. A query without a word, such as "***",
/// finds nothing.
///
/// With `any` the query `a b -c` is read as `(a OR b) -c`: for sentences, of which the rare words
/// decide, since they count most in BM25.
///
/// With `fuzzy` each word has to be in the document but for a few edits (`edit_pattern`); the score
/// is the mean over the words of 1 - edits / letters, and of equal documents the shorter one is
/// first. A diacritic is an edit. Candidates are documents that share with each word as many
/// trigrams as that many edits leave for certain, and at least one: a word with every three letters
/// in a row hit is not found. With `any` one word is enough; a word that is not there adds 0, and
/// the mean is weighted by ln(1 + documents / candidates of the word). So it is too if no document
/// has all words, unless `any` is false.
///
/// Cost: a query of one word that wants no total visits the rows that FTS5 finds and the page;
/// other queries also read the id of each row. `where` reads the body of each document that is
/// passed.
/// Throws `error` invalid_argument: a query that is too large, a bad FTS5 expression, `fuzzy` for a
/// collection without that option.
[[nodiscard]] docs_hits search(connection& c, std::string_view name, const docs_query& query);

/// The same, put together with documents that are near: as many of either list as `depth` says,
/// fused as `query.fusion` says. `near` has the nearest first, each once; who calls has seen to
/// `query.vector`, and to that they are documents of the collection that satisfy `where`. Hits tell
/// their places; those that the words find have fragments. An empty query finds nothing by words.
/// Cost: that of a search for `depth` documents, and the page.
[[nodiscard]] docs_hits search(connection& c, std::string_view name, const docs_query& query,
                               std::span<const near_document> near);

} // namespace docs_table
} // namespace beaver
