#include "beaver/api/net/stream_client.hpp"

#include "beaver/api/net/websocket.hpp"
#include "beaver/api/remote_calls.hpp"
#include "beaver/api/url.hpp"
#include "beaver/storage/json_cursor.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <deque>
#include <future>
#include <set>

namespace beaver::net {

namespace {

using steady = std::chrono::steady_clock;
using resolver = asio::ip::basic_resolver<tcp, asio::io_context::executor_type>;

constexpr std::size_t most_bytes_in = 1u << 30; // of a frame from the server, which we trust
constexpr std::chrono::seconds patience{10};
constexpr std::chrono::milliseconds first_pause{20}; // before the connection is made again
constexpr std::chrono::milliseconds longest_pause{5'000};

/// A query that begins behind `position` (JSON), or at a time, instead of where it did.
std::string moved(std::string_view target, std::string_view member, std::string_view position) {
  const auto mark = std::min(target.find('?'), target.size());
  std::string made{target.substr(0, mark)};
  made += '?';
  const auto members = query_members(target.substr(std::min(mark + 1, target.size())));
  for (const auto& [name, value] : members.value())
    if (name != "beginning" && name != "after" && name != "since" && name != "cursor") {
      append_percent_encoded(made, name);
      made += '=';
      append_percent_encoded(made, value);
      made += '&';
    }
  made += member;
  made += '=';
  append_percent_encoded(made, position);
  return made;
}

/// Where an item of a stream stands: its sequence, or its time where it has none.
std::string position_of(std::string_view item) {
  std::string time;
  json_cursor in{item};
  in.enter_object();
  while (const auto name = in.next_member()) {
    const bool sequence = *name == "sequence";
    const bool stamp = *name == "timestamp";
    const auto value = in.skip();
    if (sequence)
      return value == "0" ? std::string{} : std::string{value}; // never stored
    if (stamp)
      time = value;
  }
  return time;
}

} // namespace

struct stream_client::state {
  state(server_address a, asio::ssl::context* t, std::string k)
    : to(std::move(a)), tls(t), token(std::move(k)), work(asio::make_work_guard(context)) {}

  const server_address to;
  asio::ssl::context* const tls;
  const std::string token;
  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> work;
  std::set<std::shared_ptr<void>> open; // streams; on the thread
  std::atomic<bool> closed{false};
};

namespace {

/// One stream, on the client's thread.
template <class State>
class remote_stream final : public std::enable_shared_from_this<remote_stream<State>> {
public:
  /// What its buffer tells it.
  class link final : public stream_buffer::owner {
  public:
    explicit link(const std::shared_ptr<remote_stream>& to) : to_(to) {}
    void wants_more(std::uint64_t) noexcept override {
      tell([](remote_stream& s) { s.fill(); });
    }
    void left(std::uint64_t) noexcept override {
      tell([](remote_stream& s) { s.finish(std::nullopt); });
    }

  private:
    void tell(void (*what)(remote_stream&)) noexcept {
      if (const auto to = to_.lock())
        to->post(what);
    }

    const std::weak_ptr<remote_stream> to_; // which holds the buffer, and so this
  };

  remote_stream(std::shared_ptr<State> client, const operation& op, std::string target,
                std::shared_ptr<stream_buffer> into)
    : client_(std::move(client)), op_(op), target_(std::move(target)), into_(std::move(into)),
      resolver_(client_->context), timer_(client_->context) {}

  std::promise<void> begun; // once, when the server has answered

  void connect() {
    if (finished_)
      return;
    const auto self = this->shared_from_this();
    resolver_.async_resolve(
      client_->to.host, client_->to.port, [self](const error_code& why, const auto& found) {
        if (why)
          return self->lost(why);
        self->plain_.emplace(self->client_->context);
        asio::async_connect(*self->plain_, found, [self](const error_code& e, const auto&) {
          e ? self->lost(e) : self->shake_hands();
        });
      });
  }

