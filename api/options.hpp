#pragma once
#include "beaver/storage/clock.hpp"

#include <chrono>
#include <cstdint>

namespace beaver {

/// What survives a power cut.
enum class durability : std::uint8_t {
  full,   ///< everything acknowledged (synchronous=FULL)
  relaxed ///< a consistent file that may lack the last moments (synchronous=NORMAL)
};

/// How a database is opened. The defaults suit a program with many threads on a local disk. They
/// belong to this one opening and nothing of them is stored: two databases on one file, in one
/// process or several, may differ, and each keeps to its own.
struct options {
  beaver::durability durability = durability::full;

  /// Opens an existing file for reading only; every write is `errc::read_only`.
  bool read_only = false;

  /// How long a write waits while another process holds the file; then `errc::busy`.
  std::chrono::milliseconds busy_timeout{30'000};

  /// How long a transaction may take; then it is rolled back and ends in `errc::timeout`.
  std::chrono::milliseconds transaction_timeout{30'000};

  /// How long a snapshot may live, and how many bytes of the write-ahead log it may hold back.
  std::chrono::milliseconds snapshot_timeout{60'000};
  std::uint64_t snapshot_wal_bytes = 512ull << 20;

  /// Bytes of the file that each reader maps into memory, and of the page cache of every
  /// connection.
  std::int64_t mmap_bytes = 256 << 20;
  std::int64_t cache_bytes = 8 << 20;

  /// Readers, and threads for asynchronous calls; 0: as many as the machine has cores.
  unsigned threads = 0;

  /// Calls at one time: more blocking calls wait, more asynchronous ones are refused with
  /// `errc::busy`.
  unsigned max_in_flight = 1'024;

  /// How often expired entries are removed in the background; 0: never. Reads never see them
  /// anyway.
  std::chrono::milliseconds sweep_period{60'000};

  /// Tells the time for everything that expires. Called from several threads at once.
  clock_function clock = system_now;
};

} // namespace beaver
