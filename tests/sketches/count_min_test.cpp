#include "beaver/sketches/count_min.hpp"

#include "stream_support.hpp"
#include "support/settings.hpp"

#include <boost/test/unit_test.hpp>
#include <limits>
#include <set>
#include <stdexcept>
#include <utility>

using namespace beaver;
using namespace beaver::sketches;
using namespace beaver::test;

namespace {

using sketch_bytes = std::vector<std::uint8_t>;
constexpr auto most = std::numeric_limits<std::uint64_t>::max();

/// A plan with the bytes that it is carried out on.
struct counter_sketch {
  explicit counter_sketch(const count_min_params& params) : plan(params), bytes(plan.empty()) {}

  std::uint64_t add(std::string_view item, std::uint64_t count = 1) {
    memory_cells cells{bytes};
    return plan.add(cells, item, count);
  }
  [[nodiscard]] std::uint64_t estimate(std::string_view item) {
    const memory_cells cells{bytes};
    return plan.estimate(cells, item);
  }

  count_min plan;
  sketch_bytes bytes;
};

/// Cells that remember which of them were read, and which written.
class watched_cells {
public:
  explicit watched_cells(sketch_bytes& bytes) : bytes_(bytes) {}
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  [[nodiscard]] std::uint8_t get(std::size_t at) const {
    read.insert(at);
    return bytes_.at(at);
  }
  void set(std::size_t at, std::uint8_t value) {
    written.insert(at);
    if (bytes_.at(at) == value)
      ++needless;
    bytes_[at] = value;
  }

  mutable std::set<std::size_t> read;
  std::set<std::size_t> written;
  std::size_t needless = 0;

private:
  sketch_bytes& bytes_;
};

bool refused(const count_min_params& params, std::string_view naming) {
  try {
    (void)count_min{params};
    return false;
  } catch (const std::invalid_argument& e) {
    return std::string_view{e.what()}.find(naming) != std::string_view::npos;
  }
}

} // namespace

BOOST_AUTO_TEST_SUITE(count_min_sketch)

BOOST_AUTO_TEST_CASE(it_counts) {
  counter_sketch sketch{{.epsilon = 0.01, .delta = 0.01}};
  BOOST_TEST(sketch.estimate("\"ada\"") == 0u);
  BOOST_TEST(sketch.add("\"ada\"") == 1u);
  BOOST_TEST(sketch.add("\"bob\"", 5) == 5u);
  BOOST_TEST(sketch.add("\"ada\"", 2) == 3u);
  BOOST_TEST(sketch.add("\"ada\"", 0) == 3u);
  BOOST_TEST(sketch.estimate("\"ada\"") == 3u);
  BOOST_TEST(sketch.estimate("\"bob\"") == 5u);
  BOOST_TEST(sketch.plan.total(sketch.bytes) == 8u);
  BOOST_TEST(sketch.plan.error_bound(sketch.bytes) <= 0.08);
  BOOST_CHECK_NO_THROW(sketch.plan.check(sketch.bytes));
}

