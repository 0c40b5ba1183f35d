#include "beaver/actors/vector_load.hpp"

#include "beaver/storage/our_tables.hpp"
#include "beaver/storage/vector_log.hpp"
#include "beaver/storage/vector_table.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace beaver {

namespace {

// A snapshot is due when this many vectors are beyond the last one, or this share of it is.
constexpr std::size_t least_delta = 2'000;
constexpr double most_delta = 0.1;
constexpr double most_dead = 0.2;

std::vector<float> numbers_of(std::span<const std::byte> bytes) {
  std::vector<float> numbers(bytes.size() / sizeof(float));
  if (!numbers.empty())
    std::memcpy(numbers.data(), bytes.data(), numbers.size() * sizeof(float));
  return numbers;
}

std::shared_ptr<const vector_base> load_snapshot(connection& c, std::string_view name,
                                                 const snapshot_head& head,
                                                 const index_config& config) {
  std::vector<std::string> parts;
  for (const auto& part : head.parts)
    parts.push_back(part.name);
  return load_base(config, head.facts.dims, head.facts.rows, parts,
                   [&](std::string_view part, const auto& take) {
                     vector_snapshot::read_part(c, name, head.snap, part, take);
                   });
}

} // namespace

vectors_options read_options(connection& c, std::string_view name) {
  const auto stored = vector_table::options(c, name);
  return {.dims = vector_table::dims(c, name),
          .by = enumerator_of<metric>(stored.metric),
          .how = enumerator_of<vectors_strategy>(stored.strategy),
          .target_recall = stored.target_recall};
}

void write_options(connection& c, std::string_view name, const vectors_options& options) {
  vector_options stored{.dims = options.dims, .target_recall = options.target_recall};
  if (options.by)
    stored.metric = word_of(*options.by);
  if (options.how)
    stored.strategy = word_of(*options.how);
  vector_table::set_options(c, name, stored);
}

base_builder read_rows(connection& c, std::string_view name, std::size_t dims,
                       std::set<std::string, std::less<>>& unusable) {
  base_builder rows{dims};
  vector_table::each_vector(c, name, [&](std::string_view id, std::span<const std::byte> bytes) {
    if (vector_table::usable(bytes, dims))
      rows.add(id, numbers_of(bytes));
    else
      unusable.emplace(id);
  });
  return rows;
}

std::optional<loaded_vectors> load_vectors(connection& c, std::string_view name) {
  const auto options = read_options(c, name);
  if (!options.dims)
    return std::nullopt;
  const auto& kernels = best_kernels();
  const auto last = vector_log::last(c);
  const auto head = vector_snapshot::head(c, name);
  bool damaged = false;
  if (head && head->facts.dims == options.dims && head->facts.format == snapshot_format)
    try {
      const index_config config{
        .how = enumerator_of<strategy>(head->facts.strategy).value_or(strategy::linear),
        .by = enumerator_of<metric>(head->facts.metric).value_or(metric::cosine)};
      loaded_vectors loaded{.vectors =
                              vector_collection{load_snapshot(c, name, *head, config), kernels},
                            .options = options,
                            .applied = head->base_seq,
                            .epoch = head->epoch,
                            .recall = head->facts.recall};
      catch_up(c, name, loaded, last);
      return loaded;
    } catch (const error& e) {
      if (e.code() != errc::corrupt)
        throw;
      damaged = true;
    } catch (const std::exception&) { // a size in it may also be more than there is memory
      damaged = true;
    }
  std::set<std::string, std::less<>> unusable;
  const auto dims = static_cast<std::size_t>(*options.dims);
  auto base = read_rows(c, name, dims, unusable).build({.by = metric_of(options)});
  return loaded_vectors{.vectors = vector_collection{std::move(base), kernels},
                        .options = options,
                        .applied = last,
                        .epoch = vector_snapshot::epoch(c, name),
                        .had_head = head.has_value(),
                        .from_rows = true,
                        .damaged = damaged,
                        .unusable = std::move(unusable)};
}

bool can_catch_up(connection& c, std::string_view name, const loaded_vectors& loaded) {
  if (read_options(c, name) != loaded.options || !has_table(c, "__beaver_vector_change_log__"))
    return false;
  const auto head = vector_snapshot::head(c, name);
  if (vector_snapshot::epoch(c, name) == loaded.epoch)
    return head.has_value() == loaded.had_head; // else it has become invalid, or the log was cut
  return head && loaded.applied >= head->base_seq && !wants_compaction(loaded);
}

void catch_up(connection& c, std::string_view name, loaded_vectors& loaded, std::uint64_t last) {
  const auto dims = loaded.vectors.dims();
  bool changed = false;
  vector_log::tail(
    c, name, loaded.applied,
    [&](std::uint64_t, std::string_view id, std::optional<std::span<const std::byte>> bytes) {
      if (!std::exchange(changed, true))
        loaded.choices->clear();
      if (const auto found = loaded.unusable.find(id); found != loaded.unusable.end())
        loaded.unusable.erase(found);
      if (bytes && vector_table::usable(*bytes, dims)) {
        loaded.vectors.put(id, numbers_of(*bytes));
        return;
      }
      loaded.vectors.erase(id);
      if (bytes)
        loaded.unusable.emplace(id);
    });
  loaded.applied = last;
}

bool wants_compaction(const loaded_vectors& loaded) {
  const auto rows = static_cast<double>(loaded.vectors.base().rows->count());
  const auto unsaved = loaded.unsaved();
  if (loaded.damaged)
    return true;
  return unsaved > least_delta && static_cast<double>(unsaved) > most_delta * rows
           ? true
           : static_cast<double>(loaded.vectors.dead()) > most_dead * rows
               && loaded.vectors.dead() > least_delta;
}

} // namespace beaver
