#pragma once
#include "support/history.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace beaver::test {

/// What became of each item of a queue that is empty now, by the history of its calls in the words
/// of `queue_model`. Looks at every item by itself, not at their order, so that long histories are
/// cheap; check() in linearizability.hpp sees more. Items and leases have different numbers, and
/// every get has a result.
class queue_ledger {
public:
  explicit queue_ledger(const history& events) {
    for (const auto& e : events)
      if (e.what.operation == "put")
        enter_put(e);
    for (const auto& e : events)
      if (e.result && !e.result->empty()
          && (e.what.operation == "get" || e.what.operation == "take"))
        enter_delivery(e);
    for (const auto& e : events)
      if (const auto& name = e.what.operation;
          name == "ack" || name == "nack" || name == "lease_end")
        enter_end(e);
    for (const auto& [number, i] : items_)
      judge(number, i);
  }

  std::size_t acknowledged_puts = 0;
  std::size_t deliveries = 0;
  std::size_t unknown = 0;           ///< puts, acks and nacks
  std::size_t came_back = 0;         ///< items given again that nobody has given back
  std::vector<std::string> faults{}; ///< with all that was done to the item

  /// At most the first of them.
  [[nodiscard]] std::string text() const {
    std::string all = std::to_string(faults.size()) + " faults\n";
    for (std::size_t i = 0; i < std::min<std::size_t>(faults.size(), 5); ++i)
      all += faults[i];
    return all;
  }

private:
  static constexpr auto never = std::numeric_limits<std::int64_t>::max();

  struct delivery {
    const event* given;
    const event* ack = nullptr;
    const event* nack = nullptr;
    std::int64_t until = never; // of a lease, by the clock
    bool ends = false;          // `until` is known

    [[nodiscard]] bool removes_surely() const {
      return given->what.operation == "get" || (ack && ack->result == values{1});
    }
    /// Nobody else can have had the item from its return until then.
    [[nodiscard]] std::int64_t held_until() const {
      if (removes_surely())
        return never;
      if (!ends) // killed before it could say so
        return given->returned;
      const auto* end = ack ? ack : nack;
      return end && end->result != values{0} ? std::min(until, end->called) : until;
    }
  };
  struct item {
    const event* put = nullptr;
    std::vector<delivery> deliveries{};
  };

  void enter_put(const event& e) {
    acknowledged_puts += e.result.has_value();
    unknown += !e.result;
    items_[e.what.arguments.at(0)].put = &e;
  }

  void enter_delivery(const event& e) {
    ++deliveries;
    const auto number = e.result->front();
    auto& all = items_[number].deliveries;
    if (e.what.operation == "take")
      leases_.emplace(e.what.arguments.at(0), std::pair{number, all.size()});
    all.push_back({&e});
  }

  void enter_end(const event& e) {
    const auto found = leases_.find(e.what.arguments.at(0));
    if (found == leases_.end())
      return; // of a delay
    auto& d = items_[found->second.first].deliveries[found->second.second];
    if (e.what.operation == "lease_end") {
      d.until = e.called;
      d.ends = true;
      return;
    }
    unknown += !e.result;
    (e.what.operation == "ack" ? d.ack : d.nack) = &e;
  }

  void judge(std::int64_t number, const item& i) {
    const auto fault = [&](const std::string& what) {
      faults.push_back("item " + std::to_string(number) + " " + what + ":\n" + account_of(i));
    };
    if (!i.put)
      fault("came from nowhere");
    const auto removed = std::count_if(i.deliveries.begin(), i.deliveries.end(),
                                       [](const delivery& d) { return d.removes_surely(); });
    if (removed > 1)
      fault("was removed more than once");
    const bool perhaps = std::any_of(i.deliveries.begin(), i.deliveries.end(),
                                     [](const delivery& d) { return d.ack && !d.ack->result; });
    if (removed == 0 && !perhaps && i.put && i.put->result)
      fault("is lost");
    auto sorted = i.deliveries;
    std::sort(sorted.begin(), sorted.end(), [](const delivery& a, const delivery& b) {
      return a.given->returned < b.given->returned;
    });
    auto gone = never;
    for (const auto& d : sorted)
      if (d.removes_surely())
        gone = std::min(gone, (d.ack ? d.ack : d.given)->returned);
    auto held_until = std::numeric_limits<std::int64_t>::min();
    for (const auto& d : sorted) {
      if (d.given->called > gone)
        fault("was given after it was gone");
      else if (d.held_until() > d.given->returned && held_until > d.given->returned)
        fault("was given to two at a time");
      held_until = std::max(held_until, d.held_until());
      for (const auto* end : {d.ack, d.nack})
        if (end && end->result == values{0} && d.ends && end->returned < d.until)
          fault("was settled by somebody else");
    }
    for (std::size_t n = 1; n < sorted.size(); ++n)
      came_back += !sorted[n - 1].nack;
  }

  static std::string account_of(const item& i) {
    const auto line = [](const event* e) {
      return e ? "  client " + std::to_string(e->client) + ": " + to_text(*e) + "  ["
                   + std::to_string(e->called) + ".."
                   + (e->result ? std::to_string(e->returned) : "") + "]\n"
               : std::string{};
    };
    std::string text = line(i.put);
    for (const auto& d : i.deliveries)
      text += line(d.given) + line(d.ack) + line(d.nack)
              + (d.ends ? "  lease ends at " + std::to_string(d.until) + "\n" : "");
    return text;
  }

  std::map<std::int64_t, item> items_;
  std::unordered_map<std::int64_t, std::pair<std::int64_t, std::size_t>> leases_;
};

} // namespace beaver::test
