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
  const auto show = [&] { look(entry->loaded ? &*entry->loaded : nullptr); };
  std::optional<std::uint64_t> fresh; // as of this move it is what the transaction shows
  for (int tries = 0;; ++tries) {
    {
      const std::shared_lock lock{entry->mutex};
      // Another reader may have brought it to a newer state since.
      if (entry->known && (fresh == entry->moves || is_seen(name, *entry)))
        return show();
    }
    bool due = false;
    {
      const std::unique_lock lock{entry->mutex};
      refresh(name, *entry);
      if (tries == most_tries)
        return show();
      fresh = entry->moves;
      due = entry->loaded && wants_compaction(*entry->loaded);
    }
    if (due)
      cache_.grown(name, *entry);
  }
}

bool vector_reader::is_seen(const std::string& name, const cached_vectors& entry) {
  const auto* state = read_.state();
  return state && entry.version == versions_.of("vectors", name, *state);
}

void vector_reader::refresh(const std::string& name, cached_vectors& entry) {
  auto& loaded = entry.loaded;
  if (loaded && vector_log::last(connection_) < loaded->applied) {
    // Another reader has seen more. If it is so in a newer transaction too, somebody has cut the
    // log.
    read_.drop();
    read_.begin();
  }
  const auto* state = read_.state();
  const auto last = vector_log::last(connection_);
  if (loaded && last >= loaded->applied && can_catch_up(connection_, name, *loaded)) {
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
}

} // namespace beaver
