#include "beaver/api/database.hpp"

#include "beaver/actors/engine.hpp"
#include "beaver/api/far_backend.hpp"
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
    : engine(std::move(e)), to(engine), path(engine->path()) {}
  impl(std::shared_ptr<far_backend> r, std::string url)
    : far(std::move(r)), to(far), path(std::move(url)) {}
  ~impl() {
    keeper->close();
    if (engine)
      engine->shut();
    else
      far->close();
  }

  /// Throws `error` unless the file is open in this process.
  [[nodiscard]] beaver::engine& here(const char* what) const {
    if (!engine)
      throw error(errc::not_supported, std::string{what}
                                         + " is not possible over a network: it "
                                           "needs the file in this process; batches are");
    return *engine;
  }

  std::shared_ptr<beaver::engine> engine; // null: a server's
  std::shared_ptr<far_backend> far;       // null: a file
  std::shared_ptr<backend> to;            // one of them
  std::string path;
  dispatcher callbacks;
  std::shared_ptr<const executor> callback_home =
    std::make_shared<const executor>(callbacks.as_executor());
  std::shared_ptr<lock_keeper> keeper = std::make_shared<lock_keeper>(to, callbacks.as_executor());
};

database::database(const std::string& path, options how) : database(open_engine(path, how)) {}

database::database(std::shared_ptr<engine> inside)
  : impl_(std::make_unique<impl>(std::move(inside))) {}

database::database(std::shared_ptr<far_backend> to, std::string url)
  : impl_(std::make_unique<impl>(std::move(to), std::move(url))) {}

database::~database() = default;
database::database(database&&) noexcept = default;
database& database::operator=(database&&) noexcept = default;

void database::close() {
  if (impl_->engine)
    impl_->engine->refuse_deadlock();
  impl_->keeper->close();
  if (impl_->engine)
    impl_->engine->close();
  else
    impl_->far->close();
}

const std::string& database::path() const { return impl_->path; }

sync database::style() const { return {impl_->to, impl_->callback_home}; }

snapshot database::snapshot() const {
  return beaver::snapshot{impl_->here("a snapshot").snapshot()};
}

batch database::batched() const { return batch{impl_->to}; }

batch database::batched(fence under) const { return batch{impl_->to, std::move(under)}; }

lock database::lock(std::string name, lock_options how) const {
  return {std::move(name), how, impl_->keeper};
}

async_database database::async() const {
  return async_database{beaver::async{impl_->to, impl_->callbacks.as_executor()}};
}

std::vector<std::string> database::dicts() const { return call(*impl_->to, dict_names{}); }

std::vector<std::string> database::blobs() const { return call(*impl_->to, blob_names{}); }

std::vector<std::string> database::lists() const { return call(*impl_->to, list_names{}); }

std::vector<std::string> database::queues() const { return call(*impl_->to, queue_names{}); }

std::vector<std::string> database::documents() const { return call(*impl_->to, docs_names{}); }
std::vector<std::string> database::logs() const { return call(*impl_->to, log_names{}); }

std::vector<std::string> database::channels() const { return call(*impl_->to, channel_names{}); }

std::vector<std::string> database::graphs() const { return call(*impl_->to, graph_names{}); }
std::vector<std::string> database::vector_collections() const {
  return call(*impl_->to, vectors_names{});
}

std::vector<std::string> database::sketches() const { return call(*impl_->to, sketch_names{}); }

std::vector<std::string> database::locks() const { return call(*impl_->to, lock_names{}); }

bool database::unwatch(std::string pattern) {
  return call(*impl_->to, changes_unwatch{std::move(pattern)});
}

std::vector<std::string> database::watched() const { return call(*impl_->to, changes_watched{}); }

database_status database::info() const { return call(*impl_->to, database_info{}); }

sweep_result database::sweep() { return call(*impl_->to, database_sweep{}); }

void database::transact(const std::function<void(beaver::transaction&)>& body) {
  // The session must outlive stray handles, which then get errc::closed.
  impl_->here("a transaction").transact([&](std::shared_ptr<backend> session) {
    beaver::transaction tx{std::move(session)};
    body(tx);
  });
}

} // namespace beaver
