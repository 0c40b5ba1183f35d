#include "beaver/actors/log.hpp"

#include "beaver/actors/checks.hpp"
#include "beaver/actors/feed_type.hpp"
#include "beaver/actors/log_live.hpp"
#include "beaver/actors/types.hpp"
#include "beaver/storage/filter.hpp"
#include "beaver/storage/log_index.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace beaver {
using log_wire =
  detail::wire_block<log_messages, 21600, log_follow, log_batch, stream_actor<log_follow>, log_live,
                     live_batch, stream_actor<log_live>>;
}
BEAVER_WIRE_BLOCK(beaver::log_wire)

namespace beaver {

namespace {

struct log_operations {
  static constexpr std::string_view type = "log";
  static constexpr std::uint64_t reindex_batch = 4'096; // others write between two batches

  template <class M>
  static void check(M& m) {
    if constexpr (requires { m.name; })
      check_name("log", m.name);
    if constexpr (requires { m.data; })
      normalise("data", m.data);
    if constexpr (requires { m.timestamp; })
      check_time("timestamp", m.timestamp);
    if constexpr (requires { m.start; }) {
      check_time("start", m.start);
      check_time("end", m.end);
    }
    if constexpr (requires { m.after; })
      check_time("after", m.after);
    if constexpr (std::same_as<M, log_follow>) {
      check_time("since", m.since);
      check_limits(m);
      check_start(m);
    }
    if constexpr (std::same_as<M, log_live>) {
      detail::check_live(m);
      check_limits(m);
    }
    if constexpr (requires { m.where; })
      normalise_filter(m.where);
    if constexpr (std::same_as<M, log_aggregate>)
      aggregator{m};
    if constexpr (
      std::same_as<
        M, log_create_index> || std::same_as<M, log_drop_index> || std::same_as<M, log_reindex>)
      check_json_path("field", m.field);
    if constexpr (std::same_as<M, log_reindex>)
      if (m.limit == 0u)
        throw error(errc::invalid_argument, "limit must be an integer > 0");
    if constexpr (std::derived_from<M, retention_rule>)
      check_positive_seconds("max_age_seconds", m.max_age_seconds);
    if constexpr (std::same_as<M, log_append_many>)
      for (std::size_t i = 0; i < m.entries.size(); ++i) {
        const auto entry = "entries[" + std::to_string(i) + "].";
        normalise(entry + "data", m.entries[i].data);
        check_time(entry + "timestamp", m.entries[i].timestamp);
      }
    if constexpr (std::same_as<M, log_erase>) {
      check_time("before", m.before);
      if (!m.before && !m.keep && !m.where)
        throw error(errc::invalid_argument, "before, keep or where must be given; to remove all "
                                            "entries, clear the log");
    }
  }

  static auto run(job_context& x, const log_append& m) {
    return log_table::append(x.db, m.name, m.data, m.timestamp, x.now);
  }
  static void run(job_context& x, const log_append_many& m) {
    log_table::append_many(x.db, m.name, m.entries, x.now);
  }
  static auto run(job_context& x, const log_range& m) { return log_table::range(x.db, m.name, m); }
  static auto run(job_context& x, const log_tail& m) {
    return log_table::tail(x.db, m.name, m.limit, m.where);
  }
  static auto run(job_context& x, const log_count& m) {
    return log_table::count(x.db, m.name, m.start, m.end, m.where);
  }
  static auto run(job_context& x, const log_aggregate& m) {
    return log_table::aggregate(x.db, m.name, m.start, m.end, m.where, m);
  }
  static auto run(job_context& x, const log_create_index& m) {
    return log_index::create(x.db, m.name, m.field);
  }
  static auto run(job_context& x, const log_drop_index& m) {
    return log_index::drop(x.db, m.name, m.field);
  }
  static auto run(job_context& x, const log_indexes& m) { return log_index::list(x.db, m.name); }
  static auto run(job_context& x, const log_reindex& m) {
    return log_index::reindex(x.db, m.name, m.field, m.limit.value_or(reindex_batch));
  }
  static auto run(job_context& x, const log_explain& m) {
    return log_index::explain(x.db, m.name, m.where, m.start, m.end);
  }
  static void run(job_context& x, const log_clear& m) { log_table::clear(x.db, m.name); }
  static auto run(job_context& x, const log_erase& m) {
    return log_table::erase(x.db, m.name, m.before, m.keep, m.where);
  }
  static void run(job_context& x, const log_retain& m) { retention::set(x.db, type, m.name, m); }
  static auto run(job_context& x, const log_get_retention& m) {
    return retention::get(x.db, type, m.name);
  }
  static unix_seconds run(job_context& x, const log_now&) { return x.now; }
  static auto run(job_context& x, const log_info& m) { return log_table::info(x.db, m.name); }
  static auto run(job_context& x, const log_names&) { return log_table::names(x.db); }

