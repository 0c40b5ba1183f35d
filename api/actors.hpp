#pragma once
#include "beaver/actors/blob.hpp"
#include "beaver/actors/caf_errors.hpp"
#include "beaver/actors/channel.hpp"
#include "beaver/actors/database.hpp"
#include "beaver/actors/dict.hpp"
#include "beaver/actors/docs.hpp"
#include "beaver/actors/graph.hpp"
#include "beaver/actors/list.hpp"
#include "beaver/actors/lock.hpp"
#include "beaver/actors/log.hpp"
#include "beaver/actors/queue.hpp"
#include "beaver/actors/sketch.hpp"
#include "beaver/actors/stream_actor.hpp"
#include "beaver/actors/token.hpp"
#include "beaver/actors/typed.hpp"
#include "beaver/actors/vectors.hpp"
#include "beaver/api/database.hpp"
#include "beaver/api/remote.hpp"

#include <caf/fwd.hpp>
#include <memory>
#include <string>

// The door for programs built on CAF: the only header of the facade that includes it.

namespace beaver {

/// Typed handles: each message in `beaver/actors/<type>.hpp` is a request with its `reply`. A
/// failure arrives as `caf::error`, comparable with `errc`. The member `name` of a message may stay
/// empty; it is the manager's.
using dict_actor = typed_handle<dict_messages>;
using blob_actor = typed_handle<blob_messages>;
using docs_actor = typed_handle<docs_messages>;
using list_actor = typed_handle<list_messages>;
using queue_actor = typed_handle<queue_messages>;
/// Also answers `log_follow` and `log_live`, as `channel_actor` does a subscription.
using log_actor =
  typed_handle<log_messages>::extend<caf::replies_to<log_follow>::with<stream_actor<log_follow>>,
                                     caf::replies_to<log_live>::with<stream_actor<log_live>>>;
using lock_actor = typed_handle<lock_messages>;
using graph_actor = typed_handle<graph_messages>;
using vectors_actor = typed_handle<vectors_messages>;
using sketch_actor = typed_handle<sketch_messages>;
using token_actor = typed_handle<token_messages>;
/// Also answers a subscription, with an actor that gives its messages when it is asked for some.
using channel_actor = typed_handle<channel_messages>::extend<
  caf::replies_to<channel_subscribe>::with<stream_actor<channel_subscribe>>>;
using channel_pattern_actor = caf::typed_actor<
  caf::replies_to<channel_pattern_subscribe>::with<stream_actor<channel_pattern_subscribe>>>;
using database_actor = typed_handle<database_messages>;

/// Lets a system send messages of this library to other nodes, and print its errors. To be called
/// before the system is made; not needed within one process.
void register_messages(caf::actor_system_config& config);

/// A database whose actors live in an actor system of the program's own, beside the program's
/// actors. Handles stay valid until `close`; then requests fail. Thread-safe.
class actor_database {
public:
  /// The database that another node has published with `actor_server`, in place of a file:
  /// "caf://host:port", or "cafs://" for TLS with the certificates of `system`, which must have
  /// joined the network and outlive this. Errors as of `beaver::connect`; `deliver` is
  /// not_supported, for subscriptions are actors that can be asked from anywhere.
  [[nodiscard]] static actor_database connect(caf::actor_system& system, const std::string& url,
                                              connect_options how = {});

  /// Throws `error` as `database` does. `system` must outlive this.
  actor_database(caf::actor_system& system, const std::string& path, options how = {});
  /// `close`.
  ~actor_database();
  actor_database(actor_database&&) noexcept;
  actor_database& operator=(actor_database&&) noexcept;

  [[nodiscard]] dict_actor dict(std::string_view name) const;
  [[nodiscard]] blob_actor blob(std::string_view name) const;
  [[nodiscard]] docs_actor docs(std::string_view name) const;
  [[nodiscard]] list_actor list(std::string_view name) const;
  [[nodiscard]] queue_actor queue(std::string_view name) const;
  [[nodiscard]] log_actor log(std::string_view name) const;
  [[nodiscard]] lock_actor lock(std::string_view name) const;
  [[nodiscard]] graph_actor graph(std::string_view name) const;
  [[nodiscard]] vectors_actor vectors(std::string_view name) const;
  [[nodiscard]] sketch_actor sketch(std::string_view name) const;
  [[nodiscard]] channel_actor channel(std::string_view name) const;
  [[nodiscard]] channel_pattern_actor channel_pattern(std::string_view pattern) const;
  [[nodiscard]] token_actor tokens() const;
  [[nodiscard]] database_actor whole() const;

  /// Sends the messages of a channel, or of all that match a pattern, to an actor of any kind: it
  /// gets a `channel_batch`, which it answers with nothing, and then the next; the last, with
  /// `ended`, comes when the stream ends. At most one is on its way. Ends with `subscriber`, or
  /// when the actor that this gives is told to exit. Throws `error` invalid_argument, closed.
  caf::actor deliver(channel_subscribe how, const caf::actor& subscriber) const;
  caf::actor deliver(channel_pattern_subscribe how, const caf::actor& subscriber) const;
  caf::actor deliver(log_follow how, const caf::actor& subscriber) const; // `log_batch`
  caf::actor deliver(log_live how, const caf::actor& subscriber) const;   // `live_batch`

  /// The same database for blocking calls. Not from inside an actor: there they would block a
  /// worker.
  [[nodiscard]] database& facade() noexcept;

  /// Ends the managers, writes everything out and closes the file. Must not be called from an
  /// actor.
  void close();

  [[nodiscard]] caf::actor_system& system() const noexcept;

  /// The manager of one name, without the types of its messages; type as in "dict".
  [[nodiscard]] caf::actor manager(std::string_view type, std::string_view name) const;

private:
  struct impl;
  explicit actor_database(std::unique_ptr<impl> inside);

  std::unique_ptr<impl> impl_;
};

} // namespace beaver
