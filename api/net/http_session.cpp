#include "beaver/api/net/http_session.hpp"

#include "beaver/api/http_status.hpp"
#include "beaver/api/net/dump_pipe.hpp"
#include "beaver/api/net/stream_session.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <charconv>

namespace beaver::net {

namespace {

constexpr std::size_t least_room = 4096; // of the buffer that is read into
constexpr double longest_wait = 3600;    // that a header may ask for, in seconds

/// Whether reading over the body costs less than another connection.
bool has_small_body(const http_request& head) {
  const auto* length = head.header("content-length");
  return length != nullptr && length->size() < std::to_string(small_body).size();
}

} // namespace

/// A call that goes on by itself, and comes back to the thread of its connection.
struct http_session::started_call final : async_call {
  explicit started_call(std::shared_ptr<http_session> s) : session(std::move(s)) {
    op = &session->call_->call.op();
    message = session->call_->call.message();
    reply = session->call_->call.slot();
    stop = session->stop_.get_token();
  }

  void done(const failure* why) noexcept override {
    auto reason = why ? std::optional{*why} : std::nullopt;
    http_response response;
    try {
      if (!why) // here, since the session's thread is also that of others, and it may be megabytes
        response = session->call_->call.reply();
      session->call_->call.forget_reply();
    } catch (const std::bad_alloc&) {
      reason = failure{errc::full, "out of memory"};
    }
    auto executor = session->over_.get_executor();
    asio::post(executor,
               [s = std::move(session), reason = std::move(reason),
                r = std::move(response)]() mutable { s->finished(reason, std::move(r)); });
  }

