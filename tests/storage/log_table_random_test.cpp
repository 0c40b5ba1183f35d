#include "beaver/storage/log_table.hpp"

#include "log_support.hpp"
#include "random_comparison.hpp"

#include <algorithm>
#include <map>

using namespace beaver;
using namespace beaver::test;

namespace {

using entries = std::map<double, std::string>;

/// The oracle is a map for each log.
class comparison : public random_comparison<> {
  void step() override {
    name_ = dice_.of(names_);
    pass_time();
    switch (dice_.below(12)) {
    case 0:
    case 1:
    case 2:
    case 3:
      return append();
    case 4:
      return append_many();
    case 5:
    case 6:
      return list();
    case 7:
      return list_end();
    case 8:
      return count();
    case 9:
    case 10:
      return erase_or_clear();
    default:
      return summarise();
    }
  }

  void compare_all() override {
    for (const auto& name : names_) {
      const auto& expected = logs_[name];
      check(texts_of(log_table::range(c(), name, {})),
            timed_texts(expected.begin(), expected.end()));
    }
  }

  entries& log() { return logs_[name_]; }

  /// A clock that stands still, goes on, jumps, and is set back.
  void pass_time() {
    if (dice_.one_in(4))
      now_ += 0.25;
    if (dice_.one_in(50))
      now_ += 10;
    if (dice_.one_in(20))
      now_ -= 0.5;
    if (dice_.one_in(200))
      now_ -= 3;
  }

  /// Times at which others are likely to be, or just beside them.
  double any_time() {
    double t = 0;
    switch (dice_.below(6)) {
    case 0:
      t = dice_.of(std::vector<double>{
        0.0, -0.0, -1, 1, 1e-300, 1e300, -std::numeric_limits<double>::max(),
        std::numeric_limits<double>::denorm_min(), -std::numeric_limits<double>::denorm_min()});
      break;
    case 1:
      t = now_;
      break;
    case 2:
      if (!log().empty())
        t = std::next(log().begin(), static_cast<std::ptrdiff_t>(dice_.below(log().size())))->first;
      break;
    default:
      t = now_ + static_cast<double>(dice_.below(40)) / 4 - 8;
    }
    return dice_.one_in(4) ? raised(t, static_cast<int>(dice_.below(3))) : t;
  }

  std::optional<double> perhaps_a_time(std::uint64_t one_in = 2) {
    return dice_.one_in(one_in) ? std::optional{any_time()} : std::nullopt;
  }

  std::string any_text() {
    return dice_.one_in(30) ? "\"" + std::string(dice_.below(9'000), 'x') + "\""
                            : std::to_string(dice_.below(100));
  }

  /// What the definition says, step by step.
  double expected_time(std::optional<double> given) {
    double t = given.value_or(now_);
    if (!given && !log().empty())
      if (const double newest = log().rbegin()->first; newest >= now_ && newest - now_ < 1)
        return raised(newest);
    while (log().contains(t))
      t = raised(t);
    return t;
  }

  void append() {
    const auto given = perhaps_a_time();
    const auto text = any_text();
    const double expected = expected_time(given);
    check(log_table::append(c(), name_, json_text{text}, given, now_), expected);
    log()[expected] = text;
  }

  void append_many() {
    std::vector<log_new_entry> all;
    const double crowded = any_time();
    for (auto n = dice_.below(8); n > 0; --n) {
      const auto given = dice_.one_in(3) ? std::optional{crowded} : perhaps_a_time();
      const auto text = any_text();
      all.push_back({json_text{text}, given});
      log()[expected_time(given)] = text;
    }
    log_table::append_many(c(), name_, all, now_);
  }

  /// The entries that a page covers, in its order, by the words of its definition.
  timed_texts in_page(const log_page& page) {
    const bool down = page.order == sort_order::desc;
    timed_texts result(log().begin(), log().end());
    std::erase_if(result, [&](const auto& entry) {
      const double t = entry.first;
      return (page.start && t < *page.start) || (page.end && t > *page.end)
             || (page.after && (down ? t >= *page.after : t <= *page.after));
    });
    if (down)
      std::reverse(result.begin(), result.end());
    const auto size = result.size();
    result.erase(result.begin(), result.begin()
                                   + static_cast<std::ptrdiff_t>(
                                     std::min<std::uint64_t>(page.offset.value_or(0), size)));
    if (page.limit && *page.limit < result.size())
      result.resize(*page.limit);
    return result;
  }

  void list() {
    log_page page{.start = perhaps_a_time(3), .end = perhaps_a_time(3), .after = perhaps_a_time(3)};
    if (dice_.one_in(2))
      page.order = dice_.one_in(2) ? sort_order::asc : sort_order::desc;
    if (dice_.one_in(3))
      page.limit = dice_.one_in(5) ? ~std::uint64_t{0} : dice_.below(6);
    if (dice_.one_in(3))
      page.offset = dice_.below(6);
    check(texts_of(log_table::range(c(), name_, page)), in_page(page));
  }

  void list_end() {
    const auto limit = dice_.below(6);
    auto expected = in_page({.order = sort_order::desc, .limit = limit});
    std::reverse(expected.begin(), expected.end());
    check(texts_of(log_table::tail(c(), name_, limit)), expected);
  }

  void count() {
    const log_page page{.start = perhaps_a_time(), .end = perhaps_a_time()};
    check(log_table::count(c(), name_, page.start, page.end), std::uint64_t{in_page(page).size()});
  }

  void erase_or_clear() {
    if (dice_.one_in(100)) {
      check(log_table::clear(c(), name_), std::uint64_t{log().size()});
      log().clear();
      return;
    }
    std::optional<double> before = perhaps_a_time();
    if (before && dice_.one_in(2))
      *before -= 20;
    std::optional<std::uint64_t> keep;
    if (dice_.one_in(3))
      keep = 20 + dice_.below(60);
    std::uint64_t place = log().size();
    const auto removed = std::erase_if(log(), [&](const auto& entry) {
      const auto behind = --place;
      return (before && entry.first < *before) || (keep && behind >= *keep);
    });
    check(log_table::erase(c(), name_, before, keep), std::uint64_t{removed});
  }

  void summarise() {
    const auto sum = log_table::info(c(), name_);
    std::uint64_t bytes = 0;
    for (const auto& [timestamp, text] : log())
      bytes += text.size();
    check(sum.entries, std::uint64_t{log().size()});
    check(sum.bytes, bytes);
    check(sum.first, log().empty() ? std::nullopt : std::optional{log().begin()->first});
    check(sum.last, log().empty() ? std::nullopt : std::optional{log().rbegin()->first});
    std::vector<std::string> expected;
    for (const auto& name : names_)
      if (!logs_[name].empty())
        expected.push_back(name);
    check(log_table::names(c()), expected);
  }

  double now_ = 1'000;
  std::vector<std::string> names_{"", "a", "a\U0010ffff", "b"}; // in order
  std::map<std::string, entries> logs_;
  std::string name_;
};

} // namespace

BOOST_AUTO_TEST_SUITE(log_table_random)

BOOST_AUTO_TEST_CASE(random_operations_agree_with_maps_also_after_reopening) {
  comparison{}.run(
    {.transactions = 300, .long_transactions = 10'000, .steps = 100, .reopen_every = 100});
}

BOOST_AUTO_TEST_SUITE_END()
