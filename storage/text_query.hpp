#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beaver {

/// What is looked for in one go: a word, or words in a row, that one string of a document holds.
struct text_query_leaf {
  std::string text{};  ///< as typed, without quotes and operators; one space between words
  bool prefix = false; ///< the last word may go on
  /// Words in any order, with at most so many between the first and the last; empty: in a row.
  std::optional<std::uint32_t> distance{};
  std::string field{}; ///< only in strings at this path of the body or below; empty: in any

  /// The FTS5 expression, to be matched with one column: "a text", "a text" *, or
  /// NEAR("a" "text", 5). Always valid; finds nothing if the text has no letter for the tokenizer.
  [[nodiscard]] std::string match() const;

  friend bool operator==(const text_query_leaf&, const text_query_leaf&) = default;
};

/// A leaf, named by its place in `text_query::leaves`, or a combination of others. In normal form
/// that is two parts or more, none of them empty or of the same kind, or (as the negation) one part
/// that is no negation; `all` without parts is empty and holds everywhere.
struct text_query_node {
  enum class kind : std::uint8_t { leaf, all, any, negation };

  kind what = kind::all;
  std::size_t leaf = 0;
  std::vector<text_query_node> parts{};

  [[nodiscard]] bool empty() const noexcept { return what == kind::all && parts.empty(); }

  /// All or any of these, in normal form if they are: empty parts count as not there.
  [[nodiscard]] static text_query_node combination(kind what, std::vector<text_query_node> parts);

  /// The opposite, in normal form if `part` is; of an empty node it is empty.
  [[nodiscard]] static text_query_node negation(text_query_node part);

  friend bool operator==(const text_query_node&, const text_query_node&) = default;
};

/// What a user looks for. A leaf speaks of single strings, the tree of the whole document: the
/// words of `a b` may occur in different strings. A plain value. `add`, and so `without`, compare
/// with every leaf; all else is linear.
struct text_query {
  std::vector<text_query_leaf> leaves{}; ///< in the order of the text, equal ones once
  text_query_node root{};                ///< in normal form; empty if nothing was asked for
  /// Empty, or why the rest of the text was not read, such as "has more than 256 words and
  /// phrases". Callers should refuse such a query: it is not what was asked for.
  std::string cut{};

  [[nodiscard]] bool empty() const noexcept { return root.empty(); }

  /// The node of a leaf, which is added if there is none like it yet.
  text_query_node add(const text_query_leaf& leaf);

  /// Whether a document matches that has those leaves. `found`: one element per leaf. An empty
  /// query matches every document.
  [[nodiscard]] bool matches(const std::vector<bool>& found) const;

  /// Whether documents match that have no leaf, as with `-a`, `b OR -a` or an empty query: then all
  /// documents are to be looked at. Otherwise every match has a positive leaf.
  [[nodiscard]] bool matches_others() const;

  /// Which leaves are wanted, and so count for rank and highlighting, rather than only excluded.
  [[nodiscard]] std::vector<bool> positive() const;

  /// One of what stands side by side is enough, and nothing of what is excluded there.
  [[nodiscard]] text_query loosened() const;

  /// As if those leaves had not been typed. `gone`: one element per leaf.
  [[nodiscard]] text_query without(const std::vector<bool>& gone) const;

  friend bool operator==(const text_query&, const text_query&) = default;
};

} // namespace beaver
