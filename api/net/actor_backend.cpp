#include "beaver/api/net/actor_backend.hpp"

#include "beaver/actors/caf_spawn.hpp"
#include "beaver/actors/changes.hpp"
#include "beaver/api/net/actor_door.hpp"
#include "beaver/api/net/reachable.hpp"
#include "beaver/api/net/stream_feeder.hpp"

#include <caf/io/middleman.hpp>
#include <caf/openssl/manager.hpp>
#include <charconv>
#include <set>

namespace beaver::net {

namespace {

constexpr std::size_t most_managers = 4096; // whose handles are kept

template <class... Args>
caf::mailbox_element_ptr element(Args&&... args) {
  return caf::make_mailbox_element(nullptr, caf::message_id{}, {}, std::forward<Args>(args)...);
}

/// Any manager of its type will do for a message that is about none in particular.
std::string_view manager_for(const operation& op, const void* message) {
  return has_name(op) ? op.manager_name(message) : "-";
}

} // namespace

actor_backend::actor_backend(std::unique_ptr<actor_network> own, caf::actor_system& system,
                             const std::string& url, connect_options how)
  : own_(std::move(own)), system_(system), how_(std::move(how)), unit_(system), ports_(system),
    flights_(std::make_shared<flights>()) {
  tls_ = url.starts_with("cafs://");
  const auto place = url.substr(std::min(url.size(), url.find("://") + 3));
  const auto colon = place.rfind(':');
  host_ = place.substr(0, colon);
  const char* end = place.data() + place.size();
  if (colon == place.npos || host_.empty()
      || std::from_chars(place.data() + colon + 1, end, port_).ptr != end || port_ == 0)
    throw error(errc::invalid_argument, "'" + url + "' is no URL of the form caf://host:port");
  if (host_.starts_with('[') && host_.ends_with(']'))
    host_ = host_.substr(1, host_.size() - 2);
  if (!how_.token.empty())
    throw error(errc::invalid_argument, "CAF's network knows certificates, and no tokens");
  if (!system_.has_middleman() || (tls_ && !system_.has_openssl_manager()))
    throw error(errc::invalid_argument,
                "the actor system has not joined the network, or without certificates");
}

actor_backend::~actor_backend() {
  close();
  if (watch_.joinable())
    watch_.join();
}

/// What ends calls when the actor ends that they were sent to: CAF forgets them without a word.
peer_ptr actor_backend::meet(caf::strong_actor_ptr who) const {
  auto made = std::make_shared<peer>(who);
  caf::actor_cast<caf::abstract_actor*>(who)->attach_functor(
    [weak = std::weak_ptr{flights_}, of = std::weak_ptr{made}](const caf::error& why) {
      const auto gone = of.lock();
      const auto all = weak.lock();
      if (!gone || !all)
        return;
      gone->alive = false;
      const bool lost = why == caf::exit_reason::remote_link_unreachable;
      all->fail_if([&](const flights::entry& e) { return e.whom == gone; },
                   lost ? failure{errc::remote, "the connection to the server is lost"}
                        : failure{errc::closed, "the actor that serves this call has ended"});
    });
  return made;
}

template <class... Args>
caf::message actor_backend::answer_of(const peer_ptr& whom, Args... args) {
  caf::message reply;
  ask(whom, element(std::move(args)...), nullptr, &reply, steady::now() + how_.timeout);
  return reply;
}

void actor_backend::ask(const peer_ptr& whom, caf::mailbox_element_ptr content, const operation* op,
                        void* reply, time_point deadline, const std::stop_token& stop) {
  auto& port = ports_.take();
  struct give_back {
    actor_backend& of;
    reply_port& port;
    ~give_back() {
      of.flights_->leave(port);
      of.ports_.recycle(port);
    }
  } guard{*this, port};
  flights_->enter(port, {.whom = whom, .deadline = deadline, .waits = op != nullptr && op->waits});
  lending lent{unit_};
  port.ask(whom->actor, std::move(content), op, reply, nullptr);
  flights_->look_again(port, whom);
  const std::stop_callback withdraw{stop,
                                    [&] { port.withdraw(whom->actor, port.request_number()); }};
  port.wait(lent);
}

void actor_backend::begin() {
  if (!watch_.joinable())
    watch_ = std::thread{[this] { watch(); }};
  await_reachable(host_, port_, steady::now() + how_.timeout);
  auto connector = caf::actor_cast<caf::strong_actor_ptr>(
    tls_ ? system_.openssl_manager().actor_handle() : system_.middleman().actor_handle());
  caf::message found;
  try {
    found = answer_of(std::make_shared<peer>(std::move(connector)), caf::connect_atom::value, host_,
                      port_);
  } catch (const error& e) {
    if (e.code() != errc::internal) // which stands for an error of CAF's own
      throw;
  }
  using found_types =
    caf::detail::type_list<caf::node_id, caf::strong_actor_ptr, std::set<std::string>>;
  if (!found.match_elements(found_types{}) || !found.get_as<caf::strong_actor_ptr>(1))
    throw error(errc::remote, "there is no database at " + host_ + ':' + std::to_string(port_));
  auto door = meet(found.get_as<caf::strong_actor_ptr>(1));
  const auto said = answer_of(door, hello_atom::value, std::string{BEAVER_VERSION});
  if (!said.match_elements<std::string>())
    throw error(errc::remote, "no database of this library is published there");
  if (const auto& theirs = said.get_as<std::string>(0); theirs != BEAVER_VERSION)
    throw error(errc::unsupported_version, "the server has version " + theirs
                                             + " of this library, and this is " BEAVER_VERSION);
  flights_->set_door(door);
  over_ = {std::move(door), {}};
}

peer_ptr actor_backend::find_manager(std::string_view type, std::string_view name) {
  const std::lock_guard guard{mutex_};
  flights_->check_open();
  if (!over_.door || !over_.door->alive)
    begin();
  auto& known = over_.managers[{std::string{type}, std::string{name}}];
  if (known && known->alive)
    return known;
  const auto reply =
    answer_of(over_.door, manager_atom::value, std::string{type}, std::string{name});
  auto found = meet(reply.get_as<caf::strong_actor_ptr>(0));
  if (over_.managers.size() > most_managers)
    over_.managers.clear();
  else
    known = found;
  return found;
}

caf::actor actor_backend::manager(std::string_view type, std::string_view name) {
  return caf::actor_cast<caf::actor>(find_manager(type, name)->actor);
}

void actor_backend::call(const operation& op, void* message, void* reply) {
  wait(op, message, reply, {});
}

void actor_backend::wait(const operation& op, void* message, void* reply, std::stop_token stop) {
  op.check(message); // with the same error as at the server, and no way there
  const auto whom = find_manager(op.type, manager_for(op, message));
  ask(whom, element(op.to_message(message)), &op, reply, time_point::max(), stop);
}

struct actor_backend::counted_call final : async_call {
  counted_call(std::shared_ptr<flights> of, reply_port& p, std::unique_ptr<async_call> c)
    : all(std::move(of)), port(p), inner(std::move(c)) {
    op = inner->op;
    message = inner->message;
    reply = inner->reply;
    stop = inner->stop;
  }
  void done(const failure* why) noexcept override {
    all->leave(port);
    inner->done(why);
  }
  const std::shared_ptr<flights> all;
  reply_port& port;
  const std::unique_ptr<async_call> inner;
};

/// One connection carries all calls in order, and so those of a thread to one manager.
void actor_backend::start(std::unique_ptr<async_call> call) {
  flights_->check_open();
  const auto& op = *call->op;
  peer_ptr whom;
  caf::mailbox_element_ptr content;
  try {
    op.check(call->message);
    whom = find_manager(op.type, manager_for(op, call->message));
    content = element(op.to_message(call->message));
  } catch (const error& refused) { // arrives like any other failure of the call
    const failure why{refused.code(), refused.what()};
    call->done(&why);
    return;
  }
  auto& port = ports_.take();
  auto counted = std::make_unique<counted_call>(flights_, port, std::move(call));
  send(whom, std::move(content), port, {.whom = whom, .waits = op.waits}, std::move(counted));
}

void actor_backend::send(const peer_ptr& whom, caf::mailbox_element_ptr content, reply_port& port,
                         flights::entry as, std::unique_ptr<async_call> call) {
  try {
    flights_->enter(port, std::move(as));
  } catch (...) {
    ports_.recycle(port);
    throw;
  }
  port.start(whom->actor, std::move(content), std::move(call), ports_);
  flights_->look_again(port, whom);
}

template <class M>
bool actor_backend::feed(const operation& op, void* message,
                         const std::shared_ptr<stream_buffer>& into) {
  if (&op != &operation_of_stream<M>())
    return false;
  auto& opening = *static_cast<M*>(message);
  auto begun = std::make_shared<std::promise<void>>();
  auto begins = begun->get_future();
  auto from = manager(op.type, opening.name);
  const auto feeder = caf::actor_cast<caf::actor>(spawn_lazily<stream_feeder<M>>(
    system_, std::move(from), std::move(opening), into, std::move(begun)));
  caf::anon_send(feeder, detail::stream_ready::value); // its first message lets it begin
  flights_->add_feeder(feeder);
  if (begins.wait_for(how_.timeout) != std::future_status::ready) {
    caf::anon_send(feeder, stream_close::value);
    throw error(errc::timeout, "the server did not begin the stream in time");
  }
  begins.get();
  return true;
}

std::shared_ptr<stream_buffer> actor_backend::subscribe(const operation& op, void* message) {
  op.check(message);
  auto into = std::make_shared<stream_buffer>(op.limits(message));
  if (!feed<channel_subscribe>(op, message, into) && !feed<log_follow>(op, message, into)
      && !feed<channel_pattern_subscribe>(op, message, into) && !feed<log_live>(op, message, into)
      && !feed<changes_follow>(op, message, into))
    throw error(errc::internal, "no stream of " + std::string{op.name});
  return into;
}

struct actor_backend::ping final : async_call {
  ping(std::shared_ptr<flights> f, reply_port& p) : all(std::move(f)), port(p) {}
  void done(const failure* why) noexcept override {
    all->leave(port);
    if (why && why->code == errc::timeout)
      all->fail_all({errc::remote, "the server gives no sign of life"});
  }
  const std::shared_ptr<flights> all;
  reply_port& port;
};

/// Ends what has passed its time, and asks for signs of life.
void actor_backend::watch() {
  using namespace std::chrono_literals;
  const auto period = std::max<std::chrono::milliseconds>(how_.timeout / 3, 10ms);
  auto next = steady::now() + period;
  while (flights_->watch_until(next)) {
    if (steady::now() < next)
      continue;
    next = steady::now() + period;
    const auto door = flights_->door_in_use();
    if (!door)
      continue;
    auto& port = ports_.take();
    try {
      send(door, element(ping_atom::value), port,
           {.whom = door, .deadline = steady::now() + how_.timeout, .is_ping = true},
           std::make_unique<ping>(flights_, port));
    } catch (const error&) {
      return; // it is closed
    }
  }
}

void actor_backend::close() noexcept { flights_->close(how_.timeout); }

} // namespace beaver::net