BOOST_AUTO_TEST_CASE(any_bytes_are_an_item) {
  counter_sketch sketch{{}};
  const std::string with_zero{"a\0b", 3};
  sketch.add("", 2);
  sketch.add(with_zero, 3);
  sketch.add(std::string(100'000, 'x'), 4);
  BOOST_TEST(sketch.estimate("") == 2u);
  BOOST_TEST(sketch.estimate("a") == 0u);
  BOOST_TEST(sketch.estimate(with_zero) == 3u);
  BOOST_TEST(sketch.estimate(std::string(100'000, 'x')) == 4u);
}

BOOST_AUTO_TEST_CASE(its_sizes_follow_from_what_is_promised) {
  const count_min plan{{.epsilon = 0.001, .delta = 0.01}};
  BOOST_TEST(plan.width() == 2'719u);
  BOOST_TEST(plan.depth() == 5u);
  BOOST_TEST(plan.bytes() == 32u + 8 * 2'719 * 5);
  BOOST_TEST(plan.empty().size() == plan.bytes());
  BOOST_TEST(plan.epsilon() <= 0.001);
  BOOST_TEST(plan.delta() <= 0.01);
  BOOST_TEST(count_min({.epsilon = 0.999, .delta = 0.999}).bytes() == 32u + 8 * 3);
  BOOST_TEST(count_min({.epsilon = 1e-7, .delta = 0.5}).width() == 27'182'819u);
  BOOST_TEST(count_min({.epsilon = 0.01, .delta = 1e-12}).depth() == 28u);
}

BOOST_AUTO_TEST_CASE(what_is_out_of_range_is_named) {
  const auto nan = std::numeric_limits<double>::quiet_NaN();
  for (const double wrong : {0.0, -0.1, 1.0, 2.0, 1e-300, nan, 9.9e-8})
    BOOST_TEST(refused({.epsilon = wrong}, "epsilon"));
  for (const double wrong : {0.0, -0.1, 1.0, 2.0, 1e-300, nan, 9.9e-13})
    BOOST_TEST(refused({.delta = wrong}, "delta"));
  BOOST_TEST(refused({.epsilon = 1e-7, .delta = 0.3}, "256 MiB"));
}

BOOST_AUTO_TEST_CASE(the_plan_is_found_in_its_bytes) {
  const count_min plan{{.epsilon = 0.003, .delta = 0.02}};
  const auto bytes = plan.empty();
  BOOST_CHECK(count_min::of(bytes) == plan);
  BOOST_CHECK(count_min::of(std::span{bytes}.first(count_min::start_bytes)) == plan);
  BOOST_CHECK_THROW((void)count_min::of(std::span{bytes}.first(31)), std::invalid_argument);
  BOOST_CHECK_THROW((void)count_min::of({}), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(an_addition_touches_its_counters_and_writes_only_what_changes) {
  const count_min plan{{.epsilon = 0.001, .delta = 0.01}};
  auto bytes = plan.empty();
  // To 1, 255, 256, 511: the third step changes two bytes of each number.
  constexpr std::pair<std::uint64_t, std::size_t> steps[]{
    {1, 1}, {254, 1}, {1, 2}, {255, 1}, {0, 0}};
  for (const auto& [count, changed] : steps) {
    watched_cells cells{bytes};
    plan.add(cells, "\"ada\"", count);
    BOOST_TEST(cells.read.size() == 8 * (plan.depth() + 1));
    BOOST_TEST(cells.written.size() == changed * (plan.depth() + 1));
    BOOST_TEST(cells.needless == 0u);
  }
  const watched_cells cells{bytes};
  BOOST_TEST(plan.estimate(cells, "\"ada\"") == 511u);
  BOOST_TEST(cells.read.size() == 8 * plan.depth());
}

BOOST_AUTO_TEST_CASE(numbers_stop_at_their_end) {
  counter_sketch sketch{{.epsilon = 0.5, .delta = 0.5}};
  BOOST_TEST(sketch.add("1", most - 1) == most - 1);
  BOOST_TEST(sketch.add("1") == most);
  BOOST_TEST(sketch.add("1") == most);
  BOOST_TEST(sketch.add("1", most) == most);
  BOOST_TEST(sketch.plan.total(sketch.bytes) == most);
  auto other = sketch.bytes;
  sketch.plan.merge(sketch.bytes, other);
  BOOST_TEST(sketch.estimate("1") == most);
  BOOST_TEST(sketch.plan.total(sketch.bytes) == most);
  BOOST_CHECK_NO_THROW(sketch.plan.check(sketch.bytes));
}

BOOST_AUTO_TEST_CASE(sketches_of_other_sizes_are_refused) {
  counter_sketch one{{.epsilon = 0.01, .delta = 0.01}};
  // As many counters, but in another shape: header and length alone would let it pass.
  auto other_shape = one.bytes;
  beaver::sketches::detail::store_little(&other_shape[24],
                                         static_cast<std::uint32_t>(one.plan.depth()));
  beaver::sketches::detail::store_little(&other_shape[28],
                                         static_cast<std::uint32_t>(one.plan.width()));
  auto other_total = counter_sketch{{.epsilon = 0.01, .delta = 0.5}}.bytes;
  for (auto& wrong : {other_shape, other_total, sketch_bytes{}}) {
    auto into = wrong;
    BOOST_CHECK_THROW(one.plan.merge(one.bytes, wrong), std::invalid_argument);
    BOOST_CHECK_THROW(one.plan.merge(into, one.bytes), std::invalid_argument);
    BOOST_CHECK_THROW(one.plan.check(wrong), std::invalid_argument);
    BOOST_CHECK_THROW((void)one.plan.total(wrong), std::invalid_argument);
    BOOST_CHECK_THROW((void)one.plan.error_bound(wrong), std::invalid_argument);
  }
  memory_cells shorter{std::span{one.bytes}.first(one.bytes.size() - 1)};
  BOOST_CHECK_THROW(one.plan.add(shorter, "1"), std::invalid_argument);
  BOOST_CHECK_THROW((void)one.plan.estimate(shorter, "1"), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(a_row_that_holds_more_than_the_total_is_refused) {
  counter_sketch sketch{{.epsilon = 0.1, .delta = 0.1}};
  sketch.add("1", 7);
  sketch.add("2", 8);
  BOOST_CHECK_NO_THROW(sketch.plan.check(sketch.bytes));
  beaver::sketches::detail::store_little(&sketch.bytes[16], std::uint64_t{14});
  BOOST_CHECK_THROW(sketch.plan.check(sketch.bytes), std::invalid_argument);
  beaver::sketches::detail::store_little(&sketch.bytes[16], most);
  BOOST_CHECK_NO_THROW(sketch.plan.check(sketch.bytes));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(count_min_errors)

// The promise is one for each item: it is asked of all items of 200 streams, each item counting
// once. Five times its share is let pass, since the errors within a stream hang together.
BOOST_AUTO_TEST_CASE(estimates_are_never_too_low_and_seldom_much_too_high) {
  const auto seed = fresh_seed();
  BOOST_TEST_MESSAGE("seed " << seed);
  std::mt19937_64 random{seed};
  std::size_t asked = 0;
  std::size_t beyond = 0;
  constexpr double delta = 0.01;
  for (int trial = 0; trial < 200; ++trial) {
    BOOST_TEST_CONTEXT("seed " << seed << ", trial " << trial) {
      counter_sketch sketch{{.epsilon = trial % 3 ? 0.002 : 0.02, .delta = delta}};
      constexpr std::size_t sizes[]{10, 300, 3'000, 30'000};
      const auto large = long_tests() ? 10'000'000 : 100'000;
      const auto size = trial == 199 ? large : sizes[trial % 4];
      item_source source{std::max<std::size_t>(size / 5, 5), trial % 2 ? 1.1 : 0, random()};
      exact_counts exact;
      std::uint64_t total = 0;
      for (std::size_t i = 0; i < size; ++i) {
        const auto item = text_of(source.next());
        const auto count = trial % 5 ? 1 : random() % 10;
        total += count;
        const auto now = exact[item] += count;
        BOOST_REQUIRE_GE(sketch.add(item, count), now);
      }
      BOOST_REQUIRE_EQUAL(sketch.plan.total(sketch.bytes), total);
      const auto bound = sketch.plan.error_bound(sketch.bytes);
      for (const auto& [item, count] : exact) {
        const auto estimate = sketch.estimate(item);
        BOOST_REQUIRE_GE(estimate, count);
        BOOST_REQUIRE_LE(estimate, total);
        ++asked;
        beyond += static_cast<double>(estimate - count) > bound;
      }
      BOOST_CHECK_NO_THROW(sketch.plan.check(sketch.bytes));
    }
  }
  BOOST_TEST_MESSAGE(beyond << " of " << asked << " estimates are beyond the bound");
  BOOST_TEST(static_cast<double>(beyond) <= 5 * delta * static_cast<double>(asked));
}

// The hardest case: as many items as can be are just heavy enough that meeting one is too much. An
// item that never came may meet one in each row; that it does in all is as seldom as rows are
// independent. 19 of 55 counters are taken, (19 / 55)^10 of 200,000 probes are 5.
BOOST_AUTO_TEST_CASE(rows_are_independent_of_each_other) {
  const auto seed = fresh_seed();
  BOOST_TEST_MESSAGE("seed " << seed);
  std::mt19937_64 random{seed};
  std::size_t beyond = 0;
  for (int trial = 0; trial < 20; ++trial) {
    counter_sketch sketch{{.epsilon = 0.05, .delta = 5e-5}};
    BOOST_REQUIRE_EQUAL(sketch.plan.depth(), 10u);
    for (int i = 0; i < 19; ++i)
      sketch.add(text_of(random()), 1'000);
    const auto bound = sketch.plan.error_bound(sketch.bytes);
    for (int i = 0; i < 10'000; ++i)
      beyond += static_cast<double>(sketch.estimate(text_of(random()))) > bound;
  }
  BOOST_TEST_MESSAGE(beyond << " of 200,000 estimates are beyond the bound");
  BOOST_TEST(beyond <= 25u);
}

BOOST_AUTO_TEST_CASE(merged_sketches_keep_the_promise) {
  const auto seed = fresh_seed();
  BOOST_TEST_MESSAGE("seed " << seed);
  std::mt19937_64 random{seed};
  std::size_t asked = 0;
  std::size_t beyond = 0;
  for (int trial = 0; trial < 100; ++trial) {
    BOOST_TEST_CONTEXT("seed " << seed << ", trial " << trial) {
      const count_min_params params{.epsilon = 0.01, .delta = 0.01};
      std::vector<counter_sketch> parts(1 + random() % 8, counter_sketch{params});
      item_source source{500, trial % 2 ? 1.1 : 0, random()};
      exact_counts exact;
      for (int i = 0; i < 5'000; ++i) {
        const auto item = text_of(source.next());
        ++exact[item];
        parts[random() % parts.size()].add(item);
      }
      while (parts.size() > 1) { // in any order
        std::swap(parts[random() % parts.size()], parts.back());
        const auto last = std::move(parts.back());
        parts.pop_back();
        auto& into = parts[random() % parts.size()];
        into.plan.merge(into.bytes, last.bytes);
      }
      auto& merged = parts.front();
      BOOST_REQUIRE_EQUAL(merged.plan.total(merged.bytes), 5'000u);
      BOOST_CHECK_NO_THROW(merged.plan.check(merged.bytes));
      const auto bound = merged.plan.error_bound(merged.bytes);
      for (const auto& [item, count] : exact) {
        const auto estimate = merged.estimate(item);
        BOOST_REQUIRE_GE(estimate, count);
        ++asked;
        beyond += static_cast<double>(estimate - count) > bound;
      }
    }
  }
  BOOST_TEST(static_cast<double>(beyond) <= 5 * 0.01 * static_cast<double>(asked));
}

// A sketch without conservative update is the sum of sketches of one addition each.
BOOST_AUTO_TEST_CASE(conservative_update_makes_errors_smaller_and_never_larger) {
  const auto seed = fresh_seed();
  BOOST_TEST_MESSAGE("seed " << seed);
  const count_min_params params{.epsilon = 0.05, .delta = 0.05};
  counter_sketch conservative{params};
  counter_sketch plain{params};
  item_source source{300, 0.8, seed};
  for (int i = 0; i < 3'000; ++i) {
    const auto item = text_of(source.next());
    conservative.add(item);
    counter_sketch once{params};
    once.add(item);
    plain.plan.merge(plain.bytes, once.bytes);
  }
  std::uint64_t sum = 0;
  std::uint64_t plain_sum = 0;
  for (std::uint64_t i = 0; i < 300; ++i) {
    sum += conservative.estimate(text_of(i));
    plain_sum += plain.estimate(text_of(i));
    BOOST_REQUIRE_LE(conservative.estimate(text_of(i)), plain.estimate(text_of(i)));
  }
  BOOST_TEST(2 * (plain_sum - 3'000) > 3 * (sum - 3'000));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(count_min_damage)

BOOST_AUTO_TEST_CASE(damaged_bytes_are_refused_or_used_without_harm) {
  const auto seed = fresh_seed();
  BOOST_TEST_MESSAGE("seed " << seed);
  std::mt19937_64 random{seed};
  counter_sketch whole{{.epsilon = 0.1, .delta = 0.1}};
  item_source source{100, 1, random()};
  for (int i = 0; i < 300; ++i)
    whole.add(text_of(source.next()));
  int damaged = 0;
  BOOST_TEST_CONTEXT("seed " << seed) {
    for (int i = 0; i < 10'000; ++i) {
      // In memory of its own, so that a sanitizer sees its ends.
      auto bytes = whole.bytes;
      spoil(bytes, random);
      bytes.shrink_to_fit();
      damaged += bytes != whole.bytes;
      memory_cells cells{bytes};
      try {
        whole.plan.check(bytes);
        BOOST_REQUIRE_LE(whole.plan.estimate(cells, text_of(random() % 200)),
                         whole.plan.total(bytes));
        whole.plan.add(cells, text_of(random() % 200), random());
        whole.plan.check(bytes);
        auto into = whole.bytes;
        whole.plan.merge(into, bytes);
        whole.plan.check(into);
      } catch (const std::invalid_argument&) {
        BOOST_REQUIRE(bytes != whole.bytes);
      }
      // And without asking first.
      if (bytes.size() == whole.bytes.size()) {
        const auto raised = whole.plan.add(cells, "1", random());
        BOOST_REQUIRE_EQUAL(whole.plan.estimate(cells, "1"), raised);
      }
    }
  }
  BOOST_TEST(damaged > 9'000);
}

BOOST_AUTO_TEST_CASE(each_byte_of_the_start_is_looked_at) {
  const counter_sketch whole{{.epsilon = 0.1, .delta = 0.1}};
  for (std::size_t at = 0; at < count_min::start_bytes; ++at) {
    auto bytes = whole.bytes;
    bytes[at] ^= 1;
    if (at / 8 == 2) // the total, which rows need not sum up to
      BOOST_CHECK_NO_THROW(whole.plan.check(bytes));
    else
      BOOST_CHECK_THROW(whole.plan.check(bytes), std::invalid_argument);
  }
}

BOOST_AUTO_TEST_SUITE_END()
