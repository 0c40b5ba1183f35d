#include "beaver/api/actor_net.hpp"
#include "beaver/api/actor_node.hpp"

// What stands for CAF's network in a build without it.
namespace beaver {

namespace {

[[noreturn]] void refuse() {
  throw error(errc::not_supported,
              "this build is without CAF's network: it needs BEAVER_WITH_ACTOR_NET");
}

} // namespace

void join_network(caf::actor_system_config&, const actor_tls&) { refuse(); }

struct actor_network::impl {};
actor_network::actor_network(const actor_tls&) { refuse(); }
actor_network::~actor_network() = default;
caf::actor_system& actor_network::system() const noexcept { std::terminate(); }

struct actor_server::impl {};
actor_server::actor_server(actor_database&, actor_server_options) { refuse(); }
actor_server::~actor_server() = default;
std::uint16_t actor_server::port() const noexcept { return 0; }
std::string actor_server::url() const { return {}; }

actor_node_backend connect_node(caf::actor_system&, const std::string&, connect_options) {
  refuse();
}

std::shared_ptr<far_backend> connect_actors(const std::string&, connect_options) { refuse(); }

} // namespace beaver
