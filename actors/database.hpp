#pragma once
#include "beaver/actors/message.hpp"

namespace beaver {

// The messages of the database as a whole.

/// One named instance of a data type and how much it holds.
struct manager_entry {
  std::string type;
  std::string name;
  std::uint64_t count;
};
BOOST_DESCRIBE_STRUCT(manager_entry, (), (type, name, count))

/// The file, what is in it, and what this process has done with it since it was opened.
struct database_status {
  std::string path;
  std::int64_t schema_version;   // `user_version`, shared with the Python original
  std::int64_t additive_version; // of the tables that only this library uses
  std::string sqlite_version;
  std::uint64_t file_bytes;
  std::uint64_t free_bytes; // within the file, waiting for reuse
  std::uint64_t wal_bytes;  // of the write-ahead log beside it
  std::vector<manager_entry> managers;
  std::uint64_t commits; // each made durable by one sync
  std::uint64_t writes;  // acknowledged in them
  std::uint64_t failed_writes;
  std::uint64_t written_bytes; // handed in by writes
  std::uint64_t largest_group; // most writes in one commit
  std::uint64_t reads;
  std::uint64_t checkpoints;
  std::uint64_t compactions;   // of vectors, that were published
  std::uint64_t commit_p50_us; // upper bounds: durations are counted in powers of two
  std::uint64_t commit_p99_us;
  std::uint64_t list_index_bytes; // memory for the ways into long lists
};
BOOST_DESCRIBE_STRUCT(database_status, (),
                      (path, schema_version, additive_version, sqlite_version, file_bytes,
                       free_bytes, wal_bytes, managers, commits, writes, failed_writes,
                       written_bytes, largest_group, reads, checkpoints, compactions, commit_p50_us,
                       commit_p99_us, list_index_bytes))

struct database_info {
  using reply = database_status;
  static constexpr endpoint route{verb::get, "/info", "Describe the file and what is in it."};
};
BOOST_DESCRIBE_STRUCT(database_info, (), ())

/// What a sweep removed or moved.
struct sweep_result {
  std::uint64_t dict_entries;     // expired
  std::uint64_t blob_uploads;     // begun and not touched for a day
  std::uint64_t queue_items;      // due: moved back into their queues, or among the dead letters
  std::uint64_t queue_notes;      // about items that another program has taken
  std::uint64_t lock_waiters;     // expired, holders included
  std::uint64_t channel_messages; // beyond what retention keeps
  std::uint64_t log_entries;      // likewise
  std::uint64_t changes;          // recorded more than a week ago
};
BOOST_DESCRIBE_STRUCT(sweep_result, (),
                      (dict_entries, blob_uploads, queue_items, queue_notes, lock_waiters,
                       channel_messages, log_entries, changes))

/// Removes what has expired, at most `limit` rows of each kind, channel and log; the background
/// sweep does the same.
struct database_sweep {
  using reply = sweep_result;
  static constexpr endpoint route{verb::post, "/sweep", "Remove what has expired."};
  std::optional<std::uint64_t> limit; // absent: all
};
BOOST_DESCRIBE_STRUCT(database_sweep, (), (limit))

/// One write of a batch: the name of its message and the members as a JSON object.
struct batch_step {
  std::string operation;
  json_text arguments;
};
BOOST_DESCRIBE_STRUCT(batch_step, (), (operation, arguments))

/// Applies all writes or none, in order, in one transaction. Replies of the steps are dropped.
/// Errors: invalid_argument (unknown operation, one that does not write, bad arguments).
struct database_batch {
  using reply = void;
  static constexpr endpoint route{verb::post, "/batch", "Apply several writes in one transaction."};
  std::vector<batch_step> steps;
};
BOOST_DESCRIBE_STRUCT(database_batch, (), (steps))

using database_messages = boost::mp11::mp_list<database_info, database_sweep, database_batch>;

} // namespace beaver
