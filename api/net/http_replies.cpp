// What a session writes: responses, and dumps piece by piece.
#include "beaver/api/http_status.hpp"
#include "beaver/api/net/dump_pipe.hpp"
#include "beaver/api/net/http_session.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

namespace beaver::net {

namespace {

constexpr std::size_t one_write = 4096; // up to so many bytes leave together with their head
constexpr std::chrono::seconds leave_timeout{2};

} // namespace

http_response no_memory_left() {
  return error_response(errc::busy, {}, "too many large requests and responses wait");
}

void http_session::respond(http_response what) {
  state_ = state::writing;
  keep_ = keep_ && !draining_ && !ended_;
  out_ = std::move(what);
  memory_.give_back();
  if (out_.body.size() > small_body && !memory_.grow_to(out_.body.size()))
    out_ = no_memory_left();
  if (reader_->has_head())
    service_->share(reader_->request(), out_);
  head_out_ = head_of(out_, keep_);
  if (reader_->has_head() && reader_->request().method == "HEAD")
    out_.body.clear(); // its length is told all the same
  note_answer(out_.status, out_.body.size());
  forget_request(); // its reply is in the response
  if (out_.body.size() <= one_write) {
    set_deadline(service_->options().body_timeout);
    head_out_ += out_.body;
    asio::async_write(
      over_, asio::buffer(head_out_),
      [self = shared_from_this()](const error_code& why, std::size_t) { self->on_written(why); });
    return;
  }
  write_body(out_.body, &http_session::on_written);
}

/// Writes `head_out_` and a body behind it, which has its time by pieces.
void http_session::write_body(std::string_view body, void (http_session::*then)(const error_code&),
                              std::string_view behind) {
  piece_ = 0;
  set_deadline(service_->options().body_timeout);
  const std::array<asio::const_buffer, 3> parts{asio::buffer(head_out_), asio::buffer(body),
                                                asio::buffer(behind)};
  asio::async_write(
    over_, parts,
    [self = shared_from_this()](const error_code& why, std::size_t n) -> std::size_t {
      if (n >= self->piece_ + small_body) {
        self->piece_ = n;
        self->set_deadline(self->service_->options().body_timeout);
      }
      return asio::transfer_all()(why, n);
    },
    [self = shared_from_this(), then](const error_code& why, std::size_t) {
      (self.get()->*then)(why);
    });
}

void http_session::note_answer(unsigned status, std::uint64_t bytes) {
  const auto& log = service_->options().log;
  if (!log || !reader_->has_head())
    return;
  const auto& request = reader_->request();
  log({peer_, request.method, request.path(), status, bytes,
       std::chrono::duration_cast<std::chrono::microseconds>(steady::now() - began_)});
}

void http_session::forget_request() {
  call_.reset();
  transfer_.reset();
  reader_.reset();
}

void http_session::on_written(const error_code& why) {
  if (state_ == state::closed)
    return;
  std::string{}.swap(out_.body); // assigning nothing would keep its memory
  memory_.give_back();
  if (why || ended_)
    close();
  else if (keep_)
    begin_next();
  else
    leave();
}

/// What the other side still sends has to be read, or its system drops the response unread.
void http_session::leave() {
  if (state_ != state::leaving) {
    state_ = state::leaving;
    set_deadline(leave_timeout);
    error_code ignored;
    over_.bare().shutdown(socket::shutdown_send, ignored);
  }
  used_ = filled_;
  read_more();
}

// -- dumps and loads ------------------------------------------------------------------------------

void http_session::start_transfer() {
  if (!transfer_->loads && !reader_->takes_chunks()) {
    service_->metrics().count_other(505);
    respond(
      error_response({505, "ValueError"}, "a dump takes HTTP/1.1", to_string(errc::not_supported)));
    return;
  }
  if (reader_->request().method == "HEAD") { // how long the body is nobody knows before it is made
    service_->metrics().count_other(200);
    note_answer(200, 0);
    state_ = state::writing;
    keep_ = keep_ && !draining_;
    head_out_ = head_of_dump();
    forget_request();
    write_body({}, &http_session::on_written);
    return;
  }
  state_ = state::working;
  deadline_ = steady::time_point::max();
  stop_ = {};
  ++service_->metrics().in_work;
  const auto home = over_.get_executor();
  if (transfer_->loads) {
    if (!ended_)
      read_more(); // so as to see it when the other side goes
    list_.run_elsewhere([self = shared_from_this(), home, what = *transfer_,
                         body = std::exchange(reader_->request().body, {}),
                         stop = stop_.get_token()]() mutable {
      auto response = carry_out_load(self->service_->to(), what, body, stop);
      asio::post(home, [s = std::move(self), r = std::move(response)]() mutable {
        s->end_load(std::move(r));
      });
    });
    return;
  }
  dumped_bytes_ = 0;
  pipe_ = std::make_shared<dump_pipe>([self = weak_from_this(), home] {
    asio::post(home, [self] {
      if (const auto session = self.lock())
        session->send_piece();
    });
  });
  list_.run_elsewhere([self = shared_from_this(), home, what = *transfer_, pipe = pipe_,
                       stop = stop_.get_token()]() mutable {
    std::optional<http_response> failed;
    dump_status done;
    try {
      done = carry_out_dump(
        self->service_->to(), what, [&](std::string_view piece) { pipe->put(piece); }, stop);
    } catch (const error& e) {
      failed = error_response(e.code(), what.type(), e.what());
    } catch (const std::bad_alloc&) {
      failed = error_response(errc::full, what.type(), "out of memory");
    }
    asio::post(home, [s = std::move(self), f = std::move(failed), n = done.items]() mutable {
      s->end_dump(std::move(f), n);
    });
  });
}

std::string http_session::head_of_dump() {
  auto head = dump_head(*transfer_);
  service_->share(reader_->request(), head);
  return head_of(head, keep_, body_form::chunks);
}

void http_session::send_piece() {
  if (state_ != state::working)
    return;
  state_ = state::writing;
  out_.body = pipe_->take();
  if (!memory_.grow_to(out_.body.size())) { // an item may be as large as a blob
    close();
    return;
  }
  head_out_.clear();
  if (dumped_bytes_ == 0)
    head_out_ = head_of_dump();
  dumped_bytes_ += out_.body.size();
  head_out_ += head_of_chunk(out_.body.size());
  write_body(out_.body, &http_session::on_piece_written, line_end);
}

void http_session::on_piece_written(const error_code& why) {
  if (state_ == state::closed)
    return;
  if (why) {
    close();
    return;
  }
  state_ = state::working;
  deadline_ = steady::time_point::max();
  std::string{}.swap(out_.body);
  memory_.give_back();
  pipe_->sent();
}

void http_session::end_load(http_response response) {
  --service_->metrics().in_work;
  service_->metrics().count_other(response.status);
  if (state_ != state::closed)
    respond(std::move(response));
}

/// A dump that failed when a part of it had been sent already ends with the connection, so that
/// nobody takes it for the whole.
void http_session::end_dump(std::optional<http_response> failed, std::uint64_t items) {
  --service_->metrics().in_work;
  service_->metrics().count_other(failed ? failed->status : 200);
  pipe_.reset();
  if (state_ == state::closed)
    return;
  if (failed && dumped_bytes_ == 0) {
    respond(std::move(*failed));
    return;
  }
  note_answer(failed ? failed->status : 200, dumped_bytes_);
  if (failed) {
    close();
    return;
  }
  state_ = state::writing;
  keep_ = keep_ && !draining_;
  head_out_ = dumped_bytes_ == 0 ? head_of_dump() : "";
  head_out_ += "0\r\n" + std::string{items_trailer} + ": " + std::to_string(items) + "\r\n\r\n";
  forget_request();
  write_body({}, &http_session::on_written);
}

} // namespace beaver::net
