#include "beaver/api/asio.hpp"

#include "support/open_database.hpp"

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/test/unit_test.hpp>
#include <future>
#include <vector>

using namespace beaver;
using namespace beaver::test;
namespace asio = boost::asio;

namespace {

struct asio_fixture : open_database {
  asio::io_context context;
  const std::thread::id here = std::this_thread::get_id();
  dict<int> d = db.dict<int>("d");
  dict<int, beaver::async> calls = db.async().dict<int>("d");

  /// Runs a coroutine to its end on this thread.
  template <class R>
  R run(asio::awaitable<R> body) {
    auto end = asio::co_spawn(context, std::move(body), asio::use_future);
    context.run();
    context.restart();
    return end.get();
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(asio_operations, asio_fixture)

BOOST_AUTO_TEST_CASE(asio_coroutines_get_results_on_their_own_executor) {
  const auto body = [&]() -> asio::awaitable<int> {
    int elsewhere = 0;
    for (int i = 0; i < 100; ++i) {
      const result<void> stored = co_await async_get(calls.set("k", i), asio::use_awaitable);
      elsewhere += !stored || std::this_thread::get_id() != here;
      const auto found = co_await async_get(calls.get("k"), asio::use_awaitable);
      elsewhere += found.value() != i;
    }
    const auto none = co_await async_get(calls.get("absent"), asio::use_awaitable);
    co_return none.error().code == errc::not_found ? elsewhere : -1;
  };
  BOOST_TEST(run(body()) == 0);
  BOOST_TEST(d.get("k") == 99);
}

BOOST_AUTO_TEST_CASE(a_failure_is_thrown_by_value) {
  const auto body = [&]() -> asio::awaitable<int> {
    co_return (co_await async_get(calls.get("absent"), asio::use_awaitable)).value();
  };
  BOOST_TEST(outcome_of([&] { run(body()); }).is(errc::not_found));
}

BOOST_AUTO_TEST_CASE(other_completion_tokens_work_as_well) {
  auto count = async_get(calls.count(), asio::use_future);
  BOOST_TEST(count.get().value() == 0u);
  std::promise<std::thread::id> where;
  const auto strand = asio::make_strand(context);
  async_get(calls.increment("n"), asio::bind_executor(strand, [&](const result<std::int64_t>& r) {
              BOOST_TEST(r.value() == 1);
              where.set_value(std::this_thread::get_id());
            }));
  context.run(); // has work until the call has ended
  BOOST_CHECK(where.get_future().get() == std::this_thread::get_id());
}

BOOST_AUTO_TEST_CASE(subscriptions_are_awaited_item_by_item_until_their_end) {
  auto items = db.channel<int>("news").subscribe();
  std::vector<int> heard;
  const auto body = [&]() -> asio::awaitable<std::string> {
    try {
      for (;;) {
        const auto m = co_await async_next(items, asio::use_awaitable);
        heard.push_back(m->payload);
        if (m->payload == 200)
          items.close();
      }
    } catch (const error& e) {
      co_return std::string{to_string(e.code())};
    }
  };
  const auto publish = [&]() -> asio::awaitable<void> {
    auto news = db.async().channel<int>("news");
    for (int i = 1; i <= 200; ++i)
      co_await async_get(news.publish(i), asio::use_awaitable);
  };
  asio::co_spawn(context, publish(), asio::detached);
  BOOST_TEST(run(body()) == "closed");
  BOOST_TEST(heard.size() == 200u);
  BOOST_TEST(std::is_sorted(heard.begin(), heard.end()));
}

BOOST_AUTO_TEST_SUITE_END()
