#pragma once
#include "beaver/actors/docs.hpp"
#include "beaver/api/changes.hpp"
#include "beaver/api/filter.hpp"
#include "beaver/api/model.hpp"
#include "beaver/api/reindex.hpp"
#include "beaver/api/scan.hpp"
#include "beaver/api/style.hpp"

#include <concepts>
#include <cstdint>
#include <functional>
#include <optional>
#include <ranges>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace beaver {

/// A document whose body is a `T`.
template <class T>
struct document_of {
  std::string id;
  T body;
};

/// A document that a search has found.
template <class T>
struct docs_hit_of {
  std::string id;
  T body;
  double score; // higher is better
  std::vector<docs_fragment> fragments{};
  std::optional<docs_place> text{}; // of a search with a vector: where it stands by its words
  std::optional<docs_place> near{}; // likewise: by its vector
};

template <class T>
struct docs_hits_of {
  std::vector<docs_hit_of<T>> hits;
  std::optional<std::uint64_t> total{}; // if it was asked for
  bool incomplete{false};               // text is still being indexed by changed options
  bool approximate{false};              // documents nearer than some of these may be missed
  bool any{false};                      // no document has all words, these have some of them
};

/// Which documents a listing covers, in which order.
struct docs_range : key_range {
  std::optional<json_text> where{}; // documents that satisfy this filter
  std::vector<sort_field> sort{};   // empty: by id
  std::optional<std::uint64_t> offset{};
};

/// JSON documents under ids, found by their words and by their values. `T` is what bodies are in
/// C++, as for `dict`.
///
/// A handle is cheap to copy, usable from any thread, and valid until its database closes (then
/// every call is `errc::closed`). Ids have 1..1024 bytes of UTF-8 and sort by bytes. Every call may
/// fail with `error`: invalid_argument, busy, io, full, closed. With `Style` = `async` calls return
/// futures, with `batched` they wait for a commit. Point operations cost O(log n) and the words
/// that come and go, however many documents there are.
template <class T = json_text, class Style = sync>
class docs : public observable<docs<T, Style>, Style> {
  template <class R>
  using reply = typename Style::template reply<R>;

public:
  static constexpr std::string_view type_name = "docs";
  using document = document_of<T>;
  using value_type = document;

  docs(std::string name, Style style) : name_(std::move(name)), style_(std::move(style)) {}

  [[nodiscard]] const std::string& name() const noexcept { return name_; }

  // -- writing ------------------------------------------------------------------------------------

  /// Stores a document under a new id, which it gives.
  reply<std::string> index(const T& body) { return style_(docs_index{name_, encode(body), {}}); }

  /// Stores a document, replacing an earlier one of that id; gives the id.
  reply<std::string> index(std::string_view id, const T& body) {
    return style_(docs_index{name_, encode(body), std::string{id}});
  }

  /// Stores bodies under new ids, or documents with their ids, in order and at once; gives the ids.
  template <std::ranges::input_range Values>
  reply<std::vector<std::string>> index_many(Values&& values) {
    docs_index_many m{name_, {}};
    if constexpr (std::same_as<std::ranges::range_value_t<Values>, document>) {
      for (const document& d : values)
        m.documents.push_back({encode(d.body), d.id});
    } else {
      for (const T& body : values)
        m.documents.push_back({encode(body), {}});
    }
    return style_(std::move(m));
  }

  /// Removes a document; whether there was one.
  reply<bool> drop(std::string_view id) { return style_(docs_drop{name_, std::string{id}, {}}); }

  /// The same, and the edges of its id in the graph of the same name go too.
  reply<bool> drop_with_edges(std::string_view id) {
    return style_(docs_drop{name_, std::string{id}, true});
  }

  /// Changes members of a document as a JSON Merge Patch says (RFC 7396): members of objects are
  /// replaced, those that are null in the patch go. Gives the new body; empty if there is none.
  reply<std::optional<T>> patch(std::string_view id, const json_text& changes) {
    return style_(docs_patch{name_, std::string{id}, changes}, decode_optional);
  }

