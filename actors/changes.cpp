#include "beaver/actors/changes.hpp"

#include "beaver/actors/checks.hpp"
#include "beaver/actors/feed_type.hpp"
#include "beaver/actors/types.hpp"

#include <iterator>

namespace beaver {
using changes_wire = detail::wire_block<changes_messages, 21900, changes_follow, changes_batch,
                                        stream_actor<changes_follow>>;
}
BEAVER_WIRE_BLOCK(beaver::changes_wire)

namespace beaver {

namespace {

struct changes_operations {
  static constexpr std::uint64_t default_limit = 1'000;

  template <class M>
  static void check(M& m) {
    if constexpr (requires { m.name; }) {
      check_name("changes", m.name);
      static_cast<void>(change_pattern{m.name});
    }
    if constexpr (stream_message<M>) {
      check_time("since", m.since);
      check_start(m);
      check_limits(m);
    }
  }

  static void run(job_context& x, const changes_watch& m) {
    change_feed::watch(x.db, change_pattern{m.name});
  }
  static auto run(job_context& x, const changes_unwatch& m) {
    return change_feed::unwatch(x.db, change_pattern{m.name});
  }
  static auto run(job_context& x, const changes_watched&) { return change_feed::watched(x.db); }
  static std::vector<change> run(job_context& x, const changes_read& m) {
    const change_pattern which{m.name};
    const auto limit = m.limit.value_or(default_limit);
    auto after = m.after.value_or(0);
    std::vector<change> all;
    while (all.size() < limit) {
      auto page = change_feed::read(x.db, which, after, limit - all.size());
      all.insert(all.end(), std::make_move_iterator(page.changes.begin()),
                 std::make_move_iterator(page.changes.end()));
      if (page.upto == after)
        break;
      after = page.upto;
    }
    return all;
  }

  // -- the stream ---------------------------------------------------------------------------------

  static std::uint64_t head(job_context& x, const std::string&) { return change_feed::head(x.db); }

  static std::uint64_t first(job_context& x, const changes_follow& m) {
    return detail::start_of(
      m, [&](unix_seconds time) { return change_feed::before_time(x.db, time); },
      [&] { return change_feed::head(x.db); });
  }
  static bool needs_place(const changes_follow&) { return true; }
  static std::uint64_t make_place(job_context& x, const changes_follow& m) {
    const change_pattern which{m.name};
    if (!change_feed::is_watched(x.db, which))
      change_feed::watch(x.db, which);
    return first(x, m);
  }
  /// Where nothing can be written.
  static std::uint64_t start(job_context& x, const void* message) {
    const auto& m = *static_cast<const changes_follow*>(message);
    if (!change_feed::is_watched(x.db, change_pattern{m.name}))
      throw error(errc::not_found, "the changes of " + m.name
                                     + " are not recorded; watch them once with a program that "
                                       "may write");
    return first(x, m);
  }
  static feed_page read(job_context& x, const std::string& name, std::uint64_t after,
                        std::size_t most) {
    auto read = change_feed::read(x.db, change_pattern{name}, after, most);
    return detail::page_of_rows(std::move(read.changes), read.upto,
                                [](const change& c) { return c.sequence; });
  }
  static constexpr feed_source source{head, start, read};

  using selection = detail::since_selection<change>;
};

} // namespace

const data_type& changes_type() {
  return detail::describe_feed_type<changes_operations, changes_wire, changes_follow,
                                    changes_messages>("changes", "changes");
}

} // namespace beaver
