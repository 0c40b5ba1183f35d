#pragma once
#include "beaver/actors/backend.hpp"
#include "beaver/storage/clock.hpp"
#include "beaver/storage/connection.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace caf {
class actor;
class actor_system;
} // namespace caf

namespace beaver {

/// How an engine is opened; `api/options.hpp` explains the choices to users.
struct engine_options {
  std::string path;
  connection_options connecting;
  clock_function clock = system_now;
  std::chrono::milliseconds busy_limit{30'000};
  std::chrono::milliseconds lease_limit{30'000};
  std::chrono::milliseconds sweep_period{60'000}; ///< 0: no background sweep
  std::chrono::milliseconds snapshot_limit{60'000};
  std::uint64_t snapshot_wal_bytes = 512ull << 20;
  unsigned threads = 0; ///< readers, and workers of an actor system of its own; 0: as many as cores
  unsigned in_flight = 1'024; ///< calls at one time; more wait, or are refused if asynchronous
};

/// One open file: its actors, and the way from a call on any thread into them and back. Knows no
/// data type but through the registry. Thread-safe.
class engine final : public backend, public std::enable_shared_from_this<engine> {
public:
  /// Opens the file with an actor system of its own, or within `system`, which must outlive the
  /// engine's `close`. Throws `error`.
  static std::shared_ptr<engine> open(engine_options options, caf::actor_system* system = nullptr);

  ~engine() override;

  /// Runs the message on the calling thread as far as it can (the thread is lent to the actors).
  /// Throws `error` would_deadlock from inside an actor of ours or a transaction of the same
  /// engine.
  void call(const operation& op, void* message, void* reply) override;
  void wait(const operation& op, void* message, void* reply, std::stop_token stop) override;
  void start(std::unique_ptr<async_call> call) override;
  void apply(write_list writes) override;
  std::shared_ptr<stream_buffer> subscribe(const operation& op, void* message) override;
  [[nodiscard]] unix_seconds now() const override;

  /// Runs `body` on the calling thread over a backend that is one transaction; commits when it
  /// returns, rolls back and passes on what it throws.
  void transact(const std::function<void(std::shared_ptr<backend>)>& body,
                time_limit limit = time_limit::of_options);

  /// A read-only backend that shows the file as it is now. Holds back checkpoints while it lives,
  /// and so ends by itself at the limits. Throws `error` not_supported in memory.
  std::shared_ptr<backend> snapshot();

  /// The managing actor of (type, name), started if need be.
  [[nodiscard]] caf::actor manager(std::string_view type, std::string_view name);

  /// Refuses new calls, waits for those in flight, answers everybody who waits, writes everything
  /// out and closes the file. Repeated calls do nothing. Throws `error` would_deadlock where `call`
  /// does.
  void close();

  /// The same for destructors, unchecked.
  void shut() noexcept;

  /// Throws `error` would_deadlock where `call` does.
  void refuse_deadlock() const;

  [[nodiscard]] const std::string& path() const noexcept;

private:
  struct impl;
  void end_waiting() noexcept;
  explicit engine(std::unique_ptr<impl> inside);

  std::unique_ptr<impl> impl_;
};

} // namespace beaver
