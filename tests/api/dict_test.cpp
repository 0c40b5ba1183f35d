#include "beaver/api/dict.hpp"

#include "support/open_database.hpp"
#include "support/raw_file.hpp"

#include <boost/test/unit_test.hpp>
#include <map>

using namespace beaver;
using namespace beaver::test;
using namespace std::chrono_literals;

namespace {

struct user {
  std::string name;
  int age;
  std::optional<std::string> mail;
  friend bool operator==(const user&, const user&) = default;
};
BOOST_DESCRIBE_STRUCT(user, (), (name, age, mail))

using texts = std::vector<std::string>;

struct timed_database {
  timed_database() : db(folder.file(), how()) {}

  options how() {
    auto o = quick();
    o.clock = clock.function();
    o.sweep_period = 0ms;
    return o;
  }

  temp_folder folder;
  test_clock clock;
  database db;
};

} // namespace

#define CHECK_TEXTS(got, ...) \
  BOOST_TEST((got) == (texts{__VA_ARGS__}), boost::test_tools::per_element())

BOOST_AUTO_TEST_SUITE(dict)

BOOST_AUTO_TEST_CASE(a_value_comes_back_as_it_was_stored) {
  open_database t;
  auto users = t.db.dict<user>("users");
  BOOST_TEST(users.name() == "users");
  const user ada{"Ada", 36, "ada@example.org"};
  users.set("ada", ada);
  BOOST_TEST((users.get("ada") == ada));
  BOOST_TEST((users.find("ada") == ada));
  BOOST_TEST(!users.find("bob"));
  BOOST_TEST(users.contains("ada"));
  BOOST_TEST(!users.contains("bob"));
  users.set("ada", {"Ada", 37, {}});
  BOOST_TEST(users.get("ada").age == 37);
  BOOST_TEST(t.db.dict("users").get("ada").text() == R"({"name": "Ada", "age": 37})");

  auto raw = t.db.dict("raw");
  raw.set("k", json_text{R"({"b":1.50, "a":[ "é" ]})"});
  BOOST_TEST(raw.get("k").text() == R"({"b": 1.5, "a": ["\u00e9"]})");
  t.db.dict<std::map<std::string, std::vector<double>>>("maps").set("k", {{"x", {1, 2.5}}});
  BOOST_TEST(t.db.dict("maps").get("k").text() == R"({"x": [1.0, 2.5]})");
}

BOOST_AUTO_TEST_CASE(an_absent_key_is_named_by_get) {
  open_database t;
  const auto end = outcome_of([&] { (void)t.db.dict("users").get("ada"); });
  BOOST_TEST(end.is(errc::not_found));
  BOOST_TEST(end.text == "dict 'users' has no key 'ada'");
}

BOOST_AUTO_TEST_CASE(a_value_of_another_shape_is_a_type_mismatch) {
  open_database t;
  t.db.dict<std::string>("d").set("k", "text");
  BOOST_TEST(outcome_of([&] { (void)t.db.dict<int>("d").get("k"); }).is(errc::type_mismatch));
  BOOST_TEST(outcome_of([&] { (void)t.db.dict<user>("d").values(); }).is(errc::type_mismatch));
  BOOST_TEST(outcome_of([&] { t.db.dict<int>("d").increment("k"); }).is(errc::type_mismatch));
  BOOST_TEST(t.db.dict<std::string>("d").get("k") == "text");
}

