#pragma once
#include "beaver/actors/message.hpp"
#include "beaver/storage/blob_table.hpp"

namespace beaver {

BOOST_DESCRIBE_STRUCT(blob_value, (), (data, metadata))
BOOST_DESCRIBE_STRUCT(blob_entry, (), (key, size, metadata))
BOOST_DESCRIBE_STRUCT(blob_summary, (), (blobs, bytes, uploads))

// The messages of the data type `blob`: bytes under text keys, with optional JSON metadata.
// Every one may fail with invalid_argument, closed, busy, io, full. A blob holds at most
// 1,000,000,000 bytes less its key and metadata (SQLite's limit for a row); more is errc::full.

/// Stores `data` under `key`, replacing an earlier blob and its metadata.
/// Errors: invalid_argument (key not 1..1024 bytes of UTF-8, metadata not JSON), full (too large).
struct blob_put {
  using reply = void;
  static constexpr endpoint route{.method = verb::put,
                                  .path = "/blobs/{name}/{key}",
                                  .summary = "Store bytes under a key.",
                                  .raw_body = "data"};
  std::string name;
  std::string key;
  bytes data;
  std::optional<json_text> metadata;
};
BOOST_DESCRIBE_STRUCT(blob_put, (), (name, key, data, metadata))

/// The whole blob with its metadata; empty if there is none.
struct blob_find {
  using reply = std::optional<blob_value>;
  static constexpr endpoint route{.method = verb::get,
                                  .path = "/blobs/{name}/{key}",
                                  .summary = "Get a blob with its metadata.",
                                  .aliases = "get fetch"};
  std::string name;
  std::string key;
};
BOOST_DESCRIBE_STRUCT(blob_find, (), (name, key))

/// At most `length` bytes from `offset` on, fewer at the end; empty if there is no such blob.
struct blob_read {
  using reply = std::optional<bytes>;
  static constexpr endpoint route{verb::get, "/blobs/{name}/{key}/read", "Read a part of a blob."};
  std::string name;
  std::string key;
  std::uint64_t offset;
  std::uint64_t length;
};
BOOST_DESCRIBE_STRUCT(blob_read, (), (name, key, offset, length))

/// Size and metadata of a blob; empty if there is none. Does not read the content.
struct blob_stat {
  using reply = std::optional<blob_entry>;
  static constexpr endpoint route{verb::get, "/blobs/{name}/{key}/stat",
                                  "Tell size and metadata of a blob."};
  std::string name;
  std::string key;
};
BOOST_DESCRIBE_STRUCT(blob_stat, (), (name, key))

/// Replaces the metadata (absent: removes it) and leaves the content; tells whether there is such a
/// blob.
struct blob_set_metadata {
  using reply = bool;
  static constexpr endpoint route{verb::post, "/blobs/{name}/{key}/set_metadata",
                                  "Replace the metadata of a blob."};
  std::string name;
  std::string key;
  std::optional<json_text> metadata;
};
BOOST_DESCRIBE_STRUCT(blob_set_metadata, (), (name, key, metadata))

struct blob_erase {
  using reply = bool;
  static constexpr endpoint route{.method = verb::del,
                                  .path = "/blobs/{name}/{key}",
                                  .summary = "Remove a blob; tell whether it was there.",
                                  .aliases = "delete del remove"};
  std::string name;
  std::string key;
};
BOOST_DESCRIBE_STRUCT(blob_erase, (), (name, key))

struct blob_contains {
  using reply = bool;
  static constexpr endpoint route{verb::get, "/blobs/{name}/{key}/contains",
                                  "Tell whether a blob is there."};
  std::string name;
  std::string key;
};
BOOST_DESCRIBE_STRUCT(blob_contains, (), (name, key))

struct blob_count {
  using reply = std::uint64_t;
  static constexpr endpoint route{verb::get, "/blobs/{name}/-/count", "Count the blobs."};
  std::string name;
  std::optional<std::string> prefix;
};
BOOST_DESCRIBE_STRUCT(blob_count, (), (name, prefix))

/// Keys, sizes and metadata in key order, without content.
struct blob_list : key_range {
  using reply = std::vector<blob_entry>;
  static constexpr endpoint route{.method = verb::get,
                                  .path = "/blobs/{name}/-/list",
                                  .summary = "List blobs with sizes and metadata.",
                                  .aliases = "items keys"};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(blob_list, (key_range), (name))

struct blob_clear {
  using reply = void;
  static constexpr endpoint route{verb::post, "/blobs/{name}/clear", "Remove all blobs."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(blob_clear, (), (name))

/// Appends a chunk to the staged upload `upload`, which the first chunk begins. Nothing is visible
/// before `blob_commit`; an upload that nobody touches for a day is swept. Gives the bytes so far.
struct blob_stage {
  using reply = std::uint64_t;
  static constexpr endpoint route{.method = verb::post,
                                  .path = "/blobs/{name}/-/uploads/{upload}",
                                  .summary = "Append a chunk to an upload.",
                                  .raw_body = "data"};
  std::string name;
  std::string upload; // chosen by the caller, unique
  bytes data;
};
BOOST_DESCRIBE_STRUCT(blob_stage, (), (name, upload, data))

/// Turns a staged upload into the blob `key` in one transaction; gives its size.
/// Errors: not_found (no such upload), full (too large).
struct blob_commit {
  using reply = std::uint64_t;
  static constexpr endpoint route{verb::post, "/blobs/{name}/-/uploads/{upload}/commit",
                                  "Make a blob out of an upload."};
  std::string name;
  std::string upload;
  std::string key;
  std::optional<json_text> metadata;
};
BOOST_DESCRIBE_STRUCT(blob_commit, (), (name, upload, key, metadata))

/// Drops a staged upload; tells whether there was one.
struct blob_discard {
  using reply = bool;
  static constexpr endpoint route{verb::del, "/blobs/{name}/-/uploads/{upload}", "Drop an upload."};
  std::string name;
  std::string upload;
};
BOOST_DESCRIBE_STRUCT(blob_discard, (), (name, upload))

struct blob_info {
  using reply = blob_summary;
  static constexpr endpoint route{verb::get, "/blobs/{name}/-/info", "Describe the blob store."};
  std::string name;
};
BOOST_DESCRIBE_STRUCT(blob_info, (), (name))

/// The names of all blob stores that hold a blob, in order.
struct blob_names {
  using reply = std::vector<std::string>;
  static constexpr endpoint route{verb::get, "/blobs", "List all blob stores."};
};
BOOST_DESCRIBE_STRUCT(blob_names, (), ())

using blob_messages =
  boost::mp11::mp_list<blob_put, blob_find, blob_read, blob_stat, blob_set_metadata, blob_erase,
                       blob_contains, blob_count, blob_list, blob_clear, blob_stage, blob_commit,
                       blob_discard, blob_info, blob_names>;

} // namespace beaver
