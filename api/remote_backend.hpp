#pragma once
#include "beaver/api/far_backend.hpp"
#include "beaver/api/remote_calls.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

namespace beaver {

/// Carries requests to a server. Thread-safe.
class http_transport {
public:
  using time_point = std::chrono::steady_clock::time_point;

  virtual ~http_transport() = default;

  /// What travels piece by piece instead of as a whole. What these throw ends the exchange.
  struct flow {
    const byte_source* up = nullptr;      ///< the body of the request
    const byte_sink* down = nullptr;      ///< takes that of a response with the status 200
    std::chrono::milliseconds patience{}; ///< for each piece; moves the deadline
  };

  /// Sends a request and waits for its response. When `stop` is requested the server is told that
  /// nobody waits any more, and its response to that still counts. Throws `error`: timeout,
  /// remote (no connection, or it broke), closed.
  virtual http_response exchange(const http_request& request, time_point deadline,
                                 const std::stop_token& stop, const flow& pieces) = 0;

  /// Opens the stream of an operation whose request this is.
  virtual std::shared_ptr<stream_buffer> open(const operation& op, const stream_limits& limits,
                                              const http_request& request) = 0;

  /// Ends all that is in work with errc::closed.
  virtual void close() noexcept = 0;
};

/// A backend whose database is a server's. Knows no socket.
class remote_backend final : public far_backend {
public:
  struct limits {
    std::chrono::milliseconds timeout;    ///< for a response
    std::size_t threads;                  ///< for calls that were started, at most
    std::chrono::seconds single_wait{20}; ///< a longer wait is several requests
  };

  remote_backend(std::shared_ptr<http_transport> over, limits how);
  /// `close`.
  ~remote_backend() override;

  void call(const operation& op, void* message, void* reply) override;
  void wait(const operation& op, void* message, void* reply, std::stop_token stop) override;
  void start(std::unique_ptr<async_call> call) override;
  std::shared_ptr<stream_buffer> subscribe(const operation& op, void* message) override;
  dump_status dump(std::string_view type, const std::string& name, const byte_sink& to,
                   const dump_options& how) override;
  dump_status load(std::string_view type, const std::string& name, const byte_source& from,
                   const load_options& how) override;

  void close() noexcept override;

private:
  using chain_key = std::pair<std::string_view, std::string>; // type and name

  struct work {
    std::unique_ptr<async_call> call;
    std::unique_ptr<chain_key> chain; // null: may overtake others
  };

  [[nodiscard]] http_request request_of(const operation& op, void* message) const;
  [[nodiscard]] http_transport::time_point deadline() const {
    return std::chrono::steady_clock::now() + how_.timeout;
  }
  void send(const operation& op, void* message, void* reply);
  template <class F>
  void as_call(F send);
  void finished_one() noexcept;
  void run();
  void carry_out(async_call& call);

  const std::shared_ptr<http_transport> over_;
  const limits how_;
  const remote_calls calls_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<work> ready_;
  std::map<chain_key, std::deque<work>> chains_; // behind one that is in work
  std::size_t waiting_ = 0;                      // in `ready_` and `chains_`
  std::size_t idle_ = 0;
  std::size_t unfinished_ = 0; // calls that end by themselves
  bool closed_ = false;        // takes no more
  bool ended_ = false;         // has nothing more to do
  std::vector<std::thread> threads_;
};

} // namespace beaver
