#pragma once
#include "beaver/storage/queue_lease.hpp"
#include "beaver/storage/queue_options.hpp"
#include "beaver/storage/queue_table.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace beaver::test {

/// An item as the oracle knows it. All texts differ, so that each item has a fate of its own.
struct known_item {
  double priority;
  unix_seconds timestamp;
  std::string data;
  std::uint64_t attempts = 0;
  std::optional<std::string> source{};
  std::uint64_t row = 0; // order of arrival in its table

  [[nodiscard]] auto place() const { return std::tuple{priority, timestamp, row}; }
  [[nodiscard]] bool noted() const { return attempts > 0 || source; }
  friend bool operator<(const known_item& a, const known_item& b) { return a.place() < b.place(); }
};

struct held_item {
  known_item item;
  unix_seconds due;
  std::optional<std::string> receipt;
};

/// What queues should do, with containers for tables.
class queue_oracle {
public:
  struct queue {
    std::set<known_item> ready; // rows of 2.3's table
    std::vector<held_item> held;
    std::vector<std::pair<double, unix_seconds>> orphans; // notes about items that Python took
    queue_options options;
  };

  queue& of(const std::string& name) { return queues_[name]; }

  [[nodiscard]] std::string letters_of(const std::string& name) {
    return of(name).options.dead_letter.value_or(name + ".dead");
  }

  [[nodiscard]] bool is_dead(const std::string& name, const known_item& item) {
    const auto& most = of(name).options.max_attempts;
    return most && item.attempts >= *most;
  }

  unix_seconds put(const std::string& name, double priority, const std::string& data,
                   std::optional<unix_seconds> due, unix_seconds now,
                   const std::optional<std::string>& source = {}) {
    auto& q = of(name);
    double last = -std::numeric_limits<double>::infinity();
    for (const auto& item : q.ready)
      if (item.priority == priority)
        last = std::max(last, item.timestamp);
    for (const auto& each : q.held)
      if (each.item.priority == priority)
        last = std::max(last, each.item.timestamp);
    for (const auto& [p, t] : q.orphans)
      if (p == priority)
        last = std::max(last, t);
    const auto timestamp =
      now > last ? now : std::nextafter(last, std::numeric_limits<double>::infinity());
    const known_item item{priority, timestamp, data, 0, source, ++rows_};
    if (due && *due > now)
      q.held.push_back({item, *due, {}});
    else
      q.ready.insert(item);
    return timestamp;
  }

  void put_like_python(const std::string& name, double priority, unix_seconds timestamp,
                       const std::string& data) {
    of(name).ready.insert({priority, timestamp, data, 0, {}, ++rows_});
  }

  std::optional<known_item> get(const std::string& name) {
    auto& q = of(name);
    if (q.ready.empty())
      return std::nullopt;
    return q.ready.extract(q.ready.begin()).value();
  }

  std::optional<known_item> get_like_python(const std::string& name) {
    auto item = get(name);
    if (item && item->noted())
      of(name).orphans.emplace_back(item->priority, item->timestamp);
    return item;
  }

  queue_table::settled come_back(const std::string& name, known_item item, unix_seconds now) {
    if (is_dead(name, item)) {
      put(letters_of(name), item.priority, item.data, {}, now, name);
      return {0, 1, letters_of(name)};
    }
    item.row = ++rows_;
    of(name).ready.insert(std::move(item));
    return {1, 0, ""};
  }

  queue_table::settled settle(const std::string& name, unix_seconds now) {
    auto due = due_items(name, now);
    std::erase_if(of(name).held, [&](const held_item& each) { return each.due <= now; });
    queue_table::settled all;
    for (auto& each : due) {
      auto one = come_back(name, std::move(each.item), now);
      all.ready += one.ready;
      all.dead += one.dead;
      if (one.dead > 0)
        all.dead_letter = one.dead_letter;
    }
    return all;
  }