  std::shared_ptr<http_session> session;
};

http_session::http_session(stream over, std::string peer, std::shared_ptr<http_service> service,
                           connection_list& list)
  : over_(std::move(over)), peer_(std::move(peer)), service_(std::move(service)), list_(list),
    memory_(service_->memory()) {}

void http_session::start() {
  list_.add(shared_from_this());
  ++service_->metrics().connections;
  set_deadline(service_->options().head_timeout);
  if (over_.tls() == nullptr) {
    begin_next();
    return;
  }
  over_.tls()->async_handshake(asio::ssl::stream_base::server,
                               [self = shared_from_this()](const error_code& why) {
                                 if (why || self->state_ == state::closed)
                                   self->close();
                                 else
                                   self->begin_next();
                               });
}

void http_session::begin_next() {
  state_ = state::idle;
  reader_.emplace(http_limits{service_->options().max_head, service_->options().max_body});
  if (!reading_ && used_ == filled_ && in_.size() > small_body) { // it may be long until the next
    std::string{}.swap(in_);
    used_ = filled_ = 0;
  }
  if (draining_) {
    close();
    return;
  }
  set_deadline(service_->options().idle_timeout);
  go_on();
}

void http_session::read_more() {
  if (reading_)
    return;
  if (used_ == filled_)
    used_ = filled_ = 0;
  if (in_.size() - filled_ < least_room) {
    in_.erase(0, used_);
    filled_ -= used_;
    used_ = 0;
    // A body is read in larger pieces than a head, which most often is all there is.
    in_.resize(filled_ + (state_ == state::body ? small_body : least_room));
  }
  reading_ = true;
  over_.async_read_some(
    asio::buffer(in_.data() + filled_, in_.size() - filled_),
    [self = shared_from_this()](const error_code& why, std::size_t n) { self->on_read(why, n); });
}

void http_session::on_read(const error_code& why, std::size_t n) {
  reading_ = false;
  filled_ += n;
  if (why) {
    ended_ = true;
    if (state_ == state::working) // nobody wants the answer; it closes behind that
      stop_.request_stop();
    else if (state_ != state::writing)
      close();
    return;
  }
  // What comes behind a call that waits is kept, up to a bound, so as to see the end behind it.
  if (state_ == state::working && filled_ < small_body)
    read_more();
  if (state_ == state::idle)
    begin_head();
  if (state_ == state::body && (piece_ += n) >= small_body) {
    body_bytes_ += std::exchange(piece_, 0);
    set_deadline(service_->options().body_timeout);
    if (!memory_.grow_to(body_bytes_)) {
      keep_ = false; // since the rest will not be read
      service_->metrics().count_other(503);
      respond(no_memory_left());
      return;
    }
  }
  if (state_ == state::head || state_ == state::body)
    go_on();
  else if (state_ == state::leaving)
    leave();
}

void http_session::begin_head() {
  state_ = state::head;
  set_deadline(service_->options().head_timeout);
}

/// Reads the request out of what is there, and more if that is not all of it.
void http_session::go_on() {
  while (filled_ > used_) {
    if (state_ == state::idle)
      begin_head();
    const auto now = reader_->put({in_.data() + used_, filled_ - used_});
    used_ += now;
    if (reader_->refused() != 0) {
      keep_ = false;
      const auto status = reader_->refused();
      service_->metrics().count_other(status);
      respond(error_response({status, "ValueError"},
                             status == 400 ? "this is no HTTP request" : "the request is too large",
                             to_string(errc::invalid_argument)));
      return;
    }
    if (reader_->has_head() && state_ == state::head) {
      take_head();
      if (state_ != state::body)
        return;
      continue;
    }
    if (reader_->done()) {
      carry_out();
      return;
    }
    if (now == 0)
      break; // it needs more at once
  }
  if (ended_)
    close();
  else
    read_more();
}

/// Before there is a body: who may not send it need not.
void http_session::take_head() {
  began_ = steady::now();
  keep_ = reader_->keeps_alive();
  auto begun = service_->begin(reader_->request(), {peer_, over_.tls() != nullptr});
  if (auto* response = std::get_if<http_response>(&begun)) {
    service_->metrics().count_other(response->status);
    if (!reader_->has_body())
      return respond(std::move(*response));
    if (reader_->wants_continue() || !has_small_body(reader_->request())) {
      keep_ = false; // since it will not be read
      return respond(std::move(*response));
    }
    early_ = std::move(*response);
    state_ = state::body;
    set_deadline(service_->options().body_timeout);
    return;
  }
  if (auto* transfer = std::get_if<http_transfer>(&begun))
    transfer_.emplace(std::move(*transfer));
  else
    call_.emplace(std::move(std::get<http_service::admitted>(begun)));
  state_ = state::body;
  if (!reader_->has_body()) {
    carry_out();
    return;
  }
  piece_ = body_bytes_ = 0;
  set_deadline(service_->options().body_timeout);
  if (reader_->wants_continue()) {
    static constexpr std::string_view text = "HTTP/1.1 100 Continue\r\n\r\n";
    asio::async_write(over_, asio::buffer(text.data(), text.size()),
                      [self = shared_from_this()](const error_code&, std::size_t) {});
  }
}

void http_session::carry_out() {
  if (early_) {
    respond(*std::exchange(early_, std::nullopt));
    return;
  }
  if (transfer_) {
    start_transfer();
    return;
  }
  const auto& op = call_->call.op();
  auto& request = reader_->request();
  state_ = state::working;
  auto refused = http_service::take_body(*call_, request.body);
  std::string{}.swap(request.body); // the message has it
  if (refused) {
    service_->ended(op, refused->status, steady::now() - began_, false);
    respond(std::move(*refused));
    return;
  }
  if (call_->call.wants_socket()) {
    open_stream();
    return;
  }
  if (service_->is_quick(op)) {
    std::optional<failure> why;
    try {
      service_->to().call(op, call_->call.message(), call_->call.slot());
    } catch (const error& e) {
      why = failure{e.code(), e.what()};
    }
    auto response = why ? call_->call.failed(why->code, why->text) : call_->call.reply();
    service_->ended(op, response.status, steady::now() - began_, false);
    respond(std::move(response));
    return;
  }
  deadline_ = steady::time_point::max();
  ++service_->metrics().in_work;
  service_->begins(op);
  if (op.waits) {
    stop_ = {};
    again_ = false;
    wait_at_most(request);
    if (!ended_)
      read_more(); // so as to see it when the other side goes
  }
  try {
    service_->to().start(std::make_unique<started_call>(shared_from_this()));
  } catch (const error& e) {
    finished(failure{e.code(), e.what()}, {});
  }
}

/// Goes on as a WebSocket, unless the other side does not want that or the stream cannot begin.
void http_session::open_stream() {
  const auto& op = call_->call.op();
  http_response response;
  if (!asks_for_socket(reader_->request()) || filled_ > used_) {
    response = error_response({426, "ValueError"}, "a stream needs a WebSocket",
                              to_string(errc::not_supported));
    response.headers.emplace_back("Upgrade", "websocket");
  } else {
    try {
      auto from = op.streams
                    ? stream_source{service_->to().subscribe(op, call_->call.message())}
                    : source_of(repeated_call::make(service_->target(), op, call_->call.message()));
      const auto self = shared_from_this();
      state_ = state::closed;
      --service_->metrics().connections;
      list_.remove(this);
      service_->ended(op, 101, steady::now() - began_, false);
      serve_stream(std::move(over_), reader_->request(), op, std::move(from), service_, list_);
      return;
    } catch (const error& e) {
      response = call_->call.failed(e.code(), e.what());
    }
  }
  service_->ended(op, response.status, steady::now() - began_, false);
  respond(std::move(response));
}

/// A client that must not leave one request open for long says so, and asks again.
void http_session::wait_at_most(const http_request& request) {
  const auto* text = request.header("beaver-wait");
  double seconds = 0;
  if (text == nullptr
      || std::from_chars(text->data(), text->data() + text->size(), seconds).ec != std::errc{}
      || !(seconds >= 0 && seconds <= longest_wait))
    return;
  wait_limit_ = std::make_unique<asio::steady_timer>(
    over_.get_executor(),
    std::chrono::duration_cast<steady::duration>(std::chrono::duration<double>{seconds}));
  wait_limit_->async_wait([self = shared_from_this()](const error_code& why) {
    if (!why && self->state_ == state::working) {
      self->again_ = true;
      self->stop_.request_stop();
    }
  });
}

void http_session::finished(const std::optional<failure>& why, http_response response) {
  if (wait_limit_) {
    wait_limit_->cancel();
    wait_limit_.reset();
  }
  --service_->metrics().in_work;
  if (why)
    response = failed(*why);
  service_->ended(call_->call.op(), response.status, steady::now() - began_, true);
  if (state_ == state::closed)
    return;
  respond(std::move(response));
}

http_response http_session::failed(const failure& why) const {
  if (why.code != errc::cancelled || !(again_ || draining_))
    return call_->call.failed(why.code, why.text);
  if (!again_)
    return call_->call.failed(errc::closed, "the server is about to stop");
  http_response r{.status = 202, .body = "null"};
  r.headers.emplace_back(reply_header, "again");
  return r;
}

void http_session::look_at(steady::time_point now) {
  if (now >= deadline_)
    close();
}

void http_session::drain() {
  draining_ = true;
  if (state_ == state::idle)
    close();
  else if (state_ == state::working && call_ && call_->call.op().waits)
    stop_.request_stop();
}

void http_session::close() noexcept {
  if (state_ == state::closed)
    return;
  const auto self = shared_from_this(); // the list's may be the last but this
  const bool working = state_ == state::working;
  state_ = state::closed;
  --service_->metrics().connections;
  if (working)
    stop_.request_stop();
  if (pipe_)
    pipe_->close();
  error_code ignored;
  over_.bare().shutdown(socket::shutdown_both, ignored);
  over_.bare().close(ignored);
  list_.remove(this);
}

} // namespace beaver::net
