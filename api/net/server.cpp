#include "beaver/api/server.hpp"

#include "beaver/actors/token.hpp"
#include "beaver/api/net/http_session.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <unordered_map>

namespace beaver {

namespace {

using namespace net;

constexpr std::chrono::seconds look_period{1}; // at deadlines of connections
constexpr std::size_t transfer_threads = 2;    // that dumps and loads share

[[noreturn]] void refuse(const std::string& what) { throw error(errc::invalid_argument, what); }

/// A thread with its connections.
class loop final : public connection_list {
public:
  explicit loop(asio::thread_pool& elsewhere)
    : elsewhere_(elsewhere), work_(asio::make_work_guard(context)), look_(context) {
    look();
    thread_ = std::thread{[this] { context.run(); }};
  }

  ~loop() { end(); }

  /// Nothing happens on it any more.
  void end() {
    if (!thread_.joinable())
      return;
    work_.reset();
    context.stop();
    thread_.join();
  }

  void add(std::shared_ptr<connection_watch> c) override {
    auto* key = c.get();
    all_.emplace(key, std::move(c));
  }

  void remove(const connection_watch* c) noexcept override { all_.erase(c); }

  void run_elsewhere(std::function<void()> work) override {
    asio::post(elsewhere_, std::move(work));
  }

  /// Calls `f` on the thread, for each connection.
  void each(void (*f)(connection_watch&)) {
    asio::post(context, [this, f] { visit(f); });
  }

  asio::io_context context{1};

private:
  template <class F>
  void visit(F f) {
    // They may leave the list meanwhile.
    std::vector<std::shared_ptr<connection_watch>> now;
    now.reserve(all_.size());
    for (const auto& [key, c] : all_)
      now.push_back(c);
    for (const auto& c : now)
      f(*c);
  }

  void look() {
    look_.expires_after(look_period);
    look_.async_wait([this](const error_code& why) {
      if (why)
        return;
      const auto now = steady::now();
      visit([now](connection_watch& c) { c.look_at(now); });
      look();
    });
  }

  asio::thread_pool& elsewhere_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  asio::steady_timer look_;
  std::unordered_map<const connection_watch*, std::shared_ptr<connection_watch>> all_;
  std::thread thread_;
};

asio::ssl::context tls_of(const server_options& how) {
  auto tls = new_tls(asio::ssl::context::tls_server);
  error_code why;
  tls.use_certificate_chain_file(how.tls_certificate, why);
  if (!why)
    tls.use_private_key_file(how.tls_key, asio::ssl::context::pem, why);
  if (why)
    refuse("the certificate or key cannot be used: " + why.message());
  return tls;
}

} // namespace

struct server::impl {
  impl(std::shared_ptr<backend> to, const server_options& how)
    : service(std::make_shared<http_service>(std::move(to), how)), acceptor(accepting.context) {
    const auto& o = service->options();
    error_code why;
    const auto address = asio::ip::make_address(o.host == "localhost" ? "127.0.0.1" : o.host, why);
    if (why)
      refuse("'" + o.host + "' is no address of this machine");
    if (o.tls_certificate.empty() != o.tls_key.empty())
      refuse("a certificate and its key are needed together");
    if (!o.tls_certificate.empty())
      tls = std::make_unique<asio::ssl::context>(tls_of(o));
    if (!address.is_loopback() && !o.insecure) {
      const auto reachable = "'" + o.host + "' can be reached from other machines: that takes ";
      if (!tls)
        refuse(reachable + "TLS, or `insecure`");
      if (o.tokens.empty() && call(service->to(), token_list{}).empty())
        refuse(reachable + "tokens, or `insecure`");
    }
    const tcp::endpoint at{address, o.port};
    acceptor.open(at.protocol(), why);
    if (!why)
      acceptor.set_option(tcp::acceptor::reuse_address{true}, why);
    if (!why)
      acceptor.bind(at, why);
    if (!why)
      acceptor.listen(asio::socket_base::max_listen_connections, why);
    if (why)
      throw error(errc::io, "cannot listen on " + o.host + " port " + std::to_string(o.port) + ": "
                              + why.message());
    bound = acceptor.local_endpoint().port();
    for (unsigned i = 1; i < o.threads; ++i)
      further.push_back(std::make_unique<loop>(elsewhere));
    asio::post(accepting.context, [this] { accept(); });
  }

