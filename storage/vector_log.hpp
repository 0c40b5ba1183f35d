#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>

namespace beaver {

class connection;

/// The log of changes to vectors: an entry for each row that was written or removed, by whatever
/// program, which triggers on `__beaver_vectors__` append in the transaction of the change. Entries
/// have numbers that rise in the order of commits and never come again, so who has seen all up to
/// one, and the rows of that instant, needs only those behind it.
///
/// Functions that change something run inside the caller's write transaction, the others inside a
/// read transaction or alone; `tail` and what it is compared with inside one. A file that is only
/// read and has no log yet counts as one with an empty log. May throw `error` busy, io, full or
/// corrupt from SQLite.
namespace vector_log {

/// The number of the newest entry of the file; 0 if there was never one. O(log n).
[[nodiscard]] std::uint64_t last(connection& c);

/// A vector that was changed, with the number of its last entry, and its bytes as they are now
/// (see `vector_table::each_vector`): absent if it is gone.
using change_visitor = std::function<void(std::uint64_t seq, std::string_view id,
                                          std::optional<std::span<const std::byte>> vector)>;

/// Visits all vectors of a collection that were changed behind the entry `after`, each once, in the
/// order of their last change. Linear in the entries, whose ids are held in memory.
void tail(connection& c, std::string_view name, std::uint64_t after, const change_visitor& visit);

/// Number of entries of a collection behind `after`. Linear in it.
[[nodiscard]] std::uint64_t count(connection& c, std::string_view name, std::uint64_t after);

/// Removes at most `limit` entries of a collection, the oldest up to number `up_to`; gives their
/// number. The newest of the file stays, for SQLite would give its number out again.
std::uint64_t prune(connection& c, std::string_view name, std::uint64_t up_to, std::uint64_t limit);

} // namespace vector_log
} // namespace beaver
