#pragma once
#include "vectors_support.hpp"

#include "beaver/actors/compaction.hpp"
#include "beaver/vector/tuning.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <semaphore>
#include <thread>
#include <utility>

namespace beaver::test {

/// Longer than anything takes that ends as it should.
inline constexpr auto patience = std::chrono::seconds{60};

/// Those that this build has.
inline std::vector<vectors_strategy> strategies() {
  std::vector<vectors_strategy> all{vectors_strategy::linear, vectors_strategy::lsh};
  if (has_hnsw())
    all.push_back(vectors_strategy::hnsw);
  return all;
}

/// Calls a function behind each step of the compactions of this process, on their thread. No
/// compaction may be under way when it begins or ends.
class step_watch {
public:
  explicit step_watch(std::function<void(int step)> f) {
    compaction::after_step = [f = std::move(f), step = 0]() mutable { f(++step); };
  }
  ~step_watch() {
    compaction::after_step = [] {};
  }
  step_watch(const step_watch&) = delete;
  step_watch& operator=(const step_watch&) = delete;
};

/// Holds a compaction up behind one of its steps until it is told to go on.
class held_compaction {
public:
  explicit held_compaction(int at)
    : watch_([this, at](int step) {
        steps_ = step;
        if (step != at)
          return;
        reached_.release();
        static_cast<void>(go_on_.try_acquire_for(patience));
      }) {}

  /// Until it has come that far.
  void await() {
    if (!reached_.try_acquire_for(patience))
      throw std::logic_error("no compaction has come that far");
  }
  void release() { go_on_.release(); }
  [[nodiscard]] int steps() const { return steps_; }

private:
  std::atomic<int> steps_{0};
  std::binary_semaphore reached_{0};
  std::binary_semaphore go_on_{0};
  step_watch watch_;
};

/// Asks until the answer is yes.
template <class F>
bool comes_true(F f) {
  const auto give_up = std::chrono::steady_clock::now() + patience;
  while (!f()) {
    if (std::chrono::steady_clock::now() > give_up)
      return false;
    std::this_thread::yield();
  }
  return true;
}

/// What is wrong with a collection that should hold these; empty if nothing is.
template <class Vectors>
std::string fault_in(const Vectors& v, const vectors_by_id& all, number_source& random,
                     metric by = metric::cosine) {
  if (stored_in(v) != all)
    return "the rows are others";
  const auto dims = all.empty() ? 1 : all.begin()->second.size();
  for (const std::size_t k : {std::size_t{1}, std::size_t{10}, all.size() + 1}) {
    const auto query = random.next(dims);
    if (auto fault = fault_in(v.near(query, {.k = k}), all, query, k, by); !fault.empty())
      return fault;
  }
  return {};
}

inline strategy made_by(vectors_strategy how) {
  return how == vectors_strategy::hnsw  ? strategy::hnsw
         : how == vectors_strategy::lsh ? strategy::lsh
                                        : strategy::linear;
}

/// A file with a collection, and what that should hold.
struct compaction_fixture {
  static constexpr std::size_t dims = 96; // three rows are more than a kilobyte

  temp_folder folder;
  std::optional<database> db{std::in_place, folder.file(), quick()};
  std::optional<vectors<>> v{db->vectors("v")};
  number_source random{fresh_seed()};
  vectors_by_id model;

  void fill(std::size_t count) {
    vectors_by_id added;
    for (std::size_t i = 0; i < count; ++i)
      added[id_of(model.size() + i)] = random.clustered(dims);
    set_all(*v, added);
    for (auto& [id, vector] : added)
      model[id] = std::move(vector);
  }

  void reopen(options how = quick()) {
    v.reset();
    db.reset();
    db.emplace(folder.file(), std::move(how));
    v = db->vectors("v");
  }

  [[nodiscard]] std::string fault() { return fault_in(*v, model, random); }

  [[nodiscard]] raw_file raw() const { return raw_file{folder.file()}; }

  /// The share of the 10 nearest that searches find.
  [[nodiscard]] double recall(near_options how = {}) {
    std::size_t found = 0;
    constexpr std::size_t queries = 30;
    for (std::size_t i = 0; i < queries; ++i) {
      const auto query = random.clustered(dims);
      const auto truth = true_nearest(model, query, 10);
      for (const auto& id : ids_of(v->near(query, how)))
        found += static_cast<std::size_t>(std::count(truth.begin(), truth.end(), id));
    }
    return static_cast<double>(found) / (10 * queries);
  }
};

} // namespace beaver::test
