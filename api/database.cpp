#include "beaver/api/database.hpp"

#include "beaver/actors/engine.hpp"
#include "beaver/api/open.hpp"

namespace beaver {

std::shared_ptr<engine> open_engine(const std::string& path, const options& how,
                                    caf::actor_system* system) {
  engine_options e;
  e.path = path;
  e.connecting = {.read_only = how.read_only,
                  .full_sync = how.durability == durability::full,
                  .busy_timeout = how.busy_timeout,
                  .mmap_bytes = how.mmap_bytes,
                  .cache_bytes = how.cache_bytes,
                  .vfs = {}};
  e.clock = how.clock;
  e.busy_limit = how.busy_timeout;
  e.lease_limit = how.transaction_timeout;
  e.sweep_period = how.sweep_period;
  e.snapshot_limit = how.snapshot_timeout;
  e.snapshot_wal_bytes = how.snapshot_wal_bytes;
  e.threads = how.threads;
  e.in_flight = how.max_in_flight;
  return engine::open(std::move(e), system);
}

struct database::impl {
  explicit impl(std::shared_ptr<beaver::engine> e)
    : engine(std::move(e)), keeper(std::make_shared<lock_keeper>(engine, callbacks.as_executor())) {
  }
  ~impl() {
    keeper->close();
    engine->shut();
  }

  std::shared_ptr<beaver::engine> engine;
  dispatcher callbacks;
  std::shared_ptr<const executor> callback_home =
    std::make_shared<const executor>(callbacks.as_executor());
  std::shared_ptr<lock_keeper> keeper;
};

database::database(const std::string& path, options how) : database(open_engine(path, how)) {}

database::database(std::shared_ptr<engine> inside)
  : impl_(std::make_unique<impl>(std::move(inside))) {}

database::~database() = default;
database::database(database&&) noexcept = default;
database& database::operator=(database&&) noexcept = default;

void database::close() {
  impl_->engine->refuse_deadlock();
  impl_->keeper->close();
  impl_->engine->close();
}

const std::string& database::path() const { return impl_->engine->path(); }

sync database::style() const { return {impl_->engine, impl_->callback_home}; }

snapshot database::snapshot() const { return beaver::snapshot{impl_->engine->snapshot()}; }

batch database::batched() const { return batch{impl_->engine}; }

batch database::batched(fence under) const { return batch{impl_->engine, std::move(under)}; }

lock database::lock(std::string name, lock_options how) const {
  return {std::move(name), how, impl_->keeper};
}

async_database database::async() const {
  return async_database{beaver::async{impl_->engine, impl_->callbacks.as_executor()}};
}

std::vector<std::string> database::dicts() const { return call(*impl_->engine, dict_names{}); }

std::vector<std::string> database::blobs() const { return call(*impl_->engine, blob_names{}); }

std::vector<std::string> database::lists() const { return call(*impl_->engine, list_names{}); }

std::vector<std::string> database::queues() const { return call(*impl_->engine, queue_names{}); }

std::vector<std::string> database::documents() const { return call(*impl_->engine, docs_names{}); }
std::vector<std::string> database::logs() const { return call(*impl_->engine, log_names{}); }

std::vector<std::string> database::channels() const {
  return call(*impl_->engine, channel_names{});
}

std::vector<std::string> database::graphs() const { return call(*impl_->engine, graph_names{}); }
std::vector<std::string> database::vector_collections() const {
  return call(*impl_->engine, vectors_names{});
}

std::vector<std::string> database::sketches() const { return call(*impl_->engine, sketch_names{}); }

std::vector<std::string> database::locks() const { return call(*impl_->engine, lock_names{}); }

bool database::unwatch(std::string pattern) {
  return call(*impl_->engine, changes_unwatch{std::move(pattern)});
}

std::vector<std::string> database::watched() const {
  return call(*impl_->engine, changes_watched{});
}

database_status database::info() const { return call(*impl_->engine, database_info{}); }

sweep_result database::sweep() { return call(*impl_->engine, database_sweep{}); }

void database::transact(const std::function<void(beaver::transaction&)>& body, time_limit limit) {
  // The session must outlive stray handles, which then get errc::closed.
  impl_->engine->transact(
    [&](std::shared_ptr<backend> session) {
      beaver::transaction tx{std::move(session)};
      body(tx);
    },
    limit);
}

void database::view(const std::function<void(const sync&)>& body) const {
  if (path() == ":memory:")
    impl_->engine->transact([&](std::shared_ptr<backend> session) { body({std::move(session)}); },
                            time_limit::none);
  else
    body(snapshot().style());
}

} // namespace beaver
