#include "beaver/api/net/stream_session.hpp"

#include "beaver/api/http_status.hpp"
#include "beaver/api/net/websocket.hpp"
#include "beaver/storage/json_cursor.hpp"

#include <boost/asio/post.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <limits>

namespace beaver::net {

namespace {

namespace http = boost::beast::http;

constexpr std::size_t items_at_once = 64;
constexpr std::size_t most_bytes_in = 4096; // of a frame from the client
constexpr auto endless = std::numeric_limits<std::uint64_t>::max();

http::request<http::empty_body> request_of(const http_request& head) {
  http::request<http::empty_body> made{http::verb::get, head.target, 11};
  for (const auto& [name, value] : head.headers)
    made.insert(name, value);
  return made;
}

/// Whether a page in a browser has named our protocol, and has to hear it again.
bool names_protocol(const http_request& head) {
  const auto* all = head.header("sec-websocket-protocol");
  return all != nullptr && (*all == "beaver" || all->starts_with("beaver,"));
}

/// How a failure ends a WebSocket: RFC 6455, section 7.4.1, and 1013 of its registry.
websocket::close_code close_code_of(errc code) {
  switch (code) {
  case errc::busy:
    return websocket::close_code::try_again_later;
  case errc::closed:
    return websocket::close_code::going_away;
  case errc::io:
  case errc::corrupt:
  case errc::internal:
    return websocket::close_code::internal_error;
  default:
    return websocket::close_code::policy_error;
  }
}

class stream_session final : public connection_watch,
                             public std::enable_shared_from_this<stream_session> {
public:
  stream_session(stream over, const operation& op, stream_source from,
                 std::shared_ptr<http_service> service, connection_list& list)
    : over_(std::move(over)), op_(op), from_(std::move(from.items)), calls_(std::move(from.calls)),
      service_(std::move(service)), list_(list), memory_(service_->memory()),
      credit_(calls_ ? 0 : endless), pulls_(calls_ != nullptr) {}

  ~stream_session() override { from_->close(); }

  void start(const http_request& head) {
    list_.add(shared_from_this());
    ++service_->metrics().connections;
    ++service_->metrics().streams;
    set_up(over_, most_bytes_in, service_->options().head_timeout);
    // From here on nothing is missed: who has to begin again before the first item, can.
    over_.set_option(
      websocket::stream_base::decorator{[now = std::to_string(service_->to().now()),
                                         ours = names_protocol(head)](websocket::response_type& r) {
        r.set("Beaver-Time", now);
        if (ours)
          r.set(http::field::sec_websocket_protocol, "beaver");
      }});
    over_.async_accept(request_of(head), [self = shared_from_this()](const error_code& why) {
      if (why || self->closed_)
        return self->close();
      self->open_ = true;
      if (self->ending_)
        return self->say_why();
      self->read();
      self->await();
    });
  }

  void look_at(steady::time_point) override {} // it looks at itself
  void drain() override {
    draining_ = true;
    if (calls_ && waiting_)
      calls_->withdraw(); // and sends what it may have got meanwhile
    else
      end_draining();
  }

  void close() noexcept override {
    if (std::exchange(closed_, true))
      return;
    const auto self = shared_from_this();
    from_->close();
    --service_->metrics().connections;
    --service_->metrics().streams;
    error_code ignored;
    over_.next_layer().bare().close(ignored);
    list_.remove(this);
  }

private:
  void end_draining() { end({failure{errc::closed, "the server is about to stop"}}); }

  void read() {
    over_.async_read(in_, [self = shared_from_this()](const error_code& why, std::size_t) {
      if (why)
        self->close();
      else
        self->take_request();
    });
  }

  void take_request() {
    const auto text = in_.cdata();
    try {
      json_cursor in{std::string_view{static_cast<const char*>(text.data()), text.size()}};
      in.enter_object();
      while (const auto name = in.next_member()) {
        if (*name != "pull")
          throw error(errc::invalid_argument, "only 'pull' can be asked of a stream");
        const auto wanted = in.read_uint64().value_or(0);
        credit_ = (pulls_ ? credit_ : 0) + std::min<std::uint64_t>(wanted, 1u << 30);
        pulls_ = true;
      }
      in.finish();
    } catch (const error& e) {
      end({failure{e.code(), e.what()}});
      return;
    }
    in_.clear();
    read();
    if (!waiting_)
      await();
  }

  /// Waits for items if some may be sent.
  void await() {
    if (writing_ || ending_ || closed_)
      return;
    if (draining_ && sent_ == some_.items.size())
      return end_draining();
    if (credit_ == 0)
      return;
    if (sent_ < some_.items.size()) {
      send();
      return;
    }
    waiting_ = true;
    if (calls_)
      calls_->ask();
    // From another thread, and not before it has let go of what it holds.
    from_->when_ready([self = weak_from_this(), home = over_.get_executor()] {
      asio::post(home, [self] {
        if (const auto session = self.lock()) {
          session->waiting_ = false;
          session->send();
        }
      });
    });
  }

  void send() {
    if (writing_ || ending_ || closed_)
      return;
    if (sent_ == some_.items.size()) {
      some_ = from_->take(std::min<std::uint64_t>(credit_, items_at_once));
      sent_ = 0;
    }
    if (!some_.items.empty())
      send_frame();
    else if (some_.ended && draining_)
      end_draining();
    else if (some_.ended)
      end(std::move(some_.why));
    else
      await();
  }

  /// As many of the items as make a frame of moderate size: pings and its end are behind it.
  void send_frame() {
    out_ = R"({"items": [)";
    while (sent_ < some_.items.size() && credit_ > 0 && out_.size() < small_body) {
      if (out_.back() != '[')
        out_ += ", ";
      write_item(some_.items[sent_++].get());
      credit_ -= pulls_;
    }
    out_ += ']';
    if (const auto missed = std::exchange(some_.missed, 0); missed > 0)
      out_ += R"(, "missed": )" + std::to_string(missed);
    out_ += '}';
    if (sent_ == some_.items.size()) {
      some_.items = {};
      sent_ = 0;
    }
    if (out_.size() > 2 * small_body && !memory_.grow_to(out_.size())) {
      std::string{}.swap(out_);
      end(failure{errc::busy, "too many large frames wait"});
      return;
    }
    write([](stream_session& s) { s.await(); });
  }

  void write_item(const void* item) {
    if (!calls_)
      op_.encode_item(item, out_);
    else if (!op_.encode_reply(item, out_)) // of an operation that has none
      out_ += "null";
  }

  template <class F>
  void write(F then) {
    writing_ = true;
    over_.async_write(
      asio::buffer(out_), [self = shared_from_this(), then](const error_code& why, std::size_t) {
        self->writing_ = false;
        if (why)
          return self->close();
        if (self->out_.capacity() > 4096) // ten thousand of them wait most of the time
          std::string{}.swap(self->out_);
        self->memory_.give_back();
        if (self->ending_)
          self->say_why();
        else
          then(*self);
      });
  }

  /// The last frame, then the end.
  void end(std::optional<failure> why) {
    if (std::exchange(ending_, true))
      return;
    why_ = std::move(why);
    if (open_ && !writing_)
      say_why();
  }

  void say_why() {
    if (std::exchange(said_, true)) {
      over_.async_close(why_ ? close_code_of(why_->code) : websocket::close_code::normal,
                        [self = shared_from_this()](const error_code&) { self->close(); });
      return;
    }
    out_ = why_ ? R"({"error": )" + error_response(why_->code, op_.type, why_->text).body + '}'
                : std::string{R"({"ended": true})"};
    write([](stream_session&) {});
  }

  web_socket over_;
  const operation& op_;
  const std::shared_ptr<stream_buffer> from_;
  const std::shared_ptr<repeated_call> calls_; // null for a stream
  const std::shared_ptr<http_service> service_;
  connection_list& list_;
  boost::beast::flat_buffer in_{most_bytes_in};
  stream_buffer::slice some_; // of which `sent_` are written
  std::size_t sent_ = 0;
  std::string out_;
  memory_budget::share memory_; // of `out_`
  std::uint64_t credit_;
  bool open_ = false; // the handshake is over
  bool pulls_;        // the client says how many
  bool draining_ = false;
  bool waiting_ = false; // for items
  bool writing_ = false;
  bool ending_ = false;
  bool said_ = false;
  bool closed_ = false;
  std::optional<failure> why_;
};

} // namespace

void serve_stream(stream over, const http_request& head, const operation& op, stream_source from,
                  std::shared_ptr<http_service> service, connection_list& list) {
  std::make_shared<stream_session>(std::move(over), op, std::move(from), std::move(service), list)
    ->start(head);
}

} // namespace beaver::net
