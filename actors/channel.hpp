#pragma once
#include "beaver/actors/message.hpp"
#include "beaver/actors/retention.hpp"
#include "beaver/actors/stream_buffer.hpp"
#include "beaver/storage/channel_table.hpp"

#include <boost/describe/enum.hpp>

namespace beaver {

BOOST_DESCRIBE_STRUCT(channel_message, (), (channel, payload, timestamp, sequence))
BOOST_DESCRIBE_STRUCT(channel_receipt, (), (sequence, timestamp))
BOOST_DESCRIBE_STRUCT(channel_cursor, (), (cursor, sequence))
BOOST_DESCRIBE_STRUCT(channel_summary, (), (messages, bytes, first, last, cursors))

// The messages of the data type `channel`: JSON messages in the order of their commits, for many
// subscribers. A timestamp is seconds since the Unix epoch; a sequence counts all messages of the
// file, with gaps. Every one may fail with invalid_argument, closed, busy, io, full; more is said
// where it applies.

/// Publishes a message: it is stored, and every subscriber gets it, in every process.
/// Errors: invalid_argument (payload not JSON).
struct channel_publish {
  using reply = channel_receipt;
  static constexpr endpoint route{verb::post, "/channels/{name}/publish", "Publish a message."};
  std::string name;
  json_text payload;
};
BOOST_DESCRIBE_STRUCT(channel_publish, (), (name, payload))

/// Publishes several in order, all or none; gives the receipt of the last. Errors: invalid_argument
/// (none are given).
struct channel_publish_many {
  using reply = channel_receipt;
  static constexpr endpoint route{verb::post, "/channels/{name}/publish_many",
                                  "Publish several messages."};
  std::string name;
  std::vector<json_text> payloads;
};
BOOST_DESCRIBE_STRUCT(channel_publish_many, (), (name, payloads))

/// Publishes a message that is not stored: the subscribers of this process get it, with the
/// sequence 0, unless they are behind. Errors: not_supported (within a transaction or a batch).
struct channel_publish_ephemeral {
  using reply = void;
  static constexpr endpoint route{verb::post, "/channels/{name}/publish_ephemeral",
                                  "Publish a message that is not stored."};
  std::string name;
  json_text payload;
};
BOOST_DESCRIBE_STRUCT(channel_publish_ephemeral, (), (name, payload))

/// The newest messages, oldest first.
struct channel_history {
  using reply = std::vector<channel_message>;
  static constexpr endpoint route{verb::get, "/channels/{name}/history",
                                  "List the newest messages, oldest first."};
  std::string name;
  std::optional<std::uint64_t> limit; // absent: 100
  std::optional<double> since;        // only those of this time or later
};
BOOST_DESCRIBE_STRUCT(channel_history, (), (name, limit, since))

/// Messages behind a sequence, in order. That of the last one as `after` gives the next page.
struct channel_read {
  using reply = std::vector<channel_message>;
  static constexpr endpoint route{verb::get, "/channels/{name}/read",
                                  "List messages behind a sequence number, in order."};
  std::string name;
  std::optional<std::uint64_t> after;     // absent: from the beginning
  std::optional<std::uint64_t> limit;     // absent: all
  std::optional<std::uint64_t> max_bytes; // ends with the message that brings it to so many
};
BOOST_DESCRIBE_STRUCT(channel_read, (), (name, after, limit, max_bytes))

struct channel_count {
  using reply = std::uint64_t;
  static constexpr endpoint route{verb::get, "/channels/{name}/count", "Count the messages."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(channel_count, (), (name))

/// Removes all messages. Cursors stay.
struct channel_clear {
  using reply = void;
  static constexpr endpoint route{verb::post, "/channels/{name}/clear", "Remove all messages."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(channel_clear, (), (name))

/// Puts a cursor behind a message: forwards, or back.
struct channel_set_cursor {
  using reply = void;
  static constexpr endpoint route{verb::put, "/channels/{name}/cursors/{cursor}",
                                  "Put a cursor behind a message."};
  std::string name;
  std::string cursor;
  std::uint64_t sequence;
};
BOOST_DESCRIBE_STRUCT(channel_set_cursor, (), (name, cursor, sequence))

/// The sequence of a cursor.
struct channel_get_cursor {
  using reply = std::optional<std::uint64_t>;
  static constexpr endpoint route{verb::get, "/channels/{name}/cursors/{cursor}",
                                  "Get the place of a cursor."};
  std::string name;
  std::string cursor;
};
BOOST_DESCRIBE_STRUCT(channel_get_cursor, (), (name, cursor))

/// Removes a cursor; whether there was one.
struct channel_erase_cursor {
  using reply = bool;
  static constexpr endpoint route{verb::del, "/channels/{name}/cursors/{cursor}",
                                  "Remove a cursor."};
  std::string name;
  std::string cursor;
};
BOOST_DESCRIBE_STRUCT(channel_erase_cursor, (), (name, cursor))

struct channel_cursors {
  using reply = std::vector<channel_cursor>;
  static constexpr endpoint route{verb::get, "/channels/{name}/cursors", "List the cursors."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(channel_cursors, (), (name))

/// Sets what is kept; the background sweep removes the rest. Absent members: without that bound.
struct channel_retain : retention_rule {
  using reply = void;
  static constexpr endpoint route{verb::put, "/channels/{name}/retention",
                                  "Set how long, and how many, messages are kept."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(channel_retain, (retention_rule), (name))

struct channel_get_retention {
  using reply = retention_rule;
  static constexpr endpoint route{verb::get, "/channels/{name}/retention",
                                  "Get how long, and how many, messages are kept."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(channel_get_retention, (), (name))

/// Numbers, bytes, times and cursors. Reads every message.
struct channel_info {
  using reply = channel_summary;
  static constexpr endpoint route{verb::get, "/channels/{name}/info", "Describe the channel."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(channel_info, (), (name))

/// The names of all channels that hold a message, in order.
struct channel_names {
  using reply = std::vector<std::string>;
  static constexpr endpoint route{verb::get, "/channels", "List all channels."};
};
BOOST_DESCRIBE_STRUCT(channel_names, (), ())

/// Where a subscription begins: with the next message, unless one of these says otherwise.
struct channel_start {
  std::optional<bool> beginning{};      // true: with the oldest message
  std::optional<std::uint64_t> after{}; // behind this sequence
  std::optional<double> since{};        // with messages of this time or later
  std::optional<std::string> cursor{};  // behind the place of a cursor; only a new one, which is
                                        // made, begins as the others say
};
BOOST_DESCRIBE_STRUCT(channel_start, (), (beginning, after, since, cursor))

/// Messages of a stream, as actors get them.
struct channel_batch {
  std::vector<channel_message> items;
  std::uint64_t missed; // lost before the first of them
  bool ended;           // there will be no more
};
BOOST_DESCRIBE_STRUCT(channel_batch, (), (items, missed, ended))

/// Opens a stream of the messages of a channel: those of before, as far as they are wanted, then
/// all that are published, without a gap and none twice. Errors: invalid_argument (more than one
/// start).
struct channel_subscribe : channel_start, stream_limits {
  using item = channel_message;
  using batch = channel_batch;
  static constexpr endpoint route{verb::get, "/channels/{name}/subscribe",
                                  "Follow the messages of a channel."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(channel_subscribe, (channel_start, stream_limits), (name))

using channel_messages = boost::mp11::mp_list<
  channel_publish, channel_publish_many, channel_publish_ephemeral, channel_history, channel_read,
  channel_count, channel_clear, channel_set_cursor, channel_get_cursor, channel_erase_cursor,
  channel_cursors, channel_retain, channel_get_retention, channel_info, channel_names>;

/// The same for all channels whose name matches a pattern: `*`, `?`, `[abc]`, `[^a-z]`. Its `name`
/// is the pattern; cursors belong to channels.
struct channel_pattern_subscribe : stream_limits {
  using item = channel_message;
  using batch = channel_batch;
  static constexpr endpoint route{verb::get, "/channel_patterns/{name}/subscribe",
                                  "Follow all channels whose name matches a pattern."};
  std::string name;
  std::optional<bool> beginning;
  std::optional<std::uint64_t> after;
  std::optional<double> since;
};
BOOST_DESCRIBE_STRUCT(channel_pattern_subscribe, (stream_limits), (name, beginning, after, since))

} // namespace beaver
