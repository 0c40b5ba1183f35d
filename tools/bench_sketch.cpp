#include "beaver/tools/bench_workload.hpp"

#include "beaver/sketches/approximate_set.hpp"
#include "beaver/sketches/count_min.hpp"
#include "beaver/sketches/quantiles.hpp"
#include "beaver/sketches/top_k.hpp"

#include <memory>

namespace beaver::bench {

namespace {

using folder = std::filesystem::path;

constexpr const char* sketch_name = "seen";
constexpr std::size_t batch_size = 100'000;

/// Item number n as JSON.
json_text item(std::uint64_t n) { return json_text::from_normal(std::to_string(n)); }

std::vector<json_text> items(std::uint64_t& next, std::size_t count) {
  std::vector<json_text> all;
  all.reserve(count);
  while (all.size() < count)
    all.push_back(item(next++));
  return all;
}

/// A dict in both files, and a set with some items in ours.
struct sketch_files : twin_databases {
  sketch_files(const folder& where, durability how) : twin_databases(where, how) {
    files.fill(row_count);
    std::uint64_t next = 1'000'000;
    db.sketch(sketch_name).add_many(items(next, batch_size));
  }
};

/// One new item, against one new value of a dict: both change the file once.
template <durability How>
contest sketch_add_single(const folder& where) {
  auto s = std::make_shared<sketch_files>(where, How);
  contest c;
  c.ours.workers.push_back(
    repeat([s, set = s->db.sketch(sketch_name), n = 0ull]() mutable { set.add(item(n++)); }));
  c.baseline.workers.push_back(
    repeat([s, keys = make_keys(row_count), text = sample_value{}, n = 0ull]() mutable {
      s->raw->set(dict_name, keys[n % row_count], text.with(n));
      ++n;
    }));
  return c;
}

contest sketch_contains(const folder& where) {
  auto s = std::make_shared<sketch_files>(where, durability::relaxed);
  contest c;
  c.ours.workers.push_back(repeat([s, set = s->db.sketch(sketch_name), n = 0ull]() mutable {
    keep(set.contains(item(1'000'000 + n++ % (2 * batch_size))));
  }));
  c.baseline.workers.push_back(
    repeat([s, keys = make_keys(row_count), random = generator{7}]() mutable {
      keep(s->raw->get(dict_name, keys[random.below(row_count)]).data());
    }));
  return c;
}

contest sketch_count(const folder& where) {
  auto s = std::make_shared<sketch_files>(where, durability::relaxed);
  const auto data = s->db.sketch(sketch_name).dump_bytes().value();
  contest c;
  c.ours.workers.push_back(repeat([s, set = s->db.sketch(sketch_name)] { keep(set.count()); }));
  c.baseline.workers.push_back(repeat([data] {
    const sketches::approximate_set plan{{}};
    keep(plan.count({reinterpret_cast<const std::uint8_t*>(data.view().data()), data.size()}));
  }));
  return c;
}

/// New items, so many in one call, against the same in memory.
template <class Ours, class Memory>
contest add_many(const folder& where, Ours ours, Memory memory) {
  auto s = std::make_shared<twin_databases>(where, durability::relaxed);
  const auto many = [](auto add) {
    return [add = std::move(add), next = std::uint64_t{0}](slice& part) mutable {
      while (part.running()) {
        add(items(next, batch_size));
        part.done_many(batch_size);
      }
    };
  };
  contest c;
  c.ours.workers.push_back(
    many([s, handle = ours(s->db)](const auto& all) mutable { handle.add_many(all); }));
  c.baseline.workers.push_back(many(memory()));
  return c;
}

contest sketch_add_batch(const folder& where) {
  return add_many(
    where, [](database& db) { return db.sketch(sketch_name); },
    [] {
      return [plan = sketches::approximate_set{{}},
              data = std::vector<std::uint8_t>{}](const std::vector<json_text>& all) mutable {
        data.resize(plan.bytes());
        sketches::memory_cells cells{data};
        for (const auto& one : all)
          plan.add(cells, sketches::hashed_item::of(one.text()));
      };
    });
}

contest count_min_add(const folder& where) {
  return add_many(
    where, [](database& db) { return db.count_min(sketch_name); },
    [] {
      return [plan = sketches::count_min{},
              data = sketches::count_min{}.empty()](const std::vector<json_text>& all) mutable {
        sketches::memory_cells cells{data};
        for (const auto& one : all)
          plan.add(cells, one.text());
      };
    });
}

contest top_k_add(const folder& where) {
  return add_many(
    where, [](database& db) { return db.top_k(sketch_name); },
    [] {
      return [top = sketches::top_k{{100, 0.001}}](const std::vector<json_text>& all) mutable {
        for (const auto& one : all)
          top.add(one.text());
      };
    });
}

contest quantiles_add(const folder& where) {
  return add_many(
    where,
    [](database& db) {
      struct as_numbers {
        quantiles<> handle;
        void add_many(const std::vector<json_text>& all) {
          std::vector<double> numbers;
          numbers.reserve(all.size());
          for (const auto& one : all)
            numbers.push_back(std::stod(std::string{one.text()}));
          handle.add_many(numbers);
        }
      };
      return as_numbers{db.quantiles(sketch_name)};
    },
    [] {
      return [sketch = sketches::quantile_sketch{}](const std::vector<json_text>& all) mutable {
        for (const auto& one : all)
          sketch.add(std::stod(std::string{one.text()}));
      };
    });
}

constexpr const char* in_memory = "the same in memory";

constexpr bench_case cases[] = {
  {"sketch_add_single", "one new item into a set of 1.2 MB, relaxed durability",
   "BEGIN IMMEDIATE, upsert of a dict, COMMIT", sketch_add_single<durability::relaxed>},
  {"sketch_add_single_full", "the same, full durability", "the same",
   sketch_add_single<durability::full>},
  {"sketch_add_batch_100k", "new items, 100,000 in one call", in_memory, sketch_add_batch},
  {"sketch_contains", "is it in a set of 1.2 MB", "select of one row of a dict", sketch_contains},
  {"sketch_count", "number of different items", "the same over bytes in memory", sketch_count},
  {"count_min_add", "items, 100,000 in one call", in_memory, count_min_add},
  {"top_k_add", "different items, 100,000 in one call", in_memory, top_k_add},
  {"quantiles_add", "numbers, 100,000 in one call", in_memory, quantiles_add},
};

} // namespace

std::span<const bench_case> sketch_cases() { return cases; }

} // namespace beaver::bench
