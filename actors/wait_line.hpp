#pragma once
#include "beaver/actors/job.hpp"

#include <caf/error.hpp>
#include <caf/message.hpp>
#include <caf/response_promise.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace beaver {

/// The calls that wait at one manager until a table has something for them, longest first.
///
/// The manager adds them, answers them and lets them go; jobs on the writer look for what can be
/// given, which counts only when their transaction is committed. So a call that a running job may
/// have something for stays until that job's end is known, whatever else becomes of it: nothing is
/// ever given to a call that has gone. A call whose time is over before any job has looked for it
/// stays until one has: that it gets nothing means that there was nothing. Thread-safe; answers are
/// delivered by the manager alone.
class wait_line {
public:
  using steady = std::chrono::steady_clock;

  /// What jobs do for a message of one type. All may throw `error`.
  struct kind {
    /// Gives it what it asks for, or nothing yet.
    std::optional<caf::message> (*serve)(job_context&, const void* message);
    /// After `serve`: whether there may be something for a call behind this one. Null: if there was
    /// something for this one.
    bool (*go_on)(job_context&, const void* message);
    /// Makes its waiting known in the file, or renews that. May be null.
    void (*arrive)(job_context&, const void* message);
    /// Undoes that when it leaves with nothing. May be null.
    void (*depart)(job_context&, const void* message);
  };

  /// A message and what to do for it.
  struct task {
    std::shared_ptr<const void> message;
    const kind* how;
  };

  struct call {
    task what;
    caf::message empty; ///< the answer when the time is over
    std::optional<steady::time_point> deadline;
    caf::response_promise promise;
  };

  // -- for the manager ----------------------------------------------------------------------------

  /// Gives the number of the call.
  std::uint64_t add(call c);

  [[nodiscard]] bool empty() const;

  /// The number of a new job that is about to be sent to the writer.
  [[nodiscard]] std::uint64_t announce_job();

  /// Whether a job has been sent that has not begun: it will see whatever is there by then.
  [[nodiscard]] bool job_queued() const;

  /// A reader is about to be asked to look. False if one has been that has not begun.
  [[nodiscard]] bool announce_glance();

  /// The job's transaction ended, well or by `failure`: answers those it had something for, and
  /// those whose time came meanwhile. Whether anybody got something.
  bool finish_job(std::uint64_t job, const caf::error& failure);

  /// Answers all whose time is over and who were looked for; when to call it again.
  std::optional<steady::time_point> expire(steady::time_point now);

  /// Lets go of the call that arrived as this request, or of all calls of that actor.
  void cancel(const caf::actor_control_block* sender, std::uint64_t request);
  void forget(const caf::actor_control_block* sender);

  /// Answers one call with an error.
  void fail(std::uint64_t number, const caf::error& why);

  /// Answers everybody with `why`, as soon as that may be.
  void end_all(const caf::error& why);

  /// The manager has ended: answers everybody at once. What running jobs still give is undone.
  void abandon(const caf::error& why);

  /// When a job wanted to be sent again, whatever happens until then; asked once.
  [[nodiscard]] std::optional<unix_seconds> take_next_look();

  /// All who wait.
  [[nodiscard]] std::vector<task> tasks() const;

  /// Those who have left with nothing since the last call and want to `depart`.
  [[nodiscard]] std::vector<task> take_departed();

  // -- for jobs -----------------------------------------------------------------------------------

  struct claim {
    std::uint64_t number;
    task what;
  };

  /// Begins a job, perhaps once more after its transaction was undone.
  void begin_job(std::uint64_t job);

  /// The call that has waited longest and has got nothing yet.
  [[nodiscard]] std::optional<claim> next(std::uint64_t job);

  /// Has an answer for it.
  void give(std::uint64_t job, std::uint64_t number, caf::message reply);

  /// Before a reader looks on behalf of all who are here by now, and when it has found nothing.
  std::uint64_t begin_glance();
  void found_nothing(std::uint64_t glance);

  void look_again_at(std::optional<unix_seconds> when);

private:
  /// Of a sender that its promise keeps alive; numbers of actors are those of their own node.
  using request_key = std::pair<const caf::actor_control_block*, std::uint64_t>;
  struct entry {
    call of;
    request_key request;         ///< which its promise forgets when it is delivered
    std::uint64_t served_by = 0; ///< the job that has `reply` for it
    caf::message reply{};
    unsigned claims = 0;             ///< by jobs whose end is not known
    std::optional<caf::error> end{}; ///< leaves with it as soon as it may
  };
  struct running {
    std::uint64_t seen = 0;               ///< calls up to this number were there when it began
    std::vector<std::uint64_t> claimed{}; ///< in order
  };
  using entries = std::map<std::uint64_t, entry>;

  void release_claims(std::uint64_t job);
  bool answer_claimed(std::uint64_t job, bool committed);
  void answer_overdue(const caf::error& failure);
  void leave(entries::iterator who, caf::error why);
  entries::iterator erase(entries::iterator who);

  mutable std::mutex mutex_;
  std::uint64_t last_number_ = 0;
  std::uint64_t queued_job_ = 0; ///< 0: none
  bool glance_queued_ = false;
  entries waiting_; ///< in order of arrival
  std::set<std::pair<steady::time_point, std::uint64_t>> deadlines_;
  std::map<request_key, std::uint64_t> requests_;
  std::map<std::uint64_t, running> running_;
  std::uint64_t looked_for_ = 0;       ///< calls up to this number were looked for
  std::vector<std::uint64_t> overdue_; ///< those beyond it whose time is over
  std::vector<task> departed_;
  std::optional<unix_seconds> next_look_;
};

/// Does one step of their kind for some calls.
class task_job final : public job {
public:
  using step = void (*wait_line::kind::*)(job_context&, const void*);

  task_job(std::vector<wait_line::task> tasks, step what) : tasks_(std::move(tasks)), step_(what) {}

  caf::message run(job_context& context) override;
  [[nodiscard]] bool reads() const noexcept override { return false; }

private:
  const std::vector<wait_line::task> tasks_;
  const step step_;
};

/// What jobs do for all who wait at a manager of one data type. All may throw `error`.
struct line_service {
  std::string_view type;
  /// Comes before the first call is served. May be null.
  void (*prepare)(job_context&, const std::string& name);
  /// When something may become ready by itself. May be null.
  std::optional<unix_seconds> (*next_look)(job_context&, const std::string& name);
  /// Whether there may be something at all. May be null.
  bool (*is_worth_trying)(job_context&, const std::string& name);

  [[nodiscard]] constexpr bool can_look() const { return is_worth_trying != nullptr; }
};

/// Looks whether there may be something for those who wait, over a reader.
class glance_job final : public job {
public:
  glance_job(std::shared_ptr<wait_line> line, std::string name, const line_service& how)
    : line_(std::move(line)), name_(std::move(name)), how_(how) {}

  caf::message run(job_context& context) override;
  [[nodiscard]] bool reads() const noexcept override { return true; }

private:
  const std::shared_ptr<wait_line> line_;
  const std::string name_;
  const line_service& how_;
};

/// The job that serves a line: the calls in their order, as long as their kind goes on.
class serve_job final : public job {
public:
  serve_job(std::shared_ptr<wait_line> line, std::uint64_t number, std::string name,
            const line_service& how)
    : line_(std::move(line)), number_(number), name_(std::move(name)), how_(how) {}

  caf::message run(job_context& context) override;
  [[nodiscard]] bool reads() const noexcept override { return false; }

private:
  const std::shared_ptr<wait_line> line_;
  const std::uint64_t number_;
  const std::string name_;
  const line_service& how_;
};

} // namespace beaver
