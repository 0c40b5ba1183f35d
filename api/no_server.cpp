#include "beaver/api/far_backend.hpp"
#include "beaver/api/server.hpp"

// What stands for server and client in a build without them.
namespace beaver {

namespace {

[[noreturn]] void refuse() {
  throw error(errc::not_supported, "this build is without network: it needs BEAVER_WITH_SERVER");
}

} // namespace

struct server::impl {};
server::server(database&, server_options) { refuse(); }
server::~server() = default;
server::server(server&&) noexcept = default;
server& server::operator=(server&&) noexcept = default;
std::uint16_t server::port() const noexcept { return 0; }
std::string server::url() const { return {}; }
void server::stop(std::chrono::milliseconds) {}

std::shared_ptr<far_backend> connect_http(const std::string&, connect_options) { refuse(); }

} // namespace beaver
