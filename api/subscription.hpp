#pragma once
#include "beaver/actors/may_wait.hpp"
#include "beaver/actors/stream_buffer.hpp"
#include "beaver/api/listener.hpp"
#include "beaver/api/style.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace beaver {

/// Items that arrive one after the other until one side ends it; those that were missed are counted
/// in the next that was not. For one thread at a time, except for `close`. Ends with its
/// destructor.
///
/// What has arrived and was not taken yet waits in a buffer of bounded size; what becomes of more
/// is chosen when the subscription is made (`overflow_policy`).
template <class Item>
class subscription {
public:
  /// Makes an item out of what is shared by all subscribers.
  using convert_function = Item (*)(const stream_buffer::pointer& item, std::uint64_t missed);
  /// Any `std::chrono` duration converts.
  using duration = std::chrono::duration<double>;

  subscription(std::shared_ptr<stream_buffer> from, convert_function convert)
    : from_(std::move(from)), convert_(convert) {}
  ~subscription() {
    if (from_)
      from_->close();
  }
  subscription(subscription&&) noexcept = default;
  subscription& operator=(subscription&& other) noexcept {
    subscription old{std::move(*this)};
    from_ = std::move(other.from_);
    convert_ = other.convert_;
    here_ = std::move(other.here_);
    at_ = other.at_;
    return *this;
  }

  /// The next item; waits for it, at most `timeout`, and is empty if none came or `stop` was
  /// requested. What is in the file already is waited for in any case: the time counts for what is
  /// still to come. Throws `error`: closed when the database or this was closed; busy when it fell
  /// too far behind and its policy is to disconnect; type_mismatch for an item that is no `Item`,
  /// which is passed over; io, corrupt when the file could not be read.
  std::optional<Item> next(duration timeout = for_ever, const std::stop_token& stop = {}) {
    if (!await(timeout, stop))
      return std::nullopt;
    const auto item = std::move(here_.items[at_]);
    return convert_(item, at_++ == 0 ? here_.missed : 0);
  }

  /// Up to `most` items that are there, at least one; waits for the first as `next` does.
  std::vector<Item> next_many(std::size_t most, duration timeout = for_ever,
                              const std::stop_token& stop = {}) {
    std::vector<Item> all;
    while (all.size() < most) {
      auto item = next(all.empty() ? timeout : duration::zero(), stop);
      if (!item)
        break;
      all.push_back(std::move(*item));
    }
    return all;
  }

  /// Calls `ready` once when `next` need not wait any more, for an item or the end; perhaps at once
  /// and on this thread, and else inside an actor: it must neither block nor throw. What coroutines
  /// and other event loops need. A second call takes the place of the first.
  void when_ready(std::function<void()> ready) {
    if (at_ < here_.items.size())
      ready();
    else
      from_->when_ready(std::move(ready));
  }

  /// Ends it. From any thread: a `next` that waits elsewhere ends with `errc::closed`.
  void close() noexcept { from_->close(); }

  /// Loops over what arrives until the database or this is closed; then the loop ends. Other errors
  /// are thrown, as by `next`.
  class iterator {
  public:
    using iterator_concept = std::input_iterator_tag;
    using value_type = Item;
    using difference_type = std::ptrdiff_t;

    iterator() = default;
    explicit iterator(subscription& of) : of_(&of) { ++*this; }
    const Item& operator*() const { return *item_; }
    const Item* operator->() const { return &*item_; }
    iterator& operator++() {
      try {
        item_ = of_->next();
      } catch (const error& e) {
        if (e.code() != errc::closed)
          throw;
        item_.reset();
      }
      return *this;
    }
    void operator++(int) { ++*this; }
    bool operator==(std::default_sentinel_t) const { return !item_; }

  private:
    subscription* of_ = nullptr;
    std::optional<Item> item_;
  };

  [[nodiscard]] iterator begin() { return iterator{*this}; }
  [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

private:
  // So that the lock is not taken for each item.
  static constexpr std::size_t taken_at_once = 32;

  /// Sees to it that there is an item here.
  bool await(duration timeout, const std::stop_token& stop) {
    using steady = stream_buffer::steady;
    std::optional<steady::time_point> deadline;
    if (timeout < std::chrono::hours{24 * 365})
      deadline = steady::now() + std::chrono::duration_cast<steady::duration>(timeout);
    for (;;) {
      if (at_ < here_.items.size())
        return true;
      here_ = from_->take(taken_at_once);
      at_ = 0;
      if (!here_.items.empty())
        return true;
      if (here_.ended)
        throw here_.why ? error(here_.why->code, here_.why->text)
                        : error(errc::closed, "the subscription is closed");
      if (!from_->wait(deadline, stop))
        return false;
    }
  }

  std::shared_ptr<stream_buffer> from_;
  convert_function convert_;
  stream_buffer::slice here_;
  std::size_t at_ = 0;
};

namespace detail {

/// The message that opens a stream as the options of its data type say.
template <stream_message M, class Options>
M opening(std::string name, const Options& how) {
  M m;
  m.name = std::move(name);
  if (how.from_beginning)
    m.beginning = true;
  m.after = how.after;
  m.since = how.since;
  m.capacity = how.capacity;
  m.overflow = how.overflow;
  return m;
}

template <stream_message M>
std::shared_ptr<stream_buffer> open_stream(backend& to, M m) {
  return to.subscribe(operation_of_stream<M>(), &m);
}

/// `Convert` makes what the callback gets, as for `subscription`.
template <auto Convert, stream_message M, class F>
listener listen(const sync& style, M m, executor where, F callback, listener::end_function on_end) {
  if (!where)
    where = *style.home;
  return {open_stream(*style.to, std::move(m)), std::move(where),
          [callback = std::move(callback)](const stream_buffer::pointer& item,
                                           std::uint64_t missed) mutable {
            callback(Convert(item, missed));
          },
          std::move(on_end)};
}

} // namespace detail

} // namespace beaver
