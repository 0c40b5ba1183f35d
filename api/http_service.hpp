#pragma once
#include "beaver/api/access.hpp"
#include "beaver/api/http_calls.hpp"
#include "beaver/api/http_metrics.hpp"
#include "beaver/api/http_transfer.hpp"
#include "beaver/api/memory_budget.hpp"
#include "beaver/api/server.hpp"
#include "beaver/api/web_origins.hpp"

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

  /// A call, and by whom; nobody needs to be known where there are no tokens.
  struct admitted {
    http_call call;
    std::optional<caller> by;
  };

  /// The call or the transfer that a request is about, or the response where there is none: a page,
  /// or why not. `head` may come without its body.
  [[nodiscard]] std::variant<admitted, http_transfer, http_response> begin(const http_request& head,
                                                                           const origin& from);

  /// Takes the body of a request; the response, if that is not as it should be or asks for more
  /// than its sender may do.
  [[nodiscard]] static std::optional<http_response> take_body(admitted& a, std::string_view body);

  /// Says in a response which web pages may read it.
  void share(const http_request& head, http_response& response) const {
    origins_.share(head, response);
  }

  /// Whether requests have to show a token.
  [[nodiscard]] bool needs_token();

  /// Whether an operation may be carried out on the thread that holds the sockets: it only reads,
  /// was quick so far, and nothing slow is being read, for which it might have to wait.
  [[nodiscard]] bool is_quick(const operation& op) const noexcept;

  /// To be told of each call: that it begins elsewhere, and how long it took.
  void begins(const operation& op) noexcept;
  void ended(const operation& op, unsigned status, std::chrono::nanoseconds took,
             bool elsewhere) noexcept;

  [[nodiscard]] backend& to() const noexcept { return *to_; }
  [[nodiscard]] const std::shared_ptr<backend>& target() const noexcept { return to_; }
  [[nodiscard]] const server_options& options() const noexcept { return options_; }
  [[nodiscard]] http_metrics& metrics() noexcept { return metrics_; }
  /// For bodies and frames above `small_body`.
  [[nodiscard]] memory_budget& memory() noexcept { return memory_; }

  /// From now on /health/ready says no.
  void drain() noexcept { draining_ = true; }

private:
  [[nodiscard]] std::optional<http_response> page(const http_request& head) const;
  [[nodiscard]] http_response metrics_page() const;
  [[nodiscard]] access_list::identity identify(const http_request& head, const origin& from);
  [[nodiscard]] bool host_allowed(const http_request& head) const;

  std::shared_ptr<backend> to_;
  server_options options_;
  web_origins origins_;
  bool loopback_;
  http_calls calls_;
  access_list access_;
  http_metrics metrics_;
  memory_budget memory_;
  std::atomic<bool> draining_{false};
  std::atomic<int> slow_reads_{0}; // in work
  std::atomic<bool> file_has_tokens_{false};
  std::atomic<std::chrono::steady_clock::time_point> looked_for_tokens_{};
};

} // namespace beaver
