#pragma once
#include "beaver/api/blob.hpp"
#include "beaver/api/dict.hpp"
#include "beaver/api/docs.hpp"
#include "beaver/api/dump_options.hpp"
#include "beaver/api/graph.hpp"
#include "beaver/api/list.hpp"
#include "beaver/api/log.hpp"
#include "beaver/api/pieces.hpp"
#include "beaver/api/queue.hpp"
#include "beaver/api/vectors.hpp"

#include <string>
#include <string_view>
#include <vector>

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

/// The type of a manager's handle when values are as they are stored; never called.
template <template <class, class> class Handle, class T, class Style>
Handle<json_text, sync> as_stored(const Handle<T, Style>&);
template <class Style>
blob<> as_stored(const blob<Style>&);

/// The same within one instant, and in one transaction, for a manager by the word of its type
/// ("dict"), of a database in this process or a server's. Throw `error` not_supported for another
/// type, inside a transaction, and where the road to the server has no room for it.
dump_status dump_whole(backend& of, std::string_view type, const std::string& name,
                       const byte_sink& to, const dump_options& how);
dump_status load_whole(backend& of, std::string_view type, const std::string& name,
                       const byte_source& from, const load_options& how);
/// The words of the types that have dumps.
[[nodiscard]] std::vector<std::string_view> dumped_types();

} // namespace detail
} // namespace beaver
