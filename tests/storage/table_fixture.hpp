#pragma once
#include "beaver/storage/connection.hpp"
#include "beaver/storage/json_text.hpp"
#include "beaver/storage/schema.hpp"
#include "beaver/storage/transaction.hpp"
#include "support/temp_folder.hpp"

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <optional>
#include <random>
#include <sqlite3.h>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace beaver::test {

/// Keys at which byte order, prefixes and their successors go wrong first.
inline const std::vector<std::string>& trap_keys() {
  using namespace std::string_literals;
  static const std::vector<std::string> keys{"a",
                                             "a\0"s,
                                             "a\0b"s,
                                             "aa",
                                             "ab",
                                             "b",
                                             "A",
                                             "~",
                                             "\x7f",
                                             "\x7f\x7f",
                                             "\x7f"
                                             "a",
                                             "\u0080",
                                             "é",
                                             "éa",
                                             "ê",
                                             "\u07ff",
                                             "\u0800",
                                             "\ud7ff",
                                             "\ud7ffx",
                                             "\ue000",
                                             "\uffff",
                                             "日本",
                                             "\U00010000",
                                             "😀",
                                             "%",
                                             "\U0010ffff",
                                             "\U0010ffffz",
                                             "\U0010ffff\U0010ffff"};
  return keys;
}

inline std::optional<std::string> text_of(const std::optional<json_text>& value) {
  return value ? std::optional{std::string{value->text()}} : std::nullopt;
}

/// An empty database in a folder of its own.
class table_fixture {
public:
  table_fixture() { open(); }

  connection& c() { return *connection_; }

  void open() {
    connection_options options;
    options.full_sync = false;
    connection_.emplace(path_, options);
    schema::prepare(c());
  }
  void reopen() {
    connection_.reset();
    open();
  }

  /// Runs `work` in a write transaction of its own.
  template <class Work>
  decltype(auto) write(Work work) {
    transaction_scope scope{c()};
    if constexpr (std::is_void_v<decltype(work())>) {
      work();
      scope.commit();
    } else {
      auto result = work();
      scope.commit();
      return result;
    }
  }

  /// How SQLite would run each statement on `table` that the connection has compiled, as
  /// "plan <- statement".
  std::vector<std::string> plans(std::string_view table) {
    std::vector<std::string> texts;
    for (auto* s = sqlite3_next_stmt(c().handle(), nullptr); s;
         s = sqlite3_next_stmt(c().handle(), s))
      if (std::string text = sqlite3_sql(s); text.find(table) != std::string::npos)
        texts.push_back(std::move(text));
    std::vector<std::string> result;
    for (const auto& text : texts) {
      statement plan = c().prepare("EXPLAIN QUERY PLAN " + text);
      while (plan.step())
        result.push_back(std::string{plan.text(3)} + " <- " + text);
    }
    return result;
  }

  const std::string& path() const { return path_; }

private:
  temp_folder folder_;
  std::string path_ = folder_.file();
  std::optional<connection> connection_;
};

/// Choices of a random test; the seed is shown with each failure.
class dice {
public:
  explicit dice(std::uint64_t seed) : random_(seed) {}

  std::uint64_t below(std::uint64_t n) { return random_() % n; }
  bool one_in(std::uint64_t n) { return below(n) == 0; }
  template <class T>
  const T& of(const std::vector<T>& choices) {
    return choices[below(choices.size())];
  }

private:
  std::mt19937_64 random_;
};

} // namespace beaver::test
