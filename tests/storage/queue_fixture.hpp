#pragma once
#include "beaver/storage/queue_lease.hpp"
#include "beaver/storage/queue_options.hpp"
#include "beaver/storage/queue_table.hpp"
#include "table_fixture.hpp"

#include <limits>

namespace beaver::test {

inline constexpr unix_seconds now = 1000;
inline constexpr double infinity = std::numeric_limits<double>::infinity();

using texts = std::vector<std::string>;

/// An empty database, and short words for what tests do with queue "q".
struct queue_fixture : table_fixture {
  unix_seconds put(double priority, std::string_view data, std::optional<unix_seconds> due = {},
                   unix_seconds at = now) {
    return queue_table::put(c(), "q", {priority, json_text{data}, due}, at);
  }
  std::string get(unix_seconds at = now, std::string_view name = "q") {
    const auto item = queue_table::get(c(), name, at);
    return item ? std::string{item->data.text()} : "none";
  }
  texts rest(unix_seconds at = now, std::string_view name = "q") {
    texts result;
    for (const auto& item : queue_table::get_many(c(), name, 1000, at))
      result.emplace_back(item.data.text());
    return result;
  }
  texts listed(queue_view view = queue_view::ready, unix_seconds at = now,
               std::string_view name = "q") {
    texts result;
    for (const auto& entry : queue_table::list(c(), name, view, {}, 1000, at))
      result.emplace_back(entry.data.text());
    return result;
  }
  /// Takes one item until `until`; the receipt has to be there.
  queue_taken take(const std::string& receipt, unix_seconds until = now + 30, unix_seconds at = now,
                   std::string_view name = "q") {
    const auto taken = queue_table::take(c(), name, std::vector{receipt}, until, at);
    BOOST_REQUIRE(taken.size() == 1);
    return taken.front();
  }
  std::string counts(unix_seconds at = now, std::string_view name = "q") {
    const auto n = queue_table::counts(c(), name, at);
    BOOST_TEST(queue_table::count(c(), name, at) == n.ready);
    return std::to_string(n.ready) + " ready, " + std::to_string(n.delayed) + " delayed, "
           + std::to_string(n.leased) + " leased, " + std::to_string(n.dead) + " dead";
  }
  /// As the Python original or the shell put it.
  void put_like_python(double priority, double timestamp, const std::string& data,
                       const std::string& name = "q") {
    c()
      .prepare("INSERT INTO __beaver_priority_queues__(queue_name, priority, timestamp, data) "
               "VALUES(?1, ?2, ?3, ?4)")
      .bind(name, priority, timestamp, data)
      .run();
  }
  std::string get_like_python() {
    auto row = c().prepare("DELETE FROM __beaver_priority_queues__ WHERE rowid = "
                           "(SELECT rowid FROM __beaver_priority_queues__ WHERE queue_name = 'q' "
                           "ORDER BY priority, timestamp, rowid LIMIT 1) RETURNING data");
    std::string result = "none";
    while (row.step())
      result = row.text(0);
    return result;
  }
  std::int64_t notes() { return c().integer("SELECT count(*) FROM __beaver_queue_notes__"); }
};

} // namespace beaver::test
