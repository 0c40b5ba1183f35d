#include "queue_oracle.hpp"
#include "random_comparison.hpp"

using namespace beaver;
using namespace beaver::test;

namespace {

class comparison : public random_comparison<> {
  void step() override {
    name_ = dice_.of(names_);
    if (dice_.one_in(3))
      now_ += static_cast<double>(dice_.below(3));
    else if (dice_.one_in(50))
      now_ -= static_cast<double>(dice_.below(5));
    switch (dice_.below(18)) {
    case 0:
    case 1:
    case 2:
      return put();
    case 3:
      return put_many();
    case 4:
      return put_like_python();
    case 5:
    case 6:
      return get();
    case 7:
      return get_many();
    case 8:
      return get_like_python();
    case 9:
    case 10:
    case 11:
      return take();
    case 12:
      return ack_or_extend();
    case 13:
    case 14:
      return nack();
    case 15:
      return list();
    case 16:
      return summarise();
    default:
      return seldom();
    }
  }

  void compare_all() override {
    for (const auto& name : names_)
      for (const auto view : {queue_view::ready, queue_view::held, queue_view::all}) {
        name_ = name;
        compare(queue_table::list(c(), name, view, {}, 1000, now_), oracle_.list(name, view, now_));
      }
    c().execute("VACUUM"); // which keeps the order of rows
  }

  using random_comparison::check;

  void check(const queue_table::settled& got, const queue_table::settled& expected) {
    check(got.ready, expected.ready);
    check(got.dead, expected.dead);
    check(got.dead_letter, expected.dead_letter);
  }

  void check(const queue_item& got, const known_item& expected) {
    check(got.priority, expected.priority);
    check(got.timestamp, expected.timestamp);
    check(std::string{got.data.text()}, expected.data);
  }

  void compare(const std::vector<queue_entry>& got, const std::vector<queue_entry>& expected) {
    check(got.size(), expected.size());
    for (std::size_t i = 0; i < got.size(); ++i) {
      check(got[i].position.priority, expected[i].position.priority);
      check(got[i].position.timestamp, expected[i].position.timestamp);
      check(got[i].position.ordinal, expected[i].position.ordinal);
      check(got[i].data, expected[i].data);
      check(got[i].state, expected[i].state);
      check(got[i].attempts, expected[i].attempts);
      check(got[i].due, expected[i].due);
      check(got[i].source, expected[i].source);
    }
  }

  double priority() { return dice_.of(priorities_); }

  std::string data() {
    const auto n = std::to_string(++texts_);
    return dice_.one_in(30) ? "\"" + std::string(dice_.below(9000), 'x') + n + "\"" : n;
  }

  /// Rather soon than late; sometimes now or over already.
  std::optional<unix_seconds> due() {
    if (dice_.one_in(2))
      return std::nullopt;
    return now_ + static_cast<double>(dice_.below(8)) - 1;
  }

  void put() {
    const queue_put_item item{priority(), json_text{data()}, due()};
    check(queue_table::put(c(), name_, item, now_),
          oracle_.put(name_, item.priority, std::string{item.data.text()}, item.due, now_));
  }

  void put_many() {
    std::vector<queue_put_item> items;
    for (auto n = dice_.below(6); n > 0; --n)
      items.push_back({priority(), json_text{data()}, due()});
    queue_table::put_many(c(), name_, items, now_);
    for (const auto& item : items)
      oracle_.put(name_, item.priority, std::string{item.data.text()}, item.due, now_);
  }

  void put_like_python() {
    const double p = priority();
    const double at = now_ + static_cast<double>(dice_.below(5)) - 3;
    const std::string text = data();
    c()
      .prepare("INSERT INTO __beaver_priority_queues__(queue_name, priority, timestamp, data) "
               "VALUES(?1, ?2, ?3, ?4)")
      .bind(name_, p, at, text)
      .run();
    oracle_.put_like_python(name_, p, at, text);
  }

  void get_like_python() {
    std::optional<std::string> got;
    std::int64_t rowid = 0;
    {
      statement row =
        c().prepare("SELECT rowid, data FROM __beaver_priority_queues__ WHERE queue_name = ?1 "
                    "ORDER BY priority ASC, timestamp ASC LIMIT 1");
      row.bind(name_);
      if (row.step()) {
        rowid = row.integer(0);
        got = row.text(1);
      }
    }
    c().prepare("DELETE FROM __beaver_priority_queues__ WHERE rowid = ?1").bind(rowid).run();
    const auto expected = oracle_.get_like_python(name_);
    check(got, expected ? std::optional{expected->data} : std::nullopt);
  }

