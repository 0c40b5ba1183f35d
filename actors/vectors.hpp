#pragma once
#include "beaver/actors/message.hpp"
#include "beaver/actors/row_queries.hpp"
#include "beaver/vector/index.hpp"

namespace beaver {

BOOST_DESCRIBE_ENUM(metric, cosine, euclid, manhattan, inner_product)
BOOST_DESCRIBE_ENUM(strategy, linear, lsh, hnsw)

/// How a collection is to be searched.
enum class vectors_strategy : std::uint8_t {
  automatic, // linear up to 40 MB of vectors, then whatever is measured to reach the recall
  linear,
  lsh,
  hnsw,
};
BOOST_DESCRIBE_ENUM(vectors_strategy, automatic, linear, lsh, hnsw)

/// What a collection of vectors is, kept in the file.
struct vectors_options {
  std::optional<std::uint64_t> dims{};   // numbers of a vector; absent: as many as the first has
  std::optional<metric> by{};            // absent: cosine
  std::optional<vectors_strategy> how{}; // absent: automatic
  std::optional<double> target_recall{}; // of approximate searches, 0..1; absent: 0.95

  friend bool operator==(const vectors_options&, const vectors_options&) = default;
};
BOOST_DESCRIBE_STRUCT(vectors_options, (), (dims, by, how, target_recall))

/// A vector under its id.
struct vector_entry {
  std::string id;
  floats vector;
  std::optional<json_text> metadata{};
};
BOOST_DESCRIBE_STRUCT(vector_entry, (), (id, vector, metadata))

struct vector_value {
  floats vector;
  std::optional<json_text> metadata{};
};
BOOST_DESCRIBE_STRUCT(vector_value, (), (vector, metadata))

/// What is looked for near a vector.
struct near_options {
  std::optional<std::uint64_t> k{};                     // at most so many; absent: 10
  std::optional<json_text> where{};                     // metadata satisfies this filter
  std::optional<std::vector<std::string>> candidates{}; // only these ids
  std::optional<metric> by{};                           // absent: the collection's
  std::optional<bool> exact{};                          // look at all, whatever the strategy is
  /// How much an approximate search looks at: candidates of lsh, ef of hnsw. Absent: as tuned.
  std::optional<std::uint64_t> effort{};
};
BOOST_DESCRIBE_STRUCT(near_options, (), (k, where, candidates, by, exact, effort))

/// A vector that was found.
struct near_hit {
  std::string id;
  double score; // a distance: lower is nearer
  std::optional<json_text> metadata{};
};
BOOST_DESCRIBE_STRUCT(near_hit, (), (id, score, metadata))

struct near_hits {
  std::vector<near_hit> hits; // nearest first, equal ones by id
  strategy how;               // that looked at the most part
  bool exact;                 // these are the nearest for certain
};
BOOST_DESCRIBE_STRUCT(near_hits, (), (hits, how, exact))

/// A collection as it stands.
struct vectors_status {
  std::uint64_t vectors;
  std::uint64_t bytes; // of vectors and metadata, in the file
  std::optional<std::uint64_t> dims{};
  metric by;
  vectors_strategy how;           // as it was asked for
  strategy active;                // as it is
  std::optional<double> recall{}; // of 10 nearest, as measured when the index was built
  std::uint64_t unusable{};       // rows of other programs that are no vector of so many numbers
  std::uint64_t delta{};          // vectors that no snapshot holds, and those that replaced one
  std::uint64_t dead{};           // rows of the snapshot that count no more
  std::uint64_t snapshot_bytes{}; // in the file
  std::uint64_t memory_bytes{};   // of what is searched
  std::optional<double> compacting{}; // 0..1, while this process makes a snapshot
};
BOOST_DESCRIBE_STRUCT(vectors_status, (),
                      (vectors, bytes, dims, by, how, active, recall, unusable, delta, dead,
                       snapshot_bytes, memory_bytes, compacting))

/// What a compaction has done.
struct compaction_report {
  std::uint64_t vectors; // in the new snapshot
  std::uint64_t bytes;   // of it
  strategy how;
  std::optional<double> recall{}; // if the strategy is approximate
  double seconds;
};
BOOST_DESCRIBE_STRUCT(compaction_report, (), (vectors, bytes, how, recall, seconds))

// The messages of the data type `vectors`: vectors of 32-bit floats under text ids, found by
// nearness. Every one may fail with invalid_argument, closed, busy, io, full; more is said where it
// applies. `where` is a filter over the metadata, as for documents.

/// Stores a vector and its metadata, replacing earlier ones.
/// Errors: invalid_argument (id not 1..1024 bytes of UTF-8, another length than the collection's,
/// a number that is not finite, metadata not JSON).
struct vectors_set {
  using reply = void;
  static constexpr endpoint route{verb::put, "/vectors/{name}/{id}", "Store a vector."};
  std::string name;
  std::string id;
  floats vector;
  std::optional<json_text> metadata;
};
BOOST_DESCRIBE_STRUCT(vectors_set, (), (name, id, vector, metadata))

/// Stores all or none.
struct vectors_set_many {
  using reply = void;
  static constexpr endpoint route{verb::post, "/vectors/{name}/set_many", "Store several vectors."};
  std::string name;
  std::vector<vector_entry> vectors;
};
BOOST_DESCRIBE_STRUCT(vectors_set_many, (), (name, vectors))

/// Errors: corrupt (another program has stored what is no vector).
struct vectors_find {
  using reply = std::optional<vector_value>;
  static constexpr endpoint route{.method = verb::get,
                                  .path = "/vectors/{name}/{id}",
                                  .summary = "Get a vector and its metadata.",
                                  .aliases = "get"};
  std::string name;
  std::string id;
};
BOOST_DESCRIBE_STRUCT(vectors_find, (), (name, id))

/// Those with these ids, in their order; those that are not there are left out.
struct vectors_get_many {
  using reply = std::vector<vector_entry>;
  static constexpr endpoint route{verb::get, "/vectors/{name}/-/get_many", "Get several vectors."};
  std::string name;
  std::vector<std::string> ids;
};
BOOST_DESCRIBE_STRUCT(vectors_get_many, (), (name, ids))

/// Removes a vector; tells whether there was one.
struct vectors_erase {
  using reply = bool;
  static constexpr endpoint route{.method = verb::del,
                                  .path = "/vectors/{name}/{id}",
                                  .summary = "Remove a vector; tell whether it was there.",
                                  .aliases = "delete del remove drop"};
  std::string name;
  std::string id;
};
BOOST_DESCRIBE_STRUCT(vectors_erase, (), (name, id))

struct vectors_count {
  using reply = std::uint64_t;
  static constexpr endpoint route{verb::get, "/vectors/{name}/-/count", "Count the vectors."};
  std::string name;
  std::optional<json_text> where;
};
BOOST_DESCRIBE_STRUCT(vectors_count, (), (name, where))

/// Vectors in the order of their ids. A row that is no vector has none here.
struct vectors_list : key_range {
  using reply = std::vector<vector_entry>;
  static constexpr endpoint route{verb::get, "/vectors/{name}/-/list", "List vectors."};
  std::string name;
  std::optional<json_text> where;
};
BOOST_DESCRIBE_STRUCT(vectors_list, (key_range), (name, where))

/// The vectors nearest to one, with their metadata.
/// Errors: invalid_argument (a vector of another length, or with a number that is not finite).
struct vectors_near : near_options {
  using reply = near_hits;
  static constexpr endpoint route{.method = verb::get,
                                  .path = "/vectors/{name}/-/near",
                                  .summary = "Find the nearest vectors.",
                                  .aliases = "search"};
  std::string name;
  floats vector;
};
BOOST_DESCRIBE_STRUCT(vectors_near, (near_options), (name, vector))

/// The same for several, in one state of the collection; their answers in order.
struct vectors_near_many : near_options {
  using reply = std::vector<near_hits>;
  static constexpr endpoint route{verb::get, "/vectors/{name}/-/near_many",
                                  "Find the nearest vectors of several."};
  std::string name;
  std::vector<floats> vectors;
};
BOOST_DESCRIBE_STRUCT(vectors_near_many, (near_options), (name, vectors))

/// Declares a field index over the metadata, as for documents.
struct vectors_create_index {
  using reply = bool;
  static constexpr endpoint route{verb::post, "/vectors/{name}/create_index",
                                  "Declare a field index."};
  std::string name;
  std::string field;
};
BOOST_DESCRIBE_STRUCT(vectors_create_index, (), (name, field))

struct vectors_drop_index {
  using reply = bool;
  static constexpr endpoint route{verb::post, "/vectors/{name}/drop_index",
                                  "Remove a field index."};
  std::string name;
  std::string field;
};
BOOST_DESCRIBE_STRUCT(vectors_drop_index, (), (name, field))

/// The field indexes. Counts their entries.
struct vectors_indexes {
  using reply = std::vector<field_index_state>;
  static constexpr endpoint route{verb::get, "/vectors/{name}/-/indexes",
                                  "List the field indexes."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(vectors_indexes, (), (name))

/// One batch of bringing field indexes up to date; again while there are `more`.
struct vectors_reindex {
  using reply = reindex_step;
  static constexpr endpoint route{verb::post, "/vectors/{name}/reindex",
                                  "Bring field indexes up to date."};
  std::string name;
  std::optional<std::string> field;
  std::optional<std::uint64_t> limit; // absent: 1024
};
BOOST_DESCRIBE_STRUCT(vectors_reindex, (), (name, field, limit))

/// How a filter would be answered now.
struct vectors_explain {
  using reply = filter_plan;
  static constexpr endpoint route{verb::get, "/vectors/{name}/-/explain",
                                  "Say how a filter would be answered."};
  std::string name;
  json_text where;
};
BOOST_DESCRIBE_STRUCT(vectors_explain, (), (name, where))

/// The options as they were set; `dims` also as the first vector has decided it.
struct vectors_get_options {
  using reply = vectors_options;
  static constexpr endpoint route{.method = verb::get,
                                  .path = "/vectors/{name}/-/options",
                                  .summary = "Show how vectors are searched.",
                                  .aliases = "options"};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(vectors_get_options, (), (name))

/// Replaces all options. Another strategy is built by the next compaction.
/// Errors: invalid_argument (other dims than the vectors have).
struct vectors_configure : vectors_options {
  using reply = void;
  static constexpr endpoint route{.method = verb::post,
                                  .path = "/vectors/{name}/options",
                                  .summary = "Set how vectors are searched.",
                                  .aliases = "set_options"};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(vectors_configure, (vectors_options), (name))

/// Sets options that are not set yet; those that are have to be the same.
/// Errors: already_exists (one is another).
struct vectors_open : vectors_options {
  using reply = void;
  static constexpr endpoint route{verb::post, "/vectors/{name}/open",
                                  "Set options, or make sure that they are these."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(vectors_open, (vectors_options), (name))

/// Makes a snapshot of the collection and the index that its options and size ask for. Nobody waits
/// meanwhile but the caller. Withdrawn, it leaves everything as it was.
/// Errors: busy (another process is at it), cancelled, read_only.
struct vectors_compact {
  using reply = compaction_report;
  static constexpr bool takes_long = true;
  static constexpr endpoint route{verb::post, "/vectors/{name}/compact",
                                  "Make a snapshot and its index."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(vectors_compact, (), (name))

/// How far this process has come with a snapshot, 0..1; empty while it makes none.
struct vectors_compaction {
  using reply = std::optional<double>;
  static constexpr endpoint route{verb::get, "/vectors/{name}/-/compaction",
                                  "Tell how far a compaction has come."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(vectors_compaction, (), (name))

struct vectors_clear {
  using reply = void;
  static constexpr endpoint route{verb::post, "/vectors/{name}/clear", "Remove all vectors."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(vectors_clear, (), (name))

struct vectors_info {
  using reply = vectors_status;
  static constexpr endpoint route{verb::get, "/vectors/{name}/-/info", "Describe the collection."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(vectors_info, (), (name))

/// The names of all collections that hold a vector, in order.
struct vectors_names {
  using reply = std::vector<std::string>;
  static constexpr endpoint route{verb::get, "/vectors", "List all collections of vectors."};
};
BOOST_DESCRIBE_STRUCT(vectors_names, (), ())

using vectors_messages = boost::mp11::mp_list<
  vectors_set, vectors_set_many, vectors_find, vectors_get_many, vectors_erase, vectors_count,
  vectors_list, vectors_near, vectors_near_many, vectors_create_index, vectors_drop_index,
  vectors_indexes, vectors_reindex, vectors_explain, vectors_get_options, vectors_configure,
  vectors_open, vectors_compact, vectors_compaction, vectors_clear, vectors_info, vectors_names>;

} // namespace beaver
