#include "beaver/tools/bench_workload.hpp"

#include <cstdio>
#include <memory>

namespace beaver::bench {

namespace {

using folder = std::filesystem::path;

constexpr const char* list_name = "tasks";
constexpr std::size_t refill = 10'000;

/// The raw list counts in its keys, as cheap as keys can be.
class raw_list {
public:
  explicit raw_list(raw_database& db) : db_(db) {}

  void push(std::string_view value) {
    db_.begin();
    append(value);
    db_.commit();
  }
  void extend(sample_value& text, std::uint64_t& number) {
    db_.begin();
    for (std::size_t i = 0; i < refill; ++i)
      append(text.with(number++));
    db_.commit();
  }
  /// The text of an item that was never popped.
  std::string get(std::size_t index) {
    char key[16];
    return db_.list_item(list_name, write_key(key, index));
  }
  /// The text of the first item, which is gone; empty if there is none.
  std::string pop_front() {
    db_.begin();
    auto text = db_.take_first(list_name);
    db_.commit();
    return text;
  }

private:
  void append(std::string_view value) {
    char key[16];
    db_.append(list_name, write_key(key, next_++), value);
  }

  static const char* write_key(char (&key)[16], std::uint64_t number) {
    std::snprintf(key, sizeof key, "%010llu", static_cast<unsigned long long>(number));
    return key;
  }

  raw_database& db_;
  std::uint64_t next_ = 0;
};

struct lists : twin_databases {
  explicit lists(const folder& where)
    : twin_databases(where, durability::relaxed), items(std::make_unique<raw_list>(*raw)) {}

  void extend() {
    std::vector<json_text> values;
    for (std::size_t i = 0; i < refill; ++i)
      values.emplace_back(text.with(number++));
    db.list(list_name).extend(values);
  }

  std::unique_ptr<raw_list> items;
  sample_value text;
  std::uint64_t number = 0;
};

contest list_push(const folder& where) {
  auto s = std::make_shared<lists>(where);
  contest c;
  c.ours.workers.push_back(
    repeat([s, list = s->db.list(list_name), text = sample_value{}, number = 0ull]() mutable {
      list.push(json_text{text.with(number++)});
    }));
  c.baseline.workers.push_back(repeat(
    [s, text = sample_value{}, number = 0ull]() mutable { s->items->push(text.with(number++)); }));
  return c;
}

/// What is popped is put back 10,000 at a time, within the time that is measured, on both sides.
contest list_pop_front(const folder& where) {
  auto s = std::make_shared<lists>(where);
  contest c;
  c.ours.workers.push_back(repeat([s, list = s->db.list(list_name)]() mutable {
    const auto popped = list.pop_front();
    if (popped)
      keep(popped->text().data());
    else
      s->extend();
  }));
  c.baseline.workers.push_back(
    repeat([s, text = sample_value{}, number = std::uint64_t{0}]() mutable {
      const auto popped = s->items->pop_front();
      if (!popped.empty())
        keep(popped.data());
      else
        s->items->extend(text, number);
    }));
  return c;
}

/// Both sides have the items under their own keys; the baseline knows the key that it wants, which
/// is what an index into a list has to find first.
contest list_get_index_1m(const folder& where) {
  constexpr std::size_t items = 1'000'000;
  auto s = std::make_shared<lists>(where);
  for (std::size_t i = 0; i < items; i += refill) {
    s->extend();
    s->items->extend(s->text, s->number);
  }
  keep(s->db.list(list_name).count()); // the first touch
  contest c;
  c.ours.workers.push_back(
    repeat([s, list = s->db.list(list_name), random = generator{1}]() mutable {
      keep(list.get(static_cast<std::int64_t>(random.below(items))).text().data());
    }));
  c.baseline.workers.push_back(repeat(
    [s, random = generator{1}]() mutable { keep(s->items->get(random.below(items)).data()); }));
  return c;
}

constexpr bench_case cases[] = {
  {"list_push", "push at the end of a growing list, relaxed durability",
   "BEGIN IMMEDIATE, insert under a counted key, COMMIT", list_push},
  {"list_pop_front", "pop at the front, relaxed durability",
   "BEGIN IMMEDIATE, select of the first row, delete, COMMIT", list_pop_front},
  {"list_get_index_1m", "read at a random index of 1,000,000 items",
   "raw get by a known key, a read transaction each", list_get_index_1m},
};

} // namespace

std::span<const bench_case> list_cases() { return cases; }

} // namespace beaver::bench
