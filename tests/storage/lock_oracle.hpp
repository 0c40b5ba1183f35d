#pragma once
#include "table_fixture.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace beaver::test {

/// What should be in the rows of one lock, and who has reason to believe that it holds it.
class lock_oracle {
public:
  /// Time of request, then place among those that had to be moved behind it. A grant: minus token.
  using order = std::pair<double, int>;

  struct row {
    std::string waiter;
    unix_seconds expires_at;
    std::uint64_t token = 0;
    std::uint64_t request = 0; // number of the request; 0: of a Python process
  };

  /// Somebody who has been told that it holds the lock, and not yet that it does not.
  struct belief {
    std::string waiter;
    unix_seconds expires_at;
    bool python;
  };

  unix_seconds at = 0;       // now
  std::map<order, row> rows; // those that are over too, until somebody deletes them
  std::vector<belief> beliefs;
  std::vector<std::uint64_t> tokens; // all that were given
  std::set<std::string> python;      // the processes that have asked or hold

  [[nodiscard]] bool is_alive(const row& r) const { return r.expires_at > at; }

  /// The holder, or whose turn it is; null: nobody.
  row* first() {
    for (auto& each : rows)
      if (is_alive(each.second))
        return &each.second;
    return nullptr;
  }
  bool is_first(const std::string& waiter) { return first() && first()->waiter == waiter; }

  auto row_of(const std::string& waiter) {
    return std::find_if(rows.begin(), rows.end(),
                        [&](auto& each) { return each.second.waiter == waiter; });
  }
  row* alive(const std::string& waiter) {
    const auto found = row_of(waiter);
    return found != rows.end() && is_alive(found->second) ? &found->second : nullptr;
  }

  void remove(const std::string& waiter) {
    std::erase_if(rows, [&](auto& each) { return each.second.waiter == waiter; });
  }
  std::size_t purge() {
    return std::erase_if(rows, [&](auto& each) { return !is_alive(each.second); });
  }

  /// Puts a waiter at the end; tells whether the clock alone would have put it elsewhere.
  bool join(const std::string& waiter, double lease_seconds, std::uint64_t request) {
    purge();
    order key{at, 0};
    const bool moved = !rows.empty() && rows.rbegin()->first.first >= at;
    if (moved) {
      key = rows.rbegin()->first;
      ++key.second;
    }
    rows[key] = {waiter, at + lease_seconds, 0, request};
    return moved;
  }

  /// Makes a waiter of ours the holder; false if somebody of ours has asked earlier and waits
  /// still.
  bool grant(const std::string& waiter, std::uint64_t token, unix_seconds expires_at) {
    purge();
    auto own = rows.extract(row_of(waiter));
    const bool fair = std::all_of(rows.begin(), rows.end(), [&](const auto& each) {
      return each.second.request == 0 || each.second.request > own.mapped().request;
    });
    own.key() = {-static_cast<double>(token), 0};
    own.mapped().token = token;
    own.mapped().expires_at = expires_at;
    rows.insert(std::move(own));
    tokens.push_back(token);
    return fair;
  }

  void forget(const std::string& waiter) {
    std::erase_if(beliefs, [&](const belief& b) { return b.waiter == waiter; });
  }
  /// False if another one believes the same; two Python processes may, for one of them can push in
  /// before the other.
  bool believe(const std::string& waiter, unix_seconds expires_at, bool is_python) {
    forget(waiter);
    beliefs.push_back({waiter, expires_at, is_python});
    return beliefs.size() == 1
           || std::all_of(beliefs.begin(), beliefs.end(), [](const belief& b) { return b.python; });
  }
  [[nodiscard]] bool believes(const std::string& waiter) const {
    return std::any_of(beliefs.begin(), beliefs.end(),
                       [&](const belief& b) { return b.waiter == waiter; });
  }
  [[nodiscard]] bool python_holds() const {
    return std::any_of(beliefs.begin(), beliefs.end(), [](const belief& b) { return b.python; });
  }
};

} // namespace beaver::test