  void get() {
    const auto got = queue_table::get(c(), name_, now_);
    oracle_.settle(name_, now_);
    const auto expected = oracle_.get(name_);
    check(got.has_value(), expected.has_value());
    if (got)
      check(*got, *expected);
  }

  void get_many() {
    const auto limit = dice_.below(5);
    const auto got = queue_table::get_many(c(), name_, limit, now_);
    oracle_.settle(name_, now_);
    check(got.size(), std::min<std::size_t>(limit, oracle_.of(name_).ready.size()));
    for (const auto& item : got)
      check(item, *oracle_.get(name_));
  }

  void take() {
    std::vector<std::string> receipts;
    for (auto n = 1 + dice_.below(3); n > 0; --n)
      receipts.push_back("r" + std::to_string(++receipts_));
    std::optional<unix_seconds> until;
    if (dice_.one_in(2))
      until = now_ + static_cast<double>(1 + dice_.below(9));
    const auto got = queue_table::take(c(), name_, receipts, until, now_);
    oracle_.settle(name_, now_);
    const auto end =
      until.value_or(now_ + oracle_.of(name_).options.visibility_seconds.value_or(30));
    check(got.size(), std::min(receipts.size(), oracle_.of(name_).ready.size()));
    for (std::size_t i = 0; i < got.size(); ++i) {
      const auto expected = oracle_.take(name_, receipts[i], end);
      check(queue_item{got[i].priority, got[i].timestamp, got[i].data}, expected);
      check(got[i].receipt, receipts[i]);
      check(got[i].attempts, expected.attempts);
      check(got[i].leased_until, end);
    }
  }

  /// Mostly one that is or was in use in this queue.
  std::string receipt() {
    std::vector<std::string> used{"none"};
    for (const auto& each : oracle_.of(dice_.one_in(10) ? names_.front() : name_).held)
      if (each.receipt)
        used.push_back(*each.receipt);
    return dice_.of(used);
  }

  void ack_or_extend() {
    const auto which = receipt();
    auto* lease = oracle_.leased(name_, which, now_);
    if (dice_.one_in(2)) {
      check(queue_table::ack(c(), name_, which, now_), lease != nullptr);
      if (lease)
        oracle_.release(name_, lease);
      return;
    }
    const auto until = now_ + static_cast<double>(1 + dice_.below(9));
    check(queue_table::extend(c(), name_, which, until, now_), lease != nullptr);
    if (lease)
      lease->due = until;
  }

  void nack() {
    const auto which = receipt();
    const auto when = due();
    auto* lease = oracle_.leased(name_, which, now_);
    const auto got = queue_table::nack(c(), name_, which, when, now_);
    check(got.has_value(), lease != nullptr);
    if (!lease)
      return;
    if (when && *when > now_ && !oracle_.is_dead(name_, lease->item)) {
      lease->due = *when;
      lease->receipt.reset();
      return check(*got, queue_table::settled{});
    }
    check(*got, oracle_.come_back(name_, oracle_.release(name_, lease).item, now_));
  }

  void list() {
    const auto view = dice_.of(std::vector{queue_view::ready, queue_view::held, queue_view::all});
    const auto expected = oracle_.list(name_, view, now_);
    const auto size = 1 + dice_.below(6);
    std::vector<queue_entry> got;
    for (std::optional<queue_position> after;;) {
      const auto page = queue_table::list(c(), name_, view, after, size, now_);
      got.insert(got.end(), page.begin(), page.end());
      if (page.size() < size)
        break;
      after = page.back().position;
    }
    compare(got, expected);
    if (view != queue_view::ready)
      return;
    const auto first = queue_table::peek(c(), name_, now_);
    check(first.has_value(), !expected.empty());
    if (first)
      check(first->data, expected.front().data);
  }