  /// No more of it.
  void finish(std::optional<failure> why) {
    if (std::exchange(finished_, true))
      return;
    if (!answered_)
      begun.set_exception(std::make_exception_ptr(
        why ? error{why->code, why->text} : error{errc::closed, "the connection is closed"}));
    into_->end(std::move(why));
    timer_.cancel();
    resolver_.cancel();
    error_code ignored;
    if (plain_)
      plain_->close(ignored);
    if (over_)
      over_->next_layer().bare().close(ignored);
    client_->open.erase(this->shared_from_this());
  }

private:
  void post(void (*what)(remote_stream&)) noexcept {
    asio::post(client_->context, [self = this->weak_from_this(), what] {
      if (const auto s = self.lock())
        what(*s);
    });
  }

  void shake_hands() {
    error_code ignored;
    plain_->set_option(tcp::no_delay{true}, ignored);
    if (client_->tls == nullptr) {
      over_ = std::make_unique<web_socket>(stream{std::move(*plain_)});
      plain_.reset();
      return upgrade();
    }
    over_ = std::make_unique<web_socket>(stream{std::move(*plain_), *client_->tls});
    plain_.reset();
    auto& secure = *over_->next_layer().tls();
    expect_host(secure, client_->to.host);
    secure.async_handshake(asio::ssl::stream_base::client,
                           [self = this->shared_from_this()](const error_code& why) {
                             why ? self->lost(why) : self->upgrade();
                           });
  }

  void upgrade() {
    set_up(*over_, most_bytes_in, patience);
    over_->set_option(
      websocket::stream_base::decorator{[token = client_->token](websocket::request_type& r) {
        if (!token.empty())
          r.set("Authorization", "Bearer " + token);
      }});
    auto target = target_;
    if (!position_.empty())
      target = moved(target_, "after", position_);
    else if (!began_at_.empty())
      target = moved(target_, "since", began_at_);
    over_->async_handshake(answer_, client_->to.name, target,
                           [self = this->shared_from_this()](const error_code& why) {
                             if (self->finished_)
                               return;
                             if (why == websocket::error::upgrade_declined)
                               self->declined(why);
                             else
                               why ? self->lost(why) : self->welcome();
                           });
  }

  /// The server answered something else.
  void declined(const error_code& why) {
    const auto status = answer_.result_int();
    const auto said = failure_in({.status = status, .body = std::move(answer_.body())});
    const bool for_now =
      status >= 500
      && (said.code() == errc::remote || said.code() == errc::closed || said.code() == errc::busy);
    for_now ? lost(why) : finish(failure{said.code(), said.what()});
  }

  void welcome() {
    pause_ = first_pause;
    begun_ = true;
    if (!std::exchange(answered_, true)) {
      const auto time = answer_["Beaver-Time"];
      // A stream that begins somewhere else begins there again, and so does one of what is now.
      if (begins_anywhere() && target_.find("beginning=") == target_.npos
          && target_.find("after=") == target_.npos && target_.find("since=") == target_.npos
          && target_.find("cursor=") == target_.npos)
        began_at_.assign(time.data(), time.size());
      begun.set_value();
    }
    read();
  }

  [[nodiscard]] bool begins_anywhere() const {
    return std::any_of(op_.members.begin(), op_.members.end(),
                       [](const member_info& m) { return m.name == "since"; });
  }

  void read() {
    reading_ = true;
    in_.clear();
    over_->async_read(in_, [self = this->shared_from_this()](const error_code& why, std::size_t) {
      self->reading_ = false;
      if (self->finished_)
        return;
      if (why)
        return self->lost(why);
      try {
        self->take_frame();
      } catch (const error& e) {
        self->finish(failure{errc::remote, std::string{"the server's "} + e.what()});
      }
    });
  }

