#include "beaver/tools/member_help.hpp"

#include <algorithm>

namespace beaver::cli {

namespace {

constexpr std::string_view numbers = "a JSON array of numbers; - reads it from standard input";
constexpr std::string_view metrics = "cosine, euclid, manhattan or inner_product; default: cosine";
constexpr std::string_view strategies =
  "automatic, linear, lsh or hnsw, from the next compaction on; default: automatic";
constexpr std::string_view directions = "out, in or both; default: out";

constexpr member_help texts[] = {
  {"docs_search", "vector", numbers},
  {"docs_search", "vectors", "the collection that it is near in; default: that of the same name"},
  {"docs_search", "any", "one of the words is enough; --any=false with --fuzzy: never"},
  {"docs_search", "fuzzy", "words may be misspelt"},
  {"docs_search", "fts5", "QUERY is an FTS5 expression"},
  {"docs_search", "total", "count all that match"},
  {"docs_search", "highlight", "show the strings that match, their words marked"},
  {"docs_search", "snippet", "the same cut to so many words"},
  {"graph_", "direction", directions},
  {"sketch_open", "kind",
   "approximate_set, count_min, top_k or quantiles; default: approximate_set"},
  {"sketch_", "kind", "that of a sketch that is not there yet; default: approximate_set"},
  {"sketch_", "capacity", "different items (1000000), of top_k those that are wanted (100)"},
  {"sketch_", "error_rate",
   "of approximate_set 0.01, count_min and top_k 0.001 of all, quantiles 0.01 of the ranks"},
  {"sketch_", "failure_rate", "of count_min: share of items whose error may be greater; 0.01"},
  {"sketch_quantiles", "shares", "a JSON array of numbers from 0 to 1"},
  {"sketch_ranks", "values", "a JSON array of numbers"},
  {"token_create", "scopes",
   "KIND:TYPES/NAMES, as in read:dicts/cfg, write:queues/jobs.*, read:*, admin:*; as often as "
   "needed"},
  {"token_create", "label", "what it is for"},
  {"token_create", "ttl_seconds", "how long it is valid; default: until it is revoked"},
  {"token_revoke", "id", "that of the token, between its _"},
  {"vectors_", "vector", numbers},
  {"vectors_set_many", "vectors",
   "a JSON array of {\"id\": ..., \"vector\": [...], \"metadata\": ...}; - reads it from standard "
   "input"},
  {"vectors_near_many", "vectors",
   "a JSON array of arrays of numbers; - reads it from standard input"},
  {"vectors_get_many", "ids",
   "ids, one after the other; or a JSON array of them, which - reads from standard input"},
  {"vectors_near", "k", "at most so many; default: 10"},
  {"vectors_near", "candidates", "only these ids, one each time; or a JSON array of them"},
  {"vectors_near", "by",
   "cosine, euclid, manhattan or inner_product; default: that of the collection"},
  {"vectors_near", "exact", "look at all vectors, whatever the strategy is"},
  {"vectors_near", "effort",
   "how much an approximate search looks at: candidates of lsh, ef of hnsw; default: as tuned"},
  {"vectors_", "by", metrics},
  {"vectors_", "how", strategies},
  {"vectors_", "dims", "numbers of a vector; default: as many as the first one has"},
  {"vectors_", "target_recall", "of approximate searches, above 0 and at most 1; default: 0.95"},
};

} // namespace

std::span<const member_help> all_member_help() noexcept { return texts; }

std::string_view help_on(std::string_view operation, std::string_view member) noexcept {
  const auto* found = std::find_if(std::begin(texts), std::end(texts), [&](const member_help& row) {
    return row.member == member && operation.starts_with(row.operation);
  });
  return found == std::end(texts) ? std::string_view{} : found->text;
}

} // namespace beaver::cli
