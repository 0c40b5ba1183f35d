#include "beaver/vector/collection.hpp"

#include "beaver/vector/scan.hpp"

#include <algorithm>
#include <stdexcept>

namespace beaver {

namespace {

// So many bytes of floats are scanned in a fraction of a millisecond: nothing is saved by looking
// at fewer.
constexpr std::size_t small_bytes = std::size_t{4} << 20;

} // namespace

vector_collection::vector_collection(std::shared_ptr<const vector_base> base,
                                     const kernel_set& kernels)
  : base_(std::move(base)), kernels_(&kernels), base_live_(base_->rows->count(), true),
    base_count_(base_->rows->count()), delta_(base_->rows->dims()) {}

bool vector_collection::contains(std::string_view id) const noexcept {
  if (const auto row = delta_ids_.find(id))
    return delta_live_[*row]; // its row of the base, if there is one, counts no more
  const auto row = base_->ids.find(id);
  return row && base_live_[*row];
}

void vector_collection::check(std::span<const float> v) const {
  if (v.size() != dims())
    throw std::invalid_argument("a vector of " + std::to_string(v.size()) + " numbers, where "
                                + std::to_string(dims()) + " are wanted");
  if (!is_finite(v))
    throw std::invalid_argument("a vector with a number that is not finite");
}

void vector_collection::put(std::string_view id, std::span<const float> v) {
  check(v);
  if (const auto row = delta_ids_.find(id)) {
    delta_.replace(*row, v);
    delta_count_ += delta_live_[*row] ? 0 : 1;
    delta_live_.set(*row);
    return;
  }
  const auto row = delta_.add(v);
  delta_ids_.add(id);
  delta_live_.resize(delta_.count());
  delta_live_.set(row);
  ++delta_count_;
  if (const auto old = base_->ids.find(id); old && base_live_[*old]) {
    base_live_.reset(*old);
    --base_count_;
  }
}

bool vector_collection::erase(std::string_view id) {
  if (const auto row = delta_ids_.find(id)) {
    const bool there = delta_live_[*row];
    delta_live_.reset(*row);
    delta_count_ -= there ? 1 : 0;
    return there;
  }
  const auto row = base_->ids.find(id);
  if (!row || !base_live_[*row])
    return false;
  base_live_.reset(*row);
  --base_count_;
  return true;
}

void vector_collection::choice::add(std::string_view id) {
  if (const auto row = of_.delta_ids_.find(id))
    delta_.set(*row);
  else if (const auto old = of_.base_->ids.find(id))
    base_.set(*old);
}

void vector_collection::search_base(near_query query,
                                    std::span<const std::span<const float>> vectors,
                                    const choice* among, std::vector<near_ids>& results) const {
  const auto& rows = *base_->rows;
  row_mask live;
  auto wanted = base_count_;
  if (among) {
    live = among->base_;
    live &= base_live_;
    query.among = &live;
    wanted = live.count();
  } else if (base_count_ < rows.count()) {
    query.among = &base_live_;
  }
  if (wanted == 0)
    return;
  const auto& index = *base_->index;
  const auto give = [&](std::size_t i, const std::vector<near_row>& hits) {
    for (const auto& hit : hits)
      results[i].items.push_back({std::string{base_->ids[hit.row]}, hit.score});
  };
  const bool few =
    wanted * dims() * sizeof(float) <= small_bytes || (query.among && wanted * 4 < rows.count());
  if ((few || query.exact) && !index.exact(query.by)) {
    for (std::size_t i = 0; i < vectors.size(); ++i) {
      query.vector = vectors[i];
      give(i, scan_rows(rows, query, *kernels_));
    }
    return;
  }
  const auto found = index.search_many(query, vectors);
  for (std::size_t i = 0; i < vectors.size(); ++i) {
    results[i].how = index.how();
    results[i].exact = index.exact(query.by);
    give(i, found[i]);
  }
}

near_ids vector_collection::search(near_query query, const choice* among) const {
  return std::move(search_many(query, {&query.vector, 1}, among).front());
}

std::vector<near_ids>
vector_collection::search_many(const near_query& like,
                               std::span<const std::span<const float>> vectors,
                               const choice* among) const {
  for (const auto& v : vectors)
    check(v);
  std::vector<near_ids> results(vectors.size(), near_ids{{}, strategy::linear, true});
  search_base(like, vectors, among, results);
  auto live = delta_live_;
  if (among)
    live &= among->delta_;
  auto query = like;
  query.among = &live;
  for (std::size_t i = 0; i < vectors.size(); ++i) {
    query.vector = vectors[i];
    auto& items = results[i].items;
    // The rows of the delta are in no order, so of those that score alike none may be cut off here.
    for (const auto& hit : scan_rows(delta_, query, *kernels_, true))
      items.push_back({std::string{delta_ids_[hit.row]}, hit.score});
    std::sort(items.begin(), items.end(), [](const near_id& a, const near_id& b) {
      return a.score != b.score ? a.score < b.score : a.id < b.id;
    });
    items.resize(std::min(items.size(), query.k));
  }
  return results;
}

std::size_t vector_collection::bytes() const noexcept {
  return base_->bytes() + delta_.bytes() + delta_ids_.bytes()
         + (base_live_.size() + delta_live_.size()) / 8;
}

} // namespace beaver