BOOST_AUTO_TEST_CASE(bad_arguments_are_refused_by_name_and_change_nothing) {
  open_database t;
  auto d = t.db.dict("d");
  const auto refused = [](const outcome& end, const std::string& part) {
    return end.is(errc::invalid_argument) && end.says(part);
  };
  const json_text one{"1"};
  BOOST_TEST(refused(outcome_of([&] { d.set("", one); }), "key"));
  BOOST_TEST(refused(outcome_of([&] { d.set(std::string(1'025, 'k'), one); }), "1024"));
  BOOST_TEST(refused(outcome_of([&] { d.set("\xff", one); }), "UTF-8"));
  BOOST_TEST(refused(outcome_of([&] { (void)d.find(""); }), "key"));
  BOOST_TEST(refused(outcome_of([&] { d.set("k", json_text{"{"}); }), "value"));
  BOOST_TEST(refused(outcome_of([&] { d.set("k", json_text{"NaN"}); }), "value"));
  BOOST_TEST(refused(outcome_of([&] { t.db.dict<double>("d").set("k", 0.0 / 0.0); }), ""));
  BOOST_TEST(refused(outcome_of([&] { d.set("k", one, 0s); }), "ttl"));
  BOOST_TEST(refused(outcome_of([&] { d.touch("k", -1s); }), "ttl"));
  BOOST_TEST(refused(outcome_of([&] { t.db.dict("").set("k", one); }), "dict"));
  BOOST_TEST(refused(outcome_of([&] { (void)t.db.dict("").count(); }), "dict"));
  d.set("max", json_text{"9223372036854775807"});
  BOOST_TEST(refused(outcome_of([&] { d.increment("max"); }), "64 bits"));
  CHECK_TEXTS(d.keys(), "max");
  d.set(std::string(1'024, 'k'), one);
  BOOST_TEST(d.count() == 2u);
}

BOOST_AUTO_TEST_CASE(removal_tells_what_was_there) {
  open_database t;
  auto d = t.db.dict<int>("d");
  d.set("a", 1);
  d.set("b", 2);
  BOOST_TEST((d.pop("a") == 1));
  BOOST_TEST(!d.pop("a"));
  BOOST_TEST(d.erase("b"));
  BOOST_TEST(!d.erase("b"));
  d.set("c", 3);
  t.db.dict<int>("other").set("c", 4);
  d.clear();
  BOOST_TEST(d.count() == 0u);
  BOOST_TEST(t.db.dict<int>("other").count() == 1u);
}

BOOST_AUTO_TEST_CASE(conditional_writes_happen_only_if_the_condition_holds) {
  open_database t;
  auto d = t.db.dict<int>("d");
  BOOST_TEST(d.set_if_absent("k", 1));
  BOOST_TEST(!d.set_if_absent("k", 2));
  BOOST_TEST(d.get("k") == 1);
  BOOST_TEST(!d.compare_and_set("k", 2, 3));
  BOOST_TEST(d.compare_and_set("k", 1, 3));
  BOOST_TEST(d.get("k") == 3);
  BOOST_TEST(!d.compare_and_set("k", std::nullopt, 4));
  BOOST_TEST(d.compare_and_set("new", std::nullopt, 4));
  BOOST_TEST(d.get("new") == 4);
}

BOOST_AUTO_TEST_CASE(numbers_are_added_in_place) {
  open_database t;
  auto d = t.db.dict("d");
  BOOST_TEST(d.increment("n") == 1);
  BOOST_TEST(d.increment("n", 41) == 42);
  BOOST_TEST(d.increment("n", -50) == -8);
  BOOST_TEST(d.get("n").text() == "-8");
  BOOST_TEST(d.increment("x", 0.5) == 0.5);
  BOOST_TEST(d.increment("x", 1.0) == 1.5);
  BOOST_TEST(d.get("x").text() == "1.5");
}

BOOST_AUTO_TEST_CASE(listings_follow_the_range_in_byte_order) {
  open_database t;
  auto d = t.db.dict<int>("d");
  int n = 0;
  for (const char* key : {"b", "a", "é", "B", "ab", "a\x7f", "z"})
    d.set(key, n++);
  CHECK_TEXTS(d.keys(), "B", "a", "ab", "a\x7f", "b", "z", "é");
  CHECK_TEXTS(d.keys({.prefix = "a"}), "a", "ab", "a\x7f");
  CHECK_TEXTS(d.keys({.from = "a", .to = "b"}), "a", "ab", "a\x7f");
  CHECK_TEXTS(d.keys({.after = "ab", .limit = 2}), "a\x7f", "b");
  CHECK_TEXTS(d.keys({.descending = true, .limit = 2}), "é", "z");
  CHECK_TEXTS(d.keys({.after = "b", .descending = true}), "a\x7f", "ab", "a", "B");
  BOOST_TEST(d.values({.prefix = "a"}) == (std::vector<int>{1, 4, 5}),
             boost::test_tools::per_element());
  const auto items = d.items({.from = "z"});
  BOOST_REQUIRE(items.size() == 2u);
  BOOST_TEST(items[0].first == "z");
  BOOST_TEST(items[0].second == 6);
  BOOST_TEST(d.count() == 7u);
  BOOST_TEST(d.count("a") == 3u);
  BOOST_TEST(d.count("") == 7u);
}

BOOST_AUTO_TEST_CASE(a_loop_over_a_dict_fetches_page_after_page) {
  open_database t;
  auto d = t.db.dict<int>("d");
  auto batch = d.batched();
  constexpr int n = 1'000;
  for (int i = 0; i < n; ++i)
    batch.set(std::to_string(10'000 + i), i);
  batch.commit();
  const auto reads = t.db.info().reads;
  int i = 0;
  for (const auto& [key, value] : d) {
    BOOST_REQUIRE(key == std::to_string(10'000 + i));
    BOOST_REQUIRE(value == i++);
  }
  BOOST_TEST(i == n);
  BOOST_TEST(t.db.info().reads - reads < 10u); // pages, not entries
  i = n;
  for (const auto& [key, value] : d.entries({.descending = true, .limit = 300}))
    BOOST_REQUIRE(value == --i);
  BOOST_TEST(i == n - 300);
  for ([[maybe_unused]] const auto& entry : t.db.dict<int>("empty"))
    BOOST_ERROR("an entry out of nothing");
  for (const auto& [key, value] : d) // what it stands on may go
    d.erase(key);
  BOOST_TEST(d.count() == 0u);
}

BOOST_AUTO_TEST_CASE(a_loop_over_large_values_fetches_few_at_a_time) {
  open_database t;
  auto d = t.db.dict<std::string>("d");
  const std::string large(3 << 20, 'x');
  for (const char* key : {"a", "b", "c", "d", "e"})
    d.set(key, large);
  const auto reads = t.db.info().reads;
  int n = 0;
  for (const auto& [key, value] : d) {
    BOOST_REQUIRE(value == large);
    ++n;
  }
  BOOST_TEST(n == 5);
  BOOST_TEST(t.db.info().reads - reads >= 4u); // two values a page, and the end
}

BOOST_AUTO_TEST_CASE(every_read_honours_the_expiry) {
  timed_database t;
  auto d = t.db.dict<int>("d");
  const auto checked = [&](bool there) {
    BOOST_TEST(d.find("k").has_value() == there);
    BOOST_TEST(outcome_of([&] { (void)d.get("k"); }).is(errc::not_found) != there);
    BOOST_TEST(d.contains("k") == there);
    BOOST_TEST(d.count() == (there ? 1u : 0u));
    BOOST_TEST(d.count("k") == (there ? 1u : 0u));
    BOOST_TEST(d.keys().size() == (there ? 1u : 0u));
    BOOST_TEST(d.values().size() == (there ? 1u : 0u));
    BOOST_TEST(d.items().size() == (there ? 1u : 0u));
    BOOST_TEST((d.begin() != d.end()) == there);
    BOOST_TEST(d.ttl("k").has_value() == there);
    BOOST_TEST(d.info().entries == (there ? 1u : 0u));
    BOOST_TEST(d.info().expired == (there ? 0u : 1u));
    BOOST_TEST(t.db.dicts().size() == (there ? 1u : 0u));
    BOOST_TEST(t.db.info().managers.size() == (there ? 1u : 0u));
    BOOST_TEST(t.db.snapshot().dict<int>("d").contains("k") == there);
    BOOST_TEST(t.db.async().dict<int>("d").contains("k").get().value() == there);
    t.db.transaction(
      [&](transaction& tx) { BOOST_TEST(tx.dict<int>("d").contains("k") == there); });
  };
  d.set("k", 1, 10s);
  checked(true);
  t.clock.advance(9.5);
  checked(true);
  BOOST_TEST(*d.ttl("k")->ttl_seconds == 0.5);
  t.clock.advance(0.5);
  checked(false);
  raw_file raw{t.folder.file()};
  BOOST_TEST(raw.integer("SELECT count(*) FROM __beaver_dicts__") == 1); // absent, not removed
}

BOOST_AUTO_TEST_CASE(every_write_takes_an_expired_entry_for_absent) {
  timed_database t;
  auto d = t.db.dict<int>("d");
  const auto expired = [&] {
    d.set("k", 5, 1s);
    t.clock.advance(1);
  };
  expired();
  BOOST_TEST(!d.pop("k"));
  expired();
  BOOST_TEST(!d.erase("k"));
  expired();
  BOOST_TEST(!d.touch("k", 5s));
  BOOST_TEST(!d.persist("k"));
  BOOST_TEST(d.set_if_absent("k", 6));
  expired();
  BOOST_TEST(!d.compare_and_set("k", 5, 6));
  BOOST_TEST(d.compare_and_set("k", std::nullopt, 6));
  BOOST_TEST(!d.ttl("k")->ttl_seconds);
  expired();
  BOOST_TEST(d.increment("k") == 1);
  BOOST_TEST(!d.ttl("k")->ttl_seconds);
}

BOOST_AUTO_TEST_CASE(an_expiry_can_be_moved_and_taken_away) {
  timed_database t;
  auto d = t.db.dict<int>("d");
  d.set("k", 1, 1.5s);
  BOOST_TEST(*d.ttl("k")->ttl_seconds == 1.5);
  BOOST_TEST(d.touch("k", 1h));
  BOOST_TEST(*d.ttl("k")->ttl_seconds == 3'600);
  t.clock.advance(3'000);
  BOOST_TEST(d.increment("k") == 2); // keeps the expiry
  BOOST_TEST(*d.ttl("k")->ttl_seconds == 600);
  BOOST_TEST(d.persist("k"));
  BOOST_TEST(!d.ttl("k")->ttl_seconds);
  t.clock.advance(1e6);
  BOOST_TEST(d.get("k") == 2);
  BOOST_TEST(!d.touch("other", 1s));
  BOOST_TEST(!d.persist("other"));
  d.set("k", 3, 1s);
  d.set("k", 4); // a new value, a new life
  t.clock.advance(2);
  BOOST_TEST(d.get("k") == 4);
  BOOST_TEST(d.set_if_absent("s", 1, 1s));
  BOOST_TEST(d.compare_and_set("s", 1, 2, 3s));
  BOOST_TEST(*d.ttl("s")->ttl_seconds == 3);
}

BOOST_AUTO_TEST_CASE(one_handle_serves_many_threads) {
  open_database t;
  auto d = t.db.dict<int>("d");
  std::atomic<int> wrong{0};
  const auto failures = failures_of_threads(8, [&](int thread) {
    const auto mine = "thread" + std::to_string(thread);
    for (int i = 1; i <= 300; ++i) {
      d.set(mine, i);
      wrong += d.get(mine) != i;       // what was acknowledged is seen
      wrong += d.increment("sum") < i; // nobody loses an addition
      wrong += d.count() < 2;
      wrong += d.keys({.prefix = mine}).size() != 1;
    }
  });
  BOOST_TEST(failures == 0);
  BOOST_TEST(wrong == 0);
  BOOST_TEST(d.get("sum") == 8 * 300);
  BOOST_TEST(d.count() == 9u);
}

BOOST_AUTO_TEST_SUITE_END()
