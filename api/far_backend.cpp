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

database connect(const std::string& url, connect_options how) {
  const bool actors = url.starts_with("caf://") || url.starts_with("cafs://");
  auto to = actors ? connect_actors(url, std::move(how)) : connect_http(url, std::move(how));
  return database{std::move(to), url};
}

} // namespace beaver
