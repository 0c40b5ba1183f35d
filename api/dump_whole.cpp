#include "beaver/actors/engine.hpp"
#include "beaver/api/dump.hpp"
#include "beaver/api/far_backend.hpp"

#include <array>

namespace beaver::detail {

namespace {

/// A type that has dumps, by its word.
struct dumped_type {
  std::string_view word;
  dump_status (*dump)(const std::string& name, sync from, const byte_sink& to,
                      const dump_options& how);
  dump_status (*load)(const std::string& name, sync to, const byte_source& from,
                      const load_options& how);
};

template <class Manager>
constexpr dumped_type made_of(std::string_view word) {
  return {word,
          [](const std::string& name, sync from, const byte_sink& to, const dump_options& how) {
            return dump(Manager{name, std::move(from)}, to, how);
          },
          [](const std::string& name, sync to, const byte_source& from, const load_options& how) {
            return load(from, Manager{name, std::move(to)}, how);
          }};
}

constexpr std::array types{
  made_of<dict<>>("dict"),   made_of<list<>>("list"),       made_of<queue<>>("queue"),
  made_of<log<>>("log"),     made_of<blob<>>("blob"),       made_of<docs<>>("docs"),
  made_of<graph<>>("graph"), made_of<vectors<>>("vectors"),
};

const dumped_type& type_of(std::string_view word) {
  for (const auto& each : types)
    if (each.word == word)
      return each;
  throw error(errc::not_supported, "there are no dumps of the type '" + std::string{word} + '\'');
}

engine& here(backend& of) {
  if (auto* found = dynamic_cast<engine*>(&of))
    return *found;
  throw error(errc::not_supported, "a dump or load needs the database, not a part of it");
}

} // namespace

std::vector<std::string_view> dumped_types() {
  std::vector<std::string_view> words;
  for (const auto& each : types)
    words.push_back(each.word);
  return words;
}

dump_status dump_whole(backend& of, std::string_view type, const std::string& name,
                       const byte_sink& to, const dump_options& how) {
  if (auto* far = dynamic_cast<far_backend*>(&of))
    return far->dump(type, name, to, how);
  auto& home = here(of);
  const auto write = [&](std::shared_ptr<backend> now) {
    return type_of(type).dump(name, sync{std::move(now)}, to, how);
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
      done = type_of(type).load(name, sync{std::move(session)}, from, how);
    },
    time_limit::none);
  return done;
}

} // namespace beaver::detail
