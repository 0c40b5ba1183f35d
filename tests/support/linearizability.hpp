#pragma once
#include "support/history.hpp"

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

namespace beaver::test {

/// How an object behaves when nobody disturbs it. `step` gives the state after the operation if
/// the answer fits, and nothing if it does not; an unknown answer fits if the operation is
/// possible. Default construction is the state before the history. Two states that will always
/// behave alike should be equal: then the search does not look at both.
template <class M>
concept sequential_model = std::regular<M> && requires(const M& m, const call& what,
                                                       const answer& result) {
  { m.step(what, result) } -> std::same_as<std::optional<M>>;
  { m.hash() } -> std::convertible_to<std::size_t>;
  { m.text() } -> std::convertible_to<std::string>;
};

/// A model may say that its operations fall into parts which do not influence each other. Each part
/// is then checked by itself, on a state of its own (P-compositionality: A. Horn and D. Kroening,
/// "Faster linearizability checking via P-compositionality", FORTE 2015).
template <class M>
concept partitioned = requires(const call& what) {
  { M::part_of(what) } -> std::convertible_to<std::string>;
};

/// A model may look ahead: what its `foresight` learns from the whole history says at once that a
/// step is wrong whose refutation would come only much later, after the search has multiplied. It
/// may only refuse what can lead to no order. `after.follows(before, e, f)`: whether `after`, the
/// state that `e` makes of `before`, agrees with `f`.
template <class M>
concept foresighted = requires(const M& m, const event& e, const typename M::foresight& f) {
  requires std::constructible_from<typename M::foresight, const part&>;
  { m.follows(m, e, f) } -> std::same_as<bool>;
};

/// What a check has found.
struct verdict {
  enum class kind {
    linearizable,
    violated,
    undecided, // the limit was reached: no answer, which no test may take for a good one
  };
  kind what = kind::linearizable;
  std::size_t configurations = 0; // how many pairs of operations done and state were looked at
  std::string account;            // if it does not hold: how far an order goes and what stops it

  [[nodiscard]] bool holds() const noexcept { return what == kind::linearizable; }
};

namespace detail {

/// The calls and returns of a part's completed operations by time, as a list out of which an
/// operation is lifted when it gets its place in the order, and into which it is put back when the
/// search returns. Times that are equal count as overlapping.
class timeline {
public:
  explicit timeline(const part& operations);

  [[nodiscard]] std::size_t first() const { return next_[0]; }
  [[nodiscard]] std::size_t next(std::size_t entry) const { return next_[entry]; }
  [[nodiscard]] static bool is_call(std::size_t entry) { return entry % 2 == 1; }
  [[nodiscard]] static std::size_t operation(std::size_t entry) { return (entry - 1) / 2; }

  /// In the opposite order of each other.
  void lift(std::size_t operation);
  void put_back(std::size_t operation);

private:
  static std::size_t call_of(std::size_t operation) { return 2 * operation + 1; }
  static std::size_t return_of(std::size_t operation) { return 2 * operation + 2; }
  void unlink(std::size_t entry);
  void link(std::size_t entry);

  std::vector<std::size_t> next_; // entry 0 is both ends
  std::vector<std::size_t> previous_;
};

/// A set of numbers that grows about in their order: what lies below its first gap costs nothing,
/// so that the memory of a long history's search does not grow with its square.
class window_set {
public:
  [[nodiscard]] bool contains(std::size_t i) const;
  void insert(std::size_t i);
  void erase(std::size_t i);
  [[nodiscard]] std::size_t hash() const noexcept { return hash_; }
  bool operator==(const window_set&) const = default;

private:
  static constexpr std::uint64_t full = ~std::uint64_t{0};

