#pragma once
#include "beaver/actors/operation.hpp"
#include "beaver/api/dump_options.hpp"
#include "beaver/api/http_message.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace beaver {

class backend;

/// All that a manager holds on its way over HTTP, which is no message, since it need not fit into
/// memory: GET /dicts/NAME/-/dump gives it piece by piece, POST /dicts/NAME/-/load stores it.
struct http_transfer {
  bool loads = false;
  const operation* like = nullptr; ///< takes the same right: one that reads, or clears the manager
  std::string name{};
  dump_format format = dump_format::jsonl;
  load_mode mode = load_mode::overwrite;

  /// The data type of the manager: "dict".
  [[nodiscard]] std::string_view type() const noexcept { return like->type; }
};

/// Behind the last piece of a dump, the number of its items.
inline constexpr std::string_view items_trailer = "Beaver-Items";

/// A kind of transfer, as documents show it.
struct transfer_route {
  verb method;
  std::string path; ///< "/dicts/{name}/-/dump"
  const operation* like;
};

/// A dump and a load for each type that has them.
[[nodiscard]] std::span<const transfer_route> transfer_routes();

/// The transfer that a request asks for, or what is wrong with it; nothing if it is about something
/// else.
[[nodiscard]] std::optional<std::variant<http_transfer, http_response>>
transfer_of(const http_request& head);

/// The request of a client.
[[nodiscard]] http_request dump_request(std::string_view type, const std::string& name,
                                        dump_format format);
[[nodiscard]] http_request load_request(std::string_view type, const std::string& name,
                                        dump_format format, load_mode mode);

/// Carries out a dump; one of a database in memory, which keeps its writers waiting, is made first
/// and given then, however long `to` takes. Throws `error` as `database::dump`.
dump_status carry_out_dump(backend& of, const http_transfer& what, const byte_sink& to,
                           std::stop_token stop);
/// The response that a dump is the body of.
[[nodiscard]] http_response dump_head(const http_transfer& what);

/// Carries out a load, and gives the response: {"items": 2, "bytes": 60}.
[[nodiscard]] http_response carry_out_load(backend& to, const http_transfer& what,
                                           std::string_view body, std::stop_token stop);
[[nodiscard]] dump_status load_status_in(std::string_view body);

} // namespace beaver