  void take_frame() {
    const auto data = in_.cdata();
    json_cursor in{std::string_view{static_cast<const char*>(data.data()), data.size()}};
    in.enter_object();
    std::vector<stream_buffer::pointer> items;
    std::uint64_t missed = 0;
    while (const auto next = in.next_member()) {
      const std::string name{*next};
      if (name == "items") {
        in.enter_array();
        while (in.next_element()) {
          const auto text = in.skip();
          items.push_back(op_.decode_item(text));
          if (auto at = position_of(text); !at.empty())
            position_ = std::move(at);
        }
      } else if (name == "missed") {
        missed = in.read_uint64().value_or(0);
      } else if (name == "error") {
        const auto said = failure_in({.status = 500, .body = std::string{in.skip()}});
        if (said.code() == errc::closed) // this server ends, and another may begin
          return begin_again();
        return finish(failure{said.code(), said.what()});
      } else if (name == "ended") {
        return finish(std::nullopt);
      } else {
        in.skip();
      }
    }
    if (missed > 0)
      into_->count_missed(missed);
    waiting_.insert(waiting_.end(), items.begin(), items.end());
    fill();
  }

  /// Gives what has come, and reads on once all of it has found room.
  void fill() {
    if (finished_)
      return;
    if (!waiting_.empty()) {
      const auto settled = into_->offer(waiting_);
      waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(settled));
    }
    if (!waiting_.empty() && into_->ask_for_room() > 0)
      return post([](remote_stream& s) { s.fill(); });
    if (waiting_.empty() && !reading_ && begun_)
      read();
  }

  void lost(const error_code& why) {
    if (finished_)
      return;
    if (!answered_) // nobody waits for a server that was never there
      return finish(
        failure{errc::remote, "cannot connect to " + client_->to.name + ": " + why.message()});
    begin_again();
  }

  void begin_again() {
    error_code ignored;
    if (over_)
      over_->next_layer().bare().close(ignored);
    begun_ = false;
    timer_.expires_after(pause_);
    pause_ = std::min(2 * pause_, longest_pause);
    timer_.async_wait([self = this->shared_from_this()](const error_code& why) {
      if (!why)
        self->connect();
    });
  }

  const std::shared_ptr<State> client_;
  const operation& op_;
  const std::string target_;
  const std::shared_ptr<stream_buffer> into_;
  resolver resolver_;
  asio::steady_timer timer_;
  std::optional<socket> plain_;
  std::unique_ptr<web_socket> over_;
  websocket::response_type answer_;
  boost::beast::flat_buffer in_;
  std::vector<stream_buffer::pointer> waiting_; // for room
  std::string position_;                        // of the last item, as JSON
  std::string began_at_;                        // by the server's clock
  std::chrono::milliseconds pause_ = first_pause;
  bool answered_ = false;
  bool begun_ = false; // the connection there is now; one that was lost is not read from
  bool reading_ = false;
  bool finished_ = false;
};

} // namespace

stream_client::stream_client(server_address to, asio::ssl::context* tls, std::string token)
  : state_(std::make_shared<state>(std::move(to), tls, std::move(token))),
    thread_([s = state_] { s->context.run(); }) {}

stream_client::~stream_client() {
  asio::post(state_->context, [s = state_] {
    s->closed = true;
    const auto all = s->open;
    for (const auto& each : all)
      static_cast<remote_stream<state>*>(each.get())
        ->finish(failure{errc::closed, "the connection is closed"});
    s->work.reset();
  });
  thread_.join();
}

std::shared_ptr<stream_buffer> stream_client::open(const operation& op, const stream_limits& limits,
                                                   const http_request& request,
                                                   steady::time_point deadline) {
  auto into = std::make_shared<stream_buffer>(limits);
  auto made = std::make_shared<remote_stream<state>>(state_, op, request.target, into);
  into->attach(std::make_shared<remote_stream<state>::link>(made), 0);
  auto begun = made->begun.get_future();
  asio::post(state_->context, [s = state_, made] {
    if (s->closed)
      return made->finish(failure{errc::closed, "the connection is closed"});
    s->open.insert(made);
    made->connect();
  });
  if (begun.wait_until(deadline) != std::future_status::ready) {
    into->close();
    throw error(errc::timeout, "the server did not begin the stream in time");
  }
  begun.get();
  return into;
}

} // namespace beaver::net
