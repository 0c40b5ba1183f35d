#include "support/child.hpp"
#include "support/machine.hpp"
#include "support/open_database.hpp"
#include "support/raw_file.hpp"
#include "support/settings.hpp"

#include <boost/test/unit_test.hpp>
#include <random>

using namespace beaver;
using namespace beaver::test;
using namespace std::chrono_literals;

namespace {

/// Calls of one kind after the other until one says that the database is closed. Anything but that
/// or success is thrown.
class caller {
public:
  caller(database& db, int kind)
    : kind_(kind), dict_(db.dict<int>("d")), blob_(db.blob("b")), async_(db.async()),
      batch_(db.batched()) {}

  void run(std::atomic<std::uint64_t>& calls) {
    std::vector<future<std::int64_t>> started;
    outcome end;
    while (!end.failed) {
      end = outcome_of([&] { call(started); });
      ++calls;
      calls.notify_all();
      if (end.is(errc::busy) && kind_ == 4)
        end = {};
    }
    if (!end.is(errc::closed))
      throw std::logic_error(end.text);
    for (auto& f : started) {
      const auto r = f.get();
      if (r.has_error() && r.error().code != errc::closed)
        throw std::logic_error(r.error().text);
    }
  }

private:
  void call(std::vector<future<std::int64_t>>& started) {
    switch (kind_) {
    case 0:
      dict_.increment("n");
      break;
    case 1:
      static_cast<void>(dict_.find("n"));
      break;
    case 2:
      blob_.put("k", "x");
      break;
    case 3:
      batch_.dict<int>("d").increment("batched");
      batch_.commit();
      break;
    case 4:
      started.push_back(async_.dict<int>("d").increment("async"));
      break;
    case 5: {
      if (auto in = blob_.reader("k")) {
        std::byte buffer[10];
        static_cast<void>(in->read(buffer));
      }
      break;
    }
    default: {
      auto out = blob_.writer("w");
      out.write(std::string(1'100'000, 'x'));
      out.commit();
    }
    }
  }

  int kind_;
  dict<int> dict_;
  blob<> blob_;
  async_database async_;
  batch batch_;
};

/// Opens and uses a database in all ways.
void open_and_close(const std::string& path) {
  database db{path, quick()};
  auto d = db.dict<int>("d");
  d.increment("n");
  static_cast<void>(d.find("n"));
  static_cast<void>(db.snapshot().dict<int>("d").find("n"));
  db.transaction([](transaction& tx) { tx.dict<int>("d").increment("n"); });
  db.async().dict<int>("d").increment("n").then([](const auto&) {});
  db.blob("b").put("k", "x");
  static_cast<void>(db.blob("b").reader("k"));
}

} // namespace

BOOST_AUTO_TEST_SUITE(shutdown)

BOOST_AUTO_TEST_CASE(every_call_under_way_ends_with_success_or_closed) {
  constexpr int callers = 14; // two of each kind
  const auto seed = fresh_seed();
  BOOST_TEST_MESSAGE("seed " << seed);
  std::mt19937 dice{seed};
  for (int round = 0; round < 20; ++round) {
    BOOST_TEST_INFO("seed " << seed << ", round " << round);
    temp_folder folder;
    auto how = quick();
    how.max_in_flight = round % 3 ? 1'024 : 6; // some are waiting to be let in
    auto db = std::make_unique<database>(folder.file(), how);
    db->dict<int>("d").set("n", 0);
    std::vector<caller> all;
    for (int i = 0; i < callers; ++i)
      all.emplace_back(*db, i % 7);
    std::atomic<std::uint64_t> calls{0};
    const auto until = dice() % 2'000;
    std::thread closer{[&] {
      for (auto n = calls.load(); n < until; n = calls.load())
        calls.wait(n);
      if (round % 2)
        db->close();
      else
        db.reset();
    }};
    const auto failures =
      failures_of_threads(callers, [&](int i) { all[static_cast<std::size_t>(i)].run(calls); });
    closer.join();
    BOOST_TEST(failures == 0);
    all.clear();
    db.reset();
    BOOST_TEST(raw_file{folder.file()}.integrity() == "ok");
  }
}

BOOST_AUTO_TEST_CASE(a_transaction_under_way_is_waited_for) {
  for (int round = 0; round < 20; ++round) {
    temp_folder folder;
    database db{folder.file(), quick()};
    std::atomic<bool> inside{false};
    outcome end;
    std::thread other{[&] {
      end = outcome_of([&] {
        db.transaction([&](transaction& tx) {
          tx.dict<int>("d").set("a", 1);
          inside = true;
          inside.notify_all();
          for (int i = 0; i < 100; ++i) {
            std::this_thread::yield();
            tx.dict<int>("d").increment("a");
          }
        });
      });
    }};
    inside.wait(false);
    db.close();
    other.join();
    BOOST_TEST(!end.failed, end.text);
    database again{folder.file(), quick()};
    BOOST_TEST(again.dict<int>("d").get("a") == 101);
  }
}

BOOST_AUTO_TEST_CASE(handles_may_outlive_their_database_and_its_file) {
  std::optional<dict<int>> d;
  std::optional<blob_writer> writer;
  std::optional<blob_reader> reader;
  std::optional<snapshot> view;
  {
    open_database t;
    d = t.db.dict<int>("d");
    d->set("k", 1);
    t.db.blob("b").put("k", "x");
    writer.emplace(t.db.blob("b").writer("w"));
    writer->write(std::string(1'100'000, 'x'));
    reader = t.db.blob("b").reader("k");
    view = t.db.snapshot();
  }
  BOOST_TEST(outcome_of([&] { (void)d->find("k"); }).is(errc::closed));
  BOOST_TEST(outcome_of([&] { d->set("k", 2); }).is(errc::closed));
  BOOST_TEST(outcome_of([&] { writer->commit(); }).is(errc::closed));
  std::byte buffer[8];
  BOOST_TEST(outcome_of([&] { (void)reader->read(buffer); }).is(errc::closed));
  BOOST_TEST(outcome_of([&] { (void)view->dict<int>("d").find("k"); }).is(errc::closed));
}

BOOST_AUTO_TEST_CASE(closing_empties_the_log) {
  open_database t;
  for (int i = 0; i < 100; ++i)
    t.db.dict<int>("d").set(std::to_string(i), i);
  BOOST_TEST(std::filesystem::exists(t.db.path() + "-wal"));
  const auto view = t.db.snapshot(); // does not keep it from that
  t.db.close();
  BOOST_TEST(!std::filesystem::exists(t.db.path() + "-wal"));
  BOOST_TEST(raw_file{t.db.path()}.integer("SELECT count(*) FROM __beaver_dicts__") == 100);
}

BOOST_AUTO_TEST_CASE(opening_and_closing_leaks_neither_files_nor_threads,
                     *boost::unit_test::precondition(has_proc)) {
  const int cycles = long_tests() ? 1'000 : 200;
  temp_folder folder;
  for (int i = 0; i < 10; ++i)
    open_and_close(folder.file());
  await_single_thread();
  const auto files = entries_of_process("fd");
  const auto threads = entries_of_process("task");
  for (int i = 0; i < cycles; ++i)
    open_and_close(folder.file());
  await_single_thread();
  BOOST_TEST(entries_of_process("fd") == files);
  BOOST_TEST(entries_of_process("task") == threads);
  database db{folder.file(), quick()};
  BOOST_TEST(db.dict<int>("d").get("n") == 3 * (cycles + 10));
}

BOOST_AUTO_TEST_SUITE_END()
