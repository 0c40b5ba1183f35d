#include "beaver/storage/dict_table.hpp"

#include "key_range_oracle.hpp"
#include "random_comparison.hpp"
#include "support/failure.hpp"

using namespace beaver;
using namespace beaver::test;

namespace {

struct entry {
  std::string value;
  std::optional<unix_seconds> expires_at;
};

using entries = std::map<std::string, entry>;

/// The oracle is a map for each dict.
class comparison : public random_comparison<> {
  void step() override {
    name_ = dice_.of(names_);
    key_ = dice_.of(trap_keys());
    now_ += static_cast<double>(dice_.below(3));
    switch (dice_.below(15)) {
    case 0:
    case 1:
    case 2:
      return set();
    case 3:
      return check(text_of(dict_table::find(c(), name(), key(), now_)), value_of(alive()));
    case 4:
      return pop_or_erase();
    case 5:
      return check(dict_table::contains(c(), name(), key(), now_), alive() != nullptr);
    case 6:
      return count();
    case 7:
    case 8:
      return list();
    case 9:
      return increment();
    case 10:
      return set_if_absent();
    case 11:
      return compare_and_set();
    case 12:
      return touch_or_persist();
    case 13:
      return sweep_or_clear();
    default:
      return summarise();
    }
  }

  void compare_all() override {
    for (const auto& name : names_) {
      name_ = name;
      const auto items = dict_table::items(c(), name, {}, now_);
      const auto expected = living();
      check(items.size(), expected.size());
      for (const auto& [key, value] : items)
        check(std::string{value.text()}, expected.count(key) ? expected.at(key).value : "none");
    }
  }

  const std::string& name() const { return name_; }
  const std::string& key() const { return key_; }
  entries& dict() { return dicts_[name_]; }

  bool is_alive(const entry& e) const { return !e.expires_at || *e.expires_at > now_; }

  entry* alive() {
    auto at = dict().find(key_);
    return at != dict().end() && is_alive(at->second) ? &at->second : nullptr;
  }

  entries living() {
    entries result;
    for (const auto& [key, e] : dict())
      if (is_alive(e))
        result.emplace(key, e);
    return result;
  }

  static std::optional<std::string> value_of(const entry* e) {
    return e ? std::optional{e->value} : std::nullopt;
  }

  entry random_entry() {
    entry e;
    e.value = dice_.one_in(5) ? "\"" + std::string(dice_.below(9000), 'x') + "\""
                              : std::to_string(dice_.below(4));
    if (dice_.one_in(2))
      e.expires_at = now_ + static_cast<double>(dice_.below(40));
    return e;
  }

  void set() {
    const entry e = random_entry();
    dict_table::set(c(), name(), key(), json_text{e.value}, e.expires_at);
    dict()[key_] = e;
  }

  void pop_or_erase() {
    if (dice_.one_in(2))
      check(text_of(dict_table::pop(c(), name(), key(), now_)), value_of(alive()));
    else
      check(dict_table::erase(c(), name(), key(), now_), alive() != nullptr);
    dict().erase(key_);
  }

  void count() {
    const std::string prefix = dice_.one_in(4) ? "" : dice_.of(trap_keys());
    check(dict_table::count(c(), name(), prefix, now_),
          std::uint64_t{in_range(living(), {.prefix = prefix}).size()});
    check(dict_table::count(c(), name(), std::nullopt, now_), std::uint64_t{living().size()});
  }

  void list() {
    const key_range range = random_range(dice_, trap_keys());
    BOOST_TEST_INFO(describe(range));
    const auto expected = in_range(living(), range);
    const auto items = dict_table::items(c(), name(), range, now_);
    const auto keys = dict_table::keys(c(), name(), range, now_);
    const auto values = dict_table::values(c(), name(), range, now_);
    BOOST_REQUIRE(items.size() == expected.size());
    check(keys.size(), expected.size());
    check(values.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      check(items[i].key, expected[i].first);
      check(keys[i], expected[i].first);
      check(std::string{items[i].value.text()}, expected[i].second.value);
      check(values[i], items[i].value);
    }
  }

