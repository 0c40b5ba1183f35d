#pragma once
#include "beaver/actors/stream_buffer.hpp"
#include "beaver/api/net/http_session.hpp"

namespace beaver::net {

/// Goes on with a connection whose request opens a stream: as a WebSocket, over which the items go
/// as text frames
///
///     {"items": [...]}   {"items": [...], "missed": 3}   {"ended": true}   {"error": {...}}
///
/// A client that sends {"pull": n} gets at most so many items more, again and again; one that never
/// does gets all as fast as it takes them.
void serve_stream(stream over, const http_request& head, const operation& op,
                  std::shared_ptr<stream_buffer> from, std::shared_ptr<http_service> service,
                  connection_list& list);

} // namespace beaver::net
