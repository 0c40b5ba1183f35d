#include "beaver/actors/wait_line.hpp"

#include "beaver/actors/caf_errors.hpp"

#include <algorithm>
#include <caf/actor_control_block.hpp>

namespace beaver {

std::uint64_t wait_line::add(call c) {
  std::lock_guard guard{mutex_};
  const auto number = ++last_number_;
  if (c.deadline)
    deadlines_.emplace(*c.deadline, number);
  const request_key request{c.promise.source().get(), c.promise.id().request_id().integer_value()};
  requests_.emplace(request, number);
  waiting_.emplace(number, entry{std::move(c), request});
  return number;
}

bool wait_line::empty() const {
  std::lock_guard guard{mutex_};
  return waiting_.empty();
}

std::uint64_t wait_line::announce_job() {
  std::lock_guard guard{mutex_};
  return queued_job_ = ++last_number_;
}

bool wait_line::job_queued() const {
  std::lock_guard guard{mutex_};
  return queued_job_ != 0;
}

void wait_line::begin_job(std::uint64_t job) {
  std::lock_guard guard{mutex_};
  if (queued_job_ == job)
    queued_job_ = 0;
  release_claims(job);
  running_[job].seen = last_number_;
}

std::optional<wait_line::claim> wait_line::next(std::uint64_t job) {
  std::lock_guard guard{mutex_};
  auto& claimed = running_[job].claimed;
  auto i = claimed.empty() ? waiting_.begin() : waiting_.upper_bound(claimed.back());
  while (i != waiting_.end() && (i->second.served_by != 0 || i->second.end))
    ++i;
  if (i == waiting_.end())
    return std::nullopt;
  auto& [number, e] = *i;
  ++e.claims;
  claimed.push_back(number);
  return claim{number, e.of.what};
}

void wait_line::give(std::uint64_t job, std::uint64_t number, caf::message reply) {
  std::lock_guard guard{mutex_};
  const auto who = waiting_.find(number); // which stays, being claimed
  if (who == waiting_.end())
    throw error(errc::closed, "the manager of those who wait has ended");
  who->second.served_by = job;
  who->second.reply = std::move(reply);
}

bool wait_line::announce_glance() {
  std::lock_guard guard{mutex_};
  return !std::exchange(glance_queued_, true);
}

std::uint64_t wait_line::begin_glance() {
  std::lock_guard guard{mutex_};
  glance_queued_ = false;
  return last_number_;
}

void wait_line::found_nothing(std::uint64_t glance) {
  std::lock_guard guard{mutex_};
  looked_for_ = std::max(looked_for_, glance);
}

void wait_line::look_again_at(std::optional<unix_seconds> when) {
  std::lock_guard guard{mutex_};
  if (when)
    next_look_ = std::min(next_look_.value_or(*when), *when);
}

std::optional<unix_seconds> wait_line::take_next_look() {
  std::lock_guard guard{mutex_};
  return std::exchange(next_look_, std::nullopt);
}

/// Undoes what the job did to the line.
void wait_line::release_claims(std::uint64_t job) {
  const auto found = running_.find(job);
  if (found == running_.end())
    return;
  for (const auto number : found->second.claimed) {
    const auto who = waiting_.find(number);
    if (who == waiting_.end())
      continue; // served, or abandoned
    auto& e = who->second;
    --e.claims;
    if (e.served_by == job) {
      e.served_by = 0;
      e.reply.reset();
    }
  }
  running_.erase(found);
}

bool wait_line::finish_job(std::uint64_t job, const caf::error& failure) {
  std::lock_guard guard{mutex_};
  if (queued_job_ == job) // failed before it ran
    queued_job_ = 0;
  const bool served = answer_claimed(job, !failure);
  answer_overdue(failure);
  return served;
}

bool wait_line::answer_claimed(std::uint64_t job, bool committed) {
  const auto found = running_.find(job);
  if (found == running_.end())
    return false;
  bool served = false;
  const auto claimed = found->second.claimed;
  if (committed) {
    looked_for_ = std::max(looked_for_, found->second.seen);
    for (const auto number : claimed) {
      const auto who = waiting_.find(number);
      if (who->second.served_by != job)
        continue;
      who->second.of.promise.deliver(std::move(who->second.reply));
      erase(who);
      served = true;
    }
  }
  release_claims(job);
  for (const auto number : claimed)
    if (const auto who = waiting_.find(number); who != waiting_.end() && who->second.end)
      leave(who, *who->second.end);
  return served;
}

void wait_line::answer_overdue(const caf::error& failure) {
  for (const auto number : std::exchange(overdue_, {})) {
    const auto who = waiting_.find(number);
    if (who == waiting_.end() || who->second.end)
      continue;
    if (failure || number <= looked_for_)
      leave(who, failure);
    else
      overdue_.push_back(number);
  }
}

/// Answers a call and lets it go, or at least gives it nothing any more.
void wait_line::leave(entries::iterator who, caf::error why) {
  if (who->second.claims > 0) {
    who->second.end = std::move(why);
    return;
  }
  auto& c = who->second.of;
  if (c.what.how->depart)
    departed_.push_back(c.what);
  if (why)
    c.promise.deliver(std::move(why));
  else
    c.promise.deliver(std::move(c.empty));
  erase(who);
}

wait_line::entries::iterator wait_line::erase(entries::iterator who) {
  const auto& [number, e] = *who;
  if (e.of.deadline)
    deadlines_.erase({*e.of.deadline, number});
  requests_.erase(e.request);
  return waiting_.erase(who);
}

std::optional<wait_line::steady::time_point> wait_line::expire(steady::time_point now) {
  std::lock_guard guard{mutex_};
  answer_overdue({});
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    const auto who = waiting_.find(deadlines_.begin()->second);
    deadlines_.erase(deadlines_.begin());
    who->second.of.deadline.reset();
    if (who->second.end)
      continue;
    if (who->first <= looked_for_)
      leave(who, {});
    else
      overdue_.push_back(who->first);
  }
  if (deadlines_.empty())
    return std::nullopt;
  return deadlines_.begin()->first;
}

