#include "beaver/storage/list_table.hpp"

#include "beaver/storage/list_index.hpp"
#include "beaver/storage/order_key.hpp"
#include "list_support.hpp"
#include "random_comparison.hpp"
#include "support/settings.hpp"

#include <deque>
#include <map>

using namespace beaver;
using namespace beaver::test;

namespace {

using items = std::deque<std::string>;

/// The oracle is a deque for each list.
class comparison : public random_comparison<list_fixture> {
  void step() override {
    name_ = dice_.of(names_);
    switch (dice_.below(16)) {
    case 0:
    case 1:
      return add_at_an_end();
    case 2:
      return extend();
    case 3:
    case 4:
      return insert();
    case 5:
      return nest();
    case 6:
      return python();
    case 7:
      return set_or_erase();
    case 8:
      return pop();
    case 9:
      return look_for_value();
    case 10:
      return move();
    case 11:
      return trim_or_clear();
    case 12:
    case 13:
      return read();
    case 14:
      return roll_back();
    default:
      return summarise();
    }
  }

  void compare_all() override {
    for (const auto& [name, list] : lists_) {
      check(all(name), texts{list.begin(), list.end()});
      for (const auto& key : keys(name))
        BOOST_REQUIRE(order_key::valid(key));
    }
  }

  items& list() { return lists_[name_]; }
  std::int64_t size() { return static_cast<std::int64_t>(list().size()); }

