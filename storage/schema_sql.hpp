#pragma once
// The statements that make the tables and indexes; used by schema.cpp only.
#include <array>
#include <string_view>

namespace beaver::schema {

struct object {
  std::string_view name;
  const char* sql;
};

/// What a file of 2.3 holds, column by column as the Python original declares it: it looks at these
/// tables with its own SQL.
inline constexpr std::array<object, 28> base_objects{{
  {"__beaver_blobs__", "CREATE TABLE IF NOT EXISTS __beaver_blobs__ ("
                       "store_name TEXT NOT NULL, key TEXT NOT NULL, data BLOB NOT NULL, "
                       "metadata TEXT, PRIMARY KEY (store_name, key))"},
  {"__beaver_manager_versions__",
   "CREATE TABLE IF NOT EXISTS __beaver_manager_versions__ ("
   "namespace TEXT PRIMARY KEY, version INTEGER NOT NULL DEFAULT 0)"},
  {"__beaver_dicts__", "CREATE TABLE IF NOT EXISTS __beaver_dicts__ ("
                       "dict_name TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, "
                       "expires_at REAL, PRIMARY KEY (dict_name, key))"},
  {"__beaver_lists__", "CREATE TABLE IF NOT EXISTS __beaver_lists__ ("
                       "list_name TEXT NOT NULL, item_order TEXT NOT NULL, "
                       "item_value TEXT NOT NULL, PRIMARY KEY (list_name, item_order))"},
  {"__beaver_lock_waiters__", "CREATE TABLE IF NOT EXISTS __beaver_lock_waiters__ ("
                              "lock_name TEXT NOT NULL, waiter_id TEXT NOT NULL, "
                              "requested_at REAL NOT NULL, expires_at REAL NOT NULL, "
                              "PRIMARY KEY (lock_name, requested_at))"},
  {"idx_lock_expires", "CREATE INDEX IF NOT EXISTS idx_lock_expires ON "
                       "__beaver_lock_waiters__ (lock_name, expires_at)"},
  {"idx_lock_waiter_id", "CREATE INDEX IF NOT EXISTS idx_lock_waiter_id ON "
                         "__beaver_lock_waiters__ (lock_name, waiter_id)"},
  {"__beaver_logs__", "CREATE TABLE IF NOT EXISTS __beaver_logs__ ("
                      "log_name TEXT NOT NULL, timestamp REAL NOT NULL, data TEXT NOT NULL, "
                      "PRIMARY KEY (log_name, timestamp))"},
  {"idx_logs_timestamp", "CREATE INDEX IF NOT EXISTS idx_logs_timestamp ON "
                         "__beaver_logs__ (log_name, timestamp)"},
  {"__beaver_field_index__", "CREATE TABLE IF NOT EXISTS __beaver_field_index__ ("
                             "kind TEXT NOT NULL, name TEXT NOT NULL, item_key TEXT NOT NULL, "
                             "field TEXT NOT NULL, value TEXT, value_num REAL, "
                             "PRIMARY KEY (kind, name, item_key, field))"},
  {"idx_field_lookup", "CREATE INDEX IF NOT EXISTS idx_field_lookup ON "
                       "__beaver_field_index__ (kind, name, field, value)"},
  {"idx_field_lookup_num", "CREATE INDEX IF NOT EXISTS idx_field_lookup_num ON "
                           "__beaver_field_index__ (kind, name, field, value_num)"},
  {"__beaver_field_index_manifest__",
   "CREATE TABLE IF NOT EXISTS __beaver_field_index_manifest__ ("
   "kind TEXT NOT NULL, name TEXT NOT NULL, field TEXT NOT NULL, "
   "complete INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (kind, name, field))"},
  {"__beaver_priority_queues__", "CREATE TABLE IF NOT EXISTS __beaver_priority_queues__ ("
                                 "queue_name TEXT NOT NULL, priority REAL NOT NULL, "
                                 "timestamp REAL NOT NULL, data TEXT NOT NULL)"},
  {"idx_priority_queue_order",
   "CREATE INDEX IF NOT EXISTS idx_priority_queue_order ON "
   "__beaver_priority_queues__ (queue_name, priority ASC, timestamp ASC)"},
  {"__beaver_pubsub_log__", "CREATE TABLE IF NOT EXISTS __beaver_pubsub_log__ ("
                            "timestamp REAL PRIMARY KEY, channel_name TEXT NOT NULL, "
                            "message_payload TEXT NOT NULL)"},
  {"idx_pubsub_channel_timestamp", "CREATE INDEX IF NOT EXISTS idx_pubsub_channel_timestamp ON "
                                   "__beaver_pubsub_log__ (channel_name, timestamp)"},
  {"__beaver_sketches__", "CREATE TABLE IF NOT EXISTS __beaver_sketches__ ("
                          "name TEXT PRIMARY KEY, type TEXT NOT NULL, capacity INTEGER NOT NULL, "
                          "error_rate REAL NOT NULL, data BLOB NOT NULL)"},
  {"__beaver_documents__", "CREATE TABLE IF NOT EXISTS __beaver_documents__ ("
                           "collection TEXT NOT NULL, item_id TEXT NOT NULL, data TEXT NOT NULL, "
                           "PRIMARY KEY (collection, item_id))"},
  {"__beaver_fts_index__", "CREATE VIRTUAL TABLE IF NOT EXISTS __beaver_fts_index__ USING fts5("
                           "collection, item_id, field_path, field_content, tokenize = 'porter')"},
  {"__beaver_trigrams__", "CREATE TABLE IF NOT EXISTS __beaver_trigrams__ ("
                          "collection TEXT NOT NULL, item_id TEXT NOT NULL, trigram TEXT NOT NULL, "
                          "PRIMARY KEY (collection, item_id, trigram))"},
  {"idx_trigram_lookup", "CREATE INDEX IF NOT EXISTS idx_trigram_lookup ON "
                         "__beaver_trigrams__ (collection, trigram)"},
  {"__beaver_edges__", "CREATE TABLE IF NOT EXISTS __beaver_edges__ ("
                       "collection TEXT NOT NULL, source_item_id TEXT NOT NULL, "
                       "target_item_id TEXT NOT NULL, label TEXT NOT NULL, metadata TEXT, "
                       "PRIMARY KEY (collection, source_item_id, target_item_id, label))"},
  {"idx_edges_target", "CREATE INDEX IF NOT EXISTS idx_edges_target ON "
                       "__beaver_edges__ (collection, target_item_id)"},
  {"__beaver_vectors__", "CREATE TABLE IF NOT EXISTS __beaver_vectors__ ("
                         "collection TEXT NOT NULL, item_id TEXT NOT NULL, vector BLOB NOT NULL, "
                         "metadata TEXT, PRIMARY KEY (collection, item_id))"},
  {"__beaver_lsh_config__", "CREATE TABLE IF NOT EXISTS __beaver_lsh_config__ ("
                            "collection TEXT PRIMARY KEY, hyperplanes BLOB NOT NULL)"},
  {"__beaver_lsh_index__", "CREATE TABLE IF NOT EXISTS __beaver_lsh_index__ ("
                           "collection TEXT NOT NULL, bucket_id INTEGER NOT NULL, "
                           "item_id TEXT NOT NULL, PRIMARY KEY (collection, bucket_id, item_id))"},
  {"idx_lsh_lookup", "CREATE INDEX IF NOT EXISTS idx_lsh_lookup ON "
                     "__beaver_lsh_index__ (collection, bucket_id)"},
}};

/// Appends the key of a row of vectors to the log of their changes.
#define BEAVER_LOG_VECTOR(row, op) \
  "INSERT INTO __beaver_vector_change_log__(collection, item_id, op) SELECT " row \
  ".collection, " row ".item_id, " op

/// Behind what is made anew of the log: changes that it lacks would be missed by whoever loads a
/// snapshot and what has changed since.
#define BEAVER_NO_SNAPSHOTS "; UPDATE __beaver_vector_snapshots__ SET state = 'dead'"

/// What this library adds and the Python original ignores. A change that a release without it
/// could do harm to raises `additive_version`; further tables of types that it does not know do
/// not.
inline constexpr std::array<object, 35> additive_objects{{
  {"__beaver_meta__", "CREATE TABLE IF NOT EXISTS __beaver_meta__ (key TEXT PRIMARY KEY, value)"},
  {"__beaver_blob_uploads__", "CREATE TABLE IF NOT EXISTS __beaver_blob_uploads__ ("
                              "upload TEXT PRIMARY KEY, store_name TEXT NOT NULL, "
                              "size INTEGER NOT NULL, touched_at REAL NOT NULL)"},
  {"__beaver_blob_chunks__", "CREATE TABLE IF NOT EXISTS __beaver_blob_chunks__ ("
                             "upload TEXT NOT NULL, seq INTEGER NOT NULL, data BLOB NOT NULL, "
                             "PRIMARY KEY (upload, seq))"},
  {"__beaver_dicts_expiry__", "CREATE INDEX IF NOT EXISTS __beaver_dicts_expiry__ ON "
                              "__beaver_dicts__ (expires_at) WHERE expires_at IS NOT NULL"},
  {"__beaver_edges_target__", "CREATE INDEX IF NOT EXISTS __beaver_edges_target__ ON "
                              "__beaver_edges__ (collection, target_item_id, source_item_id, "
                              "label)"},
  {"__beaver_queue_held__",
   "CREATE TABLE IF NOT EXISTS __beaver_queue_held__ ("
   "queue_name TEXT NOT NULL, due REAL NOT NULL, receipt TEXT, priority REAL NOT NULL, "
   "timestamp REAL NOT NULL, attempts INTEGER NOT NULL, source TEXT, data TEXT NOT NULL)"},
  {"__beaver_queue_held_due__", "CREATE INDEX IF NOT EXISTS __beaver_queue_held_due__ ON "
                                "__beaver_queue_held__ (queue_name, due)"},
  {"__beaver_queue_held_order__", "CREATE INDEX IF NOT EXISTS __beaver_queue_held_order__ ON "
                                  "__beaver_queue_held__ (queue_name, priority, timestamp)"},
  {"__beaver_queue_held_receipt__",
   "CREATE UNIQUE INDEX IF NOT EXISTS __beaver_queue_held_receipt__ ON "
   "__beaver_queue_held__ (receipt) WHERE receipt IS NOT NULL"},
  {"__beaver_queue_notes__",
   "CREATE TABLE IF NOT EXISTS __beaver_queue_notes__ ("
   "queue_name TEXT NOT NULL, priority REAL NOT NULL, timestamp REAL NOT NULL, "
   "digest INTEGER NOT NULL, attempts INTEGER NOT NULL, source TEXT)"},
  {"__beaver_queue_notes_order__", "CREATE INDEX IF NOT EXISTS __beaver_queue_notes_order__ ON "
                                   "__beaver_queue_notes__ (queue_name, priority, timestamp)"},
  {"__beaver_queue_options__", "CREATE TABLE IF NOT EXISTS __beaver_queue_options__ ("
                               "queue_name TEXT PRIMARY KEY, max_attempts INTEGER, "
                               "visibility REAL, dead_letter TEXT)"},
  // Rows of a document in the FTS5 table, which itself finds words only.
  {"__beaver_fts_rows__", "CREATE INDEX IF NOT EXISTS __beaver_fts_rows__ ON "
                          "__beaver_fts_index___content (c0, c1)"},
  {"__beaver_docs_options__", "CREATE TABLE IF NOT EXISTS __beaver_docs_options__ ("
                              "collection TEXT PRIMARY KEY, full_text TEXT, fuzzy INTEGER, "
                              "rebuilt_to TEXT) WITHOUT ROWID"},
  // No constraints: the trigger must let every row through that its table takes. Messages of before
  // get their numbers in the order of their timestamps.
  {"__beaver_channel_sequence__",
   "CREATE TABLE IF NOT EXISTS __beaver_channel_sequence__ ("
   "seq INTEGER PRIMARY KEY, channel_name TEXT, timestamp REAL);"
   "INSERT INTO __beaver_channel_sequence__(channel_name, timestamp) "
   "SELECT channel_name, timestamp FROM __beaver_pubsub_log__ ORDER BY timestamp"},
  {"__beaver_channel_sequence_name__",
   "CREATE INDEX IF NOT EXISTS __beaver_channel_sequence_name__ ON "
   "__beaver_channel_sequence__ (channel_name)"},
  {"__beaver_channel_published__",
   "CREATE TRIGGER IF NOT EXISTS __beaver_channel_published__ AFTER INSERT ON "
   "__beaver_pubsub_log__ BEGIN "
   "INSERT INTO __beaver_channel_sequence__(channel_name, timestamp) "
   "VALUES (new.channel_name, new.timestamp); END"},
  {"__beaver_channel_cursors__",
   "CREATE TABLE IF NOT EXISTS __beaver_channel_cursors__ ("
   "channel_name TEXT NOT NULL, cursor_name TEXT NOT NULL, seq INTEGER NOT NULL, "
   "PRIMARY KEY (channel_name, cursor_name)) WITHOUT ROWID"},
  {"__beaver_retention__", "CREATE TABLE IF NOT EXISTS __beaver_retention__ ("
                           "kind TEXT NOT NULL, name TEXT NOT NULL, max_age REAL, "
                           "max_count INTEGER, PRIMARY KEY (kind, name)) WITHOUT ROWID"},
  // No constraints, for triggers of change_feed.cpp append to it.
  {"__beaver_changes__", "CREATE TABLE IF NOT EXISTS __beaver_changes__ ("
                         "seq INTEGER PRIMARY KEY, type TEXT, name TEXT, key, operation TEXT, "
                         "timestamp REAL)"},
  {"__beaver_watched__", "CREATE TABLE IF NOT EXISTS __beaver_watched__ ("
                         "type TEXT NOT NULL, pattern TEXT NOT NULL, name TEXT NOT NULL, "
                         "PRIMARY KEY (type, pattern)) WITHOUT ROWID"},
  {"__beaver_index_fields__",
   "CREATE TABLE IF NOT EXISTS __beaver_index_fields__ ("
   "kind TEXT NOT NULL, name TEXT NOT NULL, field TEXT NOT NULL, complete INTEGER NOT NULL, "
   "covered_to, PRIMARY KEY (kind, name, field)) WITHOUT ROWID"},
  {"__beaver_index_entries__",
   "CREATE TABLE IF NOT EXISTS __beaver_index_entries__ ("
   "kind TEXT NOT NULL, name TEXT NOT NULL, field TEXT NOT NULL, value BLOB NOT NULL, "
   "item_key NOT NULL, PRIMARY KEY (kind, name, field, value, item_key)) WITHOUT ROWID"},
  {"__beaver_index_dirty__", "CREATE TABLE IF NOT EXISTS __beaver_index_dirty__ ("
                             "kind TEXT NOT NULL, name TEXT NOT NULL, item_key NOT NULL, "
                             "PRIMARY KEY (kind, name, item_key)) WITHOUT ROWID"},
  // Our writes and the original's deletes find the bucket of a vector by it.
  {"__beaver_lsh_items__", "CREATE INDEX IF NOT EXISTS __beaver_lsh_items__ ON "
                           "__beaver_lsh_index__ (collection, item_id)"},
  {"__beaver_vector_options__", "CREATE TABLE IF NOT EXISTS __beaver_vector_options__ ("
                                "collection TEXT PRIMARY KEY, dims INTEGER, metric TEXT, "
                                "strategy TEXT, target_recall REAL) WITHOUT ROWID"},
  {"__beaver_vector_snapshots__",
   "CREATE TABLE IF NOT EXISTS __beaver_vector_snapshots__ ("
   "collection TEXT NOT NULL, snap INTEGER NOT NULL, state TEXT NOT NULL, "
   "base_seq INTEGER NOT NULL, owner TEXT NOT NULL, lease_until REAL NOT NULL, rows INTEGER, "
   "dims INTEGER, metric TEXT, strategy TEXT, format INTEGER, parts TEXT, "
   "PRIMARY KEY (collection, snap)) WITHOUT ROWID"},
  {"__beaver_vector_chunks__",
   "CREATE TABLE IF NOT EXISTS __beaver_vector_chunks__ ("
   "collection TEXT NOT NULL, snap INTEGER NOT NULL, part TEXT NOT NULL, no INTEGER NOT NULL, "
   "crc INTEGER NOT NULL, data BLOB NOT NULL, UNIQUE (collection, snap, part, no))"},
  {"__beaver_vector_heads__",
   "CREATE TABLE IF NOT EXISTS __beaver_vector_heads__ ("
   "collection TEXT PRIMARY KEY, epoch INTEGER NOT NULL, snap INTEGER NOT NULL, "
   "base_seq INTEGER NOT NULL, "
   "recall REAL, bytes INTEGER, seconds REAL, published_at REAL) WITHOUT ROWID"},
  // No constraints, as with channels.
  {"__beaver_vector_change_log__",
   "CREATE TABLE IF NOT EXISTS __beaver_vector_change_log__ ("
   "seq INTEGER PRIMARY KEY, collection TEXT, item_id TEXT, op INTEGER)" BEAVER_NO_SNAPSHOTS},
  {"__beaver_vector_change_log_name__",
   "CREATE INDEX IF NOT EXISTS __beaver_vector_change_log_name__ ON "
   "__beaver_vector_change_log__ (collection)"},
  {"__beaver_vector_log_insert__",
   "CREATE TRIGGER IF NOT EXISTS __beaver_vector_log_insert__ AFTER INSERT ON __beaver_vectors__ "
   "BEGIN " BEAVER_LOG_VECTOR("new", "1") "; END" BEAVER_NO_SNAPSHOTS},
  {"__beaver_vector_log_update__",
   "CREATE TRIGGER IF NOT EXISTS __beaver_vector_log_update__ AFTER UPDATE ON __beaver_vectors__ "
   "BEGIN " BEAVER_LOG_VECTOR("old", "0") " WHERE old.collection IS NOT new.collection "
                                          "OR old.item_id IS NOT new.item_id; " BEAVER_LOG_VECTOR(
                                            "new", "1") "; END" BEAVER_NO_SNAPSHOTS},
  {"__beaver_vector_log_delete__",
   "CREATE TRIGGER IF NOT EXISTS __beaver_vector_log_delete__ AFTER DELETE ON __beaver_vectors__ "
   "BEGIN " BEAVER_LOG_VECTOR("old", "0") "; END" BEAVER_NO_SNAPSHOTS},
  {"__beaver_tokens__", "CREATE TABLE IF NOT EXISTS __beaver_tokens__ ("
                        "id TEXT PRIMARY KEY, digest BLOB NOT NULL, scopes TEXT NOT NULL, "
                        "label TEXT, created_at REAL NOT NULL, expires_at REAL) WITHOUT ROWID"},
}};

#undef BEAVER_LOG_VECTOR
#undef BEAVER_NO_SNAPSHOTS

} // namespace beaver::schema
