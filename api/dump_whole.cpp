#include "beaver/actors/engine.hpp"
#include "beaver/api/dump.hpp"
#include "beaver/api/far_backend.hpp"

namespace beaver::detail {

namespace {

/// Calls `f` with the handle of a manager whose type is known by its word alone.
template <class F>
dump_status with_handle(std::string_view type, const std::string& name, sync style, F f) {
  if (type == "dict")
    return f(dict<>{name, std::move(style)});
  if (type == "list")
    return f(list<>{name, std::move(style)});
  if (type == "queue")
    return f(queue<>{name, std::move(style)});
  if (type == "log")
    return f(log<>{name, std::move(style)});
  if (type == "blob")
    return f(blob<>{name, std::move(style)});
  if (type == "docs")
    return f(docs<>{name, std::move(style)});
  if (type == "graph")
    return f(graph<>{name, std::move(style)});
  if (type == "vectors")
    return f(vectors<>{name, std::move(style)});
  throw error(errc::not_supported, "there are no dumps of the type '" + std::string{type} + '\'');
}

engine& here(backend& of) {
  if (auto* found = dynamic_cast<engine*>(&of))
    return *found;
  throw error(errc::not_supported, "a dump or load needs the database, not a part of it");
}

} // namespace

dump_status dump_whole(backend& of, std::string_view type, const std::string& name,
                       const byte_sink& to, const dump_options& how) {
  if (auto* far = dynamic_cast<far_backend*>(&of))
    return far->dump(type, name, to, how);
  auto& home = here(of);
  const auto write = [&](std::shared_ptr<backend> now) {
    return with_handle(type, name, sync{std::move(now)},
                       [&](const auto& manager) { return dump(manager, to, how); });
  };
  if (home.path() != ":memory:")
    return write(home.snapshot());
  dump_status done;
  home.transact([&](std::shared_ptr<backend> now) { done = write(std::move(now)); },
                time_limit::none);
  return done;
}

dump_status load_whole(backend& of, std::string_view type, const std::string& name,
                       const byte_source& from, const load_options& how) {
  if (auto* far = dynamic_cast<far_backend*>(&of))
    return far->load(type, name, from, how);
  dump_status done;
  here(of).transact(
    [&](std::shared_ptr<backend> session) {
      done = with_handle(type, name, sync{std::move(session)},
                         [&](const auto& manager) { return load(from, manager, how); });
    },
    time_limit::none);
  return done;
}

} // namespace beaver::detail
