#include "beaver/actors/sketch_kinds.hpp"
#include "beaver/sketches/approximate_set.hpp"
#include "beaver/storage/error.hpp"

#include <algorithm>
#include <limits>

// Sketches of the kind approximate_set, in the bytes of beaver-db 2.3.

namespace beaver::detail {
namespace {

constexpr std::string_view type_word = "approx_set"; // 2.3's

sketches::approximate_set plan_of(const sketches::approximate_set_params& params) {
  return as_error(errc::invalid_argument, "an approximate set",
                  [&] { return sketches::approximate_set{params}; });
}

/// Throws `error` corrupt if the row cannot have been made so.
sketches::approximate_set plan_of(const stored_sketch& s) {
  return of_file(s, [&] {
    sketches::approximate_set plan{{s.row.capacity, s.row.error_rate}};
    if (plan.bytes() != s.row.size)
      throw std::invalid_argument("it has " + std::to_string(s.row.size) + " bytes, not the "
                                  + std::to_string(plan.bytes())
                                  + " of its capacity and error rate");
    return plan;
  });
}

class approximate_sets final : public kind_of_sketch {
public:
  sketch_kind kind() const noexcept override { return sketch_kind::approximate_set; }
  std::string_view word() const noexcept override { return type_word; }

  stored_sketch create(connection& c, std::string_view name,
                       const sketch_options& options) const override {
    refuse_option(options.failure_rate.has_value(), "failure_rate", "approximate_set");
    sketches::approximate_set_params params;
    if (options.capacity)
      params.capacity = static_cast<std::int64_t>(
        std::min<std::uint64_t>(*options.capacity, std::numeric_limits<std::int64_t>::max()));
    params.error_rate = options.error_rate.value_or(params.error_rate);
    const auto plan = plan_of(params);
    return {
      c, name,
      sketch_table::create(c, name, type_word, params.capacity, params.error_rate, plan.bytes())};
  }

  sketch_options options(const stored_sketch& s) const override {
    return {kind(), static_cast<std::uint64_t>(s.row.capacity), s.row.error_rate, {}};
  }

  void add(stored_sketch& s, std::span<const json_text> items, std::uint64_t times) const override {
    if (times != 1)
      throw error(errc::invalid_argument,
                  s.text() + " is an approx_set, in which an item is once or not at all");
    const auto plan = plan_of(s);
    add_to_cells(s, items, [&](auto& cells, std::string_view item) {
      plan.add(cells, sketches::hashed_item::of(item));
    });
  }

  std::uint64_t count(const stored_sketch& s) const override {
    const auto plan = plan_of(s);
    return plan.count_by(sketch_table::read(s.db, s.row, plan.counter().registers()));
  }

  void merge(stored_sketch& s, std::span<const std::uint8_t> other) const override {
    const auto plan = plan_of(s);
    change_bytes(s, [&](std::vector<std::uint8_t>& bytes) { plan.merge(bytes, other); });
  }

  void check(const stored_sketch& s, std::span<const std::uint8_t> data) const override {
    const auto plan = plan_of(s);
    as_error(errc::invalid_argument, s.text(), [&] { plan.check(data); });
  }

  void clear(stored_sketch& s) const override {
    const std::vector<std::uint8_t> nothing(s.row.size);
    sketch_table::write_changes(s.db, s.row, sketch_table::read(s.db, s.row), nothing);
  }

  void describe(const stored_sketch& s, sketch_summary& into) const override {
    const auto plan = plan_of(s);
    const auto data = sketch_table::read(s.db, s.row);
    into.fill = plan.fill(data);
    into.expected_error = plan.expected_error(data);
    into.over_capacity = into.count > static_cast<std::uint64_t>(s.row.capacity);
  }

  bool contains(const stored_sketch& s, std::string_view item) const override {
    const auto plan = plan_of(s);
    const auto hashed = sketches::hashed_item::of(item);
    if (s.lines)
      return plan.contains(*s.lines, hashed);
    return plan.contains(sketch_lines{s.db, s.row, false}, hashed);
  }

  sketch_overlap compare(const stored_sketch& s,
                         std::span<const std::uint8_t> other) const override {
    const auto plan = plan_of(s);
    const auto data = sketch_table::read(s.db, s.row);
    return {plan.union_estimate(data, other), plan.intersection_estimate(data, other)};
  }
};

} // namespace

const kind_of_sketch& approximate_set_type() {
  static const approximate_sets type;
  return type;
}

} // namespace beaver::detail
