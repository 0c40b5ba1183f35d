#include "beaver/actors/compaction.hpp"

#include "beaver/actors/unique_id.hpp"
#include "beaver/storage/kept_read.hpp"
#include "beaver/storage/vector_log.hpp"
#include "beaver/storage/vector_table.hpp"
#include "beaver/vector/tuning.hpp"

#include <chrono>
#include <thread>

namespace beaver {

namespace {

using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

constexpr double lease_seconds = 30;
constexpr auto renewal = 5s;
constexpr auto pause = 1ms;                      // in which others get at the file
constexpr std::uint64_t pruned_bytes = 1u << 20; // by one write
constexpr double usual_recall = 0.95;
constexpr double built = 0.8; // the share of the work that is done when the index is

strategy wanted_strategy(const vectors_options& options, std::size_t bytes, strategy before) {
  switch (options.how.value_or(vectors_strategy::automatic)) {
  case vectors_strategy::linear:
    return strategy::linear;
  case vectors_strategy::lsh:
    return strategy::lsh;
  case vectors_strategy::hnsw:
    return strategy::hnsw;
  default:
    return choose_strategy(bytes, metric_of(options), before);
  }
}

} // namespace

compaction_report compaction::run() {
  const auto begun = steady::now();
  struct at_work {
    cached_vectors& entry;
    explicit at_work(cached_vectors& e) : entry(e) { entry.compacting = 0; }
    ~at_work() { entry.compacting = -1; }
  } mark{entry_};

  const auto owner = make_unique_id();
  write([&](connection& c, unix_seconds now) {
    const auto claim = vector_snapshot::claim(c, name_, owner, now, lease_seconds);
    if (!claim)
      throw error(errc::busy, "vectors '" + name_
                                + "' are being compacted by somebody else; try "
                                  "again when that is done");
    claim_ = *claim;
  });
  try {
    vectors_options options;
    auto base = read(options);
    const auto bytes = write_parts(*base);
    const snapshot_facts facts{
      .rows = base->rows->count(),
      .dims = base->rows->dims(),
      .metric = word_of(metric_of(options)),
      .strategy = word_of(base->index->how()),
      .format = snapshot_format,
      .recall = recall_,
      .seconds = std::chrono::duration<double>(steady::now() - begun).count(),
    };
    write([&](connection& c, unix_seconds now) {
      vector_snapshot::publish(c, name_, claim_, facts, parts_, now);
    });
    compaction_report report{facts.rows, bytes, base->index->how(), recall_, facts.seconds};
    adopt(std::move(base), options);
    for (bool more = true; more;)
      write([&](connection& c, unix_seconds now) {
        more = vector_snapshot::prune(c, name_, now, pruned_bytes);
      });
    return report;
  } catch (...) {
    try {
      around_.write(
        [&](connection& c, unix_seconds) { vector_snapshot::abandon(c, name_, claim_); });
    } catch (const error&) {
      // The lease ends by itself.
    }
    throw;
  }
}

void compaction::report(double share) {
  entry_.compacting = share;
  if (around_.closing())
    throw error(errc::closed, "vectors '" + name_
                                + "': the database closes, its snapshot is not "
                                  "made");
  if (entry_.waiting > 0 && entry_.cancelled)
    throw error(errc::cancelled, "vectors '" + name_ + "': the compaction was cancelled");
}

/// One step that others may come behind.
void compaction::write(const write_job& what) {
  around_.write(what);
  after_step();
  std::this_thread::sleep_for(pause);
}

std::shared_ptr<vector_base> compaction::read(vectors_options& options) {
  auto& c = around_.reading;
  std::optional<base_builder> rows;
  auto before = strategy::linear;
  {
    kept_read instant{c};
    instant.begin();
    options = read_options(c, name_);
    if (!options.dims)
      throw error(errc::not_found, "vectors '" + name_ + "' hold nothing to compact");
    if (const auto head = vector_snapshot::head(c, name_))
      before = enumerator_of<strategy>(head->facts.strategy).value_or(before);
    seen_ = vector_log::last(c);
    rows = read_rows(c, name_, static_cast<std::size_t>(*options.dims), unusable_);
  }
  report(0.1);
  return build(std::move(*rows), options, before);
}

std::shared_ptr<vector_base> compaction::build(base_builder rows, const vectors_options& options,
                                               strategy before) {
  const auto by = metric_of(options);
  const auto bytes = rows.count() * static_cast<std::size_t>(*options.dims) * sizeof(float);
  auto last_renewed = steady::now();
  const auto progress = [&](double share) {
    report(0.1 + share * (built - 0.1));
    if (steady::now() - last_renewed > renewal) {
      around_.write(
        [&](connection& c, unix_seconds now) { vector_snapshot::renew(c, name_, claim_, now); });
      last_renewed = steady::now();
    }
    return true;
  };
  const index_config config{
    .how = wanted_strategy(options, bytes, before), .by = by, .threads = around_.threads};
  auto base = rows.build(config, progress);
  if (!base->index->exact(by)) {
    recall_ =
      tune_recall(*base->index, *base->rows, by, options.target_recall.value_or(usual_recall));
    // What was not asked for by name must not cost answers.
    if (*recall_ < options.target_recall.value_or(usual_recall)
        && options.how.value_or(vectors_strategy::automatic) == vectors_strategy::automatic)
      base->index = make_index({.how = strategy::linear, .by = by}, base->rows);
  }
  return base;
}

std::uint64_t compaction::write_parts(const vector_base& base) {
  struct piece {
    std::string part;
    std::uint64_t chunks = 0;
    std::vector<std::byte> rest{}; // too little for a chunk
  };
  std::vector<piece> pieces;
  std::uint64_t written = 0;
  const auto total = static_cast<double>(base.bytes()) + 1;
  const auto put = [&](piece& p, std::span<const std::byte> data) {
    write([&](connection& c, unix_seconds now) {
      vector_snapshot::write_chunk(c, name_, claim_, p.part, p.chunks, data, now);
    });
    ++p.chunks;
    written += data.size();
    report(built + (1 - built) * std::min(1.0, static_cast<double>(written) / total));
  };
  save_base(base, [&](std::string_view part, std::span<const std::byte> bytes) {
    if (pieces.empty() || pieces.back().part != part)
      pieces.push_back({std::string{part}});
    auto& p = pieces.back();
    while (p.rest.size() + bytes.size() >= vector_snapshot::chunk_bytes) {
      const auto size = vector_snapshot::chunk_bytes - p.rest.size();
      p.rest.insert(p.rest.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
      bytes = bytes.subspan(size);
      put(p, p.rest);
      p.rest.clear();
    }
    p.rest.insert(p.rest.end(), bytes.begin(), bytes.end());
  });
  for (auto& p : pieces) {
    if (!p.rest.empty() || p.chunks == 0)
      put(p, p.rest);
    parts_.push_back({p.part, p.chunks});
  }
  return written;
}

/// What this process searches from now on, with the log behind the snapshot to be caught up.
void compaction::adopt(std::shared_ptr<const vector_base> base, const vectors_options& options) {
  const std::unique_lock lock{entry_.mutex};
  entry_.loaded.reset();
  entry_.loaded.emplace(
    loaded_vectors{.vectors = vector_collection{std::move(base), best_kernels()},
                   .options = options,
                   .applied = claim_.base_seq,
                   .ahead = seen_,
                   .epoch = claim_.epoch + 1,
                   .recall = recall_,
                   .unusable = std::move(unusable_)});
  entry_.known = true;
  entry_.version.reset();
}

} // namespace beaver
