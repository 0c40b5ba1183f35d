#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <iosfwd>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace beaver::test {

/// Arguments and results of recorded operations; what they mean says the model.
using values = std::vector<std::int64_t>;

/// A result, or nothing: the caller died or got an error after which the effect may come, at any
/// time after the call, or may not.
using answer = std::optional<values>;

/// What was asked of which object.
struct call {
  std::string object; // the name of a queue, a lock, a list
  std::string operation;
  values arguments;

  bool operator==(const call&) const = default;
};

/// One operation as its caller saw it. Between the two times it took effect; without a result,
/// `returned` means nothing.
struct event {
  int client = 0;
  call what;
  answer result;
  std::int64_t called = 0; // both in the nanoseconds of monotonic_now()
  std::int64_t returned = 0;

  bool operator==(const event&) const = default;
};

using history = std::vector<event>;
using part = std::vector<const event*>; // some events of a history that lives elsewhere

/// Nanoseconds of CLOCK_MONOTONIC: the same clock in all processes of a machine.
[[nodiscard]] std::int64_t monotonic_now();

/// As in "put(7, 1) -> ()"; an unknown result is "?".
[[nodiscard]] std::string to_text(const event& e);

/// What one thread does, one call after the other. Not thread-safe.
class client_record {
public:
  /// With a file, each call is in it before it is made and each result before the next call, so
  /// that of a process that is killed nothing is lost but what it did not know yet.
  client_record(int client, const std::filesystem::path& file);
  ~client_record();
  client_record(const client_record&) = delete;
  client_record& operator=(const client_record&) = delete;

  /// Calls `body`, which gives the result as `values`, and returns that. An exception passes and
  /// leaves the result unknown.
  template <class F>
  values record(call what, F&& body) {
    begin(std::move(what));
    values result = body();
    end(result);
    return result;
  }

  /// The same in pieces. A call that is not ended keeps an unknown result.
  void begin(call what);
  void end(values result);

  /// Takes the last call back: it certainly had no effect, as after errc::busy.
  void refuse();

  /// Notes that `what` may happen by itself at `from` or later, once or never: the end of a lease.
  /// Not between begin() and end().
  void may_happen(call what, std::int64_t from);

  [[nodiscard]] const history& events() const noexcept { return events_; }

private:
  event& last_call();
  void note(event e);
  void write(const std::string& line) const;

  int client_;
  int file_ = -1;
  history events_;
};

/// Records what several threads do. A buffer each: they do not meet.
class recorder {
public:
  recorder() = default;
  /// Writes through to one file a client in `folder`, which must exist; see client_record. Clients
  /// of all processes that share the folder have different numbers.
  explicit recorder(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// The record of a client; makes it first if need be. Thread-safe, lives as long as the recorder.
  [[nodiscard]] client_record& client(int number);

  /// Everything recorded. All threads must have finished.
  [[nodiscard]] history events() const;

private:
  std::filesystem::path folder_;
  mutable std::mutex mutex_; // of the map, not of what is in it
  std::map<int, client_record> clients_;
};

/// One line per call and one per return, in the order of the history.
void write_history(std::ostream& out, const history& events);

/// Reads what write_history() or a recorder wrote. A last line without its end is left out: a kill
/// can tear it. Throws std::runtime_error with the line's number on anything else.
[[nodiscard]] history read_history(std::istream& in);

/// Writes a history to a file of its own, for read_histories().
void save_history(const std::filesystem::path& file, const history& events);

/// Everything in the files of a folder: the histories of several processes as one.
[[nodiscard]] history read_histories(const std::filesystem::path& folder);

} // namespace beaver::test
