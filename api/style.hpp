#pragma once
#include "beaver/actors/backend.hpp"
#include "beaver/api/dispatcher.hpp"
#include "beaver/api/fence.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace beaver {

// How a handle carries out its calls. `dict<T, Style>` and its like are written once; the style
// says what a call returns and when it happens. A style offers
//   reply<R>                what a call with the result R returns
//   reads                   whether calls that only read make sense
//   (message, convert)      carries out a message; `convert` makes the result out of its reply
//   (message, convert, stop)  the same for one that may wait; `stop` withdraws it

/// Calls happen at once on the calling thread; results are returned, failures thrown as `error`.
struct sync {
  template <class R>
  using reply = R;
  static constexpr bool reads = true;

  template <message M>
  typename M::reply operator()(M m) const {
    return call(*to, std::move(m));
  }

  template <message M, class F>
  auto operator()(M m, F convert, std::stop_token stop = {}) const {
    return convert(call(*to, std::move(m), std::move(stop)));
  }

  std::shared_ptr<backend> to;
  std::shared_ptr<const executor> home{}; ///< where callbacks run unless the caller says otherwise
};

/// Writes are checked and collected; somebody else carries them out together. They return nothing.
struct batched {
  template <class R>
  using reply = void;
  static constexpr bool reads = false;

  template <message M>
  void operator()(M m) const {
    writes->add(std::move(m));
  }

  template <message M, class F>
  void operator()(M m, F) const {
    (*this)(std::move(m));
  }

  std::shared_ptr<write_list> writes = std::make_shared<write_list>();
};

/// Writes that wait for `commit`, which applies all of them or none. Without it nothing happens.
/// Not thread-safe.
class pending_writes {
public:
  /// With `under`, a commit fails with lost_lock unless that lock is still held.
  explicit pending_writes(std::shared_ptr<backend> to, std::optional<fence> under = {})
    : to_(std::move(to)), under_(std::move(under)) {
    begin();
  }

  /// Applies what has been collected since the last commit, in order, in one transaction.
  /// Throws `error`; then nothing was applied, and what was collected is dropped.
  void commit() {
    write_list all{std::move(*style_.writes)};
    begin();
    to_->apply(std::move(all));
  }

  /// Number of writes that wait.
  [[nodiscard]] std::size_t size() const noexcept {
    return style_.writes->size() - (under_ ? 1 : 0);
  }

  [[nodiscard]] const batched& style() const noexcept { return style_; }

private:
  void begin() {
    if (under_)
      style_.writes->add(check_of(*under_));
  }

  std::shared_ptr<backend> to_;
  std::optional<fence> under_;
  batched style_;
};

/// A handle whose writes wait for `commit`.
template <class Handle>
class batch_of : public pending_writes, public Handle {
public:
  batch_of(std::shared_ptr<backend> to, std::string name)
    : pending_writes(std::move(to)), Handle(std::move(name), style()) {}
};

} // namespace beaver
