#include "support/failure.hpp"
#include "vector_support.hpp"

#include <boost/test/data/test_case.hpp>

using namespace beaver;
using namespace beaver::test;
using boost::test_tools::per_element;

namespace {

constexpr unix_seconds now = 1'000;
constexpr double lease = 30;
const snapshot_facts facts{3, 2, "cosine", "lsh", 1, 0.97, 1.5};
const std::vector<snapshot_part> parts{{"ids", 1}, {"rows", 2}};

std::span<const std::byte> bytes(std::string_view text) {
  return std::as_bytes(std::span{text.data(), text.size()});
}

class snapshot_fixture : public vector_fixture {
public:
  std::optional<snapshot_claim> claim(std::string_view owner = "one", unix_seconds at = now) {
    return write([&] { return vector_snapshot::claim(c(), "e", owner, at, lease); });
  }
  void chunk(const snapshot_claim& by, std::string_view part, std::uint64_t no,
             std::string_view data, unix_seconds at = now) {
    write([&] { vector_snapshot::write_chunk(c(), "e", by, part, no, bytes(data), at); });
  }
  void chunks(const snapshot_claim& by, const std::string& mark, unix_seconds at = now) {
    chunk(by, "rows", 0, mark + " rows ", at);
    chunk(by, "ids", 0, mark + " ids", at);
    chunk(by, "rows", 1, "and more", at);
  }
  void publish(const snapshot_claim& by, unix_seconds at = now) {
    write([&] { vector_snapshot::publish(c(), "e", by, facts, parts, at); });
  }
  /// All of it.
  snapshot_claim snapshot(const std::string& mark, std::string_view owner = "one",
                          unix_seconds at = now) {
    const auto by = claim(owner, at).value();
    chunks(by, mark, at);
    publish(by, at);
    return by;
  }
  std::optional<snapshot_head> head() { return vector_snapshot::head(c(), "e"); }
  std::string read(std::uint64_t snap, std::string_view part) {
    std::string text;
    vector_snapshot::read_part(c(), "e", snap, part,
                               [&](std::span<const std::byte> data) { text += text_of(data); });
    return text;
  }
  std::string rows_of_head() { return read(head().value().snap, "rows"); }
  bool prune(unix_seconds at, std::uint64_t max_bytes = 1 << 20) {
    return write([&] { return vector_snapshot::prune(c(), "e", at, max_bytes); });
  }
  void prune_all(unix_seconds at) {
    while (prune(at)) {}
  }
  std::int64_t snapshots() { return rows("__beaver_vector_snapshots__"); }
  std::int64_t stored_chunks() { return rows("__beaver_vector_chunks__"); }
};

/// How far a writer comes before it dies.
enum class step { nothing, claimed, one_chunk, all_chunks, published };

} // namespace

BOOST_TEST_DONT_PRINT_LOG_VALUE(step)

BOOST_FIXTURE_TEST_SUITE(vector_snapshots, snapshot_fixture)

BOOST_AUTO_TEST_CASE(a_published_snapshot_is_read_as_it_was_written) {
  set("a", {1, 2});
  const auto by = claim().value();
  BOOST_TEST(by.base_seq == vector_log::last(c()));
  set("b", {1, 2});
  chunks(by, "first");
  BOOST_TEST(!head());
  publish(by, now + 2);
  const auto found = head().value();
  BOOST_TEST(found.snap == by.snap);
  BOOST_TEST(found.epoch == 1u);
  BOOST_TEST(found.base_seq == by.base_seq);
  BOOST_TEST((found.facts == facts));
  BOOST_TEST((found.parts == parts));
  BOOST_TEST(found.bytes == 28u);
  BOOST_TEST(found.published_at == now + 2);
  BOOST_TEST(rows_of_head() == "first rows and more");
  BOOST_TEST(read(by.snap, "ids") == "first ids");
  reopen();
  BOOST_TEST(rows_of_head() == "first rows and more");
  BOOST_TEST(!vector_snapshot::head(c(), "other"));
}

BOOST_AUTO_TEST_CASE(a_snapshot_may_have_no_rows_and_no_measured_recall) {
  const auto by = claim().value();
  const std::vector<snapshot_part> none{{"rows", 0}};
  write([&] {
    vector_snapshot::publish(c(), "e", by, {0, 2, "cosine", "linear", 1, {}, 0}, none, now);
  });
  BOOST_TEST(!head()->facts.recall);
  BOOST_TEST((head()->parts == none));
  BOOST_TEST(head()->bytes == 0u);
  BOOST_TEST(rows_of_head().empty());
}

