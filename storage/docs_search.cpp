#include "beaver/storage/docs_search.hpp"

#include "beaver/storage/docs_match.hpp"
#include "beaver/storage/docs_rows.hpp"
#include "beaver/storage/marked_text.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace beaver::docs_table {
namespace {

using namespace detail;

constexpr auto all = std::numeric_limits<std::uint64_t>::max();

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
}

docs_hits search(connection& c, std::string_view name, const docs_query& q) {
  page_taker page{c, name, q};
  docs_hits result{{}, {}, {}};
  if (q.fuzzy.value_or(false)) {
    std::optional<std::uint64_t> enough;
    if (q.limit && !q.where && !q.total.value_or(false))
      enough = *q.limit + std::min(q.offset.value_or(0), all - *q.limit);
    fuzzy_match words{c, name, q};
    for (auto& one : words.best(enough))
      if (!page.take(std::move(one)))
        break;
    if (has_fragments(q))
      for (auto& hit : page.hits)
        hit.fragments = words.fragments(hit.body.text());
  } else {
    text_match text{c, name, q};
    text.each([&](ranked&& one) { return page.take(std::move(one)); });
    if (has_fragments(q))
      for (auto& hit : page.hits)
        hit.fragments = text_fragments(c, name, hit.id, text, q);
  }
  result.hits = std::move(page.hits);
  if (q.total.value_or(false))
    result.total = page.matched();
  if (options(c, name).rebuilt_to)
    result.incomplete = true;
  return result;
}

} // namespace beaver::docs_table
