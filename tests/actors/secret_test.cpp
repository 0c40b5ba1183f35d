#include "beaver/actors/secret.hpp"

#include "support/settings.hpp"

#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cmath>
#include <iostream>
#include <random>
#include <set>
#include <vector>

using namespace beaver;
using namespace beaver::test;

namespace {

std::string hex(const token_table::digest& d) {
  std::string text;
  for (const auto byte : d)
    for (const auto half : {std::to_integer<int>(byte) >> 4, std::to_integer<int>(byte) & 15})
      text += "0123456789abcdef"[half];
  return text;
}

/// Welch's t of two samples.
class welch {
public:
  void add(int group, double x) {
    auto& g = groups_[static_cast<std::size_t>(group)];
    g.n += 1;
    const double off = x - g.mean;
    g.mean += off / g.n;
    g.squares += off * (x - g.mean);
  }
  [[nodiscard]] double t() const {
    const auto part = [](const sums& g) { return g.squares / (g.n - 1) / g.n; };
    return (groups_[0].mean - groups_[1].mean) / std::sqrt(part(groups_[0]) + part(groups_[1]));
  }

private:
  struct sums {
    double n = 0;
    double mean = 0;
    double squares = 0;
  };
  std::array<sums, 2> groups_;
};

/// Whether `work(input)` takes equally long for two kinds of inputs, taken in random order: after
/// dudect (Reparaz, Balasch, Verbauwhede 2017). Times beyond the 90th percentile, which interrupts
/// have made, count for nothing.
template <class Input, class Work>
double timing_t(const std::array<std::vector<Input>, 2>& inputs, int samples, Work work) {
  std::mt19937_64 random{fresh_seed()};
  struct sample {
    int group;
    double nanoseconds;
  };
  std::vector<sample> all;
  all.reserve(static_cast<std::size_t>(samples));
  Input input = inputs[0][0];
  for (int i = 0; i < samples; ++i) {
    const auto bits = random();
    const auto group = bits & 1;
    input = inputs[group][(bits >> 1) % inputs[group].size()]; // from one place in both groups
    const auto start = std::chrono::steady_clock::now();
    for (int repeat = 0; repeat < 8; ++repeat)
      work(input);
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
    all.push_back({static_cast<int>(group), took.count()});
  }
  std::vector<double> times;
  for (const auto& s : all)
    times.push_back(s.nanoseconds);
  const auto ninetieth = times.begin() + static_cast<std::ptrdiff_t>(times.size() * 9 / 10);
  std::nth_element(times.begin(), ninetieth, times.end());
  welch compared;
  for (const auto& s : all)
    if (s.nanoseconds <= *ninetieth)
      compared.add(s.group, s.nanoseconds);
  return compared.t();
}

/// The t-test proper runs only among the long variants: it measures.
void check_timing(const char* what, double t) {
  std::cout << what << ": t = " << t << '\n';
  if (long_tests())
    BOOST_TEST(std::abs(t) < 4.5, what << ": t = " << t);
}

int samples() { return long_tests() ? 1'000'000 : 10'000; }

} // namespace

BOOST_AUTO_TEST_SUITE(secrets)

BOOST_AUTO_TEST_CASE(digests_are_those_of_sha_256) {
  BOOST_TEST(hex(secret::digest_of(""))
             == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  BOOST_TEST(hex(secret::digest_of("abc"))
             == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  BOOST_TEST(hex(secret::digest_of(std::string(1'000'000, 'a')))
             == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

BOOST_AUTO_TEST_CASE(digests_are_the_same_only_in_every_bit) {
  const auto d = secret::digest_of("abc");
  BOOST_TEST(secret::same(d, d));
  for (std::size_t byte = 0; byte < d.size(); ++byte)
    for (int bit = 0; bit < 8; ++bit) {
      auto other = d;
      other[byte] ^= std::byte(1 << bit);
      BOOST_TEST(!secret::same(d, other));
    }
}

BOOST_AUTO_TEST_CASE(random_texts_are_long_enough_and_never_the_same) {
  std::set<std::string> all;
  std::set<char> letters;
  for (int i = 0; i < 1'000; ++i) {
    const auto text = secret::random_text(32);
    BOOST_TEST(text.size() == 43u);
    letters.insert(text.begin(), text.end());
    all.insert(text);
  }
  BOOST_TEST(all.size() == 1'000u);
  BOOST_TEST(letters.size() == 64u);
}

BOOST_AUTO_TEST_CASE(a_comparison_takes_as_long_wherever_the_difference_is) {
  const auto stored = secret::digest_of("stored");
  std::array<std::vector<token_table::digest>, 2> inputs;
  for (int i = 0; i < 256; ++i) {
    inputs[0].push_back(stored);
    inputs[0].back().back() ^= std::byte(1 + i % 255); // all but the end is right
    inputs[1].push_back(secret::digest_of(std::to_string(i)));
  }
  int same = 0;
  const auto t = timing_t(inputs, samples(), [&](const token_table::digest& shown) {
    same += secret::same(stored, shown);
  });
  BOOST_TEST(same == 0);
  check_timing("comparison of digests", t);
}

BOOST_AUTO_TEST_CASE(a_secret_that_begins_right_takes_as_long_as_any_other) {
  const auto right = secret::random_text(32);
  const auto stored = secret::digest_of(right);
  std::array<std::vector<std::string>, 2> inputs;
  for (int i = 0; i < 256; ++i) {
    inputs[0].push_back(right);
    inputs[0].back().back() = right.back() == '!' ? '?' : '!';
    inputs[1].push_back(secret::random_text(32));
  }
  int same = 0;
  const auto t = timing_t(inputs, samples(), [&](const std::string& shown) {
    same += secret::same(stored, secret::digest_of(shown));
  });
  BOOST_TEST(same == 0);
  check_timing("secret and its digest", t);
}

BOOST_AUTO_TEST_SUITE_END()
