#include "beaver/storage/docs_match.hpp"

#include "beaver/storage/connection.hpp"
#include "beaver/storage/text_language.hpp"
#include "beaver/storage/text_leaves.hpp"

#include <algorithm>
#include <limits>
#include <unordered_map>
#include <unordered_set>

namespace beaver::docs_table::detail {

namespace {

constexpr auto no_row = std::numeric_limits<std::int64_t>::max(); // behind all

/// What is indexed beside the strings, such as ids, is not looked at.
std::string in_content(const std::string& expression) {
  return "field_content : (" + expression + ')';
}

text_query parse(connection& c, const std::string& text) {
  auto query = text_language::parse(text);
  if (!query.cut.empty())
    throw error(errc::invalid_argument, "query " + query.cut + "; ask for less at once");
  std::optional<word_splitter> splitter;
  std::vector<bool> gone;
  for (const auto& leaf : query.leaves) {
    const bool plain = std::any_of(leaf.text.begin(), leaf.text.end(), [](char x) {
      return (x >= '0' && x <= '9') || (x >= 'a' && x <= 'z') || (x >= 'A' && x <= 'Z');
    });
    if (!plain && !splitter)
      splitter.emplace(c);
    gone.push_back(!plain && !splitter->has_words(leaf.text));
  }
  return query.without(gone);
}

} // namespace

/// A document with the row that says where it stands among equal ones.
struct text_match::placed {
  ranked one;
  std::int64_t row;
};

/// What the leaves have found.
struct text_match::found {
  struct one {
    std::string id;
    std::vector<double> best; // of each leaf; 0: it is not in the document
    std::int64_t row;         // the first of those that are the best of their leaf
  };

  std::vector<one> documents{};
  std::unordered_map<std::string, std::size_t> by_id{};
  /// Where the document of a row of the FTS5 table is, and the row's path; nothing for a row of
  /// another collection or of strings that are not asked for.
  struct row {
    std::size_t document;
    std::string path;
  };
  std::unordered_map<std::int64_t, std::optional<row>> rows{};
};

text_match::text_match(connection& c, std::string_view name, const docs_query& query)
  : connection_(c), name_(name), query_(query) {
  if (query.fts5.value_or(false)) {
    parsed_.root = parsed_.add({.text = query.query});
    expressions_ = {in_content(query.query)};
  } else {
    parsed_ = parse(c, query.query);
    if (query.any.value_or(false))
      parsed_ = parsed_.loosened();
    for (const auto& leaf : parsed_.leaves)
      expressions_.push_back(in_content(leaf.match()));
  }
  wanted_ = parsed_.positive();
}

std::string text_match::marked(std::string_view path) const {
  std::string all;
  for (std::size_t i = 0; i < wanted_.size(); ++i)
    if (wanted_[i] && is_within(path, parsed_.leaves[i].field) && is_on(query_, path)) {
      all += all.empty() ? "(" : " OR (";
      all += expressions_[i] + ')';
    }
  return all;
}

void text_match::each(const take_ranked& take) {
  if (parsed_.empty())
    return;
  try {
    each_in_order(take);
  } catch (const error& e) {
    // What SQLite has no code for is what is wrong with an expression of the user.
    if (e.code() != errc::internal || !query_.fts5.value_or(false))
      throw;
    throw error(errc::invalid_argument, std::string{"query: "} + e.what());
  }
}

void text_match::each_in_order(const take_ranked& take) {
  const bool simple = parsed_.root.what == text_query_node::kind::leaf && !query_.weights;
  if (simple) {
    each_lazily(take);
    return;
  }
  for (auto& [one, row] : all())
    if (!take(std::move(one)))
      return;
}

/// FTS5 sorts rows by rank, so the first row of a document is its best; equal ones stay in the
/// order of their numbers.
void text_match::each_lazily(const take_ranked& take) {
  statement rows =
    connection_.prepare("SELECT item_id, field_path, rank FROM __beaver_fts_index__ "
                        "WHERE __beaver_fts_index__ MATCH ?1 AND collection = ?2 ORDER BY rank");
  rows.bind(expressions_.front(), name_);
  const auto& field = parsed_.leaves.front().field;
  std::unordered_set<std::string> seen;
  while (rows.step()) {
    const auto path = rows.text(1);
    if (!is_within(path, field) || !is_on(query_, path))
      continue;
    const auto [id, fresh] = seen.emplace(rows.text(0));
    if (fresh && !take({*id, -rows.real(2)}))
      return;
  }
}

void text_match::look_for(std::size_t leaf, found& in) {
  statement rows = connection_.prepare(
    "SELECT rowid, rank FROM __beaver_fts_index__ WHERE __beaver_fts_index__ MATCH ?1");
  statement content = connection_.prepare(
    "SELECT c1, c2 FROM __beaver_fts_index___content WHERE id = ?1 AND c0 = ?2");
  rows.bind(expressions_[leaf]);
  while (rows.step()) {
    const auto [place, fresh] = in.rows.try_emplace(rows.integer(0));
    if (fresh) {
      content.bind(place->first, name_);
      if (content.step() && is_on(query_, content.text(1))) {
        const auto [known, first] =
          in.by_id.try_emplace(std::string{content.text(0)}, in.documents.size());
        if (first)
          in.documents.push_back({known->first, std::vector<double>(expressions_.size()), no_row});
        place->second = {known->second, std::string{content.text(1)}};
      }
      content.reset();
    }
    const auto& row = place->second;
    if (!row || !is_within(row->path, parsed_.leaves[leaf].field))
      continue;
    auto& one = in.documents[row->document];
    // Also what counts for nothing has been found.
    const auto score =
      std::max(-rows.real(1) * weight_of(row->path), std::numeric_limits<double>::denorm_min());
    if (score > one.best[leaf]) {
      one.best[leaf] = score;
      one.row = expressions_.size() == 1 ? place->first : std::min(one.row, place->first);
    }
  }
}

auto text_match::all() -> std::vector<placed> {
  found in;
  for (std::size_t i = 0; i < expressions_.size(); ++i)
    look_for(i, in);
  std::vector<placed> result;
  std::vector<bool> has(expressions_.size());
  for (auto& one : in.documents) {
    double score = 0;
    for (std::size_t i = 0; i < has.size(); ++i) {
      has[i] = one.best[i] > 0;
      if (wanted_[i])
        score += one.best[i];
    }
    if (parsed_.matches(has))
      result.push_back({{std::move(one.id), score}, one.row});
  }
  if (parsed_.matches_others()) {
    statement rows =
      connection_.prepare("SELECT item_id FROM __beaver_documents__ WHERE collection = ?1");
    rows.bind(name_);
    while (rows.step())
      if (std::string id{rows.text(0)}; !in.by_id.contains(id))
        result.push_back({{std::move(id), 0}, no_row});
  }
  std::stable_sort(result.begin(), result.end(), [](const placed& a, const placed& b) {
    return a.one.score != b.one.score ? a.one.score > b.one.score : a.row < b.row;
  });
  return result;
}

double text_match::weight_of(std::string_view path) const {
  if (query_.weights)
    for (const auto& w : *query_.weights)
      if (is_within(path, w.field))
        return w.weight;
  return 1;
}

bool is_on(const docs_query& query, std::string_view path) {
  return !query.on || std::any_of(query.on->begin(), query.on->end(), [&](const auto& field) {
    return is_within(path, field);
  });
}

} // namespace beaver::docs_table::detail