  // -- the stream ---------------------------------------------------------------------------------
  // A position is a timestamp.

  static std::uint64_t head(job_context& x, const std::string& name) {
    return position_of(log_table::newest(x.db, name, horizon(x)));
  }
  static std::uint64_t start(job_context& x, const void* message) {
    const auto& m = *static_cast<const log_follow*>(message);
    if (m.beginning.value_or(false))
      return 0;
    if (m.after)
      return position_of(m.after);
    if (m.since)
      return position_of(m.since) - 1;
    return head(x, m.name);
  }
  static feed_page read(job_context& x, const std::string& name, std::uint64_t after,
                        std::size_t most) {
    log_page span{.end = horizon(x), .limit = most, .max_bytes = page_bytes};
    if (after > 0)
      span.start = time_of(after + 1);
    auto entries = log_table::range(x.db, name, span);
    const auto upto =
      entries.empty() ? std::max(after, head(x, name)) : position_of(entries.back().timestamp);
    return detail::page_of_rows(std::move(entries), upto,
                                [](const log_entry& e) { return position_of(e.timestamp); });
  }
  static std::optional<unix_seconds> due(job_context& x, const std::string& name) {
    const auto next =
      log_table::range(x.db, name, {.start = std::nextafter(horizon(x), infinity), .limit = 1});
    return next.empty() ? std::nullopt : std::optional{next.front().timestamp - ahead_seconds};
  }
  static constexpr feed_source source{head, start, read, due};

  template <class Stream>
  static caf::actor spawn_server(caf::actor_system& system, const engine_state_ptr& engine,
                                 const std::string& name) {
    static_assert(std::same_as<Stream, log_live>);
    return detail::spawn_live_server(system, engine, name);
  }

  class selection {
  public:
    explicit selection(const log_follow& m) {
      if (m.where)
        filter_.emplace(*m.where);
    }
    [[nodiscard]] bool all() const { return !filter_; }
    /// What another program has stored and is no JSON satisfies no filter.
    bool operator()(const log_entry& entry) {
      try {
        return filter_->matches(entry.data.text());
      } catch (const error&) {
        return false;
      }
    }

  private:
    std::optional<row_filter> filter_;
  };

private:
  static constexpr std::uint64_t page_bytes = 1 << 20;
  static constexpr unix_seconds infinity = std::numeric_limits<unix_seconds>::infinity();

  /// Entries up to here have their turn: an automatic timestamp may be up to a second ahead.
  static constexpr unix_seconds ahead_seconds = 1;
  static unix_seconds horizon(const job_context& x) { return x.now + ahead_seconds; }

  /// A number in the order of the timestamps, and back; 0 is before all of them.
  static std::uint64_t position_of(const std::optional<unix_seconds>& time) {
    if (!time)
      return 0;
    const auto bits = std::bit_cast<std::uint64_t>(*time + 0.0);
    return bits >> 63 ? ~bits : bits | std::uint64_t{1} << 63;
  }
  static unix_seconds time_of(std::uint64_t position) {
    return std::bit_cast<unix_seconds>(position >> 63 ? position & ~(std::uint64_t{1} << 63)
                                                      : ~position);
  }
};

} // namespace

const data_type& log_type() {
  return detail::describe_feed_type<log_operations, log_wire, log_follow, log_messages,
                                    boost::mp11::mp_list<log_live>>("log", "logs");
}

} // namespace beaver
