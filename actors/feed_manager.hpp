#pragma once
#include "beaver/actors/feed_parts.hpp"

#include <algorithm>
#include <deque>
#include <map>

namespace beaver::detail {

/// The manager of a named instance that others may follow. It passes jobs on, as `table_manager`
/// does, and reads what has been committed, by whomever, for all who follow.
///
/// A subscriber is up to date, and gets what the tail of the table brings, or it is behind, and
/// gets pages of its own as fast as it takes them. There is one look at the file at a time, for all
/// of them, and everybody's position is known: so whoever has reached the end within a look is up
/// to date, and no item is missed or given twice.
template <class Operations, class Stream, class Others, class... Messages>
class feed_manager;
template <class Operations, class Stream, class... Others, class... Messages>
class feed_manager<Operations, Stream, boost::mp11::mp_list<Others...>, Messages...> final
  : public manager_frame<feed_handle<Stream, boost::mp11::mp_list<Others...>, Messages...>> {
  using super = manager_frame<feed_handle<Stream, boost::mp11::mp_list<Others...>, Messages...>>;
  using super::closed;
  using super::engine_;
  using super::name_;
  using super::type_;

  static constexpr std::size_t page_items = 256;
  static constexpr std::size_t pages_per_look = 16; // of those who are behind

  enum class place : std::uint8_t { unknown, up_to_date, behind };
  using selection = typename Operations::selection;
  struct subscriber {
    selection wants;
    std::shared_ptr<stream_buffer> buffer;
    caf::response_promise promise; // until it has begun
    place where = place::unknown;
    std::uint64_t position = 0; // it has got all that it wants up to here
  };

public:
  using super::super;

  typename super::behavior_type make_behavior() override {
    return {[this](Stream& m) { return open(m); },
            [this](Others& m) { return this->open(m); }...,
            this->template on<Messages>([this](Messages& m) { return accept(m); })...,
            [this](wake_atom) { look_at_tail(); },
            [this](ring_atom) { look_at_tail(); },
            [](cancel_atom, std::uint64_t) {},
            [this](due_atom, std::uint64_t number) {
              if (number == timer_number_)
                when_due();
            },
            [this](stop_atom) { end_all(closed()); },
            [this](subscription_request& r) -> caf::result<void> {
              if (r.opens != &operation_of_stream<Stream>())
                return pass_to_server(r);
              return add(std::static_pointer_cast<const Stream>(std::move(r.message)),
                         std::move(r.buffer));
            },
            [this](unstored_item& what) { offer_unstored(what.item); },
            [this](room_atom, std::uint64_t id) {
              hungry_.push_back(id);
              look();
            },
            [this](left_atom, std::uint64_t id) { remove(id); }};
  }

  void on_exit() override {
    end_all(closed());
    engine_.reset();
  }

private:
  template <class M>
  caf::result<typename M::reply> accept(M& m) {
    if constexpr (requires { Operations::unstored(m, unix_seconds{}); }) {
      Operations::check(m);
      publish_unstored(Operations::unstored(m, engine_->clock()));
      return caf::unit;
    } else {
      return this->template pass_on<M>(make_table_job<Operations>(m));
    }
  }

  // -- coming and going ---------------------------------------------------------------------------

  /// A stream for an actor: it gets one of its own.
  template <class M>
  caf::result<stream_actor<M>> open(M& m) {
    try {
      adopt_name(m, name_);
      Operations::check(m);
      auto buffer = std::make_shared<stream_buffer>(m);
      auto server = spawn_lazily<stream_server<M>>(this->system(), buffer, this->current_sender());
      auto promise = this->template make_response_promise<stream_actor<M>>();
      this
        ->request(caf::actor_cast<caf::actor>(this), caf::infinite,
                  subscription_request{&operation_of_stream<M>(),
                                       std::make_shared<const M>(std::move(m)), buffer})
        .then([promise, server]() mutable { promise.deliver(stream_actor<M>{server}); },
              [promise](caf::error& why) mutable { promise.deliver(std::move(why)); });
      return promise;
    } catch (...) {
      return current_to_caf();
    }
  }

  /// A stream without positions has a server of its own.
  caf::result<void> pass_to_server(subscription_request& r) {
    caf::actor server;
    (void)((r.opens == &operation_of_stream<Others>()
            && (server = Operations::template spawn_server<Others>(this->system(), engine_, name_)))
           || ...);
    this->delegate(server, std::move(r));
    return caf::delegated<void>{};
  }

  caf::result<void> add(std::shared_ptr<const Stream> m, std::shared_ptr<stream_buffer> buffer) {
    handler_scope scope;
    // In this order: whoever closes looks for watchers after it has said so.
    if (subscribers_.empty())
      engine_->watchers.add(type_, name_, caf::actor_cast<watcher_actor>(this));
    if (engine_->closing) {
      leave_if_alone();
      return closed();
    }
    if (engine_->bells)
      engine_->bells->watch();
    const auto id = ++last_id_;
    buffer->attach(std::make_shared<feed_link>(caf::actor_cast<caf::actor_addr>(this)), id);
    subscribers_.emplace(
      id, subscriber{selection{*m}, std::move(buffer), this->make_response_promise()});
    if constexpr (requires { Operations::needs_place(*m); })
      if (!engine_->connecting.read_only && Operations::needs_place(*m)) {
        make_place(id, m);
        return caf::delegated<void>{};
      }
    arrivals_.push_back({id, std::move(m)});
    look();
    return caf::delegated<void>{};
  }

  void make_place(std::uint64_t id, const std::shared_ptr<const Stream>& m) {
    this->ask(engine_->writer, std::make_shared<place_job<Operations, Stream>>(m))
      .then(
        [this, id](std::uint64_t position) {
          begin(id, position, false);
          look();
        },
        [this, id](caf::error& why) { refuse(id, why); });
  }

  void begin(std::uint64_t id, std::uint64_t position, bool up_to_date) {
    const auto found = subscribers_.find(id);
    if (found == subscribers_.end())
      return;
    auto& who = found->second;
    who.position = position;
    if (up_to_date)
      join(who, position);
    else
      fall_behind(id, who);
    who.promise.deliver(caf::unit);
  }

  void refuse(std::uint64_t id, const caf::error& why) {
    if (const auto found = subscribers_.find(id); found != subscribers_.end()) {
      end(found->second, why);
      remove(id);
    }
  }

  static void end(subscriber& who, const caf::error& why) {
    who.buffer->end(from_caf(why));
    if (who.promise.pending())
      who.promise.deliver(why);
  }

  void remove(std::uint64_t id) {
    const auto found = subscribers_.find(id);
    if (found == subscribers_.end())
      return;
    if (found->second.where == place::up_to_date)
      --up_to_date_;
    if (found->second.promise.pending())
      found->second.promise.deliver(to_caf(errc::cancelled, "the subscriber has gone"));
    subscribers_.erase(found);
    leave_if_alone();
  }

  void end_all(const caf::error& why) {
    for (auto& [id, who] : subscribers_)
      end(who, why);
    subscribers_.clear();
    up_to_date_ = 0;
    leave_if_alone();
  }

  void leave_if_alone() {
    if (subscribers_.empty())
      engine_->watchers.remove(type_, name_, this->id());
  }

  // -- reading ------------------------------------------------------------------------------------

  void look_at_tail() {
    news_ = true;
    look();
  }

  void look() {
    if (looking_)
      return;
    auto work = std::make_shared<feed_job>(Operations::source, name_);
    work->arrivals.swap(arrivals_);
    if (std::exchange(news_, false) && up_to_date_ > 0)
      work->readings.push_back({0, tail_, page_items});
    for (std::size_t pages = 0; pages < pages_per_look && !hungry_.empty(); hungry_.pop_front()) {
      const auto found = subscribers_.find(hungry_.front());
      if (found == subscribers_.end() || found->second.where != place::behind)
        continue;
      const auto room = found->second.buffer->ask_for_room();
      if (room == 0)
        continue; // it will say when there is some
      work->readings.push_back({found->first, found->second.position, std::min(room, page_items)});
      ++pages;
    }
    if (work->idle())
      return;
    looking_ = true;
    this->ask(this->next_reader(), work)
      .then(
        [this](feed_job_ptr& seen) {
          looking_ = false;
          take_in(*seen);
          look();
        },
        [this, work](caf::error& why) {
          looking_ = false;
          give_up(*work, why);
          look();
        });
  }

  void take_in(feed_job& seen) {
    handler_scope scope;
    for (const auto& arrival : seen.arrivals)
      if (arrival.refusal)
        refuse(arrival.id, to_caf(arrival.refusal->code, arrival.refusal->text));
      else
        begin(arrival.id, arrival.start, arrival.start >= seen.head);
    for (const auto& reading : seen.readings)
      if (reading.id == 0)
        give_tail(reading.page, seen.head);
      else
        give_page(reading.id, reading.page, seen.head);
    if (seen.due)
      arm(*seen.due);
  }

  /// One timer, for the earliest, since CAF's cannot be withdrawn.
  void arm(unix_seconds due) {
    if (armed_ && *armed_ <= due)
      return;
    armed_ = due;
    using namespace std::chrono_literals;
    const std::chrono::duration<double, std::milli> left{(due - engine_->clock()) * 1'000};
    this->delayed_send(
      caf::actor_cast<watcher_actor>(this),
      std::chrono::ceil<std::chrono::milliseconds>(std::clamp<decltype(left)>(left, 1ms, 60s)),
      due_atom::value, ++timer_number_);
  }

  void when_due() {
    armed_.reset();
    if (!subscribers_.empty())
      look_at_tail();
  }

  /// What cannot be read ends the subscriptions that wanted it.
  void give_up(const feed_job& failed, const caf::error& why) {
    for (const auto& arrival : failed.arrivals)
      refuse(arrival.id, why);
    for (const auto& reading : failed.readings) {
      if (reading.id != 0)
        refuse(reading.id, why);
      else
        end_all(why);
    }
  }

  void give_tail(const feed_page& page, std::uint64_t head) {
    tail_ = page.upto;
    news_ = news_ || page.upto < head;
    for (auto& [id, who] : subscribers_)
      if (who.where == place::up_to_date && !give(who, page)) {
        --up_to_date_;
        fall_behind(id, who);
      }
  }

  void give_page(std::uint64_t id, const feed_page& page, std::uint64_t head) {
    const auto found = subscribers_.find(id);
    if (found == subscribers_.end() || found->second.where != place::behind)
      return;
    auto& who = found->second;
    if (give(who, page) && page.upto >= head)
      join(who, page.upto);
    else
      hungry_.push_back(id);
  }

  /// Puts into a buffer what is new to it. False if not all had room; then it knows up to where.
  bool give(subscriber& who, const feed_page& page) {
    const auto first = static_cast<std::size_t>(
      std::upper_bound(page.positions.begin(), page.positions.end(), who.position)
      - page.positions.begin());
    std::span<const stream_buffer::pointer> items{page.items};
    items = items.subspan(first);
    std::size_t settled = 0;
    if (who.wants.all())
      settled = who.buffer->offer(items);
    else
      while (settled < items.size()
             && (!who.wants(item_of<Stream>(items[settled]))
                 || who.buffer->offer(items.subspan(settled, 1)) == 1))
        ++settled;
    if (settled < items.size()) {
      if (settled > 0)
        who.position = page.positions[first + settled - 1];
      return false;
    }
    who.position = std::max(who.position, page.upto);
    return true;
  }

  void join(subscriber& who, std::uint64_t position) {
    who.where = place::up_to_date;
    who.buffer->set_behind(false);
    if (up_to_date_++ == 0)
      tail_ = position;
  }

  void fall_behind(std::uint64_t id, subscriber& who) {
    who.where = place::behind;
    who.buffer->set_behind(true);
    hungry_.push_back(id);
  }

  // -- items that are not in the file -------------------------------------------------------------

  void publish_unstored(const stream_buffer::pointer& item) {
    offer_unstored(item);
    for (const auto& [name, other] : engine_->watchers.of_type(Operations::relay_type))
      if (Operations::relays(name, item_of<Stream>(item)))
        caf::anon_send(caf::actor_cast<caf::actor>(other), unstored_item{item});
  }

  void offer_unstored(const stream_buffer::pointer& item) {
    for (auto& [id, who] : subscribers_)
      if (who.where != place::up_to_date || who.buffer->offer({&item, 1}) == 0)
        who.buffer->count_missed(1);
  }

  std::map<std::uint64_t, subscriber> subscribers_;
  std::uint64_t last_id_ = 0;
  std::size_t up_to_date_ = 0; // how many
  std::uint64_t tail_ = 0;     // these have got all up to here, or further by their own position
  bool news_ = false;          // there may be something behind the tail
  bool looking_ = false;
  std::vector<feed_job::arrival> arrivals_;
  std::deque<std::uint64_t> hungry_; // who is behind and may have room
  std::optional<unix_seconds> armed_;
  std::uint64_t timer_number_ = 0;
};

} // namespace beaver::detail