  void summarise() {
    const auto sum = queue_table::info(c(), name_, now_);
    queue_counts expected{};
    std::uint64_t bytes = 0;
    std::optional<unix_seconds> oldest;
    for (const auto& entry : oracle_.list(name_, queue_view::all, now_)) {
      bytes += entry.data.size();
      expected.ready += entry.state == queue_state::ready;
      expected.delayed += entry.state == queue_state::delayed;
      expected.leased += entry.state == queue_state::leased;
      expected.dead += entry.state == queue_state::dead;
      if (entry.state == queue_state::ready)
        oldest = std::min(oldest.value_or(entry.position.timestamp), entry.position.timestamp);
    }
    check(queue_table::count(c(), name_, now_), expected.ready);
    expected.dead += oracle_.list(oracle_.letters_of(name_), queue_view::ready, now_).size();
    check(sum.items.ready, expected.ready);
    check(sum.items.delayed, expected.delayed);
    check(sum.items.leased, expected.leased);
    check(sum.items.dead, expected.dead);
    check(sum.bytes, bytes);
    check(sum.oldest, oldest);
    check(queue_table::next_due(c(), name_), next_due(name_));
    std::vector<std::string> with_items;
    for (const auto& name : names_)
      if (!oracle_.of(name).ready.empty() || !oracle_.of(name).held.empty())
        with_items.push_back(name);
    check(queue_table::names(c()), with_items);
  }

  std::optional<unix_seconds> next_due(const std::string& name) {
    std::optional<unix_seconds> result;
    for (const auto& each : oracle_.of(name).held)
      result = std::min(result.value_or(each.due), each.due);
    return result;
  }

  void seldom() {
    switch (dice_.below(6)) {
    case 0:
      return check(queue_table::settle(c(), name_, now_), oracle_.settle(name_, now_));
    case 1:
      return sweep();
    case 2:
    case 3: {
      const auto limit = dice_.below(6);
      return check(queue_table::redrive(c(), name_, limit, now_),
                   oracle_.redrive(name_, limit, now_));
    }
    case 4:
      return set_options();
    default:
      return clear();
    }
  }

  void sweep() {
    const auto got = queue_table::sweep(c(), now_, 1000);
    queue_table::settled all;
    std::set<std::string> grown;
    std::optional<unix_seconds> next;
    for (const auto& name : names_) {
      const auto one = oracle_.settle(name, now_);
      all.ready += one.ready;
      all.dead += one.dead;
      if (one.ready > 0)
        grown.insert(name);
      if (one.dead > 0)
        grown.insert(one.dead_letter);
      if (const auto due = next_due(name))
        next = std::min(next.value_or(*due), *due);
    }
    check(got.moved, all);
    check(got.notes, oracle_.drop_orphans());
    check(got.queues, std::vector<std::string>(grown.begin(), grown.end()));
    check(got.next_due, next);
  }

  void set_options() {
    queue_options wanted;
    if (dice_.one_in(2))
      wanted.max_attempts = 1 + dice_.below(3);
    if (dice_.one_in(2))
      wanted.visibility_seconds = static_cast<double>(1 + dice_.below(9));
    // Without one only those whose letters the test looks at.
    if (dice_.one_in(2) || (name_ != "" && name_ != "a"))
      do
        wanted.dead_letter = dice_.of(names_);
      while (*wanted.dead_letter == name_ || wanted.dead_letter->empty());
    queue_table::set_options(c(), name_, wanted);
    oracle_.of(name_).options = wanted;
  }

  void clear() {
    auto& q = oracle_.of(name_);
    if (dice_.one_in(2)) { // as Python does
      c().prepare("DELETE FROM __beaver_priority_queues__ WHERE queue_name = ?1").bind(name_).run();
      while (oracle_.get_like_python(name_)) {}
      return;
    }
    check(queue_table::clear(c(), name_), std::uint64_t{q.ready.size() + q.held.size()});
    q.ready.clear();
    q.held.clear();
    q.orphans.clear();
  }

  unix_seconds now_ = 1000;
  // In order. ".dead" and "a.dead" are where letters of "" and "a" go by default.
  std::vector<std::string> names_{"", ".dead", "a", "a.dead", "b"};
  std::vector<double> priorities_{
    -std::numeric_limits<double>::infinity(), -1, 0, 0, 0, 2.5, 1e300};
  std::string name_;
  queue_oracle oracle_;
  std::uint64_t texts_ = 0;
  std::uint64_t receipts_ = 0;
};

} // namespace

BOOST_AUTO_TEST_SUITE(queue_table_random)

BOOST_AUTO_TEST_CASE(random_operations_agree_with_the_oracle_also_after_reopening) {
  comparison{}.run(
    {.transactions = 300, .long_transactions = 10'000, .steps = 100, .reopen_every = 50});
}

BOOST_AUTO_TEST_SUITE_END()
