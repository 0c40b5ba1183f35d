#include "beaver/api/remote_backend.hpp"

#include "beaver/actors/stream_buffer.hpp"
#include "beaver/api/http_transfer.hpp"

#include <algorithm>
#include <charconv>

namespace beaver {

namespace {

using steady = std::chrono::steady_clock;
constexpr std::size_t most_waiting = 1024; // calls that were started and have no thread yet

/// Finds how long a message waits.
struct wait_finder final : member_sink {
  void value(const member_info& member, std::string_view json) override {
    if (member.name == "timeout")
      timeout.emplace(), std::from_chars(json.data(), json.data() + json.size(), *timeout);
  }
  void content(const member_info&, const bytes&) override {}

  std::optional<double> timeout; // seconds
};

bool has_timeout(const operation& op) {
  return std::any_of(op.members.begin(), op.members.end(),
                     [](const member_info& m) { return m.name == "timeout"; });
}

bool says_again(const http_response& r) {
  const auto* told = r.header("beaver-reply");
  return r.status == 202 && told != nullptr && *told == "again";
}

} // namespace

remote_backend::remote_backend(std::shared_ptr<http_transport> over, limits how)
  : over_(std::move(over)), how_(how) {}

remote_backend::~remote_backend() {
  close();
  for (auto& each : threads_)
    each.join();
}

http_request remote_backend::request_of(const operation& op, void* message) const {
  op.check(message); // with the same error as at the server, and no way there
  return calls_.request_of(op, message);
}

/// Carries out what `close` waits for.
template <class F>
void remote_backend::as_call(F send) {
  {
    std::lock_guard guard{mutex_};
    if (closed_)
      throw error(errc::closed, "the connection is closed");
    ++unfinished_;
  }
  try {
    send();
  } catch (...) {
    finished_one();
    throw;
  }
  finished_one();
}

void remote_backend::call(const operation& op, void* message, void* reply) {
  as_call([&] { send(op, message, reply); });
}

void remote_backend::send(const operation& op, void* message, void* reply) {
  remote_calls::take_reply(op, reply, over_->exchange(request_of(op, message), deadline(), {}, {}));
}

void remote_backend::finished_one() noexcept {
  std::lock_guard guard{mutex_};
  --unfinished_;
  changed_.notify_all();
}

void remote_backend::wait(const operation& op, void* message, void* reply, std::stop_token stop) {
  op.check(message);
  if (!has_timeout(op)) { // its answer takes as long as its work
    remote_calls::take_reply(
      op, reply,
      over_->exchange(calls_.request_of(op, message), steady::time_point::max(), stop, {}));
    return;
  }
  wait_finder found;
  op.visit(message, found);
  const auto began = steady::now();
  const auto single = std::to_string(how_.single_wait.count());
  for (;;) {
    auto request = calls_.request_of(op, message);
    request.headers.emplace_back("beaver-wait", single);
    const auto response = over_->exchange(request, deadline() + how_.single_wait, stop, {});
    if (!says_again(response)) {
      remote_calls::take_reply(op, reply, response);
      return;
    }
    if (stop.stop_requested())
      throw error(errc::cancelled, "the waiting was cancelled");
    if (found.timeout) {
      const std::chrono::duration<double> gone = steady::now() - began;
      op.set_member(message, "timeout",
                    std::to_string(std::max(*found.timeout - gone.count(), 0.0)));
    }
  }
}

std::shared_ptr<stream_buffer> remote_backend::subscribe(const operation& op, void* message) {
  const auto bounds = op.limits(message);
  return over_->open(op, bounds, request_of(op, message));
}

/// Writes on one manager keep their order, so each waits for the one before it; reads, and what may
/// wait for others, do not.
void remote_backend::start(std::unique_ptr<async_call> call) {
  const auto& op = *call->op;
  work w{std::move(call), nullptr};
  if (!op.reads && !op.waits)
    w.chain = std::make_unique<chain_key>(op.type, op.manager_name(w.call->message));
  std::lock_guard guard{mutex_};
  if (closed_)
    throw error(errc::closed, "the connection is closed");
  if (waiting_ >= most_waiting)
    throw error(errc::busy, "too many calls are in flight");
  ++waiting_;
  unfinished_ += op.waits ? 0 : 1;
  if (w.chain) {
    if (const auto before = chains_.find(*w.chain); before != chains_.end()) {
      before->second.push_back(std::move(w));
      return;
    }
    chains_.try_emplace(*w.chain);
  }
  ready_.push_back(std::move(w));
  if (idle_ < ready_.size() && threads_.size() < how_.threads)
    threads_.emplace_back([this] { run(); });
  else
    changed_.notify_one();
}

void remote_backend::run() {
  std::unique_lock lock{mutex_};
  for (;;) {
    ++idle_;
    changed_.wait(lock, [this] { return !ready_.empty() || ended_; });
    --idle_;
    if (ready_.empty())
      return;
    auto w = std::move(ready_.front());
    ready_.pop_front();
    --waiting_;
    lock.unlock();
    carry_out(*w.call);
    w.call.reset();
    lock.lock();
    if (!w.chain)
      continue;
    const auto chain = chains_.find(*w.chain);
    if (chain->second.empty()) {
      chains_.erase(chain);
    } else {
      ready_.push_back(std::move(chain->second.front()));
      chain->second.pop_front();
    }
  }
}

void remote_backend::carry_out(async_call& call) {
  try {
    if (call.op->waits)
      wait(*call.op, call.message, call.reply, call.stop);
    else
      send(*call.op, call.message, call.reply);
    call.done(nullptr);
  } catch (const error& e) {
    const failure why{e.code(), e.what()};
    call.done(&why);
  }
  if (!call.op->waits)
    finished_one();
}

/// Each item stands on a line of its own, those of JSON with two before them.
dump_status remote_backend::dump(std::string_view type, const std::string& name,
                                 const byte_sink& to, const dump_options& how) {
  dump_status done;
  std::uint64_t lines = 0;
  const std::uint64_t before = how.format == dump_format::json ? 2 : 0;
  const byte_sink take = [&](std::string_view piece) {
    if (how.stop.stop_requested())
      throw error(errc::cancelled, std::string{type} + " '" + name
                                     + "': the dump was stopped after " + std::to_string(done.items)
                                     + " items");
    to(piece);
    lines += static_cast<std::uint64_t>(std::count(piece.begin(), piece.end(), '\n'));
    done = {lines - std::min(lines, before), done.bytes + piece.size()};
    if (how.progress)
      how.progress(done);
  };
  as_call([&] {
    const auto response = over_->exchange(dump_request(type, name, how.format), deadline(), {},
                                          {.down = &take, .patience = how_.timeout});
    if (response.status != 200)
      throw failure_in(response);
    if (const auto* items = response.header(items_trailer))
      std::from_chars(items->data(), items->data() + items->size(), done.items);
  });
  if (how.progress)
    how.progress(done);
  return done;
}

dump_status remote_backend::load(std::string_view type, const std::string& name,
                                 const byte_source& from, const load_options& how) {
  dump_status done;
  const byte_source give = [&](std::span<char> room) {
    const auto n = from(room);
    if (how.stop.stop_requested())
      throw error(errc::cancelled, std::string{type} + " '" + name + "': the load was stopped");
    done.bytes += n;
    if (how.progress)
      how.progress(done);
    return n;
  };
  as_call([&] {
    const auto response =
      over_->exchange(load_request(type, name, how.format, how.mode), steady::time_point::max(),
                      how.stop, {.up = &give, .patience = how_.timeout});
    if (response.status != 200)
      throw failure_in(response);
    done = load_status_in(response.body);
  });
  if (how.progress)
    how.progress(done);
  return done;
}

void remote_backend::close() noexcept {
  {
    std::unique_lock lock{mutex_};
    closed_ = true;
    // What waits for something that may never come does not hold it up.
    changed_.wait_for(lock, how_.timeout, [this] { return unfinished_ == 0; });
  }
  over_->close();
  std::lock_guard guard{mutex_};
  ended_ = true;
  changed_.notify_all();
}

} // namespace beaver
