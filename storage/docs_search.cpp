#include "beaver/storage/docs_search.hpp"

#include "beaver/storage/docs_match.hpp"
#include "beaver/storage/docs_rows.hpp"
#include "beaver/storage/marked_text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <unordered_map>
#include <utility>

namespace beaver::docs_table {
namespace {

using namespace detail;

constexpr auto all = std::numeric_limits<std::uint64_t>::max();

/// How many are on the page and before it.
std::uint64_t end_of_page(const docs_query& q) {
  return q.limit ? *q.limit + std::min(q.offset.value_or(0), all - *q.limit) : all;
}

/// As answers say it.
std::optional<bool> is_incomplete(connection& c, std::string_view name) {
  return options(c, name).rebuilt_to ? std::optional{true} : std::nullopt;
}

bool has_fragments(const docs_query& q) { return q.highlight.value_or(false) || q.snippet; }

/// Takes the documents that are found, keeps those that the filter wants, and of them the page.
class page_taker {
public:
  page_taker(connection& c, std::string_view name, const docs_query& q)
    : connection_(c), name_(name), total_(q.total.value_or(false)), offset_(q.offset.value_or(0)),
      limit_(q.limit.value_or(all)) {
    if (q.where)
      filter_.emplace(*q.where);
  }

  /// False if nothing more is wanted.
  bool take(ranked&& one) {
    const bool on_page = matched_ >= offset_ && hits.size() < limit_;
    if (!on_page && hits.size() >= limit_ && !total_)
      return false;
    std::optional<json_text> body;
    if (on_page || filter_) {
      body = find_body(connection_, name_, one.id);
      if (!body)
        return true; // indexed, but not there any more
    }
    if (filter_ && !matches(one.id, *body))
      return true;
    ++matched_;
    if (on_page)
      hits.push_back({std::move(one.id), std::move(*body), one.score, {}});
    return total_ || hits.size() < limit_;
  }

  [[nodiscard]] std::uint64_t matched() const noexcept { return matched_; }

  std::vector<docs_hit> hits;

private:
  bool matches(const std::string& id, const json_text& body) {
    try {
      return filter_->matches(body.text());
    } catch (const error& e) {
      throw corrupt_body(name_, id, e);
    }
  }

  connection& connection_;
  std::string_view name_;
  bool total_;
  std::uint64_t offset_;
  std::uint64_t limit_;
  std::optional<row_filter> filter_;
  std::uint64_t matched_ = 0;
};

/// The strings of a document that an expression finds, marked by FTS5.
std::vector<docs_fragment> text_fragments(connection& c, std::string_view name,
                                          const std::string& id, const text_match& match,
                                          const docs_query& q) {
  statement strings = c.prepare("SELECT id, c2 FROM __beaver_fts_index___content INDEXED BY "
                                "__beaver_fts_rows__ WHERE c0 = ?1 AND c1 = ?2 ORDER BY id");
  statement marked = q.snippet
                       ? c.prepare("SELECT snippet(__beaver_fts_index__, 3, ?3, ?4, ?5, ?6) "
                                   "FROM __beaver_fts_index__ WHERE __beaver_fts_index__ MATCH ?1 "
                                   "AND rowid = ?2")
                       : c.prepare("SELECT highlight(__beaver_fts_index__, 3, ?3, ?4) "
                                   "FROM __beaver_fts_index__ WHERE __beaver_fts_index__ MATCH ?1 "
                                   "AND rowid = ?2");
  std::vector<docs_fragment> result;
  const auto open = q.open.value_or(std::string{default_open});
  const auto close = q.close.value_or(std::string{default_close});
  for (strings.bind(name, id); strings.step();) {
    const auto row = strings.integer(0);
    const auto expression = match.marked(strings.text(1));
    if (expression.empty())
      continue;
    if (q.snippet)
      marked.bind(expression, row, open, close, ellipsis, *q.snippet);
    else
      marked.bind(expression, row, open, close);
    if (marked.step())
      result.push_back({std::string{strings.text(1)}, std::string{marked.text(0)}});
    marked.reset();
  }
  return result;
}

/// The documents that words find.
class word_search {
public:
  /// All must outlive it. Throws as `search`.
  word_search(connection& c, std::string_view name, const docs_query& q)
    : connection_(c), name_(name), query_(q) {
    if (q.fuzzy.value_or(false))
      fuzzy_.emplace(c, name, q);
    else
      text_.emplace(c, name, q);
  }

  void each(page_taker& page) {
    if (text_) {
      text_->each([&](ranked&& one) { return page.take(std::move(one)); });
      return;
    }
    each_fuzzy(page);
    if (page.matched() == 0 && !query_.any && fuzzy_->loosen()) {
      each_fuzzy(page);
      any_ = page.matched() > 0;
    }
  }

  /// Whether one word was enough though nobody said so.
  [[nodiscard]] std::optional<bool> any() const {
    return any_ ? std::optional{true} : std::nullopt;
  }

