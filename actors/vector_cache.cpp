#include "beaver/actors/vector_cache.hpp"

#include "beaver/actors/engine_actors.hpp"
#include "beaver/storage/vector_log.hpp"

namespace beaver {

namespace {

constexpr int most_tries = 8; // before a reader keeps the others out while it looks

} // namespace

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
  bool due = false;
  const auto show = [&] {
    look(entry->loaded ? &*entry->loaded : nullptr);
    due = entry->loaded && wants_compaction(*entry->loaded);
  };
  std::optional<std::uint64_t> reached; // the last entry of the log that the transaction shows
  for (int tries = 0;; ++tries) {
    {
      const std::shared_lock lock{entry->mutex};
      const auto& loaded = entry->loaded;
      // Another reader, or a compaction, may have brought it to another state since.
      if (entry->known
          && (is_seen(name, *entry)
              || (reached
                  && (!loaded || (loaded->applied == *reached && loaded->ahead <= *reached))))) {
        show();
        break;
      }
    }
    const std::unique_lock lock{entry->mutex};
    reached = refresh(name, *entry);
    if (tries == most_tries) {
      show();
      break;
    }
  }
  if (due)
    cache_.grown(name, *entry);
}

bool vector_reader::is_seen(const std::string& name, const cached_vectors& entry) {
  const auto* state = read_.state();
  return state && entry.version == versions_.of("vectors", name, *state);
}

/// Gives the last entry of the log in it.
std::uint64_t vector_reader::refresh(const std::string& name, cached_vectors& entry) {
  auto& loaded = entry.loaded;
  auto last = vector_log::last(connection_);
  if (loaded && last < loaded->newest()) {
    read_.drop();
    read_.begin();
    last = vector_log::last(connection_);
  }
  // If it is still ahead, somebody has emptied the log.
  if (loaded && last >= loaded->newest() && can_catch_up(connection_, name, *loaded)) {
    catch_up(connection_, name, *loaded, last);
  } else {
    entry.known = false;
    loaded.reset(); // before the memory for another one is taken
    loaded = load_vectors(connection_, name);
    entry.known = true;
  }
  const auto* state = read_.state();
  entry.version = state ? std::optional{versions_.of("vectors", name, *state)} : std::nullopt;
  return last;
}

} // namespace beaver
