#include "beaver/storage/log_index.hpp"

#include "log_support.hpp"
#include "support/filter_oracle.hpp"
#include "support/raw_file.hpp"
#include "support/settings.hpp"

#include <algorithm>
#include <map>

using namespace beaver;
using namespace beaver::test;

namespace {

/// One log with indexes, the same without, and a map. Rows come and go by our calls and by another
/// program's statements; every answer must be the same three times.
class index_comparison : public table_fixture {
public:
  void run(int rounds, int filters) {
    BOOST_TEST_CONTEXT("seed " << seed_) {
      for (int i = 0; i < 10; ++i)
        append();
      for (int i = 0; i < rounds; ++i) {
        change();
        for (int n = 0; n < filters / rounds; ++n)
          ask();
        if (i % 10 == 9)
          reopen();
      }
      BOOST_TEST(raw_file{path()}.integrity() == "ok");
      BOOST_TEST(by_index_ > filters / 20); // a test of something
      BOOST_TEST(with_dirty_ > filters / 50);
      BOOST_TEST_MESSAGE(by_index_ << " by index, with dirty rows " << with_dirty_);
    }
  }

private:
  static constexpr const char* fields[] = {"k", "k", "/k", "a", "b", "/0", "a.b", "."};

  std::uint64_t below(std::uint64_t n) { return source_.below(n); }
  std::string text_of_tree(const json_tree& tree) {
    std::string text;
    tree.write(text, [this](std::uint64_t n) { return below(n); });
    return text;
  }

  /// Few rows have the same.
  json_tree key() {
    if (below(3) == 0)
      return {json_tree::string{U"key "} + static_cast<char32_t>(U'A' + below(50))};
    if (below(2))
      return {static_cast<double>(below(200)) / 2};
    return {json_tree::integer{static_cast<int>(below(100))}};
  }
  json_tree row() {
    if (below(8) == 0)
      return source_.value(1);
    auto tree = source_.object(2);
    std::get<json_tree::object>(tree.value).emplace_back(U"k", key());
    return tree;
  }
  /// What an index of "k" is good for.
  filter_oracle condition_on_key() {
    static const std::string operators[] = {"==", "==", "==", "<", ">=", "in"};
    filter_oracle f{.what = filter_oracle::kind::condition, .path = {U"k"}};
    f.op = operators[below(std::size(operators))];
    f.value = f.op == "in" ? json_tree{json_tree::array{key(), key()}} : key();
    return f;
  }

  /// Does the same to both logs.
  template <class Work>
  void both(Work work) {
    write([&] {
      for (const auto* name : {"indexed", "plain"})
        work(name);
    });
  }

  void change() {
    switch (below(8)) {
    case 0:
      return change_indexes();
    case 1:
    case 4:
      write([&] { log_index::reindex(c(), "indexed", {}, 1 + below(600)); });
      return;
    case 2:
    case 3:
      return change_as_another_program();
    case 5:
      if (rows_.size() > 500)
        return erase();
      return append();
    default:
      return append();
    }
  }

  void append() {
    std::vector<log_new_entry> all;
    for (auto n = 1 + below(60); n > 0; --n) {
      const double t = time();
      if (rows_.contains(t))
        continue;
      const auto tree = row();
      rows_[t] = tree;
      all.push_back({json_text{text_of_tree(tree)}, t});
    }
    both([&](const char* name) { log_table::append_many(c(), name, all, 0); });
  }

  void erase() {
    if (below(20) == 0) {
      rows_.clear();
      return both([&](const char* name) { log_table::clear(c(), name); });
    }
    const auto oracle = random_filter(source_, 0);
    const auto where = wire_of(oracle);
    const double before = time();
    const bool bounded = below(2) == 0;
    std::erase_if(rows_, [&](const auto& r) {
      return (!bounded || r.first < before) && oracle.matches(r.second);
    });
    both([&](const char* name) {
      log_table::erase(c(), name, bounded ? std::optional{before} : std::nullopt, {}, where);
    });
  }

  void change_indexes() {
    const auto* field = fields[below(std::size(fields))];
    write([&] {
      if (!log_index::create(c(), "indexed", field) && below(3) == 0)
        log_index::drop(c(), "indexed", field);
    });
  }

