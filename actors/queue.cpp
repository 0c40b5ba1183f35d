#include "beaver/actors/queue.hpp"

#include "beaver/actors/checks.hpp"
#include "beaver/actors/types.hpp"
#include "beaver/actors/unique_id.hpp"
#include "beaver/actors/waiting_type.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace beaver {
using queue_wire = detail::wire_block<queue_messages, 21400>;
}
BEAVER_WIRE_BLOCK(beaver::queue_wire)

namespace beaver {

namespace {

/// `prefix`: where the item stands in its message, such as "items[1].".
template <class Item>
void check_item(const std::string& prefix, Item& item) {
  normalise(prefix + "data", item.data);
  if (std::isnan(item.priority))
    throw error(errc::invalid_argument,
                prefix + "priority must be a number; NaN has no place in the order");
  check_seconds(prefix + "delay", item.delay);
}

std::string text_of(const queue_options& options) {
  std::string text;
  codec::encode(text, options);
  return text;
}

struct queue_operations {
  static constexpr std::string_view type = "queue";

  /// Items that are dead by now come here before anybody is given something.
  static void before_serving(job_context& x, const std::string& name) {
    for (const auto& source : queue_table::dead_letter_sources(x.db, name))
      queue_table::settle(x.db, source, x.now);
  }

  static std::optional<unix_seconds> next_look(job_context& x, const std::string& name) {
    auto next = queue_table::next_due(x.db, name);
    for (const auto& source : queue_table::dead_letter_sources(x.db, name))
      if (const auto due = queue_table::next_due(x.db, source); due && (!next || *due < *next))
        next = due;
    return next;
  }

  static bool is_worth_trying(job_context& x, const std::string& name) {
    if (queue_table::peek(x.db, name, x.now))
      return true;
    const auto next = next_look(x, name);
    return next && *next <= x.now;
  }

  /// Who waits for dead letters wants to know when one may come.
  static void tell_dead_letter(job_context& x, const std::string& name) {
    if (!x.changed)
      return;
    if (const auto options = queue_table::options(x.db, name); options.max_attempts)
      x.changed->add(type, queue_table::dead_letter_of(name, options));
  }

  template <class M>
  static void check(M& m) {
    if constexpr (requires { m.name; })
      check_name("queue", m.name);
    if constexpr (std::same_as<M, queue_put>)
      check_item("", m);
    else if constexpr (requires { m.delay; })
      check_seconds("delay", m.delay);
    if constexpr (requires { m.items; })
      for (std::size_t i = 0; i < m.items.size(); ++i)
        check_item("items[" + std::to_string(i) + "].", m.items[i]);
    if constexpr (requires { m.visibility; })
      check_positive_seconds("visibility", m.visibility);
    if constexpr (std::derived_from<M, queue_options>) {
      check_positive_seconds("visibility_seconds", m.visibility_seconds);
      if (m.dead_letter)
        check_name("dead-letter queue", *m.dead_letter);
    }
  }

  static std::optional<unix_seconds> due_in(const job_context& x,
                                            const std::optional<double>& seconds) {
    return seconds ? std::optional{x.now + *seconds} : std::nullopt;
  }

  template <class Item>
  static queue_put_item item_of(const job_context& x, const Item& item) {
    return {item.priority, item.data, due_in(x, item.delay)};
  }

  static std::vector<queue_taken> take(job_context& x, const std::string& name, std::uint64_t limit,
                                       const std::optional<double>& visibility) {
    // In portions: a limit far above what is there must not cost as many receipts.
    constexpr std::uint64_t portion = 64;
    tell_dead_letter(x, name);
    std::vector<queue_taken> all;
    while (all.size() < limit) {
      std::vector<std::string> receipts(std::min(portion, limit - all.size()));
      std::generate(receipts.begin(), receipts.end(), make_unique_id);
      auto taken = queue_table::take(x.db, name, receipts, due_in(x, visibility), x.now);
      std::move(taken.begin(), taken.end(), std::back_inserter(all));
      if (taken.size() < receipts.size())
        break;
    }
    return all;
  }

  static void run(job_context& x, const queue_put& m) {
    queue_table::put(x.db, m.name, item_of(x, m), x.now);
  }
  static void run(job_context& x, const queue_put_many& m) {
    std::vector<queue_put_item> items;
    items.reserve(m.items.size());
    for (const auto& item : m.items)
      items.push_back(item_of(x, item));
    queue_table::put_many(x.db, m.name, items, x.now);
  }
  static auto run(job_context& x, const queue_get& m) {
    return queue_table::get(x.db, m.name, x.now);
  }
  static auto run(job_context& x, const queue_get_many& m) {
    return queue_table::get_many(x.db, m.name, m.limit, x.now);
  }
  static std::optional<queue_taken> run(job_context& x, const queue_take& m) {
    auto taken = take(x, m.name, 1, m.visibility);
    return taken.empty() ? std::nullopt : std::optional{std::move(taken.front())};
  }
  static auto run(job_context& x, const queue_take_many& m) {
    return take(x, m.name, m.limit, m.visibility);
  }
  static auto run(job_context& x, const queue_ack& m) {
    return queue_table::ack(x.db, m.name, m.receipt, x.now);
  }
  static auto run(job_context& x, const queue_nack& m) {
    tell_dead_letter(x, m.name);
    return queue_table::nack(x.db, m.name, m.receipt, due_in(x, m.delay), x.now).has_value();
  }
  static auto run(job_context& x, const queue_extend& m) {
    tell_dead_letter(x, m.name);
    return queue_table::extend(x.db, m.name, m.receipt, x.now + m.visibility, x.now);
  }
  static auto run(job_context& x, const queue_peek& m) {
    return queue_table::peek(x.db, m.name, x.now);
  }
  static auto run(job_context& x, const queue_items& m) {
    return queue_table::list(x.db, m.name, m.view.value_or(queue_view::ready), m.after,
                             m.limit.value_or(all), x.now);
  }
  static auto run(job_context& x, const queue_count& m) {
    return queue_table::count(x.db, m.name, x.now);
  }
  static auto run(job_context& x, const queue_count_by_state& m) {
    return queue_table::counts(x.db, m.name, x.now);
  }
  static void run(job_context& x, const queue_clear& m) { queue_table::clear(x.db, m.name); }
  static auto run(job_context& x, const queue_redrive& m) {
    return queue_table::redrive(x.db, m.name, m.limit.value_or(all), x.now);
  }
  static auto run(job_context& x, const queue_get_options& m) {
    return queue_table::options(x.db, m.name);
  }
  static void run(job_context& x, const queue_configure& m) {
    queue_table::set_options(x.db, m.name, m);
  }
  static void run(job_context& x, const queue_open& m) {
    const auto present = text_of(queue_table::options(x.db, m.name));
    const auto wanted = text_of(m);
    if (present == wanted)
      return;
    if (present != text_of(queue_options{}))
      throw error(errc::already_exists, "queue '" + m.name + "' has the options " + present
                                          + ", not " + wanted
                                          + "; open it with those or configure it anew");
    queue_table::set_options(x.db, m.name, m);
  }
  static auto run(job_context& x, const queue_info& m) {
    return queue_table::info(x.db, m.name, x.now);
  }
  static auto run(job_context& x, const queue_names&) { return queue_table::names(x.db); }

private:
  static constexpr auto all = std::numeric_limits<std::uint64_t>::max();
};

} // namespace

const data_type& queue_type() {
  return detail::describe_waiting_type<queue_operations, queue_wire, queue_messages>("queue",
                                                                                     "queues");
}

} // namespace beaver
