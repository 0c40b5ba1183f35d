#pragma once
#include "beaver/api/http_calls.hpp"
#include "beaver/api/http_metrics.hpp"
#include "beaver/api/server.hpp"

#include <atomic>
#include <memory>

namespace beaver {

/// What all connections of a server share: the way from a request to a call or a page, and the
/// decision whether it is let in. Knows no socket. Thread-safe.
class http_service {
public:
  http_service(std::shared_ptr<backend> to, const server_options& how);

  struct origin {
    std::string_view peer; ///< the address of the other side
    bool tls;
  };

  /// The call that a request is about, or the response where there is none: a page, or why not.
  /// `head` may come without its body.
  [[nodiscard]] std::variant<http_call, http_response> begin(const http_request& head,
                                                             const origin& from);

  /// Whether an operation may be carried out on the thread that holds the sockets: it only reads,
  /// was quick so far, and nothing slow is being read, for which it might have to wait.
  [[nodiscard]] bool is_quick(const operation& op) const noexcept;

  /// To be told of each call: that it begins elsewhere, and how long it took.
  void begins(const operation& op) noexcept;
  void ended(const operation& op, unsigned status, std::chrono::nanoseconds took,
             bool elsewhere) noexcept;

  [[nodiscard]] backend& to() const noexcept { return *to_; }
  [[nodiscard]] const server_options& options() const noexcept { return options_; }
  [[nodiscard]] http_metrics& metrics() noexcept { return metrics_; }

  /// From now on /health/ready says no.
  void drain() noexcept { draining_ = true; }

private:
  [[nodiscard]] std::optional<http_response> page(const http_request& head);
  [[nodiscard]] bool origin_allowed(const http_request& head, bool tls) const;
  [[nodiscard]] bool host_allowed(const http_request& head) const;

  std::shared_ptr<backend> to_;
  server_options options_;
  bool loopback_;
  http_calls calls_;
  http_metrics metrics_;
  std::atomic<bool> draining_{false};
  std::atomic<int> slow_reads_{0}; // in work
};

} // namespace beaver
