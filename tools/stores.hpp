#pragma once
#include "beaver/tools/arguments.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace beaver::cli {

/// What holds the rows that a command moves. Some commands know only the first of them.
enum class store_kind : std::uint8_t { dict, docs, graph, vectors, list, queue, log, blob };
inline constexpr std::size_t store_kinds = 8;

struct row_store {
  const std::string& name;
  store_kind kind;
};

/// The options --dict NAME, --docs NAME and so on, of which a command wants exactly one.
[[nodiscard]] std::vector<parameter> store_options(std::size_t kinds = store_kinds);

/// What was given for these options, which begin with the parameter `first`. Throws usage_error for
/// two, none, and a name that none can have.
[[nodiscard]] row_store store_of(const arguments& given, std::size_t first,
                                 std::size_t kinds = store_kinds);

/// A store that is named elsewhere. Throws usage_error for a name that none can have.
[[nodiscard]] row_store store_named(store_kind kind, const std::string& name);

/// Calls `body` with the handle of the store in a database or snapshot.
template <class Handles, class F>
auto with_store(const Handles& in, const row_store& store, F body) {
  switch (store.kind) {
  case store_kind::docs:
    return body(in.docs(store.name));
  case store_kind::graph:
    return body(in.graph(store.name));
  case store_kind::vectors:
    return body(in.vectors(store.name));
  case store_kind::list:
    return body(in.list(store.name));
  case store_kind::queue:
    return body(in.queue(store.name));
  case store_kind::log:
    return body(in.log(store.name));
  case store_kind::blob:
    return body(in.blob(store.name));
  case store_kind::dict:
    break;
  }
  return body(in.dict(store.name));
}

} // namespace beaver::cli