  ~impl() {
    stop(std::chrono::milliseconds{0});
    elsewhere.join();
    each_loop([](loop& each) { each.end(); }); // before what they use goes
  }

  /// The connections of one after the other of the threads.
  loop& next_loop() {
    const auto i = next++ % (further.size() + 1);
    return i == 0 ? accepting : *further[i - 1];
  }

  void accept() {
    auto& home = next_loop();
    acceptor.async_accept(home.context, [this, &home](const error_code& why, socket s) {
      if (why == asio::error::operation_aborted || stopping)
        return;
      if (why) { // no more descriptors: others have to go first
        later.expires_after(std::chrono::milliseconds{50});
        later.async_wait([this](const error_code& e) {
          if (!e)
            accept();
        });
        return;
      }
      asio::post(home.context,
                 [this, &home, s = std::move(s)]() mutable { welcome(std::move(s), home); });
      accept();
    });
  }

  void welcome(socket s, loop& home) {
    const auto open = service->metrics().connections.load();
    error_code why;
    const auto peer = s.remote_endpoint(why);
    if (why || stopping || open >= static_cast<std::int64_t>(service->options().max_connections))
      return;
    s.set_option(tcp::no_delay{true}, why);
    auto over = tls ? stream{std::move(s), *tls} : stream{std::move(s)};
    std::make_shared<http_session>(std::move(over), peer.address().to_string(), service, home)
      ->start();
  }

  template <class F>
  void each_loop(F f) {
    f(accepting);
    for (auto& each : further)
      f(*each);
  }

  [[nodiscard]] bool quiet() const {
    const auto& m = service->metrics();
    return m.connections == 0 && m.in_work == 0;
  }

  void stop(std::chrono::milliseconds patience) {
    std::lock_guard guard{stopping_mutex};
    if (stopped)
      return;
    stopped = true;
    stopping = true;
    service->drain();
    asio::post(accepting.context, [this] {
      error_code ignored;
      acceptor.close(ignored);
      later.cancel();
    });
    each_loop([](loop& each) { each.each([](connection_watch& c) { c.drain(); }); });
    const auto end = steady::now() + patience;
    while (!quiet() && steady::now() < end)
      std::this_thread::sleep_for(std::chrono::milliseconds{1});
    // What is still in work comes back, for it is withdrawn or the database ends it.
    while (!quiet()) {
      each_loop([](loop& each) { each.each([](connection_watch& c) { c.close(); }); });
      std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
  }

  std::shared_ptr<http_service> service;
  std::unique_ptr<asio::ssl::context> tls;
  std::atomic<bool> stopping{false};
  std::mutex stopping_mutex;
  bool stopped = false;
  std::uint16_t bound = 0;
  std::size_t next = 0;
  asio::thread_pool elsewhere{transfer_threads};
  loop accepting{elsewhere};
  tcp::acceptor acceptor;
  asio::steady_timer later{accepting.context};
  std::vector<std::unique_ptr<loop>> further;
};

server::server(database& what, server_options how)
  : impl_(std::make_unique<impl>(what.style().to, how)) {}
server::~server() = default;
server::server(server&&) noexcept = default;
server& server::operator=(server&&) noexcept = default;

std::uint16_t server::port() const noexcept { return impl_->bound; }

std::string server::url() const {
  const auto& o = impl_->service->options();
  const bool v6 = o.host.find(':') != std::string::npos;
  return (impl_->tls ? "https://" : "http://") + (v6 ? '[' + o.host + ']' : o.host) + ':'
         + std::to_string(impl_->bound);
}

void server::stop(std::chrono::milliseconds patience) { impl_->stop(patience); }

} // namespace beaver