  /// Removes all documents. Options and field indexes stay.
  reply<void> clear() { return style_(docs_clear{name_}); }

  // -- reading ------------------------------------------------------------------------------------

  /// The document; empty if there is none. type_mismatch if it does not fit `T`.
  [[nodiscard]] reply<std::optional<T>> find(std::string_view id) const requires(Style::reads) {
    return style_(docs_find{name_, std::string{id}}, decode_optional);
  }

  /// The strict twin of `find`: not_found if there is none.
  [[nodiscard]] reply<T> get(std::string_view id) const requires(Style::reads) {
    return style_(docs_find{name_, std::string{id}}, [name = name_, id = std::string{id}](
                                                       std::optional<json_text> body) {
      if (!body)
        throw error(errc::not_found, "docs '" + name + "' has no document '" + id + "'");
      return model<T>::decode(*body);
    });
  }

  /// The documents with these ids, in their order; those that are not there are left out.
  [[nodiscard]] reply<std::vector<document>> get_many(std::vector<std::string> ids) const
    requires(Style::reads) {
    return style_(docs_get_many{name_, std::move(ids)}, decode_documents);
  }

  [[nodiscard]] reply<std::uint64_t> count() const requires(Style::reads) {
    return style_(docs_count{name_, {}});
  }
  /// Of those that satisfy a filter.
  [[nodiscard]] reply<std::uint64_t> count(const filter& where) const requires(Style::reads) {
    return style_(docs_count{name_, where});
  }

  /// Documents by id, or in the order of some values, all in memory at once:
  ///
  ///     papers.list({{.limit = 10}, field("year") > 1990, {{"year", sort_order::desc}}})
  [[nodiscard]] reply<std::vector<document>> list(docs_range range = {}) const
    requires(Style::reads) {
    docs_list m;
    static_cast<key_range&>(m) = range;
    m.name = name_;
    m.where = std::move(range.where);
    if (!range.sort.empty())
      m.sort = std::move(range.sort);
    m.offset = range.offset;
    return style_(std::move(m), decode_documents);
  }

  /// Functions over the values at a path, in one pass over the documents that satisfy the filter;
  /// with `group_by` a row for each value there.
  [[nodiscard]] reply<std::vector<aggregate_row>>
  aggregate(aggregation what, std::optional<json_text> where = {}) const requires(Style::reads) {
    docs_aggregate m;
    static_cast<aggregation&>(m) = std::move(what);
    m.name = name_;
    m.where = std::move(where);
    return style_(std::move(m));
  }

  [[nodiscard]] reply<docs_summary> info() const requires(Style::reads) {
    return style_(docs_info{name_});
  }

  /// The documents as an input range that holds one page in memory. Each page is one read: what
  /// others change meanwhile shows in later pages. Take a snapshot to see one instant.
  [[nodiscard]] scan<document>
  documents(key_range range = {}) const requires std::same_as<Style, sync> {
    return {std::move(range), [self = *this](key_range page) {
              docs_range part;
              static_cast<key_range&>(part) = std::move(page);
              scan_page<document> fetched{self.list(std::move(part)), {}};
              if (!fetched.entries.empty())
                fetched.last = fetched.entries.back().id;
              return fetched;
            }};
  }

