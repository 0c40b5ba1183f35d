#pragma once
#include "beaver/api/dict.hpp"
#include "beaver/api/docs.hpp"
#include "beaver/api/graph.hpp"
#include "beaver/api/pieces.hpp"
#include "beaver/api/vectors.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace beaver {

/// How far an import has come.
struct import_status {
  std::uint64_t rows = 0;      // committed
  std::uint64_t bytes = 0;     // read
  std::uint64_t lines = 0;     // read, bad and blank ones included
  std::uint64_t bad_lines = 0; // skipped
};

/// Why an import ended.
enum class import_end : std::uint8_t { complete, cancelled, bad_line };

struct import_result {
  import_status status;
  import_end end = import_end::complete;
};

/// What an import tells while it works, from the thread that called it; both may be empty. What
/// they throw ends the import.
struct import_hooks {
  std::function<void(const import_status&)> progress; // after each batch
  std::function<void(std::uint64_t line, const std::string& reason)> bad_line;
  const std::atomic<bool>* cancel = nullptr; // looked at after each line
};

struct import_limits {
  std::size_t batch_rows = 1'000; // applied together or not at all; fewer if they are large
  bool strict = false;            // end at the first bad line
  std::size_t longest_line = 1'000'000'000;
};

struct import_options {
  /// The field that becomes the key: a string, or a number's text. Documents need none: they get
  /// new ids.
  std::string key{};
  std::optional<std::string> value{}; // the field that becomes the value; absent: the whole object
  import_limits limits{};
};

/// Stores each line of JSON in `to` under the key that the line itself holds, replacing earlier
/// values. Blank lines are passed over; a line is bad that is no JSON object, lacks a field, or
/// whose key the dict does not take. When cancelled, it commits the rows that it has and ends; at a
/// bad line with `strict` it drops those of the unfinished batch.
/// Memory: one batch of at most `batch_rows` rows or 64 MiB, and one line.
/// Throws `error` of the dict; then `hooks.progress` has told what was committed before.
import_result import_lines(const byte_source& from, dict<> to, const import_options& how,
                           const import_hooks& hooks = {});

/// The same for documents, whose bodies are the values.
import_result import_lines(const byte_source& from, docs<> to, const import_options& how,
                           const import_hooks& hooks = {});

/// Links the edge in each line {"source": ..., "target": ..., "label": ..., "metadata": ...}, as
/// the import into a dict stores its values. The first three are strings, or numbers' texts; there
/// need be no metadata; other fields are left out. An edge that is there gets this metadata.
import_result import_lines(const byte_source& from, graph<> to, const import_limits& limits,
                           const import_hooks& hooks = {});

struct vector_import_options {
  std::string key{"id"};        // the field that becomes the id: a string, or a number's text
  std::string vector{"vector"}; // the field with an array of numbers
  std::optional<std::string>
    value{}; // the field that becomes the metadata, if it is there; absent:
             // an object of all fields but the two, if there are any
  import_limits limits{};
};

/// Stores the vector in each line of JSON, as the import into a dict stores its values. A line is
/// bad too if its vector is none, or has another length than those of the collection.
import_result import_lines(const byte_source& from, vectors<> to, const vector_import_options& how,
                           const import_hooks& hooks = {});

struct fvecs_import_options {
  std::string prefix{}; // of all ids
  import_limits limits{};
};

/// Stores the records of a file in the format fvecs: the number of dimensions as a 32-bit integer,
/// then so many 32-bit floats, all little-endian, again and again. The id of a record is the prefix
/// and its number in the file, bad ones included, from 0 on and with nine digits or more.
/// A record is bad whose length is another than that of the collection, with a number that is not
/// finite, or that the file ends in. In hooks and status a record counts as a line.
/// Throws `error` corrupt for a record that cannot have a length, since none can follow it.
import_result import_fvecs(const byte_source& from, vectors<> to, const fvecs_import_options& how,
                           const import_hooks& hooks = {});

} // namespace beaver
