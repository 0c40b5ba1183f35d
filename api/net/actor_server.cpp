#include "beaver/actors/caf_errors.hpp"
#include "beaver/actors/caf_spawn.hpp"
#include "beaver/actors/private_system.hpp"
#include "beaver/api/actor_net.hpp"
#include "beaver/api/actor_node.hpp"
#include "beaver/api/loopback.hpp"
#include "beaver/api/net/actor_backend.hpp"
#include "beaver/api/net/actor_door.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/io/middleman.hpp>
#include <caf/openssl/manager.hpp>
#include <caf/openssl/publish.hpp>
#include <thread>

namespace beaver {

namespace {

using namespace net;

class door final : public caf::event_based_actor {
public:
  door(caf::actor_config& config, const actor_database& to)
    : caf::event_based_actor(config), to_(to) {}

  const char* name() const override { return "door"; }

  caf::behavior make_behavior() override {
    return {[](hello_atom, const std::string&) { return std::string{BEAVER_VERSION}; },
            [](ping_atom) {},
            [this](manager_atom, const std::string& type,
                   const std::string& name) -> caf::result<caf::strong_actor_ptr> {
              try {
                return caf::actor_cast<caf::strong_actor_ptr>(to_.manager(type, name));
              } catch (...) {
                return current_to_caf();
              }
            }};
  }

private:
  const actor_database& to_;
};

} // namespace

void join_network(caf::actor_system_config& config, const actor_tls& tls) {
  const bool some = !tls.certificate.empty() || !tls.key.empty() || !tls.ca.empty();
  if (some && (tls.certificate.empty() || tls.key.empty() || tls.ca.empty()))
    throw error(errc::invalid_argument,
                "a certificate, its key and the authority of the others are needed together");
  register_messages(config);
  config.load<caf::io::middleman>();
  if (some) {
    config.openssl_certificate = tls.certificate;
    config.openssl_key = tls.key;
    config.openssl_cafile = tls.ca;
    config.load<caf::openssl::manager>();
  }
}

struct actor_network::impl {
  explicit impl(const actor_tls& tls)
    : inside(
      private_system::make(std::max(2u, std::thread::hardware_concurrency()),
                           [&](caf::actor_system_config& config) { join_network(config, tls); })) {}
  std::unique_ptr<private_system> inside;
};

actor_network::actor_network(const actor_tls& tls) : impl_(std::make_unique<impl>(tls)) {}
actor_network::~actor_network() = default;
caf::actor_system& actor_network::system() const noexcept { return impl_->inside->system; }

struct actor_server::impl {
  impl(actor_database& what, actor_server_options o)
    : how(std::move(o)), system(what.system()),
      entry(caf::actor_cast<caf::actor>(spawn_lazily<door>(system, what))) {
    const auto refuse = [](const std::string& why) { throw error(errc::invalid_argument, why); };
    if (!system.has_middleman() || (how.tls && !system.has_openssl_manager()))
      refuse("the actor system has not joined the network, or without certificates");
    if (!is_loopback_name(how.host) && !how.tls && !how.insecure)
      refuse('\'' + how.host
             + "' can be reached from other machines: that takes TLS, or `insecure`");
    const auto* host = how.host == "localhost" ? "127.0.0.1" : how.host.c_str();
    caf::expected<std::uint16_t> bound{caf::error{}};
    // CAF leaves a share of the system's logger with the thread that does this.
    std::thread{[&] {
      bound = how.tls ? caf::openssl::publish(entry, how.port, host, true)
                      : system.middleman().publish(entry, how.port, host, true);
    }}.join();
    if (!bound)
      throw error(errc::io, "cannot listen on " + how.host + " port " + std::to_string(how.port)
                              + ": " + system.render(bound.error()));
    port = *bound;
  }

  ~impl() {
    const auto publisher =
      how.tls ? system.openssl_manager().actor_handle() : system.middleman().actor_handle();
    caf::anon_send(publisher, caf::unpublish_atom::value, entry.address(), port);
    caf::anon_send_exit(entry, caf::exit_reason::user_shutdown);
  }

  const actor_server_options how;
  caf::actor_system& system;
  const caf::actor entry;
  std::uint16_t port = 0;
};

actor_server::actor_server(actor_database& what, actor_server_options how)
  : impl_(std::make_unique<impl>(what, std::move(how))) {}
actor_server::~actor_server() = default;

std::uint16_t actor_server::port() const noexcept { return impl_->port; }

std::string actor_server::url() const {
  const auto& host = impl_->how.host;
  const bool v6 = host.find(':') != std::string::npos;
  return (impl_->how.tls ? "cafs://" : "caf://") + (v6 ? '[' + host + ']' : host) + ':'
         + std::to_string(impl_->port);
}

std::shared_ptr<far_backend> connect_actors(const std::string& url, connect_options how) {
  const actor_tls tls = url.starts_with("cafs://")
                          ? actor_tls{how.tls_certificate, how.tls_key, how.tls_ca}
                          : actor_tls{};
  if (url.starts_with("cafs://") && tls.certificate.empty())
    throw error(errc::invalid_argument, "cafs:// needs a certificate of one's own");
  auto own = std::make_unique<actor_network>(tls);
  auto& system = own->system();
  return std::make_shared<actor_backend>(std::move(own), system, url, std::move(how));
}

actor_node_backend connect_node(caf::actor_system& system, const std::string& url,
                                connect_options how) {
  auto to = std::make_shared<actor_backend>(nullptr, system, url, std::move(how));
  return {to, [to](auto type, auto name) { return to->manager(type, name); }};
}

} // namespace beaver
