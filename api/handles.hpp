#pragma once
#include "beaver/api/blob.hpp"
#include "beaver/api/channel.hpp"
#include "beaver/api/dict.hpp"
#include "beaver/api/docs.hpp"
#include "beaver/api/graph.hpp"
#include "beaver/api/list.hpp"
#include "beaver/api/log.hpp"
#include "beaver/api/queue.hpp"
#include "beaver/api/sketch.hpp"
#include "beaver/api/tokens.hpp"
#include "beaver/api/vectors.hpp"

#include <concepts>
#include <string>
#include <utility>

namespace beaver {

/// The factories of all data types, one line each, for everything that hands out handles: a
/// database, its asynchronous twin, a transaction, a snapshot, a batch. `Self` has a member
/// `style()`.
template <class Self, class Style>
class handles {
public:
  /// The dict `name`, whose values are `T`; made with its first entry.
  template <class T = json_text>
  [[nodiscard]] beaver::dict<T, Style> dict(std::string name) const {
    return {std::move(name), self().style()};
  }

  /// The blob store `name`; made with its first blob.
  [[nodiscard]] beaver::blob<Style> blob(std::string name) const {
    return {std::move(name), self().style()};
  }

  /// The list `name`, whose values are `T`; made with its first item.
  template <class T = json_text>
  [[nodiscard]] beaver::list<T, Style> list(std::string name) const {
    return {std::move(name), self().style()};
  }

  /// The documents `name`, whose bodies are `T`; made with the first document.
  template <class T = json_text>
  [[nodiscard]] beaver::docs<T, Style> docs(std::string name) const {
    return {std::move(name), self().style()};
  }

  /// The same with these options, which the collection gets if it has none. Throws `error`
  /// already_exists if it has others.
  template <class T = json_text>
  [[nodiscard]] beaver::docs<T, Style>
  docs(std::string name, docs_options options) const requires std::same_as<Style, sync> {
    beaver::docs<T, Style> opened{std::move(name), self().style()};
    opened.open(std::move(options));
    return opened;
  }

  /// The log `name`, whose values are `T`; made with its first entry.
  template <class T = json_text>
  [[nodiscard]] beaver::log<T, Style> log(std::string name) const {
    return {std::move(name), self().style()};
  }

  /// The channel `name`, whose payloads are `T`; made with its first message.
  template <class T = json_text>
  [[nodiscard]] beaver::channel<T, Style> channel(std::string name) const {
    return {std::move(name), self().style()};
  }

  /// The queue `name`, whose values are `T`; made with its first item.
  template <class T = json_text>
  [[nodiscard]] beaver::queue<T, Style> queue(std::string name) const {
    return {std::move(name), self().style()};
  }

  /// The same with these options, which it gets if it has none. Throws `error` already_exists if it
  /// has others.
  template <class T = json_text>
  [[nodiscard]] beaver::queue<T, Style>
  queue(std::string name, queue_options options) const requires std::same_as<Style, sync> {
    beaver::queue<T, Style> opened{std::move(name), self().style()};
    opened.open(std::move(options));
    return opened;
  }

  /// The graph `name`, whose edges have metadata of `T`; made with its first edge.
  template <class T = json_text>
  [[nodiscard]] beaver::graph<T, Style> graph(std::string name) const {
    return {std::move(name), self().style()};
  }

  /// The collection of vectors `name`, whose metadata is `T`; made with its first vector.
  template <class T = json_text>
  [[nodiscard]] beaver::vectors<T, Style> vectors(std::string name) const {
    return {std::move(name), self().style()};
  }

  /// The same with these options, which it gets where it has none. Throws `error` already_exists if
  /// it has others.
  template <class T = json_text>
  [[nodiscard]] beaver::vectors<T, Style>
  vectors(std::string name, vectors_options options) const requires std::same_as<Style, sync> {
    beaver::vectors<T, Style> opened{std::move(name), self().style()};
    opened.open(options);
    return opened;
  }

  /// The approximate set `name`, whose items are `T`; made with its first item.
  template <class T = json_text>
  [[nodiscard]] beaver::sketch<T, Style> sketch(std::string name) const {
    return {std::move(name), self().style()};
  }

  /// The same of this size, made now if it is not there. Throws `error` already_exists if it has
  /// another. So for the other kinds of sketches.
  template <class T = json_text>
  [[nodiscard]] beaver::sketch<T, Style>
  sketch(std::string name, const sketch_size& size) const requires std::same_as<Style, sync> {
    beaver::sketch<T, Style> opened{std::move(name), self().style()};
    opened.open({.capacity = size.capacity, .error_rate = size.error_rate});
    return opened;
  }

  /// The counters `name` of items that are `T`; made with the first one.
  template <class T = json_text>
  [[nodiscard]] beaver::count_min<T, Style> count_min(std::string name) const {
    return {std::move(name), self().style()};
  }
  template <class T = json_text>
  [[nodiscard]] beaver::count_min<T, Style>
  count_min(std::string name, const count_min_size& size) const requires std::same_as<Style, sync> {
    beaver::count_min<T, Style> opened{std::move(name), self().style()};
    opened.open({.error_rate = size.error_rate, .failure_rate = size.failure_rate});
    return opened;
  }

  /// The most frequent items `name`, which are `T`; made with the first one.
  template <class T = json_text>
  [[nodiscard]] beaver::top_k<T, Style> top_k(std::string name) const {
    return {std::move(name), self().style()};
  }
  template <class T = json_text>
  [[nodiscard]] beaver::top_k<T, Style>
  top_k(std::string name, const top_k_size& size) const requires std::same_as<Style, sync> {
    beaver::top_k<T, Style> opened{std::move(name), self().style()};
    opened.open({.capacity = size.capacity, .error_rate = size.error_rate});
    return opened;
  }

  /// The distribution `name` of numbers; made with the first one.
  [[nodiscard]] beaver::quantiles<Style> quantiles(std::string name) const {
    return {std::move(name), self().style()};
  }
  [[nodiscard]] beaver::quantiles<Style>
  quantiles(std::string name, const quantiles_size& size) const requires std::same_as<Style, sync> {
    beaver::quantiles<Style> opened{std::move(name), self().style()};
    opened.open({.error_rate = size.error_rate});
    return opened;
  }

  /// Who may come to this database over a network.
  [[nodiscard]] beaver::tokens<Style> tokens() const {
    return beaver::tokens<Style>{self().style()};
  }

private:
  const Self& self() const noexcept { return static_cast<const Self&>(*this); }
};

} // namespace beaver
