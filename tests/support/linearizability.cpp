#include "support/linearizability.hpp"

#include <algorithm>
#include <cstdio>
#include <numeric>
#include <stdexcept>

namespace beaver::test::detail {
namespace {

/// A mixer of 64 bits, so that neighbouring numbers give unrelated ones (the finaliser of
/// S. Vigna's splitmix64).
std::uint64_t mixed(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

std::string microseconds(std::int64_t nanoseconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", static_cast<double>(nanoseconds) / 1e3);
  return text;
}

std::string described(const event& e, std::int64_t origin) {
  std::string line = "  client " + std::to_string(e.client) + ": " + to_text(e) + "  ["
                     + microseconds(e.called - origin);
  return line + (e.result ? ".." + microseconds(e.returned - origin) + " us]\n" : " us..]\n");
}

} // namespace

timeline::timeline(const part& operations)
  : next_(2 * operations.size() + 1), previous_(2 * operations.size() + 1) {
  std::vector<std::size_t> entries(2 * operations.size());
  std::iota(entries.begin(), entries.end(), std::size_t{1});
  const auto time = [&](std::size_t entry) {
    const event& e = *operations[operation(entry)];
    return std::pair{is_call(entry) ? e.called : e.returned, !is_call(entry)};
  };
  std::stable_sort(entries.begin(), entries.end(),
                   [&](std::size_t a, std::size_t b) { return time(a) < time(b); });
  std::size_t last = 0;
  for (const auto entry : entries) {
    next_[last] = entry;
    previous_[entry] = last;
    last = entry;
  }
  next_[last] = 0;
  previous_[0] = last;
}

void timeline::unlink(std::size_t entry) {
  next_[previous_[entry]] = next_[entry];
  previous_[next_[entry]] = previous_[entry];
}

void timeline::link(std::size_t entry) {
  next_[previous_[entry]] = entry;
  previous_[next_[entry]] = entry;
}

void timeline::lift(std::size_t operation) {
  unlink(call_of(operation));
  unlink(return_of(operation));
}

void timeline::put_back(std::size_t operation) {
  link(return_of(operation));
  link(call_of(operation));
}

bool window_set::contains(std::size_t i) const {
  const auto word = i / 64;
  return word < first_ || (word - first_ < words_.size() && words_[word - first_] >> i % 64 & 1);
}

void window_set::insert(std::size_t i) {
  const auto at = i / 64 - first_;
  if (at >= words_.size())
    words_.resize(at + 1);
  words_[at] |= std::uint64_t{1} << i % 64;
  hash_ ^= mixed(i);
  const auto gap =
    std::find_if(words_.begin(), words_.end(), [](auto word) { return word != full; });
  first_ += static_cast<std::size_t>(gap - words_.begin());
  words_.erase(words_.begin(), gap);
}

void window_set::erase(std::size_t i) {
  const auto word = i / 64;
  if (word < first_) {
    words_.insert(words_.begin(), first_ - word, full);
    first_ = word;
  }
  words_[word - first_] &= ~(std::uint64_t{1} << i % 64);
  hash_ ^= mixed(i);
  while (!words_.empty() && words_.back() == 0)
    words_.pop_back();
}

std::size_t arrange(part& operations) {
  for (const auto* e : operations)
    if (e->result && e->returned < e->called)
      throw std::logic_error("returned before it was called: " + to_text(*e));
  const auto unknown = std::stable_partition(operations.begin(), operations.end(),
                                             [](const event* e) { return e->result.has_value(); });
  const auto earlier = [](const event* a, const event* b) { return a->called < b->called; };
  std::stable_sort(operations.begin(), unknown, earlier);
  std::stable_sort(unknown, operations.end(), earlier);
  return static_cast<std::size_t>(unknown - operations.begin());
}

std::string account_of(const dead_end& end) {
  std::int64_t origin = end.deadline->called;
  for (const auto* list : {&end.order, &end.refused, &end.useless})
    for (const auto* e : *list)
      origin = std::min(origin, e->called);
  const auto placed = std::count_if(end.order.begin(), end.order.end(),
                                    [](const event* e) { return e->result.has_value(); });
  std::string text = "no order explains all " + std::to_string(end.completed)
                     + " results; the longest explains " + std::to_string(placed) + ":\n";
  constexpr std::size_t shown = 40;
  const auto skipped = end.order.size() - std::min(end.order.size(), shown);
  if (skipped > 0)
    text += "  (" + std::to_string(skipped) + " operations before these)\n";
  for (std::size_t i = skipped; i < end.order.size(); ++i)
    text += described(*end.order[i], origin);
  text += "after which the state is " + end.state + ", and one of these has to be next:\n";
  for (const auto* e : end.refused)
    text += described(*e, origin);
  if (!end.useless.empty()) {
    text += "where these, whose results are unknown, do not help:\n";
    for (const auto* e : end.useless)
      text += described(*e, origin);
  }
  return text;
}

} // namespace beaver::test::detail
