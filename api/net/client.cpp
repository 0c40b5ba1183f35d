#include "beaver/api/net/client_connection.hpp"
#include "beaver/api/net/stream_client.hpp"
#include "beaver/api/remote_backend.hpp"
#include "beaver/storage/error.hpp"

#include <mutex>
#include <set>
#include <vector>

namespace beaver {

namespace {

using namespace net;

std::unique_ptr<asio::ssl::context> tls_of(const server_address& to, const connect_options& how) {
  if (!to.tls)
    return nullptr;
  auto tls = std::make_unique<asio::ssl::context>(new_tls(asio::ssl::context::tls_client));
  error_code why;
  if (how.tls_ca.empty())
    tls->set_default_verify_paths(why);
  else
    tls->load_verify_file(how.tls_ca, why);
  if (why)
    throw error(errc::invalid_argument,
                "the certificates in '" + how.tls_ca + "' cannot be read: " + why.message());
  if (!how.tls_certificate.empty())
    tls->use_certificate_chain_file(how.tls_certificate, why);
  if (!why && !how.tls_key.empty())
    tls->use_private_key_file(how.tls_key, asio::ssl::context::pem, why);
  if (why)
    throw error(errc::invalid_argument, "the certificate or key cannot be used: " + why.message());
  tls->set_verify_mode(how.tls_verify ? asio::ssl::verify_peer : asio::ssl::verify_none);
  return tls;
}

/// Connections to one server, which callers share one after the other.
class connection_pool final : public http_transport {
public:
  connection_pool(const std::string& url, connect_options how)
    : to_(server_address::of(url)), how_(std::move(how)), tls_(tls_of(to_, how_)) {}

  http_response exchange(const http_request& request, time_point deadline,
                         const std::stop_token& stop, const flow& pieces) override {
    auto sent = request;
    sent.headers.emplace_back("host", to_.name);
    if (!how_.token.empty())
      sent.headers.emplace_back("authorization", "Bearer " + how_.token);
    for (bool again = false;; again = true) {
      auto over = again ? nullptr : take();
      const bool fresh = !over;
      if (fresh)
        over = begin();
      try {
        auto response = over->exchange(sent, deadline, stop, pieces);
        give_back(std::move(over));
        return response;
      } catch (const error& e) {
        const bool unheard = !over->heard();
        forget(over.get());
        check_open();
        // The server may have closed a connection that was idle just when it was used again.
        if (e.code() != errc::remote || fresh || !unheard || sent.method != "GET")
          throw;
      } catch (...) { // of who takes or gives the pieces
        forget(over.get());
        throw;
      }
    }
  }

  std::shared_ptr<stream_buffer> open(const operation& op, const stream_limits& limits,
                                      const http_request& request) override {
    std::shared_ptr<stream_client> all;
    {
      std::lock_guard guard{mutex_};
      if (closed_)
        throw error(errc::closed, "the connection is closed");
      if (!streams_)
        streams_ = std::make_shared<stream_client>(to_, tls_.get(), how_.token);
      all = streams_;
    }
    return all->open(op, limits, request, std::chrono::steady_clock::now() + how_.timeout);
  }

  void close() noexcept override {
    std::shared_ptr<stream_client> streams; // which end outside of the lock
    std::lock_guard guard{mutex_};
    closed_ = true;
    streams = std::move(streams_);
    idle_.clear();
    for (auto* each : in_work_)
      each->abort();
  }

private:
  using connection_ptr = std::unique_ptr<client_connection>;

  void check_open() {
    std::lock_guard guard{mutex_};
    if (closed_)
      throw error(errc::closed, "the connection is closed");
  }

  /// One that is idle and still good; null if there is none.
  connection_ptr take() {
    std::lock_guard guard{mutex_};
    while (!idle_.empty()) {
      auto last = std::move(idle_.back());
      idle_.pop_back();
      if (last->usable()) {
        in_work_.insert(last.get());
        return last;
      }
    }
    return nullptr;
  }

  connection_ptr begin() {
    check_open();
    auto made = std::make_unique<client_connection>(
      to_, tls_.get(), std::chrono::steady_clock::now() + how_.timeout);
    std::lock_guard guard{mutex_};
    if (closed_)
      throw error(errc::closed, "the connection is closed");
    in_work_.insert(made.get());
    return made;
  }

  void forget(client_connection* which) {
    std::lock_guard guard{mutex_};
    in_work_.erase(which);
  }

  void give_back(connection_ptr over) {
    std::lock_guard guard{mutex_};
    in_work_.erase(over.get());
    if (over->alive() && !closed_ && idle_.size() < how_.pool)
      idle_.push_back(std::move(over));
  }

  const server_address to_;
  const connect_options how_;
  const std::unique_ptr<asio::ssl::context> tls_;
  std::mutex mutex_;
  bool closed_ = false;
  std::vector<connection_ptr> idle_;
  std::set<client_connection*> in_work_;
  std::shared_ptr<stream_client> streams_; // made with the first
};

} // namespace

std::shared_ptr<far_backend> connect_http(const std::string& url, connect_options how) {
  const remote_backend::limits limits{.timeout = how.timeout, .threads = how.threads};
  auto over = std::make_shared<connection_pool>(url, std::move(how));
  return std::make_shared<remote_backend>(std::move(over), limits);
}

} // namespace beaver
