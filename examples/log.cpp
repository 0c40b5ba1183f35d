// The guide's page on logs as a program: entries of now and of other times, ranges, a loop, one
// commit for many, retention by hand.
#include <beaver/beaver.hpp>
#include <boost/describe/class.hpp>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <string>

struct request {
  std::string path;
  int status;
};
BOOST_DESCRIBE_STRUCT(request, (), (path, status))

int main() {
  using namespace std::chrono;
  const auto path = std::filesystem::temp_directory_path() / "beaver-example-log.db";
  std::filesystem::remove(path);
  {
    beaver::database db{path.string()};

    auto requests = db.log<request>("requests");
    requests.append({"/", 200});
    requests.append({"/missing", 404});
    requests.append({"/old", 200}, system_clock::now() - 48h);
    for (const auto& e : requests.tail(2))
      std::cout << e.data.path << " gave " << e.data.status << '\n';

    const auto yesterday = beaver::to_unix_seconds(system_clock::now() - 24h);
    std::cout << requests.count(yesterday) << " of " << requests.count()
              << " requests are of the last day\n";
    const auto latest =
      requests.range({.start = yesterday, .order = beaver::sort_order::desc, .limit = 1});
    std::cout << "the latest was " << latest.at(0).data.path << '\n';

    // Filters.
    using beaver::field;
    for (const auto& e : requests.range({.where = field("status") >= 400, .limit = 20}))
      std::cout << e.data.path << " failed\n";
    std::cout << requests.count(field("path").in({"/", "/old"}) && !(field("status") != 200))
              << " good requests\n";
    requests.append({"/health", 200});
    std::cout << requests.erase_where(field("path") == "/health") << " of no interest\n";

    // An index: the same answers, found faster.
    requests.create_index("status");
    requests.reindex(); // of what is there already
    const auto plan = requests.explain(field("status") == 404);
    std::cout << (plan.scanned ? "a scan of " : "an index gives ") << plan.estimated_rows
              << " entries\n";
    for (const auto& index : requests.indexes())
      std::cout << index.field << ": " << index.entries << " entries\n";

    // Many entries, one commit; then a loop that holds one page in memory.
    auto readings = db.log<double>("readings");
    auto batch = readings.batched();
    for (int i = 0; i < 10'000; ++i)
      batch.append(i * 0.5, 1'700'000'000.0 + i);
    batch.commit();
    double sum = 0;
    for (const auto& e : readings)
      sum += e.data;
    std::cout << "the sum of " << readings.count() << " readings is " << sum << '\n';

    // Aggregation: by the hour, and by a value.
    using beaver::aggregate_function;
    for (const auto& row : readings.aggregate({.field = ".", .bucket = 1h}))
      std::cout << *row.bucket << ": " << row.count << " readings, " << *row.avg << " on average\n";
    const auto rows =
      requests.aggregate({.where = field("status") < 500,
                          .field = "status",
                          .functions = {aggregate_function::p99, aggregate_function::distinct},
                          .group_by = "path"});
    for (const auto& row : rows)
      std::cout << row.group->text() << ": " << row.count << " requests, " << *row.distinct
                << " different answers\n";

    std::cout << requests.erase_before(yesterday) << " old request and "
              << readings.keep_newest(1'000) << " readings removed\n";
  }
  std::filesystem::remove(path);
}
