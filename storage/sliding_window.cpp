#include "beaver/storage/sliding_window.hpp"

#include "beaver/storage/error.hpp"
#include "beaver/storage/json_compare.hpp"

#include <algorithm>
#include <cmath>

namespace beaver {

sliding_window::sliding_window(const aggregation& what, double seconds) : seconds_(seconds) {
  const aggregator checked{what};
  if (what.bucket)
    throw error(errc::invalid_argument, "a window has no buckets");
  if (!(std::isfinite(seconds) && seconds > 0))
    throw error(errc::invalid_argument, "window must be a number of seconds > 0");
  if (what.field)
    field_ = reader_.add(json_path{*what.field});
  if (what.group_by)
    group_by_ = reader_.add(json_path{*what.group_by});
  if (what.functions)
    functions_ = aggregate_set{*what.functions};
}

void sliding_window::add(std::string_view json, unix_seconds time) {
  if (field_ || group_by_)
    reader_.read(json);
  std::optional<std::string> key;
  if (group_by_ && reader_[*group_by_])
    key = json_key(*reader_[*group_by_]);
  row r{time, {}, {}};
  if (const auto& value = field_ ? reader_[*field_] : std::nullopt) {
    r.number = number_of(*value);
    if (functions_.has(aggregate_function::distinct))
      r.key = json_key(*value);
  }
  groups_[std::move(key)].push(std::move(r));
  ++size_;
}

void sliding_window::advance(unix_seconds now) {
  const auto gone = now - seconds_;
  for (auto at = groups_.begin(); at != groups_.end();) {
    auto& rows = at->second;
    while (!rows.empty() && rows.oldest() <= gone) {
      rows.pop();
      --size_;
    }
    at = rows.empty() ? groups_.erase(at) : std::next(at);
  }
}

std::vector<aggregate_row> sliding_window::rows() const {
  std::vector<aggregate_row> result;
  if (groups_.empty() && !group_by_)
    static_cast<aggregate_values&>(result.emplace_back()) = group{}.values(functions_);
  for (const auto& [key, rows] : groups_) {
    auto& added = result.emplace_back();
    static_cast<aggregate_values&>(added) = rows.values(functions_);
    if (key)
      added.group = json_text::from_normal(*key);
  }
  sort_groups(result);
  return result;
}

void sliding_window::group::push(row r) {
  if (r.number)
    back_sum_.add(*r.number);
  if (r.key)
    ++different_[*r.key];
  back_.push_back(std::move(r));
}

unix_seconds sliding_window::group::oldest() const {
  return front_.empty() ? back_.front().time : front_.back().of.time;
}

void sliding_window::group::pop() {
  if (front_.empty())
    turn();
  if (const auto& key = front_.back().of.key)
    if (const auto found = different_.find(*key); --found->second == 0)
      different_.erase(found);
  front_.pop_back();
}

/// Moves everything to the front stack; each row is moved once in its life.
void sliding_window::group::turn() {
  moments sum;
  front_.reserve(back_.size());
  for (auto at = back_.rbegin(); at != back_.rend(); ++at) {
    if (at->number)
      sum.add(*at->number);
    front_.push_back({std::move(*at), sum});
  }
  back_.clear();
  back_sum_ = {};
}

aggregate_values sliding_window::group::values(aggregate_set wanted) const {
  aggregate_values result{.count = front_.size() + back_.size()};
  if (wanted.has(aggregate_function::distinct))
    result.distinct = different_.size();
  auto all = front_.empty() ? moments{} : front_.back().sum;
  all.merge(back_sum_);
  all.write(result, wanted);
  if (wanted.has_percentiles() && all.count() > 0) {
    std::vector<double> numbers;
    numbers.reserve(all.count());
    for (const auto& s : front_)
      if (s.of.number)
        numbers.push_back(*s.of.number);
    for (const auto& r : back_)
      if (r.number)
        numbers.push_back(*r.number);
    write_percentiles(result, wanted, numbers);
  }
  return result;
}

} // namespace beaver
