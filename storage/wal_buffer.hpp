#pragma once
#include <string>

namespace beaver {

/// The name of a SQLite VFS that is the one called `base` (empty: SQLite's default) but for the
/// write-ahead log. SQLite writes each of its frames with two system calls; here they are collected
/// up to the end of a transaction, or its sync, and written with one. What is in the log when a
/// commit becomes visible to others, or is acknowledged, is the same. Registered at the first call,
/// for as long as the process lives. Thread-safe.
[[nodiscard]] std::string wal_buffering_vfs(const std::string& base);

} // namespace beaver