  /// The strings of a document that match, marked.
  [[nodiscard]] std::vector<docs_fragment> fragments(const docs_hit& hit) const {
    return text_ ? text_fragments(connection_, name_, hit.id, *text_, query_)
                 : fuzzy_->fragments(hit.body.text());
  }

private:
  void each_fuzzy(page_taker& page) {
    std::optional<std::uint64_t> enough;
    if (query_.limit && !query_.where && !query_.total.value_or(false))
      enough = end_of_page(query_);
    for (auto& one : fuzzy_->best(enough))
      if (!page.take(std::move(one)))
        break;
  }

  connection& connection_;
  std::string_view name_;
  const docs_query& query_;
  std::optional<text_match> text_;
  std::optional<fuzzy_match> fuzzy_;
  bool any_ = false;
};

fusion_options fusion_of(const docs_query& q) {
  const auto how = q.fusion.value_or(docs_fusion{});
  fusion_options options;
  options.method = how.method.value_or(options.method);
  options.k = how.k.value_or(options.k);
  options.weights = {how.text_weight.value_or(1), how.vector_weight.value_or(1)};
  return options;
}

} // namespace

void check(const docs_query& q) {
  const auto refuse = [](const std::string& why) { throw error(errc::invalid_argument, why); };
  const bool fuzzy = q.fuzzy.value_or(false);
  if (fuzzy && q.fts5.value_or(false))
    refuse("only one of fuzzy and fts5 can say how query is meant");
  if (q.any.value_or(false) && q.fts5.value_or(false))
    refuse("any is not for an fts5 query; write OR");
  if (q.max_distance && !fuzzy)
    refuse("max_distance is for a fuzzy query only");
  if (q.weights)
    for (const auto& w : *q.weights)
      if (!(std::isfinite(w.weight) && w.weight >= 0))
        refuse("weights: that of '" + w.field + "' must be a number >= 0");
  if (q.snippet && (*q.snippet == 0 || *q.snippet > most_snippet_words))
    refuse("snippet must be a number of words from 1 to " + std::to_string(most_snippet_words));
  if (!q.vector) {
    for (const auto& [given, member] : {std::pair{q.vectors.has_value(), "vectors"},
                                        {q.exact.has_value(), "exact"},
                                        {q.depth.has_value(), "depth"},
                                        {q.fusion.has_value(), "fusion"}})
      if (given)
        refuse(std::string{member} + " is for a search with a vector only");
    return;
  }
  if (q.total.value_or(false))
    refuse("total is for a search by words only: a vector ranks every document that has one");
  if (q.depth == 0u)
    refuse("depth must be an integer > 0");
  static_cast<void>(fuse(std::array<std::vector<ranked>, 2>{}, fusion_of(q)));
}

std::uint64_t depth(const docs_query& q) {
  if (q.depth)
    return *q.depth;
  return q.limit ? std::max(end_of_page(q), usual_depth) : all;
}

docs_hits search(connection& c, std::string_view name, const docs_query& q) {
  page_taker page{c, name, q};
  word_search words{c, name, q};
  words.each(page);
  docs_hits result{std::move(page.hits), {}, is_incomplete(c, name)};
  if (has_fragments(q))
    for (auto& hit : result.hits)
      hit.fragments = words.fragments(hit);
  if (q.total.value_or(false))
    result.total = page.matched();
  result.any = words.any();
  return result;
}

docs_hits search(connection& c, std::string_view name, const docs_query& q,
                 std::span<const near_document> near) {
  auto whole = q;
  whole.limit = depth(q);
  whole.offset.reset();
  std::array<std::vector<ranked>, 2> lists; // by words, by nearness
  std::unordered_map<std::string, docs_hit> hits;
  std::optional<word_search> words;
  if (!q.query.empty()) {
    page_taker best{c, name, whole};
    words.emplace(c, name, whole).each(best);
    for (auto& hit : best.hits) {
      lists[0].push_back({hit.id, hit.score});
      hit.text = docs_place{lists[0].size(), hit.score};
      auto id = hit.id;
      hits.emplace(std::move(id), std::move(hit));
    }
  }
  for (const auto& one : near.first(std::min<std::uint64_t>(near.size(), *whole.limit))) {
    lists[1].push_back({one.id, -one.score}); // there, greater scores are better
    hits[one.id].near = docs_place{lists[1].size(), one.score};
  }

  docs_hits result{{}, {}, is_incomplete(c, name)};
  if (words)
    result.any = words->any();
  const auto fused = fuse(lists, fusion_of(q));
  const auto last = std::min<std::uint64_t>(fused.size(), end_of_page(q));
  for (auto i = q.offset.value_or(0); i < last; ++i) {
    auto& hit = result.hits.emplace_back(std::move(hits.at(fused[i].id)));
    hit.score = fused[i].score;
    if (!hit.text) {
      hit.id = fused[i].id;
      hit.body = find_body(c, name, hit.id).value();
    } else if (has_fragments(q)) {
      hit.fragments = words->fragments(hit);
    }
  }
  return result;
}

} // namespace beaver::docs_table
