#include "history_subjects.hpp"
#include "support/linearizability.hpp"
#include "support/settings.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <random>
#include <set>

// The search against a plain one, on small histories that are right or wrong by chance.

using namespace beaver::test;

namespace {

/// Tries every order: no list, no memory, no choice of what comes first.
template <class M>
bool has_an_order(const history& events, std::vector<bool>& done, const M& state) {
  bool complete = true;
  for (std::size_t i = 0; i < events.size(); ++i)
    complete = complete && (done[i] || !events[i].result);
  if (complete)
    return true;
  for (std::size_t i = 0; i < events.size(); ++i) {
    bool possible = !done[i];
    for (std::size_t j = 0; j < events.size(); ++j)
      possible =
        possible && (done[j] || !events[j].result || events[j].returned >= events[i].called);
    if (!possible)
      continue;
    if (const auto next = state.step(events[i].what, events[i].result)) {
      done[i] = true;
      if (has_an_order(events, done, *next))
        return true;
      done[i] = false;
    }
  }
  return false;
}

call random_call(queue_model*, dice& random, std::int64_t number) {
  const auto lease = static_cast<std::int64_t>(random() % 3);
  switch (random() % 8) {
  case 0:
  case 1:
    return queue_model::put("o", number, static_cast<std::int64_t>(random() % 2));
  case 2:
    return queue_model::put("o", number, static_cast<std::int64_t>(random() % 2), number);
  case 3:
  case 4:
    return queue_model::get("o");
  case 5:
    return queue_model::take("o", number);
  case 6:
    return random() % 2 ? queue_model::ack("o", lease) : queue_model::nack("o", lease);
  default:
    return queue_model::count("o");
  }
}

call random_call(lock_model*, dice& random, std::int64_t number) {
  const auto holding = static_cast<std::int64_t>(random() % 5);
  switch (random() % 5) {
  case 0:
    return lock_model::acquire("o", number);
  case 1:
    return lock_model::try_acquire("o", number);
  case 2:
    return lock_model::renew("o", holding);
  case 3:
    return lock_model::expire("o", holding);
  default:
    return lock_model::release("o", holding);
  }
}

call random_call(list_model*, dice& random, std::int64_t number) {
  const auto index = static_cast<std::int64_t>(random() % 4) - 1;
  switch (random() % 8) {
  case 0:
  case 1:
    return list_model::push("o", number);
  case 2:
    return list_model::prepend("o", number);
  case 3:
    return list_model::insert("o", index, number);
  case 4:
    return random() % 2 ? list_model::pop_front("o") : list_model::pop_back("o");
  case 5:
    return list_model::at("o", index);
  case 6:
    return list_model::erase("o", index);
  default:
    return random() % 2 ? list_model::items("o") : list_model::count("o");
  }
}

/// Some answer that `state` gives to `what`.
template <class M>
values right_answer(const M& state, const call& what) {
  if (what.operation == "items") {
    values all;
    for (std::int64_t i = 0;; ++i) {
      const auto one = right_answer(state, list_model::at("o", i));
      if (one.empty())
        return all;
      all.push_back(one[0]);
    }
  }
  std::vector<values> candidates{{}};
  for (std::int64_t a = 0; a < 8; ++a) {
    candidates.push_back({a});
    for (std::int64_t b = 0; b < 2; ++b)
      candidates.push_back({a, b});
  }
  for (auto& c : candidates)
    if (state.step(what, c))
      return c;
  return {};
}

void damage(event& one, event& other, dice& random) {
  if (random() % 2) {
    std::swap(one.result, other.result);
  } else {
    std::swap(one.called, other.called);
    std::swap(one.returned, other.returned);
  }
}

/// Takes effect in the order of its events, at times around which their calls and returns are
/// spread; then some of it is made unknown, and maybe some is changed.
template <class M>
history random_history(dice& random) {
  history events;
  M state;
  const auto size = 3 + random() % 5;
  for (std::size_t i = 0; i < size; ++i) {
    event e;
    e.client = static_cast<int>(i);
    e.what = random_call(static_cast<M*>(nullptr), random, static_cast<std::int64_t>(i));
    e.result = right_answer(state, e.what);
    const auto effect = static_cast<std::int64_t>(10 * i);
    e.called = effect - static_cast<std::int64_t>(random() % 25);
    e.returned = effect + static_cast<std::int64_t>(random() % 25);
    if (auto next = state.step(e.what, e.result))
      state = std::move(*next);
    events.push_back(std::move(e));
  }
  for (auto& e : events)
    if (random() % 6 == 0)
      e.result.reset();
  for (auto damages = random() % 4; damages > 0; --damages)
    damage(events[random() % size], events[random() % size], random);
  std::shuffle(events.begin(), events.end(), random);
  return events;
}

template <class M>
void compare(const char* name) {
  const auto seed = fresh_seed();
  dice random{seed};
  int right = 0;
  constexpr int all = 4'000;
  for (int i = 0; i < all; ++i) {
    const auto events = random_history<M>(random);
    std::vector<bool> done(events.size());
    const bool expected = has_an_order(events, done, M{});
    right += expected;
    const auto found = check<M>(events);
    std::string text;
    for (const auto& e : events)
      text +=
        std::to_string(e.called) + ".." + std::to_string(e.returned) + ' ' + to_text(e) + '\n';
    BOOST_REQUIRE_MESSAGE(found.holds() == expected, name << ", seed " << seed << ", history " << i
                                                          << ", expected " << expected << ":\n"
                                                          << text << found.account);
  }
  BOOST_TEST_MESSAGE(name << ": " << right << " of " << all << " have an order, seed " << seed);
  BOOST_TEST(right > all / 5);
  BOOST_TEST(right < all - all / 5);
}

} // namespace

