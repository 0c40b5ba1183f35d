#pragma once
#include "beaver/actors/message.hpp"

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace caf {
class message;
}

namespace beaver {

struct job_context;
struct shape;
struct stream_limits;
class job;

/// Where a member of a message travels over HTTP; the CLI follows it.
enum class placement : std::uint8_t { path, query, body };

/// One member of a message, as the CLI, REST and OpenAPI see it.
struct member_info {
  std::string_view name;
  placement where;
  bool required;
  /// "string", "integer", "number", "boolean", "json", "bytes", "array", "object"
  std::string_view type;
  std::string_view item_type = {}; ///< of an array that has one: the same for its items
};

/// Gets the members of a message that are there, in their order.
class member_sink {
public:
  /// A member as JSON.
  virtual void value(const member_info& member, std::string_view json) = 0;
  /// A member of type `bytes`.
  virtual void content(const member_info& member, const bytes& data) = 0;

protected:
  ~member_sink() = default;
};

/// All that can be done with one message without knowing its type. Messages and replies are passed
/// as untyped pointers: a message as `M*`, a reply as `std::optional<M::reply>*` (its slot), which
/// is null for `void`.
struct operation {
  std::string_view name;   ///< "dict_set"
  std::string_view type;   ///< "dict"
  std::string_view method; ///< "set"
  const endpoint* route;
  std::span<const member_info> members;
  std::string_view reply_type; ///< as `member_info::type`; "void" for none
  bool reply_optional;         ///< an empty reply means absence
  bool reads;                  ///< leaves the file as it is and needs no state in memory
  bool waits;                  ///< may wait until there is something to give
  bool streams = false; ///< opens a stream: `reply_type` is that of an item, and of the functions
                        ///< that carry a message out only those under "streams" are there

  // -- making and reading messages
  // -----------------------------------------------------------------
  std::shared_ptr<void> (*make)();                       ///< a message with empty members
  std::shared_ptr<void> (*make_slot)();                  ///< a slot for its reply; null for void
  void (*destroy)(void* message);                        ///< calls its destructor
  std::string_view (*manager_name)(const void* message); ///< its `name`; "" if it has none

  // -- text (throws `error` invalid_argument that names the member)
  // ---------------------------------
  /// Sets one member from bare text as it stands in a path, a query or on a command line: text for
  /// strings, raw bytes for `bytes`, JSON for the rest.
  void (*set_member)(void* message, std::string_view member, std::string_view text);
  /// Sets all members from a JSON object; strict about unknown, double and missing ones.
  void (*decode)(void* message, std::string_view json);
  /// The same for all members but those in the path.
  void (*decode_body)(void* message, std::string_view json);
  void (*encode)(const void* message, std::string& out);
  void (*visit)(const void* message, member_sink& to);
  /// The one member that is a vector, which may travel as bytes too; "" if there is none.
  std::string_view vector_member;
  void (*set_vector)(void* message, std::span<const float> numbers);
  /// Appends the reply as JSON; false and nothing appended if it is empty or void.
  bool (*encode_reply)(const void* slot, std::string& out);
  /// The bytes of a reply that is raw content (`bytes`, or a record with one `bytes` member); null
  /// if this reply has none.
  const bytes* (*raw_reply)(const void* slot);
  /// The vector of a reply, null if this one has none; null for those that never have one.
  const floats* (*vector_reply)(const void* slot);
  /// Fills a slot from the JSON of a reply; without text (no data) from its absence.
  void (*decode_reply)(void* slot, std::string_view json);
  /// Fills a slot whose reply is `bytes`, or holds some optionally; null for others.
  void (*set_raw_reply)(void* slot, std::string_view content);
  const shape& (*message_shape)();
  const shape& (*reply_shape)(); ///< null for void; that of an item for a stream

  // -- execution
  // -----------------------------------------------------------------------------------
  /// Validates and normalises the members in place.
  void (*check)(void* message);
  /// Runs a checked message over a connection; the slot may be null if the reply is unwanted.
  void (*run)(job_context& context, const void* message, void* slot);

  // -- actors
  // --------------------------------------------------------------------------------------
  caf::message (*to_message)(void* message);             ///< moves out of `message`
  bool (*from_message)(caf::message& reply, void* slot); ///< false: not the promised type
  std::shared_ptr<job> (*to_job)(void* message);         ///< checks it, then moves out of it

  // -- streams
  // -------------------------------------------------------------------------------------
  const stream_limits& (*limits)(const void* message) = nullptr;
  std::shared_ptr<const void> (*share)(void* message) =
    nullptr; ///< checks it, then moves out of it
  void (*encode_item)(const void* item, std::string& out) = nullptr;
  std::shared_ptr<const void> (*decode_item)(std::string_view json) = nullptr;
};

/// The operation named `name` ("dict_set"); null if there is none.
[[nodiscard]] const operation* find_operation(std::string_view name) noexcept;

/// The same for one that must exist. Throws `error` internal.
[[nodiscard]] const operation& get_operation(std::string_view name);

/// Whether an operation belongs to one manager, and so has a member `name`.
[[nodiscard]] bool has_name(const operation& op) noexcept;

/// The operation of a message type, looked up once.
template <message M>
[[nodiscard]] const operation& operation_of() {
  static const operation& row = get_operation(name_of<M>());
  return row;
}

} // namespace beaver
