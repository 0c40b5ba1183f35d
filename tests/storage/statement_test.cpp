#include "beaver/storage/statement.hpp"

#include "beaver/storage/connection.hpp"
#include "beaver/storage/json_text.hpp"
#include "support/failure.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>

#include <sqlite3.h>

using namespace beaver;
using namespace beaver::test;

namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

/// Compiled statements that the connection holds.
int compiled_in(connection& c) {
  int count = 0;
  for (auto* s = sqlite3_next_stmt(c.handle(), nullptr); s; s = sqlite3_next_stmt(c.handle(), s))
    ++count;
  return count;
}

} // namespace

BOOST_AUTO_TEST_SUITE(a_statement)

BOOST_AUTO_TEST_CASE(gives_back_what_was_bound) {
  connection c(":memory:", {});
  const auto lowest = std::numeric_limits<std::int64_t>::min();
  const std::string text = std::string("a\0b", 3) + "\xc3\xa4";
  const std::optional<std::string> there = "there";
  const json_text json("[1]");
  auto row = c.prepare("SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9");
  row.bind(lowest, 0.1, text, bytes_of("\x01\xff"), true, nullptr, std::optional<int>{}, there,
           json);
  BOOST_REQUIRE(row.step());
  BOOST_TEST(row.integer(0) == lowest);
  BOOST_TEST(row.real(1) == 0.1);
  BOOST_TEST(row.text(2) == text);
  BOOST_TEST(row.blob(3).size() == 2U);
  BOOST_TEST(static_cast<int>(row.blob(3)[1]) == 0xff);
  BOOST_TEST(row.text(3) == "\x01\xff");
  BOOST_TEST(row.integer(4) == 1);
  BOOST_TEST(row.is_null(5));
  BOOST_TEST(row.is_null(6));
  BOOST_TEST(row.text(7) == "there");
  BOOST_TEST(row.text(8) == "[1]");
  BOOST_TEST(row.is_integer(0));
  BOOST_TEST(!row.is_integer(1));
  BOOST_TEST(!row.step());
}

BOOST_AUTO_TEST_CASE(keeps_empty_text_and_bytes_apart_from_null) {
  connection c(":memory:", {});
  auto row = c.prepare("SELECT typeof(?1), typeof(?2), typeof(?3), ?1, ?2");
  row.bind(std::string_view{}, std::span<const std::byte>{}, nullptr);
  BOOST_REQUIRE(row.step());
  BOOST_TEST(row.text(0) == "text");
  BOOST_TEST(row.text(1) == "blob");
  BOOST_TEST(row.text(2) == "null");
  BOOST_TEST(!row.is_null(3));
  BOOST_TEST(row.text(3).empty());
  BOOST_TEST(row.blob(4).empty());
}

BOOST_AUTO_TEST_CASE(binds_a_run_of_zeros) {
  connection c(":memory:", {});
  auto row = c.prepare("SELECT length(?1), hex(substr(?1, 1, 2))");
  row.bind(zero_blob{1'000'000});
  BOOST_REQUIRE(row.step());
  BOOST_TEST(row.integer(0) == 1'000'000);
  BOOST_TEST(row.text(1) == "0000");
}

BOOST_AUTO_TEST_CASE(refuses_a_value_over_the_limit_as_full) {
  connection c(":memory:", {});
  sqlite3_limit(c.handle(), SQLITE_LIMIT_LENGTH, 1000);
  std::string big(1001, 'x');
  auto end = outcome_of([&] { c.prepare("SELECT ?1").bind(big); });
  BOOST_TEST(end.is(errc::full));
  BOOST_TEST(end.says("?1"));
}

BOOST_AUTO_TEST_CASE(is_compiled_once_and_forgets_what_was_bound) {
  connection c(":memory:", {});
  sqlite3_stmt* only = nullptr;
  const std::string text = "held by the caller";
  for (int i = 0; i < 3; ++i) {
    auto row = c.prepare("SELECT ?1, ?2");
    if (i < 2)
      row.bind(text, "b");
    BOOST_REQUIRE(row.step());
    BOOST_TEST(row.is_null(0) == (i == 2));
    sqlite3_stmt* next = sqlite3_next_stmt(c.handle(), nullptr);
    BOOST_TEST((i == 0 || next == only));
    BOOST_TEST(sqlite3_next_stmt(c.handle(), next) == nullptr);
    only = next;
  }
}

BOOST_AUTO_TEST_CASE(can_be_used_within_itself) {
  connection c(":memory:", {});
  std::string seen;
  const auto numbers = [&c] { return c.prepare("SELECT 1 UNION ALL SELECT 2"); };
  for (auto a = numbers(); a.step();)
    for (auto b = numbers(); b.step();)
      for (auto d = numbers(); d.step();)
        seen += std::to_string(a.integer(0) * 100 + b.integer(0) * 10 + d.integer(0)) + " ";
  BOOST_TEST(seen == "111 112 121 122 211 212 221 222 ");
  BOOST_TEST(compiled_in(c) == 3);
}

BOOST_AUTO_TEST_CASE(is_free_again_after_a_failure) {
  connection c(":memory:", {});
  c.execute("CREATE TABLE t(a UNIQUE)");
  for (int i = 0; i < 3; ++i)
    BOOST_TEST(outcome_of([&] { c.prepare("INSERT INTO t VALUES (?1)").bind(1).run(); }).failed
               == (i > 0));
  BOOST_TEST(compiled_in(c) == 1);
}

BOOST_AUTO_TEST_CASE(can_be_bound_and_run_again_and_again) {
  connection c(":memory:", {});
  c.execute("CREATE TABLE t(a)");
  auto insert = c.prepare("INSERT INTO t VALUES (?1)");
  for (int i = 0; i < 10; ++i)
    insert.bind(i).run();
  BOOST_TEST(c.integer("SELECT sum(a) FROM t") == 45);
}

BOOST_AUTO_TEST_CASE(is_forgotten_when_there_are_too_many) {
  connection c(":memory:", {});
  auto held = c.prepare("SELECT 'held'");
  BOOST_REQUIRE(held.step());
  for (int i = 0; i < 5000; ++i)
    BOOST_REQUIRE(c.integer("SELECT " + std::to_string(i)) == i);
  BOOST_TEST(held.text(0) == "held");
  BOOST_TEST(compiled_in(c) <= 256);
}

BOOST_AUTO_TEST_SUITE_END()