  std::size_t first_ = 0;            // words before it are full
  std::vector<std::uint64_t> words_; // the first is not full, the last not empty
  std::size_t hash_ = 0;             // follows each change, so that it costs no pass over the words
};

/// Stands for the foresight of a model that has none.
struct no_foresight {
  explicit no_foresight(const part&) {}
};

template <class M>
struct foresight_of {
  using type = no_foresight;
};
template <foresighted M>
struct foresight_of<M> {
  using type = typename M::foresight;
};

/// What an account is made of.
struct dead_end {
  part order;        // the longest one found
  std::string state; // after it
  part refused;      // each of these could be next by its time, and its answer does not fit
  part useless;      // unknown results whose effect would not help
  const event* deadline = nullptr; // the first of them to return
  std::size_t completed = 0;       // operations with a result, in all
};
[[nodiscard]] std::string account_of(const dead_end& end);

/// Sorts the unknown results behind the completed operations, both by their calls; gives how many
/// are completed.
/// Throws std::logic_error if one returned before it was called.
[[nodiscard]] std::size_t arrange(part& operations);

/// The search of J. Wing and C. Gong ("Testing and verifying concurrent objects", 1993) over the
/// list, and with the memory of configurations already seen, of G. Lowe ("Testing for
/// linearizability", 2016). Two additions, both found by measuring:
/// - What returns first is tried first, and unknown results last: a guess that comes late is soon
///   confirmed or refuted, one that comes early doubles the search until somebody sees its effect.
/// - An operation that fits and changes nothing comes now, without a choice: if there is an order
///   in which it comes later, then also the one in which it comes now.
template <sequential_model M>
class search {
public:
  search(part operations, std::size_t limit, bool look_ahead)
    : operations_(std::move(operations)), completed_(arrange(operations_)), left_(completed_),
      foresight_(look_ahead ? std::optional{foresight{operations_}} : std::nullopt),
      list_({operations_.begin(), operations_.begin() + static_cast<std::ptrdiff_t>(completed_)}),
      limit_(limit) {}

  verdict run() {
    auto here = possibilities();
    while (left_ > 0) {
      if (seen_.size() > limit_)
        return {verdict::kind::undecided, seen_.size(),
                "undecided after " + std::to_string(seen_.size()) + " configurations, so far "
                  + account_of(describe())};
      if (here.tried < here.operations.size()) {
        const auto next = here.operations[here.tried++];
        if (take(next, here))
          here = possibilities();
      } else {
        remember();
        if (order_.empty())
          return {verdict::kind::violated, seen_.size(), account_of(describe())};
        here = take_back();
      }
    }
    return {verdict::kind::linearizable, seen_.size(), {}};
  }

private:
  using foresight = typename foresight_of<M>::type;

  /// What can be next by its time, and how much of it has been tried.
  struct branches {
    std::vector<std::size_t> operations;
    std::size_t tried = 0;
  };
  struct choice {
    std::size_t operation;
    M before;
    branches rest;
  };
  struct operation_set {
    window_set completed;
    window_set unknown;
    bool operator==(const operation_set&) const = default;
  };
  struct configuration {
    operation_set done;
    M state;
    bool operator==(const configuration&) const = default;
  };
  struct hash {
    std::size_t operator()(const configuration& c) const {
      return c.done.completed.hash() ^ (c.done.unknown.hash() * 31)
             ^ (c.state.hash() * 0x9e3779b97f4a7c15u);
    }
  };

  [[nodiscard]] bool is_completed(std::size_t operation) const { return operation < completed_; }

  branches possibilities() const {
    branches here;
    if (left_ == 0)
      return here;
    auto& found = here.operations;
    auto entry = list_.first();
    for (; timeline::is_call(entry); entry = list_.next(entry)) {
      const auto operation = timeline::operation(entry);
      if (changes_nothing(*operations_[operation])) {
        found = {operation};
        return here;
      }
      found.push_back(operation);
    }
    std::sort(found.begin(), found.end(), [&](std::size_t a, std::size_t b) {
      return operations_[a]->returned < operations_[b]->returned;
    });
    const auto deadline = operations_[timeline::operation(entry)]->returned;
    for (auto i = completed_; i < operations_.size() && operations_[i]->called <= deadline; ++i)
      if (!done_.unknown.contains(i - completed_))
        found.push_back(i);
    return here;
  }

  [[nodiscard]] bool changes_nothing(const event& e) const {
    const auto next = state_.step(e.what, e.result);
    return next && *next == state_;
  }

  bool take(std::size_t operation, branches& here) {
    const event& e = *operations_[operation];
    auto next = state_.step(e.what, e.result);
    if (!next)
      return false;
    if constexpr (foresighted<M>)
      if (foresight_ && !next->follows(state_, e, *foresight_))
        return false;
    if (!is_completed(operation) && *next == state_)
      return false; // a guess for nothing
    place(operation);
    if (!seen_.insert({done_, *next}).second) {
      displace(operation);
      return false;
    }
    order_.push_back({operation, std::exchange(state_, std::move(*next)), std::move(here)});
    return true;
  }

