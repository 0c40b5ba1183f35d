#include "support/history_models.hpp"

#include <algorithm>
#include <initializer_list>
#include <string_view>

namespace beaver::test {
namespace {

bool is(const event& e, std::initializer_list<std::string_view> operations) {
  return std::find(operations.begin(), operations.end(), e.what.operation) != operations.end();
}

/// What a call puts into a list; its value is its last argument.
bool puts_value(const event& e) { return is(e, {"push", "prepend", "insert", "set"}); }

} // namespace

queue_model::foresight::foresight(const part& events) {
  std::unordered_map<std::int64_t, times> items;
  bool get_unknown = false;
  for (const auto* e : events) {
    if (is(*e, {"put"}) && !items.try_emplace(e->what.arguments.at(0)).second)
      return; // items that are equal cannot be told apart
    if (!e->result && is(*e, {"take"}))
      return; // it may hide any item for a while
    get_unknown = get_unknown || (!e->result && is(*e, {"get"}));
  }
  for (auto& [item, t] : items)
    t.present = never;
  for (const auto* e : events)
    if (is(*e, {"put"}) && e->what.arguments.size() > 2) // out of sight at first
      items.at(e->what.arguments[0]).present = nowhere;
  std::unordered_map<std::int64_t, bool> out;
  for (const auto* e : events) {
    if (!is(*e, {"get", "peek", "take"}) || !e->result || e->result->empty())
      continue;
    const auto found = items.find(e->result->front());
    if (found == items.end())
      continue; // nobody put it: the search will say so
    auto& t = found->second;
    t.seen = std::min(t.seen, e->returned);
    if (is(*e, {"peek"}))
      continue;
    t.present = std::min(t.present, e->called);
    out[found->first] = true;
    if (is(*e, {"get"}))
      t.got = e->returned;
  }
  if (get_unknown) // it may have removed what did not go out otherwise
    for (auto& [item, t] : items)
      if (!out[item])
        t.present = nowhere;
  items_ = std::move(items);
}

bool queue_model::follows(const queue_model&, const event& e, const foresight& all) const {
  if (!is(e, {"put"}) || all.items_.empty())
    return true;
  const auto item = e.what.arguments[0];
  const auto priority = e.what.arguments[1];
  const auto& mine = all.items_.at(item);
  return std::none_of(entries_.begin(), entries_.end(), [&](const entry& other) {
    if (other.item == item)
      return false;
    const auto& its = all.items_.at(other.item);
    // The one that the queue would give first was still there when the other one went.
    if (other.priority == priority)
      return mine.seen < its.present;
    return other.priority < priority ? mine.got < its.present : its.got < mine.present;
  });
}

list_model::foresight::foresight(const part& events) {
  std::unordered_map<std::int64_t, times> all;
  for (const auto* e : events)
    if (puts_value(*e)
        && !all.try_emplace(e->what.arguments.at(e->what.arguments.size() - 1)).second)
      return; // values that are equal cannot be told apart
  std::size_t looks = 0;
  for (const auto* e : events) {
    if (!is(*e, {"pop_front", "pop_back", "at", "items"}) || !e->result)
      continue;
    for (std::size_t i = 0; i < e->result->size(); ++i) {
      const auto found = all.find((*e->result)[i]);
      if (found == all.end())
        continue; // nobody put it there: the search will say so
      auto& t = found->second;
      t.seen = std::max(t.seen, e->called);
      if (is(*e, {"pop_front"}))
        t.first = e->returned;
      else if (is(*e, {"pop_back"}))
        t.last = e->returned;
      else if (is(*e, {"items"}))
        t.places.emplace_back(looks, i);
    }
    ++looks;
  }
  values_ = std::move(all);
}

bool list_model::foresight::is_before(const times& a, const times& b) {
  if (a.first < b.seen || b.last < a.seen)
    return true;
  for (auto i = a.places.begin(), j = b.places.begin();
       i != a.places.end() && j != b.places.end();) {
    if (i->first == j->first)
      return i->second < j->second; // two looks that differ are for the search to find
    i->first < j->first ? ++i : ++j;
  }
  return false;
}

bool list_model::follows(const list_model& before, const event& e, const foresight& all) const {
  if (all.values_.empty() || !(puts_value(e) || is(e, {"erase"})))
    return true;
  const auto [was, is_now] =
    std::mismatch(before.values_.begin(), before.values_.end(), values_.begin(), values_.end());
  const bool removes = is(e, {"erase", "set"}) && was != before.values_.end();
  if (removes && e.result && e.returned < all.values_.at(*was).seen)
    return false;
  if (!puts_value(e) || is_now == values_.end())
    return true;
  const auto& mine = all.values_.at(*is_now);
  return std::none_of(values_.begin(), is_now,
                      [&](auto v) { return foresight::is_before(mine, all.values_.at(v)); })
         && std::none_of(is_now + 1, values_.end(),
                         [&](auto v) { return foresight::is_before(all.values_.at(v), mine); });
}

} // namespace beaver::test