BOOST_AUTO_TEST_CASE(one_writer_at_a_time_holds_the_claim) {
  const auto first = claim("one").value();
  BOOST_TEST(!claim("two", now + lease - 1));
  BOOST_TEST(
    write([&] { return vector_snapshot::claim(c(), "other", "two", now, lease); }).has_value());
  chunk(first, "rows", 0, "x", now + lease - 1); // renews it
  BOOST_TEST(!claim("two", now + 2 * lease - 2));
  const auto second = claim("two", now + 2 * lease).value();
  BOOST_TEST(second.snap > first.snap);
  BOOST_TEST(outcome_of([&] { chunk(first, "rows", 1, "y", now + lease); }).is(errc::lost_lock));
  BOOST_TEST(outcome_of([&] { publish(first, now + lease); }).is(errc::lost_lock));
  chunks(second, "second", now + 2 * lease);
  publish(second, now + 2 * lease);
  BOOST_TEST(rows_of_head() == "second rows and more");
}

BOOST_AUTO_TEST_CASE(a_lease_that_is_over_is_still_good_while_nobody_has_taken_over) {
  const auto by = claim().value();
  chunks(by, "late", now + 10 * lease);
  BOOST_TEST(!claim("two", now + 10 * lease + 1));
  publish(by, now + 20 * lease);
  BOOST_TEST(rows_of_head() == "late rows and more");
}

BOOST_AUTO_TEST_CASE(an_owner_may_begin_anew_and_give_up) {
  const auto first = claim().value();
  const auto second = claim().value();
  BOOST_TEST(outcome_of([&] { chunk(first, "rows", 0, "x"); }).is(errc::lost_lock));
  chunk(second, "rows", 0, "x");
  write([&] { vector_snapshot::abandon(c(), "e", second); });
  BOOST_TEST(outcome_of([&] { chunk(second, "rows", 1, "x"); }).is(errc::lost_lock));
  BOOST_TEST(claim("two").has_value());
  write([&] { vector_snapshot::abandon(c(), "e", second); }); // harms nobody
  BOOST_TEST(!claim("three"));
  prune_all(now);
  BOOST_TEST(snapshots() == 1);
  BOOST_TEST(stored_chunks() == 0);
}

BOOST_AUTO_TEST_CASE(a_chunk_has_a_bound_and_a_place_of_its_own) {
  const auto by = claim().value();
  const std::string most(vector_snapshot::chunk_bytes, 'x');
  BOOST_TEST(outcome_of([&] { chunk(by, "rows", 0, most + 'x'); }).is(errc::invalid_argument));
  chunk(by, "rows", 0, most);
  BOOST_TEST(outcome_of([&] { chunk(by, "rows", 0, "x"); }).is(errc::already_exists));
}

BOOST_AUTO_TEST_CASE(what_lacks_a_chunk_or_has_one_too_many_is_not_published) {
  const auto by = claim().value();
  const auto refused = [&] { return outcome_of([&] { publish(by); }); };
  chunk(by, "rows", 0, "x");
  BOOST_TEST(refused().is(errc::corrupt));
  chunk(by, "ids", 0, "x");
  BOOST_TEST(refused().is(errc::corrupt));
  chunk(by, "rows", 2, "x");
  BOOST_TEST(refused().says(R"("rows": 0)")); // two, but with a gap
  chunk(by, "rows", 1, "x");
  BOOST_TEST(refused().says(R"("rows": 3)"));
  BOOST_TEST(!head());
  c().execute("DELETE FROM __beaver_vector_chunks__ WHERE no = 2");
  publish(by);
  BOOST_TEST(rows_of_head() == "xx");
}

BOOST_AUTO_TEST_CASE(a_head_that_has_changed_since_the_claim_is_not_replaced) {
  snapshot("first");
  const auto by = claim().value();
  chunks(by, "second");
  c().execute("UPDATE __beaver_vector_heads__ SET epoch = epoch + 1"); // by whatever way
  BOOST_TEST(outcome_of([&] { publish(by); }).is(errc::lost_lock));
  BOOST_TEST(rows_of_head() == "first rows and more");
}

