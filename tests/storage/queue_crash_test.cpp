#include "queue_fixture.hpp"
#include "support/failure.hpp"
#include "support/fault_vfs.hpp"

using namespace beaver;
using namespace beaver::test;

namespace {

/// A life with everything in it; `committed` is called after each transaction.
template <class Work>
void live(connection& c, Work committed) {
  const auto step = [&](auto work) {
    transaction_scope scope{c};
    work();
    scope.commit();
    committed();
  };
  step([&] {
    queue_table::set_options(c, "q", {.max_attempts = 2});
    queue_table::put_many(c, "q",
                          std::vector<queue_put_item>{
                            {1, json_text{"1"}}, {1, json_text{"2"}}, {1, json_text{"3"}, now + 5}},
                          now);
  });
  step([&] { queue_table::take(c, "q", texts{"a", "b"}, now + 1, now); });
  step([&] { queue_table::nack(c, "q", "a", now + 2, now); });
  step([&] { queue_table::settle(c, "q", now + 5); });
  step([&] { queue_table::take(c, "q", texts{"c", "d", "e"}, now + 9, now + 5); });
  step([&] { queue_table::ack(c, "q", "e", now + 5); });
  step([&] { queue_table::settle(c, "q", now + 9); });
  step([&] { queue_table::redrive(c, "q", 1, now + 9); });
}

/// Where each item is, and in which state.
texts places(connection& c) {
  texts result;
  for (const char* name : {"q", "q.dead"})
    for (const auto& entry : queue_table::list(c, name, queue_view::all, {}, 100, now))
      result.push_back(std::string{entry.data.text()} + " in " + name + " state "
                       + std::to_string(static_cast<int>(entry.state)) + " attempts "
                       + std::to_string(entry.attempts));
  return result;
}

} // namespace

BOOST_AUTO_TEST_SUITE(queue_crash)

BOOST_AUTO_TEST_CASE(every_item_is_in_one_place_after_a_power_cut_at_any_write) {
  std::vector<texts> states;
  {
    temp_folder folder;
    connection c{folder.file(), {}};
    schema::prepare(c);
    states.push_back(places(c));
    live(c, [&] { states.push_back(places(c)); });
    BOOST_TEST(states.size() == 9u);
    BOOST_TEST((states.back().size() == 2u));
  }
  bool survived = false;
  for (std::uint64_t n = 1; !survived; ++n) {
    temp_folder folder;
    {
      connection c{folder.file(), {}};
      schema::prepare(c);
    }
    fault_vfs faults{"queue_cut"};
    connection_options options;
    options.vfs = faults.name();
    std::size_t acknowledged = 0;
    {
      connection c{folder.file(), options};
      schema::prepare(c);
      faults.cut_power_at_write(n, n);
      survived = !outcome_of([&] { live(c, [&] { ++acknowledged; }); }).failed;
    }
    faults.heal();
    connection c{folder.file(), {}};
    schema::prepare(c);
    const auto found = places(c);
    // What was acknowledged is there, and at most the transaction that was being committed.
    BOOST_TEST((found == states[acknowledged]
                || (acknowledged + 1 < states.size() && found == states[acknowledged + 1])),
               "write " << n << ", " << acknowledged << " transactions acknowledged");
    BOOST_REQUIRE(n < 1000);
  }
}

BOOST_AUTO_TEST_SUITE_END()
