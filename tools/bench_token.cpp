#include "beaver/api/access.hpp"
#include "beaver/tools/bench_workload.hpp"

#include <algorithm>
#include <cmath>
#include <memory>

namespace beaver::bench {

namespace {

constexpr const char* peer = "127.0.0.1";
constexpr std::size_t samples = 1'000'000;

/// A database with some tokens, and what somebody shows who guesses one of them.
struct guarded {
  explicit guarded(const std::filesystem::path& where)
    : db(open_ours((where / "ours.db").string(), durability::relaxed)),
      access(db.style().to, {.burst = 1e12}) {
    for (int i = 0; i < 8; ++i)
      (void)db.tokens().create({"read:*"});
    const auto made = db.tokens().create({"read:*"});
    valid = "Bearer " + made.token;
    nearly = farly = valid;
    change(nearly.back());
    change(farly[farly.find(made.id) + made.id.size() + 1]);
  }

  static void change(char& c) { c = c == 'A' ? 'B' : 'A'; }

  bool lets_in(const std::string& shown) {
    return access.authenticate(shown, peer).how == verdict::allowed;
  }

  database db;
  access_list access;
  std::string valid;
  std::string nearly; // its secret is wrong in the last character
  std::string farly;  // in the first
};

/// Running mean and variance: Welford, "Note on a method for calculating corrected sums of squares
/// and products", 1962.
struct moments {
  void add(double x) {
    const double off = x - mean;
    mean += off / static_cast<double>(++n);
    squares += off * (x - mean);
  }
  [[nodiscard]] double error() const {
    return squares / static_cast<double>(n - 1) / static_cast<double>(n);
  }

  std::size_t n = 0;
  double mean = 0;
  double squares = 0;
};

/// Welch's t of the times that two wrong tokens take, in random turns: above 4.5 they differ.
/// Source: Reparaz, Balasch, Verbauwhede, "Dude, is my code constant time?", 2017; as there, the
/// slow tenth is left out, since it is the machine's.
double difference(guarded& g) {
  std::vector<std::pair<bool, double>> took;
  took.reserve(samples);
  generator random{11};
  while (took.size() < samples) {
    const bool near = random.below(2) == 0;
    const auto& shown = near ? g.nearly : g.farly;
    const auto began = steady::now();
    keep(g.lets_in(shown));
    took.emplace_back(near,
                      std::chrono::duration<double, std::nano>{steady::now() - began}.count());
  }
  std::vector<double> sorted;
  for (const auto& [near, time] : took)
    sorted.push_back(time);
  const auto last = sorted.begin() + static_cast<std::ptrdiff_t>(samples * 9 / 10);
  std::nth_element(sorted.begin(), last, sorted.end());
  moments of[2];
  for (const auto& [near, time] : took)
    if (time < *last)
      of[near].add(time);
  return std::abs(of[0].mean - of[1].mean) / std::sqrt(of[0].error() + of[1].error());
}

contest token_guess(const std::filesystem::path& where) {
  auto g = std::make_shared<guarded>(where);
  contest c;
  c.ours.workers.push_back(repeat([g] { keep(g->lets_in(g->nearly)); }));
  c.baseline.workers.push_back(repeat([g] { keep(g->lets_in(g->farly)); }));
  c.extras = [g] { return std::vector<extra>{{"samples", samples}, {"t", difference(*g)}}; };
  return c;
}

contest token_check(const std::filesystem::path& where) {
  auto g = std::make_shared<guarded>(where);
  contest c;
  c.ours.workers.push_back(repeat([g] { keep(g->lets_in(g->valid)); }));
  c.baseline.workers.push_back(repeat([g, d = g->db.dict("none")] { keep(d.contains("key")); }));
  return c;
}

constexpr bench_case cases[] = {
  {"token_check", "let in who shows a token of the file", "one read of the file", token_check},
  {"token_guess", "refuse a token whose secret is wrong in its last character",
   "one that is wrong in its first", token_guess},
};

} // namespace

std::span<const bench_case> token_cases() { return cases; }

} // namespace beaver::bench