  /// Values repeat, so that looking for one finds the first of some.
  std::string value() {
    return dice_.one_in(20) ? "\"" + std::string(dice_.below(5'000), 'x') + "\""
                            : std::to_string(dice_.below(500));
  }

  /// Mostly of an item, sometimes beyond an end.
  std::int64_t index() {
    return static_cast<std::int64_t>(dice_.below(2 * list().size() + 6)) - size() - 3;
  }
  std::optional<std::int64_t> bound() {
    return dice_.one_in(5) ? std::nullopt : std::optional{index()};
  }

  /// The item that an index names; empty if there is none.
  std::optional<std::int64_t> resolved(std::int64_t i) {
    const std::int64_t at = i < 0 ? i + size() : i;
    return at < 0 || at >= size() ? std::nullopt : std::optional{at};
  }

  void changed() { ++version_; }

  void add_at_an_end() {
    const std::string v = value();
    changed();
    if (dice_.one_in(2)) {
      list_table::push(c(), name_, json_text{v});
      list().push_back(v);
    } else {
      list_table::prepend(c(), name_, json_text{v});
      list().push_front(v);
    }
  }

  void extend() {
    std::vector<json_text> values;
    for (auto n = dice_.below(dice_.one_in(4) ? 300 : 5); n > 0; --n) {
      list().push_back(value());
      values.emplace_back(list().back());
    }
    changed();
    list_table::extend(c(), name_, values);
  }

  void insert_at(std::int64_t at, const std::string& v) {
    changed();
    list_table::insert(c(), name_, at, json_text{v});
    if (at < 0)
      at += size();
    list().insert(list().begin() + std::clamp<std::int64_t>(at, 0, size()), v);
  }

  void insert() { insert_at(index(), value()); }

  /// Insertions by turns on both sides of the last one: what makes keys grow.
  void nest() {
    std::int64_t at = std::max<std::int64_t>(index(), 0);
    for (auto n = dice_.below(60); n > 0; --n) {
      insert_at(at, value());
      at += static_cast<std::int64_t>(n % 2);
    }
  }

  void python() {
    auto at = dice_.below(list().size() + 1);
    if (dice_.one_in(2))
      at = dice_.one_in(2) ? 0 : list().size();
    const bool up = dice_.one_in(2);
    for (auto n = dice_.one_in(3) ? dice_.below(120) : 1; n > 0; --n) {
      const std::string v = value();
      changed();
      python_insert(name_, at, v);
      list().insert(list().begin() + static_cast<std::ptrdiff_t>(at), v);
      at += up;
    }
  }

  void set_or_erase() {
    const std::int64_t i = index();
    const auto at = resolved(i);
    changed();
    if (dice_.one_in(2)) {
      const std::string v = value();
      check(list_table::set(c(), name_, i, json_text{v}), at.has_value());
      if (at)
        list()[static_cast<std::size_t>(*at)] = v;
    } else {
      check(list_table::erase(c(), name_, i), at.has_value());
      if (at)
        list().erase(list().begin() + *at);
    }
  }

  void pop() {
    const std::int64_t i = dice_.one_in(2) ? index() : dice_.one_in(2) ? 0 : -1;
    const auto at = resolved(i);
    changed();
    const auto got = i == 0    ? list_table::pop_front(c(), name_)
                     : i == -1 ? list_table::pop_back(c(), name_)
                               : list_table::pop(c(), name_, i);
    check(text_of(got), at ? std::optional{list()[static_cast<std::size_t>(*at)]} : std::nullopt);
    if (at)
      list().erase(list().begin() + *at);
  }

  void look_for_value() {
    const std::string v = value();
    const auto found = std::find(list().begin(), list().end(), v);
    const bool there = found != list().end();
    check(list_table::find(c(), name_, json_text{v}),
          there ? std::optional{static_cast<std::uint64_t>(found - list().begin())} : std::nullopt);
    check(list_table::contains(c(), name_, json_text{v}), there);
    if (dice_.one_in(2))
      return;
    changed();
    check(list_table::remove(c(), name_, json_text{v}), there);
    if (there)
      list().erase(found);
  }

  void move() {
    const std::int64_t from = index();
    const std::int64_t to = index();
    const auto a = resolved(from);
    const auto b = resolved(to);
    changed();
    check(list_table::move(c(), name_, from, to), a && b);
    if (!a || !b)
      return;
    const std::string v = list()[static_cast<std::size_t>(*a)];
    list().erase(list().begin() + *a);
    list().insert(list().begin() + *b, v);
  }

  void trim_or_clear() {
    changed();
    if (dice_.one_in(20)) {
      check(list_table::clear(c(), name_), std::uint64_t{list().size()});
      list().clear();
      return;
    }
    // Mostly a few items off the ends.
    std::optional<std::int64_t> start = static_cast<std::int64_t>(dice_.below(5));
    std::optional<std::int64_t> stop = -static_cast<std::int64_t>(dice_.below(5)) - 1;
    if (dice_.one_in(15)) {
      start = bound();
      stop = bound();
    }
    const texts kept = slice_of({list().begin(), list().end()}, start, stop);
    check(list_table::trim(c(), name_, start, stop), std::uint64_t{list().size() - kept.size()});
    list().assign(kept.begin(), kept.end());
  }

  void read() {
    index_.refresh(name_, version_);
    for (int i = 0; i < 4; ++i) {
      const std::int64_t at = index();
      const auto there = resolved(at);
      const auto expected =
        there ? std::optional{list()[static_cast<std::size_t>(*there)]} : std::nullopt;
      check(text_of(list_table::at(c(), name_, at)), expected);
      check(text_of(index_.at(c(), at)), expected);
    }
    const auto start = bound();
    const auto stop = bound();
    const texts expected = slice_of({list().begin(), list().end()}, start, stop);
    check(texts_of(list_table::range(c(), name_, start, stop)), expected);
    check(texts_of(index_.range(c(), start, stop)), expected);
    check(list_table::count(c(), name_), std::uint64_t{list().size()});
    if (dice_.one_in(2))
      check(index_.count(c()), std::uint64_t{list().size()});
  }

  /// Some other steps that are undone.
  void roll_back() {
    const auto before = lists_;
    {
      savepoint undone{c()};
      insert();
      nest();
      move();
    }
    lists_ = before;
    changed();
  }

  void summarise() {
    const auto sum = list_table::info(c(), name_);
    std::uint64_t bytes = 0;
    std::uint64_t longest = 0;
    for (const auto& key : keys(name_)) {
      bytes += key.size();
      longest = std::max<std::uint64_t>(longest, key.size());
    }
    for (const auto& item : list())
      bytes += item.size();
    check(sum.items, std::uint64_t{list().size()});
    check(sum.bytes, bytes);
    check(sum.longest_key, longest);
    texts expected;
    for (const auto& [name, content] : lists_)
      if (!content.empty())
        expected.push_back(name);
    check(list_table::names(c()), expected);
  }

  texts names_{"", "a", "a\U0010ffff", "b"}; // in order
  std::map<std::string, items> lists_;
  std::string name_;
  list_index index_;
  std::uint64_t version_ = 0;
};

} // namespace

BOOST_AUTO_TEST_SUITE(list_table_random_suite)

BOOST_AUTO_TEST_CASE(a_table_and_deques_agree_on_random_operations) {
  comparison{}.run({.transactions = 8, .long_transactions = 60, .steps = 600, .reopen_every = 1});
}

BOOST_AUTO_TEST_CASE(keys_stay_short_however_insertions_choose_their_places) {
  const std::uint64_t seed = fresh_seed();
  BOOST_TEST_CONTEXT("seed " << seed) {
    list_fixture f;
    dice random{seed};
    items expected;
    std::int64_t at = 0;
    f.write([&] {
      for (int i = 0; i < 6'000; ++i) {
        if (random.one_in(500))
          at = static_cast<std::int64_t>(random.below(expected.size() + 1));
        else
          at += static_cast<std::int64_t>(random.below(2));
        at = std::min(at, static_cast<std::int64_t>(expected.size()));
        const std::string value = std::to_string(i);
        list_table::insert(f.c(), "l", at, json_text{value});
        expected.insert(expected.begin() + at, value);
      }
    });
    BOOST_TEST((f.all() == texts{expected.begin(), expected.end()}));
    BOOST_TEST(f.longest_key() <= order_key::max_size);
  }
}

BOOST_AUTO_TEST_SUITE_END()