  /// In the order in which they come back.
  std::vector<held_item> due_items(const std::string& name, unix_seconds now) {
    std::vector<held_item> due;
    for (const auto& each : of(name).held)
      if (each.due <= now)
        due.push_back(each);
    std::sort(due.begin(), due.end(), [](const held_item& a, const held_item& b) {
      return std::pair{a.due, a.item.row} < std::pair{b.due, b.item.row};
    });
    return due;
  }

  known_item take(const std::string& name, const std::string& receipt, unix_seconds until) {
    auto item = *get(name);
    ++item.attempts;
    item.row = ++rows_;
    of(name).held.push_back({item, until, receipt});
    return item;
  }

  /// The lease under this receipt, or null.
  held_item* leased(const std::string& name, const std::string& receipt, unix_seconds now) {
    for (auto& each : of(name).held)
      if (each.receipt == receipt && each.due > now)
        return &each;
    return nullptr;
  }

  held_item release(const std::string& name, held_item* lease) {
    auto& held = of(name).held;
    held_item result = *lease;
    held.erase(held.begin() + (lease - held.data()));
    return result;
  }

  std::uint64_t redrive(const std::string& name, std::uint64_t limit, unix_seconds now) {
    settle(name, now);
    const auto letters = letters_of(name);
    settle(letters, now);
    std::uint64_t moved = 0;
    for (const auto& letter : std::set<known_item>{of(letters).ready}) {
      const bool own = letter.source ? *letter.source == name : letters == name + ".dead";
      if (moved == limit || !own)
        continue;
      of(letters).ready.erase(letter);
      put(name, letter.priority, letter.data, {}, now);
      ++moved;
    }
    return moved;
  }

  std::uint64_t drop_orphans() {
    std::uint64_t dropped = 0;
    for (auto& [name, q] : queues_)
      dropped += std::erase_if(q.orphans, [&, &content = q](const auto& at) {
        return std::none_of(content.ready.begin(), content.ready.end(), [&](const auto& item) {
          return std::pair{item.priority, item.timestamp} == at;
        });
      });
    return dropped;
  }

  /// A listing of everything, in order.
  std::vector<queue_entry> list(const std::string& name, queue_view view, unix_seconds now) {
    std::vector<std::pair<std::tuple<double, unix_seconds, bool, std::uint64_t>, queue_entry>> all;
    const auto add = [&](const known_item& item, queue_state state, std::optional<unix_seconds> due,
                         std::uint64_t last) {
      all.push_back({{item.priority, item.timestamp, last > 0, last > 0 ? last : item.row},
                     {{item.priority, item.timestamp, 1},
                      json_text{item.data},
                      state,
                      item.attempts,
                      due,
                      item.source}});
    };
    if (view != queue_view::held)
      for (const auto& item : of(name).ready)
        add(item, queue_state::ready, {}, 0);
    std::uint64_t last = 0;
    for (const auto& [item, due, receipt] : due_items(name, now)) {
      const bool dead = is_dead(name, item);
      if (view == queue_view::all || (view == queue_view::ready && !dead))
        add(item, dead ? queue_state::dead : queue_state::ready, {},
            view == queue_view::all ? item.row : ++last);
    }
    for (const auto& [item, due, receipt] : of(name).held)
      if (due > now && view != queue_view::ready)
        add(item, receipt ? queue_state::leased : queue_state::delayed, due, item.row);
    std::sort(all.begin(), all.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<queue_entry> result;
    for (auto& [place, entry] : all) {
      if (!result.empty() && result.back().position.priority == entry.position.priority
          && result.back().position.timestamp == entry.position.timestamp)
        entry.position.ordinal = result.back().position.ordinal + 1;
      result.push_back(std::move(entry));
    }
    return result;
  }

private:
  std::map<std::string, queue> queues_;
  std::uint64_t rows_ = 0;
};

} // namespace beaver::test