BOOST_AUTO_TEST_CASE(the_snapshot_of_before_stays_for_one_epoch) {
  const auto first = snapshot("first");
  const auto second = snapshot("second");
  prune_all(now);
  BOOST_TEST(head()->epoch == 2u);
  BOOST_TEST(read(first.snap, "rows") == "first rows and more");
  const auto third = snapshot("third");
  prune_all(now);
  BOOST_TEST(head()->snap == third.snap);
  BOOST_TEST(read(second.snap, "rows") == "second rows and more");
  BOOST_TEST(outcome_of([&] { read(first.snap, "rows"); }).is(errc::corrupt));
  BOOST_TEST(stored_chunks() == 6);
}

BOOST_AUTO_TEST_CASE(pruning_goes_in_pieces_and_takes_the_log_that_the_head_holds) {
  for (int i = 0; i < 100; ++i)
    set("a" + std::to_string(i), {1, 2});
  const auto given_up = claim().value();
  for (std::uint64_t i = 0; i < 5; ++i)
    chunk(given_up, "rows", i, std::string(100'000, 'x'));
  const auto by = snapshot("next");
  for (int i = 0; i < 10; ++i)
    set("b" + std::to_string(i), {1, 2});
  BOOST_TEST(prune(now, 150'000));
  BOOST_TEST(stored_chunks() == 3 + 3);
  BOOST_TEST(prune(now, 1)); // one at least
  BOOST_TEST(stored_chunks() == 3 + 2);
  BOOST_TEST(vector_log::count(c(), "e", 0) == 110u);
  BOOST_TEST(!prune(now));
  BOOST_TEST(stored_chunks() == 3);
  BOOST_TEST(snapshots() == 1);
  BOOST_TEST(vector_log::count(c(), "e", 0) == 10u);
  BOOST_TEST(vector_log::count(c(), "e", by.base_seq) == 10u);
  // The log by itself goes in pieces too.
  snapshot("last");
  BOOST_TEST(prune(now, 64));
  BOOST_TEST(vector_log::count(c(), "e", 0) == 8u);
  prune_all(now);
  BOOST_TEST(vector_log::count(c(), "e", 0) == 1u); // the newest of the file
}

BOOST_AUTO_TEST_CASE(without_a_head_the_log_stays) {
  set("a", {1, 2});
  set("b", {1, 2});
  BOOST_TEST(!prune(now));
  BOOST_TEST(vector_log::count(c(), "e", 0) == 2u);
}

BOOST_AUTO_TEST_CASE(a_chunk_that_is_not_what_was_written_is_found) {
  snapshot("first");
  const auto broken = [&](const char* sql, const std::string& words) {
    transaction_scope undone{c()};
    c().execute(sql);
    const auto refused = outcome_of([&] { rows_of_head(); });
    BOOST_TEST_INFO(sql);
    BOOST_TEST(refused.is(errc::corrupt));
    BOOST_TEST(refused.says(words));
  };
  broken("UPDATE __beaver_vector_chunks__ SET data = CAST('first rows_' AS BLOB) "
         "WHERE part = 'rows' AND no = 0",
         "chunk 0 with a wrong checksum");
  broken("UPDATE __beaver_vector_chunks__ SET crc = crc + 1 WHERE part = 'rows' AND no = 1",
         "chunk 1 with a wrong checksum");
  broken("UPDATE __beaver_vector_chunks__ SET data = CAST(data AS TEXT)", "wrong checksum");
  broken("DELETE FROM __beaver_vector_chunks__ WHERE part = 'rows' AND no = 0", "lacks chunk 0");
  broken("DELETE FROM __beaver_vector_chunks__ WHERE part = 'rows' AND no = 1",
         "1 chunks where 2 were written");
  broken("UPDATE __beaver_vector_chunks__ SET no = 7 WHERE part = 'rows' AND no = 1",
         "lacks chunk 1");
  broken("INSERT INTO __beaver_vector_chunks__ VALUES ('e', 1, 'rows', 2, 0, x'')",
         "3 chunks where 2 were written");
  broken("UPDATE __beaver_vector_snapshots__ SET parts = '{\"ids\": 1}'", "is not there");
  {
    transaction_scope undone{c()};
    c().execute("UPDATE __beaver_vector_snapshots__ SET parts = '{'");
    BOOST_TEST(!head()); // nobody can say what belongs to it
  }
  BOOST_TEST(outcome_of([&] { read(1, "graph"); }).is(errc::corrupt));
  BOOST_TEST(rows_of_head() == "first rows and more");
}

BOOST_AUTO_TEST_CASE(a_head_is_not_valid_without_its_snapshot_or_its_log) {
  set("a", {1, 2});
  snapshot("first");
  BOOST_TEST(head().has_value());
  for (const auto* sql : {"DELETE FROM __beaver_vector_snapshots__",
                          "UPDATE __beaver_vector_snapshots__ SET state = 'dead'",
                          "DELETE FROM __beaver_vector_change_log__"}) {
    transaction_scope undone{c()};
    c().execute(sql);
    BOOST_TEST(!head());
  }
  BOOST_TEST(head().has_value());
}

BOOST_AUTO_TEST_CASE(other_dims_make_the_snapshot_invalid_and_stop_its_writer) {
  set("a", {1, 2});
  snapshot("first");
  configure({.dims = 2, .metric = "euclid"});
  BOOST_TEST(head().has_value());
  const auto by = claim().value();
  chunks(by, "second");
  write([&] { return vector_table::clear(c(), "e"); });
  BOOST_TEST(head().has_value());
  configure({.dims = 3});
  BOOST_TEST(!head());
  BOOST_TEST(outcome_of([&] { publish(by); }).is(errc::lost_lock));
  snapshot("third");
  BOOST_TEST(head()->epoch == 2u);
  prune_all(now);
  BOOST_TEST(snapshots() == 1);
}

BOOST_AUTO_TEST_CASE(a_log_that_is_made_anew_makes_snapshots_invalid) {
  for (const auto* sql :
       {"DROP TRIGGER __beaver_vector_log_insert__", "DROP TRIGGER __beaver_vector_log_update__",
        "DROP TRIGGER __beaver_vector_log_delete__",
        "DROP TRIGGER __beaver_vector_log_insert__; DROP TRIGGER __beaver_vector_log_update__; "
        "DROP TRIGGER __beaver_vector_log_delete__; DROP TABLE __beaver_vector_change_log__"}) {
    set("a", {1, 2});
    snapshot("valid");
    const auto epoch = head()->epoch;
    reopen();
    BOOST_TEST(head().has_value());
    const auto by = claim().value();
    chunks(by, "half");
    c().execute(sql);
    c().execute("INSERT OR REPLACE INTO __beaver_vectors__ VALUES ('e', 'a', x'00', NULL)");
    reopen();
    BOOST_TEST(!head());
    BOOST_TEST(outcome_of([&] { publish(by); }).is(errc::lost_lock));
    snapshot("new");
    BOOST_TEST(head()->epoch > epoch);
  }
}

BOOST_DATA_TEST_CASE(wherever_a_writer_dies_the_head_is_whole_and_another_goes_on,
                     boost::unit_test::data::make({step::nothing, step::claimed, step::one_chunk,
                                                   step::all_chunks, step::published}),
                     last) {
  set("a", {1, 2});
  snapshot("first");
  stored_vectors base = all();
  auto base_seq = head()->base_seq;
  set("a", {3, 4});
  set("b", {5, 6});
  // The writer that dies.
  if (last >= step::claimed) {
    const auto by = claim("dying").value();
    if (last == step::one_chunk)
      chunk(by, "rows", 0, "half");
    if (last >= step::all_chunks)
      chunks(by, "second");
    if (last == step::published) {
      base = all();
      base_seq = by.base_seq;
      publish(by);
    }
  }
  reopen();
  const std::string mark = last == step::published ? "second" : "first";
  BOOST_TEST(rows_of_head() == mark + " rows and more");
  BOOST_TEST(head()->base_seq == base_seq);
  prune_all(now);
  erase("a");
  // What the head stands for and what has changed since is the table.
  follow(base, base_seq);
  BOOST_TEST((base == all()));
  if (last == step::claimed || last == step::one_chunk || last == step::all_chunks)
    BOOST_TEST(!claim("heir").has_value());
  const auto by = claim("heir", now + lease).value();
  prune_all(now + lease);
  chunks(by, "last", now + lease);
  publish(by, now + lease);
  BOOST_TEST(rows_of_head() == "last rows and more");
  prune_all(now + lease);
  BOOST_TEST(snapshots() == 2); // and the one before
  BOOST_TEST(stored_chunks() == 6);
}

BOOST_AUTO_TEST_SUITE_END()