  [[nodiscard]] auto begin() const requires std::same_as<Style, sync> {
    return documents().begin();
  }
  [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

  // -- search -------------------------------------------------------------------------------------

  /// Documents with these words, best first:
  ///
  ///     papers.search("actor mailbox")               both words, anywhere in the document
  ///     papers.search("\"message at a time\" -lock") a phrase, and without a word
  ///     papers.search("title:log* OR body:flush")    words at a path, that begin so, alternatives
  ///     papers.search({.query = "mesage", .fuzzy = true, .limit = 10})
  ///     papers.search({.query = "mailbox", .any = true, .vector = embedding, .limit = 10})
  ///
  /// No text is refused but one of more than 256 words. With a vector, documents are found by their
  /// words and by the nearness of theirs, in `vectors` of the same name and by the same ids unless
  /// told otherwise, and both lists are fused; all of it is of one state of the file. See
  /// `docs_query` for what else can be asked and `docs_table::search` for rank and cost.
  [[nodiscard]] reply<docs_hits_of<T>> search(docs_query what) const requires(Style::reads) {
    docs_search m;
    static_cast<docs_query&>(m) = std::move(what);
    m.name = name_;
    return style_(std::move(m), decode_hits);
  }
  [[nodiscard]] reply<docs_hits_of<T>> search(std::string_view query) const requires(Style::reads) {
    return search(docs_query{.query = std::string{query}});
  }

  // -- options and indexes ------------------------------------------------------------------------

  /// Replaces the options, which are kept in the file. Documents of before are searched by them
  /// when `reindex` has come to its end.
  reply<void> configure(docs_options options) {
    return style_(docs_configure{std::move(options), name_});
  }

  /// Sets the options if the collection has none; already_exists if it has others.
  reply<void> open(docs_options options) { return style_(docs_open{std::move(options), name_}); }

  [[nodiscard]] reply<docs_options> options() const requires(Style::reads) {
    return style_(docs_get_options{name_});
  }

  /// Declares a field index, as for `log`: a filter with a condition at this path then looks at few
  /// documents; answers are the same with and without, whoever has written them.
  reply<bool> create_index(std::string_view path) {
    return style_(docs_create_index{name_, std::string{path}});
  }

  /// Removes a field index; false if there is none.
  reply<bool> drop_index(std::string_view path) {
    return style_(docs_drop_index{name_, std::string{path}});
  }

  /// The field indexes with their numbers of entries, which are counted.
  [[nodiscard]] reply<std::vector<field_index_state>> indexes() const requires(Style::reads) {
    return style_(docs_indexes{name_});
  }

  /// Brings the field index of one path up to date; or the text, after options have changed, and
  /// all field indexes. One batch after the other, between which others write; `progress` is called
  /// behind each with the number of documents so far. Gives that number. After a request to stop,
  /// or a failure, what is done stays done and the next call goes on there. Errors: cancelled,
  /// not_found (no such index).
  std::uint64_t reindex(std::optional<std::string> path = {},
                        const std::function<void(std::uint64_t)>& progress = {},
                        std::stop_token stop = {}) const requires std::same_as<Style, sync> {
    return detail::reindex_all(
      [&] {
        return style_(docs_reindex{name_, path, {}});
      },
      "docs '" + name_ + '\'', progress, stop);
  }

  /// How a filter would be answered now.
  [[nodiscard]] reply<filter_plan> explain(const filter& where) const requires(Style::reads) {
    return style_(docs_explain{name_, where});
  }

  // -- batches ------------------------------------------------------------------------------------

  /// A handle that collects writes for one commit.
  [[nodiscard]] batch_of<docs<T, beaver::batched>>
  batched() const requires std::same_as<Style, sync> {
    return {style_.to, name_};
  }

private:
  static json_text encode(const T& body) { return model<T>::encode(body); }

  static std::optional<T> decode_optional(std::optional<json_text> body) {
    return body ? std::optional<T>{model<T>::decode(*body)} : std::nullopt;
  }

  static std::vector<document> decode_documents(std::vector<beaver::document> stored) {
    std::vector<document> all;
    all.reserve(stored.size());
    for (auto& d : stored)
      all.push_back({std::move(d.id), model<T>::decode(d.body)});
    return all;
  }

  static docs_hits_of<T> decode_hits(docs_hits found) {
    docs_hits_of<T> result{{},
                           found.total,
                           found.incomplete.value_or(false),
                           found.approximate.value_or(false),
                           found.any.value_or(false)};
    result.hits.reserve(found.hits.size());
    for (auto& h : found.hits)
      result.hits.push_back({std::move(h.id), model<T>::decode(h.body), h.score,
                             std::move(h.fragments).value_or(std::vector<docs_fragment>{}), h.text,
                             h.near});
    return result;
  }

  friend class observable<docs<T, Style>, Style>;
  std::string name_;
  Style style_;
};

} // namespace beaver
