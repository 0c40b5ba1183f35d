#include "beaver/storage/connection.hpp"
#include "beaver/storage/docs_match.hpp"
#include "beaver/storage/docs_rows.hpp"
#include "beaver/storage/docs_text.hpp"
#include "beaver/storage/edit_distance.hpp"
#include "beaver/storage/lower_case.hpp"
#include "beaver/storage/marked_text.hpp"
#include "beaver/storage/trigrams.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <queue>
#include <utility>

// Search for words that may be misspelt.

namespace beaver::docs_table::detail {

struct fuzzy_match::wanted_word {
  edit_pattern pattern;
  std::string text; // in lower case
  std::vector<std::string> trigrams;
  unsigned allowed;  // edits
  double weight = 1; // in the score of a document; those of all words sum to total_weight_

  /// What it adds to the score of a document that has it with so many edits.
  [[nodiscard]] double worth(std::size_t edits) const {
    return weight * (1 - static_cast<double>(edits) / static_cast<double>(pattern.length()));
  }

  /// The edits it takes at least that only so many of its trigrams are left.
  [[nodiscard]] std::size_t least_edits(std::size_t common) const {
    return (trigrams.size() - common + spoilt_by_edit - 1) / spoilt_by_edit;
  }

  /// What it adds at most in a document that is no candidate for it: its trigrams may all be
  /// spoilt.
  [[nodiscard]] double worth_unseen() const {
    return trigrams.size() > spoilt_by_edit * allowed ? 0 : worth(least_edits(0));
  }

  /// So many of its trigrams are left for certain.
  [[nodiscard]] std::size_t least_common() const {
    const auto spoilt = spoilt_by_edit * allowed;
    if (spoilt == 0)
      return trigrams.size(); // none, if the word is that short
    return trigrams.size() > spoilt ? trigrams.size() - spoilt : 1;
  }

