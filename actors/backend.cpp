#include "beaver/actors/backend.hpp"

namespace beaver {

void backend::wait(const operation& op, void* message, void* reply, std::stop_token) {
  call(op, message, reply); // which refuses to wait
}

void backend::start(std::unique_ptr<async_call>) {
  throw error(errc::not_supported, "asynchronous calls are not possible within a transaction, "
                                   "a snapshot or a batch");
}

void backend::apply(write_list) {
  throw error(errc::not_supported, "a batch is not possible within a transaction, a snapshot or "
                                   "another batch");
}

unix_seconds backend::now() const { return system_now(); }

std::shared_ptr<stream_buffer> backend::subscribe(const operation&, void*) {
  throw error(errc::not_supported, "a subscription is not possible within a transaction, a "
                                   "snapshot or a batch: nothing comes there");
}

} // namespace beaver
