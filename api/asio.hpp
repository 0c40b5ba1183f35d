#pragma once
#include "beaver/api/async.hpp"
#include "beaver/api/subscription.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

// Asynchronous calls and subscriptions as operations of Asio, for `use_awaitable`, `use_future`,
// callbacks and any other completion token. Each completes by the executor that goes with the
// token, and is work for that until then: the execution context must live so long. Cancellation by
// Asio does nothing here: give a `std::stop_token` to a call that waits, close a subscription.

namespace beaver {

/// Completes with the `result<R>` of `call`. What else its model throws comes out of the execution
/// context, as from any handler.
template <class R, boost::asio::completion_token_for<void(result<R>)> Token>
auto async_get(future<R> call, Token&& token) {
  return boost::asio::async_initiate<Token, void(result<R>)>(
    [](auto handler, future<R> of) {
      auto work = boost::asio::make_work_guard(handler);
      const auto where = work.get_executor();
      of.then([where](std::function<void()> go) { boost::asio::post(where, std::move(go)); },
              [handler = std::move(handler), work = std::move(work)](result<R> r) mutable {
                work.reset();
                std::move(handler)(std::move(r));
              });
    },
    token, std::move(call));
}

/// Completes with the next item of `from`, or with what `next` throws: `errc::closed` at the end.
/// `from` must live until then; one may wait for it at a time.
template <class Item,
          boost::asio::completion_token_for<void(std::exception_ptr, std::optional<Item>)> Token>
auto async_next(subscription<Item>& from, Token&& token) {
  return boost::asio::async_initiate<Token, void(std::exception_ptr, std::optional<Item>)>(
    [&from](auto handler) {
      auto work = boost::asio::make_work_guard(handler);
      const auto where = work.get_executor();
      auto complete = [&from, handler = std::move(handler), work = std::move(work)]() mutable {
        std::exception_ptr why;
        std::optional<Item> item;
        try {
          item = from.next(subscription<Item>::duration::zero());
        } catch (...) {
          why = std::current_exception();
        }
        work.reset();
        std::move(handler)(why, std::move(item));
      };
      auto shared = std::make_shared<decltype(complete)>(std::move(complete));
      from.when_ready([where, shared] { boost::asio::post(where, [shared] { (*shared)(); }); });
    },
    token);
}

} // namespace beaver
