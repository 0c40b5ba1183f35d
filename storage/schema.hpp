#pragma once
#include "beaver/storage/connection.hpp"

#include <cstdint>

/// The tables of a file and the gate before them. Same thread rule as the connection.
namespace beaver::schema {

/// `PRAGMA user_version` of every file; the Python original refuses any other.
inline constexpr std::int64_t user_version = 1;

/// Version of the tables that only this library has, kept in `__beaver_meta__`.
inline constexpr std::int64_t additive_version = 1;

/// The version gate: throws `error` unsupported_version if the file holds tables of 1.x (alone, or
/// beside tables of 2.x: split brain), comes from a newer release, or has lists that 2.3 cannot
/// read. Writes nothing. Any other file passes, also an empty one.
void check(connection& c);

/// `check`, then brings the file into shape: WAL mode, missing tables and indexes, versions. Any
/// number of processes may do so with one file at once. On a complete file a few reads and no write
/// lock. A read-only connection only checks. Throws `error`: unsupported_version; corrupt if a file
/// that can only be read has no tables; busy if the write lock is not given within the busy
/// timeout.
void prepare(connection& c);

} // namespace beaver::schema
