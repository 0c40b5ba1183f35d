#pragma once
#include "beaver/actors/backend.hpp"
#include "beaver/api/remote.hpp"

#include <memory>
#include <string>

namespace beaver {

/// A backend whose database is in another process.
class far_backend : public backend {
public:
  /// As one message.
  void apply(write_list writes) override;

  /// Later calls fail with errc::closed. Lets those in work end, as long as they take no longer
  /// than their timeout; what waits for something ends with errc::closed.
  virtual void close() noexcept = 0;
};

/// That of a server of HTTP, and that of CAF's network. Throw as `connect`.
[[nodiscard]] std::shared_ptr<far_backend> connect_http(const std::string& url,
                                                        connect_options how);
[[nodiscard]] std::shared_ptr<far_backend> connect_actors(const std::string& url,
                                                          connect_options how);

} // namespace beaver
