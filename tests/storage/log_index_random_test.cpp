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
      for (int i = 0; i < rounds; ++i) {
        change();
        for (int n = 0; n < filters / rounds; ++n)
          ask();
        if (i % 10 == 9)
          reopen();
      }
      BOOST_TEST(raw_file{path()}.integrity() == "ok");
      BOOST_TEST(by_index_ > filters / 20); // a test of something
    }
  }

private:
  static constexpr const char* fields[] = {"a", "b", "/0", "a.b", "."};

  std::uint64_t below(std::uint64_t n) { return source_.below(n); }
  std::string text_of_tree(const json_tree& tree) {
    std::string text;
    tree.write(text, [this](std::uint64_t n) { return below(n); });
    return text;
  }
  json_tree row() { return below(6) == 0 ? source_.value(1) : source_.object(2); }

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
      write([&] { log_index::reindex(c(), "indexed", {}, 1 + below(200)); });
      return;
    case 2:
    case 3:
      return change_as_another_program();
    case 4:
      if (rows_.size() > 300)
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
    const auto oracle = random_filter(source_, 1);
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
    for (auto n = 1 + below(20); n > 0; --n) {
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
      oracle.parts.push_back(random_filter(source_, below(4) == 0 ? 1 : 0));
    log_page page{.where = wire_of(oracle)};
    if (below(3) == 0)
      page.start = time();
    if (below(3) == 0)
      page.end = time();
    if (below(3) == 0)
      page.after = time();
    if (below(2))
      page.order = log_order::desc;
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
};

} // namespace

BOOST_AUTO_TEST_SUITE(log_indexes_random)

BOOST_AUTO_TEST_CASE(answers_with_an_index_without_one_and_by_an_oracle_agree) {
  index_comparison{}.run(long_tests() ? 5'000 : 250, long_tests() ? 200'000 : 10'000);
}

BOOST_AUTO_TEST_SUITE_END()
