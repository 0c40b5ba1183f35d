#pragma once
#include "beaver/api/http_reader.hpp"
#include "beaver/api/http_service.hpp"
#include "beaver/api/net/stream.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <variant>

namespace beaver::net {

using steady = std::chrono::steady_clock;

/// A connection of a server, as the thread that runs it sees it. All of it happens on that thread.
class connection_watch {
public:
  virtual ~connection_watch() = default;
  /// Closes what has passed its time.
  virtual void look_at(steady::time_point now) = 0;
  /// No more requests: closes at once if idle, else behind the response.
  virtual void drain() = 0;
  virtual void close() noexcept = 0;
};

/// The connections of one thread.
class connection_list {
public:
  virtual void add(std::shared_ptr<connection_watch> c) = 0;
  virtual void remove(const connection_watch* c) noexcept = 0;
  /// Does what takes long, on one of a few threads, in its turn.
  virtual void run_elsewhere(std::function<void()> work) = 0;

protected:
  ~connection_list() = default;
};

class dump_pipe;

/// The response where the budget of memory is used up.
[[nodiscard]] http_response no_memory_left();

/// Speaks HTTP/1.1 over one connection: one request after the other, each carried out as soon as it
/// is whole. A call that waits for something is withdrawn when the other side goes away.
class http_session final : public connection_watch,
                           public std::enable_shared_from_this<http_session> {
public:
  http_session(stream over, std::string peer, std::shared_ptr<http_service> service,
               connection_list& list);

  void start();

  void look_at(steady::time_point now) override;
  void drain() override;
  void close() noexcept override;

private:
  struct started_call;
  enum class state : std::uint8_t { idle, head, body, working, writing, leaving, closed };

  void read_more();
  void on_read(const error_code& why, std::size_t n);
  void begin_head();
  void go_on();
  void take_head();
  void carry_out();
  void open_stream();
  void wait_at_most(const http_request& request);
  void finished(const std::optional<failure>& why, http_response response);
  [[nodiscard]] http_response failed(const failure& why) const;

  // -- http_replies.cpp
  void respond(http_response what);
  void write_body(std::string_view body, void (http_session::*then)(const error_code&),
                  std::string_view behind = {});
  void note_answer(unsigned status, std::uint64_t bytes);
  void forget_request();
  void on_written(const error_code& why);
  void start_transfer();
  [[nodiscard]] std::string head_of_dump();
  void send_piece();
  void on_piece_written(const error_code& why);
  void end_load(http_response response);
  void end_dump(std::optional<http_response> failed, std::uint64_t items);
  void leave();

  void begin_next();
  void set_deadline(std::chrono::seconds from_now) { deadline_ = steady::now() + from_now; }

  stream over_;
  const std::string peer_;
  const std::shared_ptr<http_service> service_;
  connection_list& list_;

  state state_ = state::idle;
  std::string in_; // [used_, filled_) is what was read and not yet used
  std::size_t used_ = 0;
  std::size_t filled_ = 0;
  bool reading_ = false; // a read is outstanding
  bool ended_ = false;   // the other side sends no more
  bool draining_ = false;
  bool keep_ = true;   // the connection, behind this response
  bool again_ = false; // the wait was ended by the limit of the request, not by its end
  std::optional<request_reader> reader_;
  std::optional<http_service::admitted> call_;
  std::optional<http_transfer> transfer_;   // instead of a call
  std::shared_ptr<dump_pipe> pipe_;         // what a dump writes into
  std::uint64_t dumped_bytes_ = 0;          // that were sent of it
  std::optional<http_response> early_;      // to a head, while its body is read over
  std::size_t piece_ = 0;                   // bytes of the body since its deadline was set
  std::size_t body_bytes_ = 0;              // of the request that have come
  memory_budget::share memory_;             // of the body, or of the response
  std::stop_source stop_{std::nostopstate}; // of the call in work, if it waits
  std::unique_ptr<asio::steady_timer> wait_limit_;
  steady::time_point began_{};
  steady::time_point deadline_ = steady::time_point::max();
  std::string head_out_;
  http_response out_;
};

} // namespace beaver::net
