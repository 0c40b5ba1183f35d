#pragma once
#include "beaver/actors/backend.hpp"
#include "beaver/api/dump_options.hpp"
#include "beaver/api/remote.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace beaver {

/// A backend whose database is in another process.
class far_backend : public backend {
public:
  /// As one message.
  void apply(write_list writes) override;

  /// What `database::dump` and `load` do there. Throw `error` not_supported by roads that only
  /// carry messages.
  virtual dump_status dump(std::string_view type, const std::string& name, const byte_sink& to,
                           const dump_options& how);
  virtual dump_status load(std::string_view type, const std::string& name, const byte_source& from,
                           const load_options& how);

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
