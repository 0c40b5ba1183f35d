#pragma once
#include "beaver/storage/aggregation.hpp"
#include "beaver/storage/docs_options.hpp"
#include "beaver/storage/field_index.hpp"
#include "beaver/storage/json_text.hpp"
#include "beaver/storage/key_range.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace beaver {

class connection;

struct document {
  std::string id;
  json_text body;
};

/// A field by which documents are sorted.
struct sort_field {
  std::string field;                 // path
  std::optional<sort_order> order{}; // absent: ascending
};

/// What a collection holds.
struct docs_summary {
  std::uint64_t documents;
  std::uint64_t bytes;   // of the bodies
  std::uint64_t strings; // that full-text search sees
  bool fuzzy;            // whether misspelt words are found
  bool text_complete;    // whether all text is indexed as the options say
};

/// All SQL of the data type `docs` but for search (docs_search.hpp) and field indexes
/// (docs_upkeep.hpp): JSON documents under ids.
///
/// Functions that change something run inside the caller's write transaction, the others inside a
/// read transaction or alone. Names, ids and bodies are taken as they come: the caller has checked
/// and normalised them. Any may throw `error` busy, io, full or corrupt from SQLite.
namespace docs_table {

/// Stores and removes documents of one collection within one transaction, with all that indexes
/// know of them. Reads the collection's options once.
class document_writer {
public:
  /// `name` must outlive it.
  document_writer(connection& c, std::string_view name);

  /// Stores a document, replacing an earlier one. O(log n), and what FTS5 takes for the words that
  /// come and go. Throws `error` invalid_argument for a body with a string that is no text (half a
  /// surrogate pair) where full-text search has to see it.
  void put(std::string_view id, const json_text& body);

  /// Removes a document; false if there is none.
  bool erase(std::string_view id);

  /// To be called behind the last of them.
  void finish();

private:
  void leave_index(std::string_view id);

  connection& connection_;
  std::string_view name_;
  docs_options options_;
  field_index<std::string> index_;
};

/// Changes a document as a JSON Merge Patch says (RFC 7396) and gives its new body; empty if there
/// is none. Throws `error` corrupt for a body that is no JSON.
std::optional<json_text> patch(connection& c, std::string_view name, std::string_view id,
                               const json_text& patch);

[[nodiscard]] std::optional<json_text> find(connection& c, std::string_view name,
                                            std::string_view id);

[[nodiscard]] bool contains(connection& c, std::string_view name, std::string_view id);

/// The documents with these ids, in the order of the ids; those that are not there are left out.
[[nodiscard]] std::vector<document> get_many(connection& c, std::string_view name,
                                             std::span<const std::string> ids);

/// Documents in a range of ids that satisfy a filter, in the order of their ids or as `sort` says
/// (equal ones by id), behind the first `offset`. Without `sort` the cost is that of what is passed
/// over; with it that of all documents in the range, of which the values to sort by are held in
/// memory. Values are in the order of `json_before`; documents without one come first.
[[nodiscard]] std::vector<document> list(connection& c, std::string_view name,
                                         const key_range& range,
                                         const std::optional<json_text>& where = {},
                                         std::span<const sort_field> sort = {},
                                         std::uint64_t offset = 0);

/// Number of documents that satisfy a filter. Linear in them, or in those that an index names.
[[nodiscard]] std::uint64_t count(connection& c, std::string_view name,
                                  const std::optional<json_text>& where = {});

/// Visits the ids of those, in order.
void each_id(connection& c, std::string_view name, const json_text& where,
             const std::function<void(std::string_view id)>& visit);

/// Computes functions over the documents that satisfy a filter, in one pass. Memory and errors as
/// for `aggregator`.
[[nodiscard]] std::vector<aggregate_row> aggregate(connection& c, std::string_view name,
                                                   const std::optional<json_text>& where,
                                                   const aggregation& what);

/// Removes all documents; gives their number. Options and field indexes stay. Linear.
std::uint64_t clear(connection& c, std::string_view name);

/// Reads every document.
[[nodiscard]] docs_summary info(connection& c, std::string_view name);

/// The names of all collections that hold a document, in order. A lookup per name.
[[nodiscard]] std::vector<std::string> names(connection& c);

} // namespace docs_table
} // namespace beaver