void wait_line::cancel(const caf::actor_control_block* sender, std::uint64_t request) {
  std::lock_guard guard{mutex_};
  if (const auto found = requests_.find({sender, request}); found != requests_.end())
    leave(waiting_.find(found->second), to_caf(errc::cancelled, "the caller stopped waiting"));
}

void wait_line::forget(const caf::actor_control_block* sender) {
  std::lock_guard guard{mutex_};
  std::vector<std::uint64_t> gone;
  for (auto i = requests_.lower_bound({sender, 0});
       i != requests_.end() && i->first.first == sender; ++i)
    gone.push_back(i->second);
  for (const auto number : gone)
    leave(waiting_.find(number), to_caf(errc::cancelled, "the caller has ended"));
}

void wait_line::fail(std::uint64_t number, const caf::error& why) {
  std::lock_guard guard{mutex_};
  if (const auto who = waiting_.find(number); who != waiting_.end())
    leave(who, why);
}

std::vector<wait_line::task> wait_line::tasks() const {
  std::vector<task> all;
  std::lock_guard guard{mutex_};
  for (const auto& [number, e] : waiting_)
    if (!e.end)
      all.push_back(e.of.what);
  return all;
}

std::vector<wait_line::task> wait_line::take_departed() {
  std::lock_guard guard{mutex_};
  return std::exchange(departed_, {});
}

void wait_line::end_all(const caf::error& why) {
  std::lock_guard guard{mutex_};
  for (auto i = waiting_.begin(); i != waiting_.end();) {
    const auto who = i++;
    leave(who, why);
  }
}

void wait_line::abandon(const caf::error& why) {
  std::lock_guard guard{mutex_};
  for (auto& [number, e] : waiting_)
    e.of.promise.deliver(why);
  waiting_.clear();
  deadlines_.clear();
  requests_.clear();
}

caf::message task_job::run(job_context& context) {
  for (const auto& task : tasks_)
    (task.how->*step_)(context, task.message.get());
  return caf::make_message();
}

caf::message glance_job::run(job_context& context) {
  const auto glance = line_->begin_glance();
  const bool worth = how_.is_worth_trying(context, name_);
  if (!worth) {
    if (how_.next_look)
      line_->look_again_at(how_.next_look(context, name_));
    line_->found_nothing(glance);
  }
  return caf::make_message(worth);
}

caf::message serve_job::run(job_context& context) {
  line_->begin_job(number_);
  auto next = line_->next(number_);
  if (next && how_.prepare)
    how_.prepare(context, name_);
  bool somebody_waits = false;
  for (; next; next = line_->next(number_)) {
    const auto& [message, how] = next->what;
    auto reply = how->serve(context, message.get());
    const bool go_on = how->go_on ? how->go_on(context, message.get()) : reply.has_value();
    somebody_waits |= !reply || !go_on;
    if (reply)
      line_->give(number_, next->number, std::move(*reply));
    if (!go_on)
      break;
  }
  if (somebody_waits && how_.next_look)
    line_->look_again_at(how_.next_look(context, name_));
  if (context.changed)
    context.changed->settle(how_.type, name_);
  return caf::make_message();
}

} // namespace beaver
