#include "support/caf_home.hpp"

#include "beaver/api/actor_net.hpp"

namespace beaver::test {

namespace {

actor_tls certificates(bool used) {
  const std::string folder = BEAVER_TEST_DATA "/tls/";
  return used
           ? actor_tls{folder + "certificate.pem", folder + "key.pem", folder + "certificate.pem"}
           : actor_tls{};
}

} // namespace

struct caf_home::impl {
  impl(const std::string& path, options how, bool tls)
    : network(certificates(tls)), db(network.system(), path, std::move(how)), at(db, {.tls = tls}) {
  }
  actor_network network;
  actor_database db;
  actor_server at;
};

caf_home::caf_home(const std::string& path, options how, bool tls)
  : impl_(std::make_unique<impl>(path, std::move(how), tls)) {}
caf_home::~caf_home() = default;
database& caf_home::home() noexcept { return impl_->db.facade(); }
std::string caf_home::url() const { return impl_->at.url(); }

} // namespace beaver::test
