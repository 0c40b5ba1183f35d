// The guide's page on channels as a program: publishing, subscribers that pull and that are called,
// patterns, a cursor that survives, and what is kept.
#include <beaver/beaver.hpp>
#include <boost/describe/class.hpp>
#include <filesystem>
#include <future>
#include <iostream>
#include <string>

struct order {
  std::string city;
  int amount;
};
BOOST_DESCRIBE_STRUCT(order, (), (city, amount))

int main() {
  using namespace std::chrono_literals;
  const auto path = std::filesystem::temp_directory_path() / "beaver-example-channel.db";
  std::filesystem::remove(path);
  {
    beaver::database db{path.string()};

    auto news = db.channel<std::string>("news");
    auto all = news.subscribe();
    news.publish("hello");
    const auto first = all.next();
    std::cout << "message " << first->sequence << ": " << first->payload << '\n';

    // A callback, on a thread of the database's own.
    std::promise<std::string> heard;
    const auto listener = news.subscribe([&](const auto& m) { heard.set_value(m.payload); },
                                         {.after = first->sequence});
    news.publish("again");
    std::cout << "heard: " << heard.get_future().get() << '\n';

    // Every channel with a name of this form.
    auto alarms = db.channel_pattern<double>("sensor.*.alarm").subscribe();
    db.channel<double>("sensor.7.alarm").publish(81.5);
    std::cout << alarms.next()->channel << " rang\n";

    // Each order is counted once, whatever ends this program in between.
    auto orders = db.channel<order>("orders");
    orders.publish_many(std::vector<order>{{"Athens", 3}, {"Bergen", 5}, {"Athens", 4}});
    auto work = orders.subscribe({.from_beginning = true, .cursor = "totals"});
    while (const auto m = work.next(0s))
      db.transaction([&](beaver::transaction& tx) {
        tx.dict<int>("totals").increment(m->payload.city, m->payload.amount);
        tx.channel<order>("orders").set_cursor("totals", *m);
      });
    std::cout << "Athens ordered " << db.dict<int>("totals").get("Athens") << '\n';

    orders.retain({.max_count = 1});
    db.sweep();
    std::cout << orders.count() << " order is kept: " << orders.history().at(0).payload.city
              << '\n';
  }
  std::filesystem::remove(path);
}