  branches take_back() {
    choice last = std::move(order_.back());
    order_.pop_back();
    unchanged_ = std::min(unchanged_, order_.size());
    state_ = std::move(last.before);
    displace(last.operation);
    return std::move(last.rest);
  }

  void place(std::size_t operation) {
    if (is_completed(operation)) {
      done_.completed.insert(operation);
      list_.lift(operation);
      --left_;
    } else {
      done_.unknown.insert(operation - completed_);
    }
  }

  void displace(std::size_t operation) {
    if (is_completed(operation)) {
      done_.completed.erase(operation);
      list_.put_back(operation);
      ++left_;
    } else {
      done_.unknown.erase(operation - completed_);
    }
  }

  /// Keeps the order that explains most, of those the one with the fewest guesses.
  void remember() {
    const auto explained = completed_ - left_;
    if (explained < explained_ || (explained == explained_ && order_.size() >= longest_.size()))
      return;
    explained_ = explained;
    longest_.resize(unchanged_);
    while (longest_.size() < order_.size())
      longest_.push_back(order_[longest_.size()].operation);
    unchanged_ = longest_.size();
  }

  dead_end describe() const {
    dead_end end;
    M state;
    std::vector<bool> done(operations_.size());
    for (const auto i : longest_) {
      end.order.push_back(operations_[i]);
      done[i] = true;
      state = *state.step(operations_[i]->what, operations_[i]->result);
    }
    end.state = state.text();
    end.completed = completed_;
    for (std::size_t i = 0; i < completed_; ++i)
      if (const auto* e = operations_[i];
          !done[i] && (!end.deadline || e->returned < end.deadline->returned))
        end.deadline = e;
    for (std::size_t i = 0; i < operations_.size(); ++i)
      if (!done[i] && operations_[i]->called <= end.deadline->returned)
        (is_completed(i) ? end.refused : end.useless).push_back(operations_[i]);
    return end;
  }

  part operations_; // completed ones first
  std::size_t completed_;
  std::size_t left_; // completed ones that have no place yet
  std::optional<foresight> foresight_;
  timeline list_;
  operation_set done_;
  std::size_t limit_;
  M state_{};
  std::vector<choice> order_;
  std::unordered_set<configuration, hash> seen_;
  std::vector<std::size_t> longest_;
  std::size_t explained_ = 0; // completed ones in it
  std::size_t unchanged_ = 0; // how much of it the present order still begins with
};

/// A violation found by looking ahead is looked for once more without, so that it does not rest on
/// the foresight and its account shows where the answers themselves collide; not at any price.
template <sequential_model M>
verdict check_part(const part& operations, std::size_t limit) {
  auto found = search<M>{operations, limit, true}.run();
  if (!foresighted<M> || found.what != verdict::kind::violated)
    return found;
  auto again = search<M>{operations, limit / 10, false}.run();
  again.configurations += found.configurations;
  if (again.what == verdict::kind::linearizable)
    throw std::logic_error("the model's foresight is wrong: " + found.account);
  if (again.what == verdict::kind::violated)
    return again;
  found.account += "(an answer that fits this state contradicts what was seen later)\n";
  found.configurations = again.configurations;
  return found;
}

} // namespace detail

/// Whether the operations of `events`, in whatever order, can have taken effect one at a time, each
/// between its call and its return, so that each answer is the one that `M` would have given.
/// Exponential at worst in how many operations overlap; gives up after `limit` configurations of a
/// part, each of them a state in memory.
template <sequential_model M>
[[nodiscard]] verdict check(const history& events, std::size_t limit = 1'000'000) {
  std::map<std::string, part> parts;
  for (const auto& e : events) {
    std::string name;
    if constexpr (partitioned<M>)
      name = M::part_of(e.what);
    parts[std::move(name)].push_back(&e);
  }
  verdict all;
  for (const auto& [name, operations] : parts) {
    auto one = detail::check_part<M>(operations, limit);
    all.configurations += one.configurations;
    if (one.what == verdict::kind::linearizable || all.what == verdict::kind::violated)
      continue;
    all.what = one.what;
    all.account = (name.empty() ? "" : "'" + name + "': ") + one.account;
  }
  return all;
}

} // namespace beaver::test
