#pragma once
#include "beaver/actors/feed_job.hpp"
#include "beaver/actors/stream_actor.hpp"
#include "beaver/actors/table_type.hpp"

namespace beaver {

/// An item that is not in the file, for those who follow it at this moment.
struct unstored_item {
  stream_buffer::pointer item;
};

} // namespace beaver

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(beaver::unstored_item)

namespace beaver::detail {

using room_atom = caf::atom_constant<caf::atom("room")>; // a subscriber has taken items
using left_atom = caf::atom_constant<caf::atom("left")>; // a subscriber has gone

/// What buffers tell their manager, which may be gone.
class feed_link final : public stream_buffer::owner {
public:
  explicit feed_link(caf::actor_addr manager) : manager_(std::move(manager)) {}
  void wants_more(std::uint64_t id) noexcept override { tell(room_atom::value, id); }
  void left(std::uint64_t id) noexcept override { tell(left_atom::value, id); }

private:
  template <class Atom>
  void tell(Atom what, std::uint64_t id) noexcept {
    if (const auto manager = caf::actor_cast<caf::strong_actor_ptr>(manager_))
      manager->enqueue(caf::make_mailbox_element(nullptr, caf::message_id{}, {}, what, id),
                       nullptr);
  }

  const caf::actor_addr manager_;
};

/// Does what a new subscription needs to have in the file; answers with where it begins.
template <class Operations, class Stream>
class place_job final : public job {
public:
  explicit place_job(std::shared_ptr<const Stream> m) : message_(std::move(m)) {}
  caf::message run(job_context& x) override {
    return caf::make_message(Operations::make_place(x, *message_));
  }
  [[nodiscard]] bool reads() const noexcept override { return false; }

private:
  const std::shared_ptr<const Stream> message_;
};

/// A page of rows up to the position `upto`; `position_of` gives that of a row.
template <class Row, class F>
feed_page page_of_rows(std::vector<Row> rows, std::uint64_t upto, F position_of) {
  feed_page page;
  page.upto = upto;
  page.items.reserve(rows.size());
  page.positions.reserve(rows.size());
  for (auto& row : rows) {
    page.positions.push_back(position_of(row));
    page.items.push_back(std::make_shared<const Row>(std::move(row)));
  }
  return page;
}

/// Behind which position a subscription begins whose beginning `check_start` has seen: the answer
/// of `before_time` for a time, of `head` for this moment.
template <class M, class BeforeTime, class Head>
std::uint64_t start_of(const M& m, BeforeTime before_time, Head head) {
  if (m.beginning.value_or(false))
    return 0;
  if (m.after)
    return *m.after;
  return m.since ? before_time(*m.since) : head();
}

/// The selection of a subscription to items from a time on.
template <class Item>
class since_selection {
public:
  template <class M>
  explicit since_selection(const M& m) : since_(m.since) {}
  [[nodiscard]] bool all() const { return !since_; }
  bool operator()(const Item& item) const { return item.timestamp >= *since_; }

private:
  std::optional<unix_seconds> since_;
};

using feeder_actor =
  caf::typed_actor<caf::replies_to<subscription_request>::with<void>, caf::reacts_to<unstored_item>,
                   caf::reacts_to<room_atom, std::uint64_t>,
                   caf::reacts_to<left_atom, std::uint64_t>>;

template <class Stream, class Others, class... Messages>
struct feed_handle_of;
template <class Stream, class... Others, class... Messages>
struct feed_handle_of<Stream, boost::mp11::mp_list<Others...>, Messages...> {
  using type = typename caf::typed_actor<
    typename caf::replies_to<Stream>::template with<stream_actor<Stream>>,
    typename caf::replies_to<Others>::template with<stream_actor<Others>>...,
    typename caf::replies_to<Messages>::template with<typename Messages::reply>...>::
    template extend_with<watcher_actor>::template extend_with<feeder_actor>;
};

/// The manager of a feed; `Others` are its further streams.
template <class Stream, class Others, class... Messages>
using feed_handle = typename feed_handle_of<Stream, Others, Messages...>::type;

} // namespace beaver::detail
