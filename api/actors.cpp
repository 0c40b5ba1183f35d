#include "beaver/api/actors.hpp"

#include "beaver/actors/engine.hpp"
#include "beaver/actors/registry.hpp"
#include "beaver/actors/stream_pump.hpp"
#include "beaver/api/actor_node.hpp"
#include "beaver/api/open.hpp"

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/actor_system_config.hpp>

namespace beaver {

struct actor_database::impl {
  impl(caf::actor_system& actors, const std::string& path, const options& how)
    : system(actors), engine(open_engine(path, how, &actors)),
      find([e = engine](auto type, auto name) { return e->manager(type, name); }), facade(engine) {}
  impl(caf::actor_system& actors, const std::string& url, actor_node_backend node)
    : system(actors), find(std::move(node.find)), facade(std::move(node.to), url) {}

  template <class Handle>
  [[nodiscard]] Handle manager(std::string_view type, std::string_view name) const {
    return caf::actor_cast<Handle>(find(type, name));
  }

  template <class M>
  caf::actor pump(M how, const caf::actor& to) {
    if (!engine)
      throw error(errc::not_supported,
                  "a delivery needs the file in this process; subscribe at the "
                  "actor, and ask the stream for its items");
    const auto& op = operation_of_stream<M>();
    op.check(&how);
    auto from = engine->manager(op.type, how.name);
    auto made = caf::actor_cast<caf::actor>(
      spawn_lazily<detail::stream_pump<M>>(system, std::move(from), std::move(how), to));
    caf::anon_send(made, detail::stream_ready::value); // its first message lets it begin
    return made;
  }

  caf::actor_system& system;
  std::shared_ptr<beaver::engine> engine; // null: another node's
  manager_finder find;
  database facade;
};

void register_messages(caf::actor_system_config& config) {
  for (const auto* type : registry())
    type->register_messages(config);
  config.add_error_category(caf::atom("beaver"),
                            [](std::uint8_t code, caf::atom_value, const caf::message& context) {
                              std::string text{to_string(static_cast<errc>(code))};
                              if (context.match_elements<std::string>())
                                text += ": " + context.get_as<std::string>(0);
                              return text;
                            });
}

actor_database::actor_database(caf::actor_system& system, const std::string& path, options how)
  : impl_(std::make_unique<impl>(system, path, how)) {}

actor_database::actor_database(std::unique_ptr<impl> inside) : impl_(std::move(inside)) {}

actor_database actor_database::connect(caf::actor_system& system, const std::string& url,
                                       connect_options how) {
  return actor_database{
    std::make_unique<impl>(system, url, connect_node(system, url, std::move(how)))};
}

caf::actor_system& actor_database::system() const noexcept { return impl_->system; }

caf::actor actor_database::manager(std::string_view type, std::string_view name) const {
  return impl_->find(type, name);
}

actor_database::~actor_database() = default;
actor_database::actor_database(actor_database&&) noexcept = default;
actor_database& actor_database::operator=(actor_database&&) noexcept = default;

dict_actor actor_database::dict(std::string_view name) const {
  return impl_->manager<dict_actor>("dict", name);
}

blob_actor actor_database::blob(std::string_view name) const {
  return impl_->manager<blob_actor>("blob", name);
}

list_actor actor_database::list(std::string_view name) const {
  return impl_->manager<list_actor>("list", name);
}

queue_actor actor_database::queue(std::string_view name) const {
  return impl_->manager<queue_actor>("queue", name);
}

docs_actor actor_database::docs(std::string_view name) const {
  return impl_->manager<docs_actor>("docs", name);
}

log_actor actor_database::log(std::string_view name) const {
  return impl_->manager<log_actor>("log", name);
}

lock_actor actor_database::lock(std::string_view name) const {
  return impl_->manager<lock_actor>("lock", name);
}

graph_actor actor_database::graph(std::string_view name) const {
  return impl_->manager<graph_actor>("graph", name);
}

vectors_actor actor_database::vectors(std::string_view name) const {
  return impl_->manager<vectors_actor>("vectors", name);
}

sketch_actor actor_database::sketch(std::string_view name) const {
  return impl_->manager<sketch_actor>("sketch", name);
}

channel_actor actor_database::channel(std::string_view name) const {
  return impl_->manager<channel_actor>("channel", name);
}

channel_pattern_actor actor_database::channel_pattern(std::string_view pattern) const {
  return impl_->manager<channel_pattern_actor>("channel_pattern", pattern);
}

token_actor actor_database::tokens() const { return impl_->manager<token_actor>("token", ""); }

database_actor actor_database::whole() const {
  return impl_->manager<database_actor>("database", "");
}

caf::actor actor_database::deliver(channel_subscribe how, const caf::actor& subscriber) const {
  return impl_->pump(std::move(how), subscriber);
}

caf::actor actor_database::deliver(channel_pattern_subscribe how,
                                   const caf::actor& subscriber) const {
  return impl_->pump(std::move(how), subscriber);
}

caf::actor actor_database::deliver(log_follow how, const caf::actor& subscriber) const {
  return impl_->pump(std::move(how), subscriber);
}

caf::actor actor_database::deliver(log_live how, const caf::actor& subscriber) const {
  return impl_->pump(std::move(how), subscriber);
}

database& actor_database::facade() noexcept { return impl_->facade; }

void actor_database::close() { impl_->facade.close(); }

} // namespace beaver
