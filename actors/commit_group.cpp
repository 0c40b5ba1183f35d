#include "beaver/actors/commit_group.hpp"

#include "beaver/storage/transaction.hpp"

#include <optional>
#include <utility>

namespace beaver {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_jobs = 4'096;
constexpr std::size_t most_bytes = 4 << 20;
constexpr auto patience = 100us; // with writers that are on their way

} // namespace

void commit_group::run(job_ptr& work, caf::response_promise& promise, job_context& context) {
  // The first job of a group has the transaction to itself and needs no savepoint.
  std::optional<savepoint> guard;
  if (!members_.empty())
    guard.emplace(context.db);
  auto reply = work->run(context);
  if (guard)
    guard->release();
  bytes_ += work->weight();
  members_.push_back({std::move(work), std::move(promise), std::move(reply)});
}

bool commit_group::full() const noexcept {
  return members_.size() >= most_jobs || bytes_ >= most_bytes;
}

bool commit_group::expects(unsigned writers) const noexcept {
  return members_.size() < writers && std::chrono::steady_clock::now() - began_ < patience;
}

std::vector<commit_group::member> commit_group::take() noexcept {
  bytes_ = 0;
  return std::exchange(members_, {});
}

void commit_group::acknowledge() {
  stats_.commits.fetch_add(1, std::memory_order_relaxed);
  stats_.write_jobs.fetch_add(members_.size(), std::memory_order_relaxed);
  stats_.bytes.fetch_add(bytes_, std::memory_order_relaxed);
  if (members_.size() > stats_.largest_group.load(std::memory_order_relaxed))
    stats_.largest_group.store(members_.size(), std::memory_order_relaxed);
  stats_.commit_latency.add(std::chrono::steady_clock::now() - began_);
  for (auto& m : members_)
    m.promise.deliver(std::move(m.reply));
  members_.clear();
  bytes_ = 0;
}

void commit_group::refuse(const caf::error& why) {
  stats_.failed_jobs.fetch_add(members_.size(), std::memory_order_relaxed);
  for (auto& m : take())
    m.promise.deliver(why);
}

} // namespace beaver
