#include "beaver/sketches/top_k.hpp"

#include "beaver/sketches/sketch_bytes.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <tuple>

namespace beaver::sketches {

namespace {

constexpr std::string_view head{"BTPK\1\0\0\0", 8};
constexpr double least_epsilon = 1e-5;
constexpr auto most = std::numeric_limits<std::uint64_t>::max();

bool in_range(const top_k_params& params) {
  return params.k >= 1 && params.k <= top_k::most_counters && params.epsilon >= least_epsilon
         && params.epsilon <= 1;
}

std::size_t counters_for(const top_k_params& params) {
  // 1 / 1e-5 is a little more than 100,000 in doubles.
  const auto needed = static_cast<std::size_t>(std::ceil(1 / params.epsilon));
  return std::max(params.k, std::min(needed, top_k::most_counters));
}

bool comes_first(const top_item& a, const top_item& b) {
  return std::tie(b.count, a.item) < std::tie(a.count, b.item);
}

} // namespace

void top_k_params::check(const top_k_params& params) {
  if (params.k < 1 || params.k > top_k::most_counters)
    throw std::invalid_argument("k of a top_k has to be from 1 to 100,000");
  if (!in_range(params))
    throw std::invalid_argument("epsilon of a top_k has to be from 1e-5 to 1");
}

top_k::top_k(const top_k_params& params) : params_(params), most_kept_(0) {
  top_k_params::check(params);
  most_kept_ = counters_for(params);
}

void top_k::add(std::string_view item, std::uint64_t count) {
  if (item.size() > longest_item)
    throw std::invalid_argument("an item of a top_k has to have at most 1,024 bytes");
  if (count > most - total_)
    throw std::invalid_argument("the total of a top_k cannot pass 2^64 - 1");
  if (count == 0)
    return;
  if (const auto found = slots_.find(item); found != slots_.end()) {
    const auto place = counters_[found->second].place;
    heap_[place].count += count;
    sink(place);
  } else if (!full()) {
    append(item, count, 0);
    rise(heap_.size() - 1);
  } else {
    const auto slot = heap_[0].slot;
    std::string taken{item}; // what can throw comes before what changes
    auto name = taken;
    auto node = slots_.extract(counters_[slot].item);
    node.key() = std::move(name);
    slots_.insert(std::move(node));
    counters_[slot].item = std::move(taken);
    counters_[slot].error = heap_[0].count;
    heap_[0].count += count;
    sink(0);
  }
  total_ += count;
}

// Of an item that only one of the two has a counter for, the other adds its lowest count as error.
// The m highest counts are kept: all that go are below each of them, so the lowest count still says
// how often an item without a counter can have come. Less the lowest, that is the merge of
// Misra-Gries summaries of m - 1 counters, to which Space-Saving corresponds; so the counts that
// are kept sum up to no more than the total, and the lowest is no more than total / m.
void top_k::merge(const top_k& other) {
  if (other.params_ != params_)
    throw std::invalid_argument("only sketches of kind top_k with the same params can be merged");
  if (other.total_ > most - total_)
    throw std::invalid_argument("the total of a top_k cannot pass 2^64 - 1");
  std::vector<top_item> all;
  all.reserve(heap_.size() + other.heap_.size());
  for (const auto& entry : heap_) {
    const auto& own = counters_[entry.slot];
    const auto theirs = other.estimate(own.item);
    all.push_back({own.item, entry.count + theirs.count, own.error + theirs.error});
  }
  for (const auto& entry : other.heap_)
    if (const auto& theirs = other.counters_[entry.slot]; !slots_.contains(theirs.item))
      all.push_back({theirs.item, entry.count + least(), theirs.error + least()});
  std::sort(all.begin(), all.end(), comes_first);
  all.resize(std::min(all.size(), most_kept_));

  top_k merged{params_};
  merged.total_ = total_ + other.total_;
  std::for_each(all.rbegin(), all.rend(), [&](const top_item& kept) { // a heap: lowest first
    merged.append(kept.item, kept.count, kept.error);
  });
  *this = std::move(merged);
}

std::vector<top_item> top_k::top(std::size_t n) const {
  std::vector<top_item> found;
  for (const auto& entry : highest(n))
    found.push_back({counters_[entry.slot].item, entry.count, counters_[entry.slot].error});
  return found;
}

bool top_k::guaranteed(std::size_t n) const {
  if (n > heap_.size() && full())
    return false;
  auto sorted = highest(n < heap_.size() ? n + 1 : n);
  auto others = least();
  if (sorted.size() > n) {
    others = sorted.back().count;
    sorted.pop_back();
  }
  return std::all_of(sorted.begin(), sorted.end(), [&](const heap_entry& entry) {
    return entry.count - counters_[entry.slot].error >= others;
  });
}

bounded_count top_k::estimate(std::string_view item) const {
  const auto found = slots_.find(item);
  if (found == slots_.end())
    return {least(), least()};
  const auto& kept = counters_[found->second];
  return {heap_[kept.place].count, kept.error};
}

std::vector<top_k::heap_entry> top_k::highest(std::size_t n) const {
  auto sorted = heap_;
  n = std::min(n, sorted.size());
  std::partial_sort(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(n), sorted.end(),
                    [&](const heap_entry& a, const heap_entry& b) {
                      return std::tie(b.count, counters_[a.slot].item)
                             < std::tie(a.count, counters_[b.slot].item);
                    });
  sorted.resize(n);
  return sorted;
}

std::vector<std::uint8_t> top_k::serialise() const {
  sketch_writer out;
  out.text(head);
  out.u64(sketch_seed);
  out.u64(std::bit_cast<std::uint64_t>(params_.epsilon));
  out.u64(total_);
  out.u32(static_cast<std::uint32_t>(params_.k));
  out.u32(static_cast<std::uint32_t>(heap_.size()));
  for (const auto& entry : heap_) {
    const auto& kept = counters_[entry.slot];
    out.u64(entry.count);
    out.u64(kept.error);
    out.u16(static_cast<std::uint16_t>(kept.item.size()));
    out.text(kept.item);
  }
  return out.take();
}

top_k top_k::parse(std::span<const std::uint8_t> blob) {
  sketch_reader in{"top_k", blob};
  in.expect(head, "do not begin as they should");
  in.check(in.u64() == sketch_seed, "have another seed");
  top_k_params params;
  params.epsilon = std::bit_cast<double>(in.u64());
  const auto total = in.u64();
  params.k = in.u32();
  in.check(in_range(params), "have params out of range");
  top_k read{params};
  const std::size_t kept = in.u32();
  in.check(kept <= read.most_kept_, "have more counters in use than there are");
  std::uint64_t sum = 0;
  std::uint64_t highest_error = 0;
  for (std::size_t i = 0; i < kept; ++i) {
    const auto count = in.u64();
    const auto error = in.u64();
    const auto item = in.text(in.u16());
    in.check(item.size() <= longest_item, "have an item that is too long");
    in.check(error < count, "have a count that is all error");
    in.check(count <= total - sum, "have counts that are together more than the total");
    in.check(i == 0 || read.heap_[(i - 1) / 2].count <= count, "have counts out of order");
    in.check(!read.slots_.contains(item), "have an item twice");
    read.append(item, count, error);
    sum += count;
    highest_error = std::max(highest_error, error);
  }
  in.check(in.left() == 0, "are too many");
  in.check(highest_error <= read.least(), "have an error that is above the lowest count");
  in.check(read.full() || sum == total, "have counts that are together less than the total");
  read.total_ = total;
  return read;
}

void top_k::append(std::string_view item, std::uint64_t count, std::uint64_t error) {
  const auto slot = static_cast<std::uint32_t>(counters_.size());
  counters_.push_back({std::string{item}, error, heap_.size()});
  heap_.push_back({count, slot});
  slots_.emplace(item, slot);
}

void top_k::set(std::size_t place, heap_entry entry) noexcept {
  heap_[place] = entry;
  counters_[entry.slot].place = place;
}

void top_k::rise(std::size_t place) noexcept {
  const auto rising = heap_[place];
  for (; place > 0; place = (place - 1) / 2) {
    const auto parent = heap_[(place - 1) / 2];
    if (parent.count <= rising.count)
      break;
    set(place, parent);
  }
  set(place, rising);
}

void top_k::sink(std::size_t place) noexcept {
  const auto sinking = heap_[place];
  for (auto child = 2 * place + 1; child < heap_.size(); child = 2 * place + 1) {
    if (child + 1 < heap_.size() && heap_[child + 1].count < heap_[child].count)
      ++child;
    if (heap_[child].count >= sinking.count)
      break;
    set(place, heap_[child]);
    place = child;
  }
  set(place, sinking);
}

} // namespace beaver::sketches
