#pragma once
#include "beaver/api/blob.hpp"
#include "beaver/api/dict.hpp"
#include "beaver/api/docs.hpp"
#include "beaver/api/graph.hpp"
#include "beaver/api/list.hpp"
#include "beaver/api/log.hpp"
#include "beaver/api/pieces.hpp"
#include "beaver/api/queue.hpp"
#include "beaver/api/vectors.hpp"

#include <cstdint>
#include <functional>
#include <stop_token>

// What one manager holds as a text, in the form of beaver-db 2.3, and back.
//
//            type         item
//   dict     Dict         {"key": ..., "value": ...}                times to live are left out
//   list     List         the value
//   queue    Queue        {"priority": ..., "timestamp": ..., "data": ...}   leased ones included
//   log      Log          {"timestamp": ..., "data": ...}
//   blob     BlobStore    {"key": ..., "metadata": ..., "size": ..., "payload": base64}
//   docs     Documents    {"id": ..., "body": ...}
//   graph    Graph        {"source": ..., "target": ..., "label": ..., "metadata": ...}
//   vectors  Vectors      {"id": ..., "vector": [...], "metadata": ...}
//
// 2.3 has no dumps of the last two. Items come in the order of the manager's listing, values as
// they are stored; options and indexes are not part of it.

namespace beaver {

enum class dump_format : std::uint8_t {
  json, ///< {"metadata": {"type": ..., "name": ..., "count": ...}, "items": [...]}
  jsonl ///< each item on a line, and nothing else
};

/// How far a dump or a load has come.
struct dump_status {
  std::uint64_t items = 0;
  std::uint64_t bytes = 0; // written, or read
};

struct dump_options {
  dump_format format = dump_format::json;
  std::function<void(const dump_status&)> progress{}; // now and then; what it throws ends the dump
  std::stop_token stop{};                             // ends it with errc::cancelled
};

enum class load_mode : std::uint8_t {
  overwrite, ///< what was there before goes
  append     ///< stays; an item under a key or id that is there takes its place
};

struct load_options {
  dump_format format = dump_format::json;
  load_mode mode = load_mode::overwrite;
  std::function<void(const dump_status&)> progress{}; // now and then; what it throws ends the load
  std::stop_token stop{};                             // ends it with errc::cancelled
};

/// Writes all that a manager holds. Read page by page: take `from` out of a snapshot to get one
/// instant, as `database::dump` does. Memory: one page, and one item.
/// Throws `error` as the manager's listing does; corrupt for what another program has stored and is
/// no JSON, or no vector; cancelled.
dump_status dump(const dict<>& from, const byte_sink& to, const dump_options& how = {});
dump_status dump(const list<>& from, const byte_sink& to, const dump_options& how = {});
dump_status dump(const queue<>& from, const byte_sink& to, const dump_options& how = {});
dump_status dump(const log<>& from, const byte_sink& to, const dump_options& how = {});
dump_status dump(const blob<>& from, const byte_sink& to, const dump_options& how = {});
dump_status dump(const docs<>& from, const byte_sink& to, const dump_options& how = {});
dump_status dump(const graph<>& from, const byte_sink& to, const dump_options& how = {});
dump_status dump(const vectors<>& from, const byte_sink& to, const dump_options& how = {});

/// Stores the items of a dump, one after the other. Take `to` out of a transaction to get all or
/// nothing, as `database::load` does. Items of a queue are put anew, in order, and get the time of
/// that; documents also come out of the dump of a collection of 1.3. Members that an item does not
/// have here are passed over. Memory: one item.
/// Throws `error` invalid_argument, naming the item or line, for what is no dump, one of another
/// type, or an item that the manager does not take; cancelled; and as the manager's writes do.
dump_status load(const byte_source& from, dict<> to, const load_options& how = {});
dump_status load(const byte_source& from, list<> to, const load_options& how = {});
dump_status load(const byte_source& from, queue<> to, const load_options& how = {});
dump_status load(const byte_source& from, log<> to, const load_options& how = {});
dump_status load(const byte_source& from, blob<> to, const load_options& how = {});
dump_status load(const byte_source& from, docs<> to, const load_options& how = {});
dump_status load(const byte_source& from, graph<> to, const load_options& how = {});
dump_status load(const byte_source& from, vectors<> to, const load_options& how = {});

namespace detail {

/// The same manager inside a snapshot or transaction, with values as they are stored.
template <template <class, class> class Handle, class T, class Style>
Handle<json_text, sync> same_manager(const Handle<T, Style>& manager, const sync& inside) {
  return {manager.name(), inside};
}
template <class Style>
blob<> same_manager(const blob<Style>& manager, const sync& inside) {
  return {manager.name(), inside};
}

} // namespace detail
} // namespace beaver
