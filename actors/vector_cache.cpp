#include "beaver/actors/vector_cache.hpp"

#include "beaver/actors/engine_actors.hpp"
#include "beaver/storage/vector_log.hpp"

namespace beaver {

std::shared_ptr<vector_cache> make_vector_cache() { return std::make_shared<vector_cache>(); }

std::shared_ptr<cached_vectors> vector_cache::find(std::string_view name) {
  const std::lock_guard guard{mutex_};
  auto found = all_.find(name);
  if (found == all_.end())
    found = all_.emplace(std::string{name}, std::make_shared<cached_vectors>()).first;
  return found->second;
}

void vector_reader::with(const std::string& name,
                         const std::function<void(const loaded_vectors*)>& look) {
  const auto entry = cache_.find(name);
  for (std::optional<std::uint64_t> fresh;;) { // as of this move it is what the transaction shows
    {
      const std::shared_lock lock{entry->mutex};
      const auto* state = read_.state();
      // Another reader may have brought it to a newer state since.
      if (entry->known && (fresh == entry->moves || is_seen(name, *entry, state))) {
        look(entry->loaded ? &*entry->loaded : nullptr);
        return;
      }
    }
    bool due = false;
    {
      const std::unique_lock lock{entry->mutex};
      fresh = refresh(name, *entry) ? std::optional{entry->moves} : std::nullopt;
      due = fresh && entry->loaded && wants_compaction(*entry->loaded);
    }
    if (!fresh) {
      read_.drop();
      read_.begin();
    }
    if (due)
      cache_.grown(name, *entry);
  }
}

bool vector_reader::is_seen(const std::string& name, const cached_vectors& entry,
                            const wal_state* state) const {
  return state && entry.version == versions_.of("vectors", name, *state);
}

/// False if the collection is ahead of the reader's transaction.
bool vector_reader::refresh(const std::string& name, cached_vectors& entry) {
  auto& loaded = entry.loaded;
  const auto* state = read_.state();
  const auto last = vector_log::last(connection_);
  if (loaded && last < loaded->applied)
    return false;
  if (loaded && can_catch_up(connection_, name, *loaded)) {
    entry.moves += last > loaded->applied ? 1 : 0;
    catch_up(connection_, name, *loaded, last);
  } else {
    entry.known = false;
    ++entry.moves;
    loaded.reset(); // before the memory for another one is taken
    loaded = load_vectors(connection_, name);
    entry.known = true;
  }
  entry.version = state ? std::optional{versions_.of("vectors", name, *state)} : std::nullopt;
  return true;
}

} // namespace beaver