  /// Trigrams that an edit spoils at most: those that touch one of the letters of a transposition.
  static constexpr std::size_t spoilt_by_edit = 4;
};

/// A document that may have the words, and how similar it can be at most.
struct fuzzy_match::candidate {
  std::string id;
  double bound;
};

/// How a document has the words.
struct fuzzy_match::fit {
  double similarity; // 1: exactly; 0: not as it should
  std::size_t words; // that were looked at
};

namespace {

/// Visits the words of a text in lower case. Diacritics stay, for they are in the trigrams too.
template <class Visit>
void each_word(const word_splitter& splitter, std::string_view text, Visit visit) {
  splitter.each(text, [&](std::string_view folded, std::size_t begin, std::size_t end) {
    const auto typed = text.substr(begin, end - begin);
    const bool ascii = std::all_of(typed.begin(), typed.end(),
                                   [](char c) { return static_cast<signed char>(c) >= 0; });
    if (ascii)
      visit(folded, begin, end);
    else
      visit(std::string_view{lower_case(typed)}, begin, end);
  });
}

/// What sums of the same numbers in another order differ by at most.
constexpr double rounding = 1e-9;

/// A document that has the words.
struct fitting {
  ranked one;
  std::size_t words;
};

} // namespace

fuzzy_match::fuzzy_match(connection& c, std::string_view name, const docs_query& query)
  : connection_(c), name_(name), query_(query), any_(query.any.value_or(false)), splitter_(c) {
  if (!options(c, name).fuzzy.value_or(false) && !has_trigrams(c, name))
    throw error(errc::invalid_argument, "docs '" + std::string{name}
                                          + "' has no fuzzy search; configure it with fuzzy and "
                                            "reindex it");
  each_word(splitter_, query.query,
            [this](std::string_view word, std::size_t, std::size_t) { add_word(word); });
}

fuzzy_match::~fuzzy_match() = default;

void fuzzy_match::add_word(std::string_view word) {
  if (std::any_of(words_.begin(), words_.end(),
                  [&](const wanted_word& w) { return w.text == word; }))
    return;
  edit_pattern pattern{word};
  auto allowed = allowed_distance(pattern.length());
  if (query_.max_distance && pattern.length() > 2)
    allowed =
      static_cast<unsigned>(std::min<std::uint64_t>(*query_.max_distance, pattern.length() - 1));
  words_.push_back({std::move(pattern), std::string{word}, trigrams(word), allowed});
}

/// How many trigrams of a word each document has. A word in which no edit is forgiven is looked up
/// by FTS5, which finds it among others.
std::unordered_map<std::string, std::size_t>
fuzzy_match::common_trigrams(const wanted_word& word) const {
  std::unordered_map<std::string, std::size_t> common;
  if (word.allowed == 0 || word.trigrams.empty()) {
    statement rows = connection_.prepare("SELECT item_id FROM __beaver_fts_index__ WHERE "
                                         "__beaver_fts_index__ MATCH ?1 AND collection = ?2");
    const auto expression = "field_content : \"" + word.text + '"';
    rows.bind(expression, name_);
    while (rows.step())
      common[std::string{rows.text(0)}] = word.trigrams.size();
    return common;
  }
  // Left alone, SQLite reads the whole collection in the index that has all columns.
  statement rows = connection_.prepare("SELECT item_id FROM __beaver_trigrams__ INDEXED BY "
                                       "idx_trigram_lookup WHERE collection = ?1 AND trigram = ?2");
  for (const auto& trigram : word.trigrams) {
    rows.bind(name_, trigram);
    while (rows.step())
      ++common[std::string{rows.text(0)}];
    rows.reset();
  }
  return common;
}

/// Those that may have the words, the most promising first. Weighs the words.
auto fuzzy_match::candidates() -> std::vector<candidate> {
  struct sum {
    std::size_t words = 0;
    double bounds = 0;
  };
  std::unordered_map<std::string, sum> found;
  const double documents = any_ ? static_cast<double>(count(connection_, name_, {})) : 0;
  double unseen = 0; // what a document's words may add for which it is no candidate
  total_weight_ = 0;
  for (std::size_t i = 0; i < words_.size(); ++i) {
    auto& word = words_[i];
    auto common = common_trigrams(word);
    std::erase_if(common, [&](const auto& one) { return one.second < word.least_common(); });
    if (any_)
      word.weight = std::log1p(documents / static_cast<double>(common.size() + 1));
    total_weight_ += word.weight;
    const double alone = any_ ? word.worth_unseen() : 0;
    unseen += alone;
    for (const auto& [id, shared] : common) {
      const auto at = i == 0 || any_ ? found.try_emplace(id).first : found.find(id);
      if (at == found.end() || (!any_ && at->second.words != i))
        continue;
      ++at->second.words;
      at->second.bounds += word.worth(word.least_edits(shared)) - alone;
    }
  }
  std::vector<candidate> all;
  for (const auto& [id, s] : found)
    if (any_ || s.words == words_.size())
      all.push_back({id, (s.bounds + unseen) / total_weight_ + rounding});
  std::sort(all.begin(), all.end(), [](const candidate& a, const candidate& b) {
    return a.bound != b.bound ? a.bound > b.bound : a.id < b.id;
  });
  return all;
}

auto fuzzy_match::fit_of(std::string_view body) const -> fit {
  std::vector<std::optional<unsigned>> best(words_.size());
  fit result{0, 0};
  for (const auto& leaf : text_leaves(body)) {
    if (!is_on(query_, leaf.path))
      continue;
    each_word(splitter_, leaf.text, [&](std::string_view word, std::size_t, std::size_t) {
      ++result.words;
      for (std::size_t i = 0; i < words_.size(); ++i) {
        if (best[i] == 0u)
          continue;
        const auto limit = best[i] ? *best[i] - 1 : words_[i].allowed;
        if (const auto d = words_[i].pattern.distance(word, limit))
          best[i] = d;
      }
    });
  }
  for (std::size_t i = 0; i < words_.size(); ++i) {
    if (best[i])
      result.similarity += words_[i].worth(*best[i]);
    else if (!any_)
      return {0, result.words};
  }
  result.similarity /= total_weight_;
  return result;
}

bool fuzzy_match::loosen() { return words_.size() > 1 && !std::exchange(any_, true); }

std::vector<ranked> fuzzy_match::best(std::optional<std::uint64_t> enough) {
  if (words_.empty())
    return {};
  std::vector<fitting> best;
  std::priority_queue<double, std::vector<double>, std::greater<>> top; // scores of the `enough`
  for (auto& one : candidates()) {
    if (enough && top.size() >= *enough && (*enough == 0 || one.bound < top.top()))
      break; // none of the rest can be better
    const auto body = find_body(connection_, name_, one.id);
    if (!body)
      continue;
    try {
      const auto [score, length] = fit_of(body->text());
      if (score == 0)
        continue;
      best.push_back({{std::move(one.id), score}, length});
      top.push(score);
      if (enough && top.size() > *enough)
        top.pop();
    } catch (const error& e) {
      throw corrupt_body(name_, one.id, e);
    }
  }
  std::sort(best.begin(), best.end(), [](const fitting& a, const fitting& b) {
    return std::tie(b.one.score, a.words, a.one.id) < std::tie(a.one.score, b.words, b.one.id);
  });
  std::vector<ranked> result;
  result.reserve(best.size());
  for (auto& f : best)
    result.push_back(std::move(f.one));
  return result;
}

std::vector<docs_fragment> fuzzy_match::fragments(std::string_view body) const {
  std::vector<docs_fragment> result;
  for (const auto& leaf : text_leaves(body)) {
    if (!is_on(query_, leaf.path))
      continue;
    std::vector<marked_word> marks;
    each_word(splitter_, leaf.text, [&](std::string_view word, std::size_t begin, std::size_t end) {
      const bool hit = std::any_of(words_.begin(), words_.end(), [&](const wanted_word& w) {
        return w.pattern.distance(word, w.allowed).has_value();
      });
      marks.push_back({begin, end, hit});
    });
    if (auto text = marked_text(leaf.text, marks, query_.open.value_or(std::string{default_open}),
                                query_.close.value_or(std::string{default_close}), query_.snippet))
      result.push_back({leaf.path, std::move(*text)});
  }
  return result;
}

} // namespace beaver::docs_table::detail