  void change_as_another_program() {
    connection other{path(), {}};
    const std::string both_logs = "SELECT 'indexed' AS n UNION ALL SELECT 'plain'";
    for (auto n = 1 + below(6); n > 0; --n) {
      const double t = below(3) && !rows_.empty() ? any_of_rows() : time();
      const auto tree = row();
      const auto text = text_of_tree(tree);
      const double moved = time();
      if (!rows_.contains(t) || below(3) == 0) {
        other
          .prepare("INSERT OR REPLACE INTO __beaver_logs__ SELECT n, ?1, ?2 FROM (" + both_logs
                   + ")")
          .bind(t, text)
          .run();
        rows_[t] = tree;
      } else if (below(3) == 0) {
        other.prepare("DELETE FROM __beaver_logs__ WHERE timestamp = ?1").bind(t).run();
        rows_.erase(t);
      } else if (below(2) && !rows_.contains(moved)) {
        other.prepare("UPDATE __beaver_logs__ SET timestamp = ?2 WHERE timestamp = ?1")
          .bind(t, moved)
          .run();
        rows_[moved] = rows_[t];
        rows_.erase(t);
      } else {
        other.prepare("UPDATE __beaver_logs__ SET data = ?2 WHERE timestamp = ?1")
          .bind(t, text)
          .run();
        rows_[t] = tree;
      }
    }
  }

  void ask() {
    filter_oracle oracle{.what = filter_oracle::kind::all};
    for (auto n = 1 + below(2); n > 0; --n)
      oracle.parts.push_back(below(2) ? condition_on_key()
                                      : random_filter(source_, below(4) == 0 ? 1 : 0));
    log_page page{.where = wire_of(oracle)};
    if (below(3) == 0)
      page.start = time();
    if (below(3) == 0)
      page.end = time();
    if (below(3) == 0)
      page.after = time();
    if (below(2))
      page.order = sort_order::desc;
    if (below(2))
      page.limit = below(5);
    if (below(3) == 0)
      page.offset = below(3);
    std::vector<double> expected;
    for (const auto& [t, tree] : rows_)
      if ((!page.start || t >= *page.start) && (!page.end || t <= *page.end)
          && (!page.after || (page.order ? t < *page.after : t > *page.after))
          && oracle.matches(tree))
        expected.push_back(t);
    if (page.order)
      std::reverse(expected.begin(), expected.end());
    expected.erase(expected.begin(), expected.begin()
                                       + static_cast<std::ptrdiff_t>(std::min<std::size_t>(
                                         page.offset.value_or(0), expected.size())));
    if (page.limit && *page.limit < expected.size())
      expected.resize(*page.limit);
    const auto plan = log_index::explain(c(), "indexed", page.where, page.start, page.end);
    by_index_ += plan.scanned ? 0 : 1;
    with_dirty_ += plan.scanned || plan.dirty == 0 ? 0 : 1;
    BOOST_TEST_CONTEXT("where " << page.where->text()) {
      BOOST_REQUIRE(times("indexed", page) == expected);
      BOOST_REQUIRE(times("plain", page) == expected);
      BOOST_REQUIRE(log_table::count(c(), "indexed", page.start, page.end, page.where)
                    == log_table::count(c(), "plain", page.start, page.end, page.where));
    }
  }

  std::vector<double> times(std::string_view name, const log_page& page) {
    std::vector<double> result;
    for (const auto& e : log_table::range(c(), name, page))
      result.push_back(e.timestamp);
    return result;
  }

  json_text wire_of(const filter_oracle& oracle) {
    std::string wire;
    oracle.write(wire, [this](std::uint64_t n) { return below(n); });
    return json_text{wire};
  }

  double time() { return static_cast<double>(below(2'000)) / 2 - 200; }
  double any_of_rows() {
    const auto at = rows_.lower_bound(time());
    return at == rows_.end() ? rows_.begin()->first : at->first;
  }

  const std::uint64_t seed_ = fresh_seed();
  random_tree source_{seed_};
  std::map<double, json_tree> rows_;
  int by_index_ = 0;
  int with_dirty_ = 0; // of them
};

} // namespace

BOOST_AUTO_TEST_SUITE(log_indexes_random)

BOOST_AUTO_TEST_CASE(answers_with_an_index_without_one_and_by_an_oracle_agree) {
  index_comparison{}.run(long_tests() ? 5'000 : 250, long_tests() ? 200'000 : 10'000);
}

BOOST_AUTO_TEST_SUITE_END()
