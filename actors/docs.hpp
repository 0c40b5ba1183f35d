#pragma once
#include "beaver/actors/message.hpp"
#include "beaver/actors/row_queries.hpp"
#include "beaver/storage/docs_search.hpp"
#include "beaver/storage/docs_table.hpp"

namespace beaver {

/// A document to be stored.
struct new_document {
  json_text body;
  std::optional<std::string> id{}; // absent: a new one, which nobody has
};

BOOST_DESCRIBE_STRUCT(document, (), (id, body))
BOOST_DESCRIBE_STRUCT(new_document, (), (body, id))
BOOST_DESCRIBE_STRUCT(sort_field, (), (field, order))
BOOST_DESCRIBE_STRUCT(field_weight, (), (field, weight))
BOOST_DESCRIBE_STRUCT(docs_options, (), (full_text, fuzzy))
BOOST_DESCRIBE_STRUCT(docs_summary, (), (documents, bytes, strings, fuzzy, text_complete))
BOOST_DESCRIBE_ENUM(fusion_method, reciprocal_rank, weighted_scores)
BOOST_DESCRIBE_STRUCT(docs_fusion, (), (method, k, text_weight, vector_weight))
BOOST_DESCRIBE_STRUCT(docs_query, (),
                      (query, fts5, fuzzy, any, max_distance, on, weights, vector, vectors, exact,
                       depth, fusion, where, limit, offset, total, highlight, snippet, open, close))
BOOST_DESCRIBE_STRUCT(docs_fragment, (), (path, text))
BOOST_DESCRIBE_STRUCT(docs_place, (), (rank, score))
BOOST_DESCRIBE_STRUCT(docs_hit, (), (id, body, score, fragments, text, near))
BOOST_DESCRIBE_STRUCT(docs_hits, (), (hits, total, incomplete, approximate, any))

// The messages of the data type `docs`: JSON documents under text ids, with full-text search. Every
// one may fail with invalid_argument, closed, busy, io, full; more is said where it applies.
//
// `where` is a filter over the body in the wire form of storage/filter_tree.hpp, with the meaning
// that storage/filter.hpp states. It is read document by document unless a field index tells which
// to look at; the answer is the same. Errors: invalid_argument (not a filter), corrupt (a body that
// is not JSON).

/// Stores a document and gives its id. One with that id is replaced.
/// Errors: invalid_argument (id not 1..1024 bytes of UTF-8, body not JSON, or with a string that is
/// half a surrogate pair).
struct docs_index {
  using reply = std::string;
  static constexpr endpoint route{.method = verb::post,
                                  .path = "/documents/{name}/index",
                                  .summary = "Store a document and give its id.",
                                  .aliases = "put set upsert"};
  std::string name;
  json_text body;
  std::optional<std::string> id; // absent: a new one
};
BOOST_DESCRIBE_STRUCT(docs_index, (), (name, body, id))

/// Stores all, one after the other, or none; gives their ids.
struct docs_index_many {
  using reply = std::vector<std::string>;
  static constexpr endpoint route{verb::post, "/documents/{name}/index_many",
                                  "Store several documents."};
  std::string name;
  std::vector<new_document> documents;
};
BOOST_DESCRIBE_STRUCT(docs_index_many, (), (name, documents))

/// The body of a document, as stored; empty if there is none.
struct docs_find {
  using reply = std::optional<json_text>;
  static constexpr endpoint route{.method = verb::get,
                                  .path = "/documents/{name}/{id}",
                                  .summary = "Get a document.",
                                  .aliases = "get"};
  std::string name;
  std::string id;
};
BOOST_DESCRIBE_STRUCT(docs_find, (), (name, id))

/// The documents with these ids, in their order; those that are not there are left out.
struct docs_get_many {
  using reply = std::vector<document>;
  static constexpr endpoint route{verb::get, "/documents/{name}/-/get_many",
                                  "Get several documents."};
  std::string name;
  std::vector<std::string> ids;
};
BOOST_DESCRIBE_STRUCT(docs_get_many, (), (name, ids))

/// Removes a document; tells whether there was one. With `cascade` the edges of its id in the graph
/// of the same name go too, whether there was one or not.
struct docs_drop {
  using reply = bool;
  static constexpr endpoint route{.method = verb::del,
                                  .path = "/documents/{name}/{id}",
                                  .summary = "Remove a document; tell whether it was there.",
                                  .aliases = "erase delete del remove"};
  std::string name;
  std::string id;
  std::optional<bool> cascade; // absent: no
};
BOOST_DESCRIBE_STRUCT(docs_drop, (), (name, id, cascade))

/// Changes a document as a JSON Merge Patch says (RFC 7396) and gives its new body; empty if there
/// is none.
struct docs_patch {
  using reply = std::optional<json_text>;
  static constexpr endpoint route{verb::post, "/documents/{name}/{id}/patch",
                                  "Change members of a document."};
  std::string name;
  std::string id;
  json_text patch;
};
BOOST_DESCRIBE_STRUCT(docs_patch, (), (name, id, patch))

struct docs_count {
  using reply = std::uint64_t;
  static constexpr endpoint route{verb::get, "/documents/{name}/-/count", "Count the documents."};
  std::string name;
  std::optional<json_text> where;
};
BOOST_DESCRIBE_STRUCT(docs_count, (), (name, where))

/// Documents in the order of their ids or as `sort` says. With `sort` the range may have no
/// `after`, `descending` nor `max_bytes`.
struct docs_list : key_range {
  using reply = std::vector<document>;
  static constexpr endpoint route{verb::get, "/documents/{name}/-/list", "List documents."};
  std::string name;
  std::optional<json_text> where;
  std::optional<std::vector<sort_field>> sort; // absent: by id
  std::optional<std::uint64_t> offset;         // so many are passed over first
};
BOOST_DESCRIBE_STRUCT(docs_list, (key_range), (name, where, sort, offset))

/// Documents that match a query, best first; with a vector those whose vectors are near too, from
/// the collection of vectors of the same name, by the ids that they share, or of another. Words,
/// bodies and vectors are of one state of the file.
/// Errors: see `docs_table::check` and `search`; invalid_argument for a vector of another length
/// than that collection has, or with a number that is not finite.
struct docs_search : docs_query {
  using reply = docs_hits;
  static constexpr endpoint route{verb::get, "/documents/{name}/-/search",
                                  "Find documents by their words, or a vector too."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(docs_search, (docs_query), (name))

/// Computes functions over documents; a time bucket is not for them.
struct docs_aggregate : aggregation {
  using reply = std::vector<aggregate_row>;
  static constexpr endpoint route{verb::get, "/documents/{name}/-/aggregate",
                                  "Compute functions over values."};
  std::string name;
  std::optional<json_text> where;
};
BOOST_DESCRIBE_STRUCT(docs_aggregate, (aggregation), (name, where))

/// Declares a field index, for filters; false if there is one. It is used once it is complete: at
/// once if there are no documents, else after `docs_reindex`.
struct docs_create_index {
  using reply = bool;
  static constexpr endpoint route{verb::post, "/documents/{name}/create_index",
                                  "Declare a field index."};
  std::string name;
  std::string field;
};
BOOST_DESCRIBE_STRUCT(docs_create_index, (), (name, field))

struct docs_drop_index {
  using reply = bool;
  static constexpr endpoint route{verb::post, "/documents/{name}/drop_index",
                                  "Remove a field index."};
  std::string name;
  std::string field;
};
BOOST_DESCRIBE_STRUCT(docs_drop_index, (), (name, field))

/// The field indexes. Counts their entries.
struct docs_indexes {
  using reply = std::vector<field_index_state>;
  static constexpr endpoint route{verb::get, "/documents/{name}/-/indexes",
                                  "List the field indexes."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(docs_indexes, (), (name))

/// One batch of bringing indexes up to date: that of one field, or the text (after its options have
/// changed) and then all fields. Again while there are `more`; what is done stays done. Errors:
/// invalid_argument (limit 0), not_found (no such index).
struct docs_reindex {
  using reply = reindex_step;
  static constexpr endpoint route{verb::post, "/documents/{name}/reindex",
                                  "Bring indexes up to date."};
  std::string name;
  std::optional<std::string> field;
  std::optional<std::uint64_t> limit; // absent: 1024
};
BOOST_DESCRIBE_STRUCT(docs_reindex, (), (name, field, limit))

/// How a filter would be answered now.
struct docs_explain {
  using reply = filter_plan;
  static constexpr endpoint route{verb::get, "/documents/{name}/-/explain",
                                  "Say how a filter would be answered."};
  std::string name;
  json_text where;
};
BOOST_DESCRIBE_STRUCT(docs_explain, (), (name, where))

/// The options as they were set.
struct docs_get_options {
  using reply = docs_options;
  static constexpr endpoint route{.method = verb::get,
                                  .path = "/documents/{name}/-/options",
                                  .summary = "Show what is searched.",
                                  .aliases = "options"};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(docs_get_options, (), (name))

/// Replaces all options. Documents of before are indexed by them when `docs_reindex` has come to
/// its end; until then a search says that it is incomplete.
/// Errors: invalid_argument (a path that is no UTF-8 or longer than 1024 bytes).
struct docs_configure : docs_options {
  using reply = void;
  static constexpr endpoint route{.method = verb::post,
                                  .path = "/documents/{name}/options",
                                  .summary = "Set what is searched.",
                                  .aliases = "set_options"};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(docs_configure, (docs_options), (name))

/// Sets the options of a collection that has none; one that has these already is left as it is.
/// Errors: already_exists (it has others).
struct docs_open : docs_options {
  using reply = void;
  static constexpr endpoint route{verb::post, "/documents/{name}/open",
                                  "Set options, or make sure that they are these."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(docs_open, (docs_options), (name))

struct docs_clear {
  using reply = void;
  static constexpr endpoint route{verb::post, "/documents/{name}/clear", "Remove all documents."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(docs_clear, (), (name))

struct docs_info {
  using reply = docs_summary;
  static constexpr endpoint route{verb::get, "/documents/{name}/-/info",
                                  "Describe the collection."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(docs_info, (), (name))

/// The names of all collections that hold a document, in order.
struct docs_names {
  using reply = std::vector<std::string>;
  static constexpr endpoint route{verb::get, "/documents", "List all collections of documents."};
};
BOOST_DESCRIBE_STRUCT(docs_names, (), ())

using docs_messages =
  boost::mp11::mp_list<docs_index, docs_index_many, docs_find, docs_get_many, docs_drop, docs_patch,
                       docs_count, docs_list, docs_search, docs_aggregate, docs_create_index,
                       docs_drop_index, docs_indexes, docs_reindex, docs_explain, docs_get_options,
                       docs_configure, docs_open, docs_clear, docs_info, docs_names>;

} // namespace beaver
