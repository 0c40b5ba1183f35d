#include "beaver/vector/hnsw_index.hpp"

#include "beaver/vector/hnsw.hpp"
#include "beaver/vector/hnsw_walk.hpp"
#include "beaver/vector/scan.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace beaver {

namespace {

constexpr std::string_view part_name = "graph";

/// 0.95 of the ten nearest on word vectors, which are hard; M = 16.
constexpr std::size_t usual_effort = 120;

/// For each neighbour beyond those that the effort is tuned for. As measured on word vectors and
/// pictures, 30 and 100 neighbours are then found as surely as 10.
constexpr std::size_t more_effort = 2;

/// A scan is as fast as a walk whose effort is the 72nd part of the rows, as measured at 2,000,
/// 20,000 and 100,000 vectors of 100 numbers: it comes to about 15 rows for each that it looks at
/// more closely, and a row costs it as much as 4 or 5 cost a scan.
constexpr double walk_cost = 72;

} // namespace

/// A scratch that nobody else uses meanwhile.
class hnsw_index::lease {
public:
  explicit lease(const hnsw_index& from) : from_(from) {
    {
      const std::lock_guard lock{from.guard_};
      if (from.idle_) {
        taken_ = std::move(from.idle_);
        from.idle_ = std::move(taken_->next);
      }
    }
    if (!taken_)
      taken_ = std::make_unique<hnsw_scratch>();
    taken_->begin(from.rows_->count());
  }
  lease(const lease&) = delete;
  lease& operator=(const lease&) = delete;
  ~lease() {
    const std::lock_guard lock{from_.guard_};
    taken_->next = std::move(from_.idle_);
    from_.idle_ = std::move(taken_);
  }

  hnsw_scratch& operator*() const noexcept { return *taken_; }

private:
  const hnsw_index& from_;
  std::unique_ptr<hnsw_scratch> taken_;
};

hnsw_index::hnsw_index(hnsw_graph graph, std::shared_ptr<const vector_rows> rows,
                       const kernel_set& kernels)
  : graph_(std::move(graph)), rows_(std::move(rows)), kernels_(kernels), effort_(usual_effort) {}

hnsw_index::~hnsw_index() = default;

std::vector<near_row> hnsw_index::search(const near_query& query) const {
  const std::size_t count = rows_->count();
  const auto allowed = query.among != nullptr ? query.among->count() : count;
  const auto k = std::min(query.k, allowed);
  if (k == 0)
    return {};
  const auto tuned = std::min(effort_, count) + more_effort * (k - std::min(k, tuned_neighbours));
  const auto effort = std::min(std::max(query.effort != 0 ? query.effort : tuned, k), count);
  // A filter makes a walk longer, since only some of the rows count, and a scan shorter.
  const auto share = static_cast<double>(allowed) / static_cast<double>(count);
  if (query.by == graph_.by
      && walk_cost * static_cast<double>(effort) < static_cast<double>(allowed) * share) {
    const lease own{*this};
    hnsw_walk walk{graph_, *rows_, codes(), kernels_, query, *own};
    // What a filter leaves out may be just the rows about the query: then a walk goes far, and is
    // given up when it has taken about twice the time of a scan.
    if (walk.run(effort, allowed / 2))
      if (auto found = nearest_of(*rows_, query, walk.best(k)); found.size() == k)
        return found;
  }
  return scan_rows(*rows_, query, kernels_);
}

const hnsw_codes* hnsw_index::codes() const {
  if (!hnsw_codes::suit(*rows_, graph_.by))
    return nullptr;
  const auto* made = codes_.get([this] { return std::make_unique<hnsw_codes>(*rows_, graph_.by); });
  return made != nullptr && made->usable() ? made : nullptr;
}

std::vector<index_part> hnsw_index::save() const {
  std::vector<index_part> parts;
  parts.push_back({std::string{part_name}, graph_.write()});
  return parts;
}

void hnsw_index::tune(std::size_t effort) { effort_ = effort != 0 ? effort : usual_effort; }

std::size_t hnsw_index::bytes() const noexcept {
  auto sum = sizeof(*this) + graph_.memory() + codes_.bytes();
  const std::lock_guard lock{guard_};
  for (const auto* each = idle_.get(); each != nullptr; each = each->next.get())
    sum += each->memory();
  return sum;
}

std::unique_ptr<vector_index> load_hnsw(const index_config& config,
                                        std::shared_ptr<const vector_rows> rows,
                                        const std::vector<index_part>& parts) {
  if (parts.size() != 1 || parts.front().name != part_name)
    throw std::runtime_error("an hnsw index has one part, 'graph'");
  auto graph = hnsw_graph::read(parts.front().bytes, *rows, config.by, config.links);
  return std::make_unique<hnsw_index>(std::move(graph), std::move(rows), *config.kernels);
}

} // namespace beaver
