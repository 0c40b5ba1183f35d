#pragma once
#include "beaver/actors/message.hpp"
#include "beaver/actors/stream_buffer.hpp"
#include "beaver/storage/change_feed.hpp"

#include <boost/describe/enum.hpp>

namespace beaver {

BOOST_DESCRIBE_ENUM(change_operation, set, erase)
BOOST_DESCRIBE_STRUCT(change, (), (sequence, type, name, key, operation, timestamp))

// The messages of the change feed: which rows were written or removed, by whatever program. `name`
// is a pattern of managers, TYPE:NAME with `*`, `?` and `[abc]` in both parts. Every one may fail
// with invalid_argument, closed, busy, io, full; more is said where it applies.

/// Has the changes of these managers recorded from here on, until `changes_unwatch`.
struct changes_watch {
  using reply = void;
  static constexpr endpoint route{verb::post, "/changes/{name}/watch",
                                  "Record the changes of managers from here on."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(changes_watch, (), (name))

/// Records them no more; whether they were. What has been recorded stays for a week.
struct changes_unwatch {
  using reply = bool;
  static constexpr endpoint route{verb::post, "/changes/{name}/unwatch",
                                  "Record the changes of managers no more."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(changes_unwatch, (), (name))

/// The patterns whose changes are recorded.
struct changes_watched {
  using reply = std::vector<std::string>;
  static constexpr endpoint route{verb::get, "/changes", "List what is recorded."};
};
BOOST_DESCRIBE_STRUCT(changes_watched, (), ())

/// Changes behind a sequence, in order. That of the last one as `after` gives the next page.
struct changes_read {
  using reply = std::vector<change>;
  static constexpr endpoint route{verb::get, "/changes/{name}/read",
                                  "List changes behind a sequence number, in order."};
  std::string name;
  std::optional<std::uint64_t> after; // absent: from the beginning
  std::optional<std::uint64_t> limit; // absent: 1,000
};
BOOST_DESCRIBE_STRUCT(changes_read, (), (name, after, limit))

using changes_messages =
  boost::mp11::mp_list<changes_watch, changes_unwatch, changes_watched, changes_read>;

/// Changes of a stream, as actors get them.
struct changes_batch {
  std::vector<change> items;
  std::uint64_t missed; // lost before the first of them
  bool ended;           // there will be no more
};
BOOST_DESCRIBE_STRUCT(changes_batch, (), (items, missed, ended))

/// Opens a stream of changes: those of before, as far as they are recorded and wanted, then all
/// that come, in the order of their commits. Has them recorded if they are not yet. Errors:
/// invalid_argument (more than one start), not_found (not recorded, and this may not write).
struct changes_follow : stream_limits {
  using item = change;
  using batch = changes_batch;
  static constexpr endpoint route{verb::get, "/changes/{name}/follow",
                                  "Follow the changes of managers."};
  std::string name;
  std::optional<bool> beginning;      // true: with the oldest that is recorded; absent: the next
  std::optional<std::uint64_t> after; // behind this sequence
  std::optional<double> since;        // with changes of this time or later
};
BOOST_DESCRIBE_STRUCT(changes_follow, (stream_limits), (name, beginning, after, since))

} // namespace beaver