static_assert(foresighted<queue_model> && foresighted<list_model>);

BOOST_AUTO_TEST_SUITE(history_search)

BOOST_AUTO_TEST_CASE(agrees_with_a_plain_search_about_queues) { compare<queue_model>("queue"); }
BOOST_AUTO_TEST_CASE(agrees_with_a_plain_search_about_locks) { compare<lock_model>("lock"); }
BOOST_AUTO_TEST_CASE(agrees_with_a_plain_search_about_lists) { compare<list_model>("list"); }

BOOST_AUTO_TEST_CASE(a_window_set_is_a_set) {
  const auto seed = fresh_seed();
  BOOST_TEST_INFO("seed " << seed);
  dice random{seed};
  detail::window_set set;
  std::set<std::size_t> expected;
  for (std::size_t step = 0; step < 5'000; ++step) {
    const auto end = 200 + step / 10;
    if (step % 30 == 0)
      for (std::size_t gap = 0; gap < end; ++gap)
        if (expected.insert(gap).second)
          set.insert(gap);
    if (step % 30 == 15)
      for (; *expected.rbegin() > end - 150; expected.erase(*expected.rbegin()))
        set.erase(*expected.rbegin());
    const auto i = end - random() % 200;
    BOOST_REQUIRE_EQUAL(set.contains(i), expected.count(i) == 1);
    if (expected.insert(i).second) {
      set.insert(i);
    } else {
      set.erase(i);
      expected.erase(i);
    }
    if (step % 5 != 0)
      continue;
    detail::window_set other; // the same, in another order
    for (auto at = expected.rbegin(); at != expected.rend(); ++at)
      other.insert(*at);
    BOOST_REQUIRE(other == set);
    BOOST_REQUIRE_EQUAL(other.hash(), set.hash());
    for (std::size_t n = 0; n < 750; n += 7)
      BOOST_REQUIRE_EQUAL(set.contains(n), expected.count(n) == 1);
  }
}

BOOST_AUTO_TEST_SUITE_END()
