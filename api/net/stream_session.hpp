#pragma once
#include "beaver/actors/stream_buffer.hpp"
#include "beaver/api/net/http_session.hpp"
#include "beaver/api/repeated_call.hpp"

namespace beaver::net {

/// Where the items of a WebSocket come from.
struct stream_source {
  std::shared_ptr<stream_buffer> items;
  std::shared_ptr<repeated_call> calls{}; ///< not null: each has to be asked for
};
[[nodiscard]] inline stream_source source_of(std::shared_ptr<repeated_call> calls) {
  auto items = calls->items();
  return {std::move(items), std::move(calls)};
}

/// Goes on with a connection whose request opens a stream: as a WebSocket, over which the items go
/// as text frames
///
///     {"items": [...]}   {"items": [...], "missed": 3}   {"ended": true}   {"error": {...}}
///
/// A client that sends {"pull": n} gets at most so many items more, again and again; one that never
/// does gets all as fast as it takes them. Calls that wait are made one after the other, and only
/// for what was pulled: none takes something that nobody has asked for.
void serve_stream(stream over, const http_request& head, const operation& op, stream_source from,
                  std::shared_ptr<http_service> service, connection_list& list);

} // namespace beaver::net
