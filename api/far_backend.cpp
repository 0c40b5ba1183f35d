#include "beaver/api/far_backend.hpp"

#include "beaver/actors/database.hpp"

namespace beaver {

void far_backend::apply(write_list writes) {
  database_batch batch;
  batch.steps.reserve(writes.size());
  writes.each([&](const operation& op, void* message) {
    std::string arguments;
    op.encode(message, arguments);
    batch.steps.push_back({std::string{op.name}, json_text{arguments}});
  });
  if (!batch.steps.empty())
    beaver::call(*this, std::move(batch));
}

namespace {

[[noreturn]] void refuse(const char* what) {
  throw error(errc::not_supported,
              std::string{what} + " is not possible over this network: it takes HTTP, or the file");
}

} // namespace

dump_status far_backend::dump(std::string_view, const std::string&, const byte_sink&,
                              const dump_options&) {
  refuse("a dump");
}

dump_status far_backend::load(std::string_view, const std::string&, const byte_source&,
                              const load_options&) {
  refuse("a load");
}

database connect(const std::string& url, connect_options how) {
  const bool actors = url.starts_with("caf://") || url.starts_with("cafs://");
  auto to = actors ? connect_actors(url, std::move(how)) : connect_http(url, std::move(how));
  return database{std::move(to), url};
}

} // namespace beaver
