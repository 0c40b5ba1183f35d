#pragma once
#include "beaver/actors/backend.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace beaver {

// How a handle carries out its calls. `dict<T, Style>` and its like are written once; the style
// says what a call returns and when it happens. A style offers
//   reply<R>                what a call with the result R returns
//   reads                   whether calls that only read make sense
//   (message, convert)      carries out a message; `convert` makes the result out of its reply

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
  auto operator()(M m, F convert) const {
    return convert(call(*to, std::move(m)));
  }

  std::shared_ptr<backend> to;
};

/// Writes are checked and collected; somebody else carries them out together. They return nothing.
struct batched {
  template <class R>
  using reply = void;
  static constexpr bool reads = false;

  template <message M>
  void operator()(M m) const {
    const auto& op = operation_of<M>();
    op.check(&m);
    calls->push_back({&op, std::make_shared<M>(std::move(m))});
  }

  template <message M, class F>
  void operator()(M m, F) const {
    (*this)(std::move(m));
  }

  std::shared_ptr<std::vector<batch_call>> calls = std::make_shared<std::vector<batch_call>>();
};

/// A handle whose writes wait for `commit`, which applies all of them or none. Without it nothing
/// happens. Not thread-safe.
template <class Handle>
class batch_of : public Handle {
public:
  batch_of(std::shared_ptr<backend> to, std::string name, batched style = {})
    : Handle(std::move(name), style), to_(std::move(to)), calls_(style.calls) {}

  /// Applies what has been collected since the last commit, in order, in one transaction.
  /// Throws `error`; then nothing was applied.
  void commit() { to_->apply(std::exchange(*calls_, {})); }

  /// Number of writes that wait.
  [[nodiscard]] std::size_t size() const noexcept { return calls_->size(); }

private:
  std::shared_ptr<backend> to_;
  std::shared_ptr<std::vector<batch_call>> calls_;
};

} // namespace beaver
