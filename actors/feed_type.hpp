#pragma once
#include "beaver/actors/feed_manager.hpp"

// Data types with a stream: a message `Stream` with the members of `stream_limits`, its `item` and
// its `batch` (items, missed, ended). Beyond what table_type.hpp asks for, their `Operations` have
//   static constexpr feed_source source
//   selection                 made of a Stream: `all()`, whether the subscription is about every
//                             item, and `(item)`, whether it is about this one
// and, where they need them, static functions:
//   needs_place(m)            bool: whether m has to write something before it begins, which is
//   make_place(x, m)          and gives the position behind which it begins
//   unstored(m, now)          the item that a message M publishes without storing it, with
//   relay_type, relays(name, item)   another type whose managers get it as well, and which of them
//   spawn_server<M>(system, engine, name)   an actor that serves one subscription to a further
//                             stream M, whose items are no rows of a table
// Included by one .cpp file per data type.

namespace beaver::detail {

/// The registry's row of a message that opens a stream.
template <class Operations, stream_message M>
struct stream_row {
  static std::shared_ptr<void> make() { return std::make_shared<M>(); }
  static void destroy(void* m) { static_cast<M*>(m)->~M(); }
  static std::string_view manager_name(const void* m) { return static_cast<const M*>(m)->name; }
  static void check(void* m) { Operations::check(*static_cast<M*>(m)); }
  static const stream_limits& limits(const void* m) { return *static_cast<const M*>(m); }

  static std::shared_ptr<const void> share(void* m) {
    check(m);
    return std::make_shared<const M>(std::move(*static_cast<M*>(m)));
  }

  static caf::message to_message(void* m) {
    return caf::make_message(std::move(*static_cast<M*>(m)));
  }

  static void encode_item(const void* item, std::string& out) {
    codec::encode(out, *static_cast<const typename M::item*>(item));
  }

  static std::shared_ptr<const void> decode_item(std::string_view json) {
    auto item = std::make_shared<typename M::item>();
    codec::decode_whole(json, *item, "item");
    return item;
  }

  static operation row(std::string_view type) {
    operation r{};
    constexpr auto name = name_of<M>();
    r.name = name;
    r.type = type;
    r.method = name.substr(type.size() + 1);
    r.route = &M::route;
    r.members = codec::members<M>();
    r.reply_type = codec::type_word<typename M::item>();
    r.streams = true;
    r.make = make;
    r.destroy = destroy;
    r.manager_name = manager_name;
    r.set_member = codec::set_member<M>;
    r.decode = codec::decode_message<M>;
    r.decode_body = codec::decode_body<M>;
    r.encode = codec::encode_message<M>;
    r.visit = codec::visit_members<M>;
    r.message_shape = shape_of<M>;
    r.reply_shape = shape_of<typename M::item>;
    r.check = check;
    r.to_message = to_message;
    r.limits = limits;
    r.share = share;
    r.encode_item = encode_item;
    r.decode_item = decode_item;
    return r;
  }
};

template <class Operations, class Stream, class Others, class... Messages>
caf::actor spawn_feed_manager(caf::actor_system& system, const char* type,
                              const engine_state_ptr& engine, const std::string& name) {
  using manager = feed_manager<Operations, Stream, Others, Messages...>;
  return caf::actor_cast<caf::actor>(spawn_lazily<manager>(system, type, engine, name));
}

template <class Operations, class Block, class Stream, class... Others, class... Messages>
data_type make_feed_type(boost::mp11::mp_list<Messages...>, boost::mp11::mp_list<Others...>,
                         const char* name, const char* plural) {
  static const std::array<operation, sizeof...(Messages) + 1 + sizeof...(Others)> rows{
    table_row<Operations, Messages>::row(name)..., stream_row<Operations, Stream>::row(name),
    stream_row<Operations, Others>::row(name)...};
  return {.name = name,
          .plural = plural,
          .operations = rows,
          .spawn =
            spawn_feed_manager<Operations, Stream, boost::mp11::mp_list<Others...>, Messages...>,
          .register_messages = register_block<Block>};
}

/// The registry's view of a data type with a stream; made once per type.
template <class Operations, class Block, class Stream, class List,
          class Others = boost::mp11::mp_list<>>
const data_type& describe_feed_type(const char* name, const char* plural) {
  static const auto type =
    make_feed_type<Operations, Block, Stream>(List{}, Others{}, name, plural);
  return type;
}

} // namespace beaver::detail
