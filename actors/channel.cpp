#include "beaver/actors/channel.hpp"

#include "beaver/actors/checks.hpp"
#include "beaver/actors/feed_type.hpp"
#include "beaver/actors/types.hpp"

namespace beaver {
using channel_wire = detail::wire_block<channel_messages, 21700, channel_subscribe, channel_batch,
                                        stream_pull, stream_actor<channel_subscribe>>;
// What its stream gives, and how it is asked, is the same.
using channel_pattern_wire =
  detail::wire_block<boost::mp11::mp_list<>, 21800, channel_pattern_subscribe>;
} // namespace beaver
BEAVER_WIRE_BLOCK(beaver::channel_wire)
BEAVER_WIRE_BLOCK(beaver::channel_pattern_wire)

namespace beaver {

namespace {

constexpr std::uint64_t default_history = 100;
constexpr std::uint64_t page_bytes = 1 << 20;
constexpr auto all = std::numeric_limits<std::uint64_t>::max();

/// The members of a subscription that both kinds have.
template <class M>
void check_subscription(const M& m) {
  check_time("since", m.since);
  check_start(m);
  check_limits(m);
}

/// Behind which sequence a subscription begins that has no cursor; no channel: all of them.
template <class M>
std::uint64_t start_of(job_context& x, const M& m, const std::string* channel) {
  return detail::start_of(
    m, [&](unix_seconds time) { return channel_table::before_time(x.db, channel, time); },
    [&] { return channel_table::head(x.db); });
}

feed_page feed_page_of(channel_table::page read) {
  return detail::page_of_rows(std::move(read.messages), read.upto,
                              [](const channel_message& m) { return m.sequence; });
}

std::uint64_t head_of_file(job_context& x, const std::string&) { return channel_table::head(x.db); }

constexpr std::string_view pattern_type_name = "channel_pattern";

struct channel_operations {
  static constexpr std::string_view type = "channel";

  template <class M>
  static void check(M& m) {
    check_name("channel", m.name);
    if constexpr (requires { m.payload; })
      normalise("payload", m.payload);
    if constexpr (requires { m.payloads; }) {
      if (m.payloads.empty())
        throw error(errc::invalid_argument, "payloads must not be empty");
      for (std::size_t i = 0; i < m.payloads.size(); ++i)
        normalise("payloads[" + std::to_string(i) + "]", m.payloads[i]);
    }
    if constexpr (std::same_as<M, channel_history>)
      check_time("since", m.since);
    if constexpr (stream_message<M>) {
      check_subscription(m);
      if (m.cursor)
        check_key("cursor", *m.cursor);
    } else if constexpr (requires { m.cursor; }) {
      check_key("cursor", m.cursor);
    }
    if constexpr (std::derived_from<M, retention_rule>)
      check_positive_seconds("max_age_seconds", m.max_age_seconds);
  }
  static void check(channel_names&) {}

  /// Those who follow patterns hear of every channel.
  static void tell_patterns(job_context& x) {
    if (x.changed)
      x.changed->add(pattern_type_name, {});
  }

  static auto run(job_context& x, const channel_publish& m) {
    tell_patterns(x);
    return channel_table::publish(x.db, m.name, {&m.payload, 1}, x.now);
  }
  static auto run(job_context& x, const channel_publish_many& m) {
    tell_patterns(x);
    return channel_table::publish(x.db, m.name, m.payloads, x.now);
  }
  static void run(job_context&, const channel_publish_ephemeral&) {
    throw error(errc::not_supported,
                "an ephemeral message cannot be part of a transaction or a batch");
  }
  static auto run(job_context& x, const channel_history& m) {
    return channel_table::history(x.db, m.name, m.limit.value_or(default_history), m.since);
  }
  static auto run(job_context& x, const channel_read& m) {
    return channel_table::read(x.db, m.name, m.after.value_or(0),
                               {m.limit.value_or(all), m.max_bytes.value_or(all)})
      .messages;
  }
  static auto run(job_context& x, const channel_count& m) {
    return channel_table::count(x.db, m.name);
  }
  static void run(job_context& x, const channel_clear& m) { channel_table::clear(x.db, m.name); }
  static void run(job_context& x, const channel_set_cursor& m) {
    channel_table::set_cursor(x.db, m.name, m.cursor, m.sequence);
  }
  static auto run(job_context& x, const channel_get_cursor& m) {
    return channel_table::cursor(x.db, m.name, m.cursor);
  }
  static auto run(job_context& x, const channel_erase_cursor& m) {
    return channel_table::erase_cursor(x.db, m.name, m.cursor);
  }
  static auto run(job_context& x, const channel_cursors& m) {
    return channel_table::cursors(x.db, m.name);
  }
  static void run(job_context& x, const channel_retain& m) {
    retention::set(x.db, type, m.name, m);
  }
  static auto run(job_context& x, const channel_get_retention& m) {
    return retention::get(x.db, type, m.name);
  }
  static auto run(job_context& x, const channel_info& m) {
    return channel_table::info(x.db, m.name);
  }
  static auto run(job_context& x, const channel_names&) { return channel_table::names(x.db); }

  // -- the stream ---------------------------------------------------------------------------------

  static std::uint64_t start(job_context& x, const void* message) {
    const auto& m = *static_cast<const channel_subscribe*>(message);
    return start_of(x, m, &m.name);
  }
  static feed_page read(job_context& x, const std::string& name, std::uint64_t after,
                        std::size_t most) {
    return feed_page_of(channel_table::read(x.db, name, after, {most, page_bytes}));
  }
  static constexpr feed_source source{head_of_file, start, read};

  using selection = detail::since_selection<channel_message>;

  static bool needs_place(const channel_subscribe& m) { return m.cursor.has_value(); }
  static std::uint64_t make_place(job_context& x, const channel_subscribe& m) {
    if (const auto place = channel_table::cursor(x.db, m.name, *m.cursor))
      return *place;
    const auto first = start_of(x, m, &m.name);
    channel_table::set_cursor(x.db, m.name, *m.cursor, first);
    return first;
  }

  static stream_buffer::pointer unstored(channel_publish_ephemeral& m, unix_seconds now) {
    return std::make_shared<const channel_message>(
      channel_message{std::move(m.name), std::move(m.payload), now, 0});
  }
  static constexpr std::string_view relay_type = pattern_type_name;
  static bool relays(const std::string& pattern, const channel_message& item) {
    return channel_table::matches(pattern, item.channel);
  }
};

struct channel_pattern_operations {
  static void check(channel_pattern_subscribe& m) {
    check_name("channel pattern", m.name);
    check_subscription(m);
  }

  static std::uint64_t start(job_context& x, const void* message) {
    return start_of(x, *static_cast<const channel_pattern_subscribe*>(message), nullptr);
  }
  static feed_page read(job_context& x, const std::string& pattern, std::uint64_t after,
                        std::size_t most) {
    return feed_page_of(channel_table::read_matching(x.db, pattern, after, {most, page_bytes}));
  }
  static constexpr feed_source source{head_of_file, start, read};

  using selection = detail::since_selection<channel_message>;
};

} // namespace

const data_type& channel_type() {
  return detail::describe_feed_type<channel_operations, channel_wire, channel_subscribe,
                                    channel_messages>("channel", "channels");
}

const data_type& channel_pattern_type() {
  return detail::describe_feed_type<channel_pattern_operations, channel_pattern_wire,
                                    channel_pattern_subscribe, boost::mp11::mp_list<>>(
    "channel_pattern", "channel_patterns");
}

} // namespace beaver
