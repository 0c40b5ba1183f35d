#include "beaver/storage/connection.hpp"
#include "beaver/storage/docs_match.hpp"
#include "beaver/storage/docs_rows.hpp"
#include "beaver/storage/docs_text.hpp"
#include "beaver/storage/edit_distance.hpp"
#include "beaver/storage/lower_case.hpp"
#include "beaver/storage/marked_text.hpp"
#include "beaver/storage/trigrams.hpp"
#include "beaver/storage/word_splitter.hpp"

#include <algorithm>
#include <unordered_map>

// Search for words that may be misspelt.

namespace beaver::docs_table::detail {
namespace {

struct wanted_word {
  edit_pattern pattern;
  std::string folded;
  std::vector<std::string> trigrams; // of the word as it was typed, in lower case
  unsigned allowed;                  // edits
};

std::vector<wanted_word> words_of(const word_splitter& splitter, const docs_query& query) {
  std::vector<wanted_word> words;
  splitter.each(query.query, [&](std::string_view word, std::size_t begin, std::size_t end) {
    const bool known = std::any_of(words.begin(), words.end(),
                                   [&](const wanted_word& w) { return w.folded == word; });
    if (known)
      return;
    edit_pattern pattern{word};
    auto allowed = allowed_distance(pattern.length());
    if (query.max_distance && pattern.length() > 2)
      allowed =
        static_cast<unsigned>(std::min<std::uint64_t>(*query.max_distance, pattern.length() - 1));
    auto typed = trigrams(lower_case(std::string_view{query.query}.substr(begin, end - begin)));
    words.push_back({std::move(pattern), std::string{word}, std::move(typed), allowed});
  });
  return words;
}

/// An edit spoils at most four trigrams: those that touch both letters of a transposition.
std::size_t least_common(const wanted_word& word) {
  constexpr std::size_t spoilt_by_edit = 4;
  const auto spoilt = spoilt_by_edit * word.allowed;
  return word.trigrams.size() > spoilt ? word.trigrams.size() - spoilt : 1;
}

/// Documents of a collection, and how many of the searched words each may have.
using candidates = std::unordered_map<std::string, std::size_t>;

/// Documents that may have the word; one that has it exactly, in whatever spelling of its letters,
/// is among those that FTS5 finds.
std::vector<std::string> documents_with(connection& c, std::string_view name,
                                        const wanted_word& word) {
  std::vector<std::string> ids;
  if (word.allowed == 0 || word.trigrams.empty()) {
    statement rows = c.prepare("SELECT item_id FROM __beaver_fts_index__ WHERE "
                               "__beaver_fts_index__ MATCH ?1 AND collection = ?2");
    const auto expression = "field_content : \"" + word.folded + '"';
    rows.bind(expression, name);
    while (rows.step())
      ids.emplace_back(rows.text(0));
    return ids;
  }
  std::unordered_map<std::string, std::size_t> common;
  statement rows =
    c.prepare("SELECT item_id FROM __beaver_trigrams__ WHERE collection = ?1 AND trigram = ?2");
  for (const auto& trigram : word.trigrams) {
    rows.bind(name, trigram);
    while (rows.step())
      ++common[std::string{rows.text(0)}];
    rows.reset();
  }
  for (const auto& [id, n] : common)
    if (n >= least_common(word))
      ids.push_back(id);
  return ids;
}

std::vector<std::string> documents_with_all(connection& c, std::string_view name,
                                            const std::vector<wanted_word>& words) {
  candidates found;
  for (std::size_t i = 0; i < words.size(); ++i)
    for (auto& id : documents_with(c, name, words[i]))
      if (auto& n = found[std::move(id)]; n == i) // each once a word
        ++n;
  std::vector<std::string> ids;
  for (const auto& [id, n] : found)
    if (n == words.size())
      ids.push_back(id);
  return ids;
}

/// How a document has the words.
struct fit {
  double similarity; // 1: exactly; 0: not all of them
  std::size_t words; // that were looked at
};

fit fit_of(const word_splitter& splitter, const std::vector<wanted_word>& words,
           const docs_query& query, std::string_view body) {
  std::vector<std::optional<unsigned>> best(words.size());
  fit result{0, 0};
  for (const auto& leaf : text_leaves(body)) {
    if (!is_on(query, leaf.path))
      continue;
    splitter.each(leaf.text, [&](std::string_view word, std::size_t, std::size_t) {
      ++result.words;
      for (std::size_t i = 0; i < words.size(); ++i) {
        if (best[i] == 0u)
          continue;
        const auto limit = best[i] ? *best[i] - 1 : words[i].allowed;
        if (const auto d = words[i].pattern.distance(word, limit))
          best[i] = d;
      }
    });
  }
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (!best[i])
      return {0, result.words};
    result.similarity += 1 - *best[i] / static_cast<double>(words[i].pattern.length());
  }
  result.similarity /= static_cast<double>(words.size());
  return result;
}

} // namespace

std::vector<ranked> fuzzy_matches(connection& c, std::string_view name, const docs_query& query) {
  if (!options(c, name).fuzzy.value_or(false) && !has_trigrams(c, name))
    throw error(errc::invalid_argument, "docs '" + std::string{name}
                                          + "' has no fuzzy search; configure it with fuzzy and "
                                            "reindex it");
  const word_splitter splitter{c};
  const auto words = words_of(splitter, query);
  if (words.empty())
    return {};
  struct fitting {
    ranked one;
    std::size_t words;
  };
  std::vector<fitting> fitting_ones;
  for (auto& id : documents_with_all(c, name, words)) {
    const auto body = find_body(c, name, id);
    if (!body)
      continue;
    try {
      const auto [similarity, length] = fit_of(splitter, words, query, body->text());
      if (similarity > 0)
        fitting_ones.push_back({{std::move(id), similarity}, length});
    } catch (const error& e) {
      fail_corrupt(name, id, e);
    }
  }
  std::sort(fitting_ones.begin(), fitting_ones.end(), [](const fitting& a, const fitting& b) {
    return std::tie(b.one.score, a.words, a.one.id) < std::tie(a.one.score, b.words, b.one.id);
  });
  std::vector<ranked> result;
  result.reserve(fitting_ones.size());
  for (auto& f : fitting_ones)
    result.push_back(std::move(f.one));
  return result;
}

std::vector<docs_fragment> fuzzy_fragments(connection& c, std::string_view body,
                                           const docs_query& query) {
  const word_splitter splitter{c};
  const auto words = words_of(splitter, query);
  std::vector<docs_fragment> result;
  for (const auto& leaf : text_leaves(body)) {
    if (!is_on(query, leaf.path))
      continue;
    std::vector<marked_word> marks;
    splitter.each(leaf.text, [&](std::string_view word, std::size_t begin, std::size_t end) {
      const bool hit = std::any_of(words.begin(), words.end(), [&](const wanted_word& w) {
        return w.pattern.distance(word, w.allowed).has_value();
      });
      marks.push_back({begin, end, hit});
    });
    if (auto text = marked_text(leaf.text, marks, query.open.value_or(std::string{default_open}),
                                query.close.value_or(std::string{default_close}), query.snippet))
      result.push_back({leaf.path, std::move(*text)});
  }
  return result;
}

} // namespace beaver::docs_table::detail