  void increment() {
    entry* e = alive();
    const auto by = static_cast<std::int64_t>(dice_.below(9)) - 4;
    const bool number = !e || e->value[0] != '"';
    const auto add = [&] {
      const auto sum =
        dict_table::increment(c(), name(), key(), json_text{std::to_string(by)}, now_);
      const std::string expected = std::to_string((e ? std::stoll(e->value) : 0) + by);
      check(std::string{sum.text()}, expected);
      dict()[key_] = {expected, e ? e->expires_at : std::nullopt};
    };
    const outcome result = outcome_of(add);
    check(result.failed, !number);
    check(result.is(errc::type_mismatch), !number);
  }

  void set_if_absent() {
    const entry e = random_entry();
    const bool absent = !alive();
    check(dict_table::set_if_absent(c(), name(), key(), json_text{e.value}, e.expires_at, now_),
          absent);
    if (absent)
      dict()[key_] = e;
  }

  void compare_and_set() {
    const entry e = random_entry();
    std::optional<std::string> expected = value_of(alive());
    if (dice_.one_in(3))
      expected = "3";
    const bool equal = expected == value_of(alive());
    std::optional<json_text> spelled;
    if (expected)
      spelled = json_text{dice_.one_in(2) ? " " + *expected : *expected};
    check(dict_table::compare_and_set(c(), name(), key(), json_text{e.value}, spelled, e.expires_at,
                                      now_),
          equal);
    if (equal)
      dict()[key_] = e;
  }

  void touch_or_persist() {
    entry* e = alive();
    const auto lifetime = dict_table::ttl(c(), name(), key(), now_);
    check(lifetime.has_value(), e != nullptr);
    if (e)
      check(lifetime->ttl_seconds,
            e->expires_at ? std::optional{*e->expires_at - now_} : std::nullopt);
    std::optional<unix_seconds> expires_at;
    if (dice_.one_in(2))
      expires_at = now_ + static_cast<double>(dice_.below(40));
    check(expires_at ? dict_table::touch(c(), name(), key(), *expires_at, now_)
                     : dict_table::persist(c(), name(), key(), now_),
          e != nullptr);
    if (e)
      e->expires_at = expires_at;
  }

  void sweep_or_clear() {
    if (dice_.one_in(20)) {
      check(dict_table::clear(c(), name()), std::uint64_t{dict().size()});
      dict().clear();
      return;
    }
    const bool all = dice_.one_in(2);
    const auto swept = dict_table::sweep(
      c(), all ? std::nullopt : std::optional<std::string_view>{name_}, now_, 1000);
    std::uint64_t removed = 0;
    std::optional<unix_seconds> next;
    for (auto& [dict_name, content] : dicts_) {
      if (!all && dict_name != name_)
        continue;
      removed += std::erase_if(content, [&](const auto& item) { return !is_alive(item.second); });
      for (const auto& item : content)
        if (item.second.expires_at)
          next = std::min(next.value_or(1e300), *item.second.expires_at);
    }
    check(swept.removed, removed);
    check(swept.next_expiry, next);
  }

  void summarise() {
    const auto sum = dict_table::info(c(), name(), now_);
    std::uint64_t with_expiry = 0;
    std::uint64_t bytes = 0;
    for (const auto& [key, e] : dict()) {
      with_expiry += is_alive(e) && e.expires_at;
      bytes += key.size() + e.value.size();
    }
    check(sum.entries, std::uint64_t{living().size()});
    check(sum.expired, std::uint64_t{dict().size() - living().size()});
    check(sum.with_expiry, with_expiry);
    check(sum.bytes, bytes);
    std::vector<std::string> expected;
    const std::string before = name_;
    for (const auto& each : names_) {
      name_ = each;
      if (!living().empty())
        expected.push_back(each);
    }
    name_ = before;
    check(dict_table::names(c(), now_), expected);
  }

  unix_seconds now_ = 1000;
  std::vector<std::string> names_{"", "a", "a\U0010ffff", "b"}; // in order
  std::map<std::string, entries> dicts_;
  std::string name_;
  std::string key_;
};

} // namespace

BOOST_AUTO_TEST_SUITE(dict_table_random)

BOOST_AUTO_TEST_CASE(random_operations_agree_with_maps_also_after_reopening) {
  comparison{}.run(
    {.transactions = 300, .long_transactions = 10'000, .steps = 100, .reopen_every = 100});
}

BOOST_AUTO_TEST_SUITE_END()
