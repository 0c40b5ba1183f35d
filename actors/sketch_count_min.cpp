#include "beaver/actors/sketch_kinds.hpp"
#include "beaver/sketches/count_min.hpp"
#include "beaver/storage/error.hpp"

#include <cmath>

// Sketches of the kind count_min.

namespace beaver::detail {
namespace {

/// The column `capacity` has nothing to say here, but must not be NULL.
constexpr std::int64_t no_capacity = 0;

sketches::count_min plan_of(const stored_sketch& s) {
  return of_file(s, [&] {
    const auto plan =
      sketches::count_min::of(sketch_table::read(s.db, s.row, sketches::count_min::start_bytes));
    if (plan.bytes() != s.row.size)
      throw std::invalid_argument("its length is not that of its rows");
    return plan;
  });
}

class count_mins final : public kind_of_sketch {
public:
  sketch_kind kind() const noexcept override { return sketch_kind::count_min; }
  std::string_view word() const noexcept override { return "count_min"; }

  stored_sketch create(connection& c, std::string_view name,
                       const sketch_options& options) const override {
    refuse_option(options.capacity.has_value(), "capacity", word());
    sketches::count_min_params params;
    params.epsilon = options.error_rate.value_or(params.epsilon);
    params.delta = options.failure_rate.value_or(params.delta);
    const auto plan =
      as_error(errc::invalid_argument, "a count_min", [&] { return sketches::count_min{params}; });
    stored_sketch s{
      c, name, sketch_table::create(c, name, word(), no_capacity, params.epsilon, plan.bytes())};
    const auto empty = plan.empty();
    sketch_table::write_changes(c, s.row, std::vector<std::uint8_t>(empty.size()), empty);
    return s;
  }

  /// The failure rate as the rows promise it, which may be less than was asked for.
  sketch_options options(const stored_sketch& s) const override {
    return {kind(), {}, s.row.error_rate, plan_of(s).delta()};
  }

  void add(stored_sketch& s, std::span<const json_text> items, std::uint64_t times) const override {
    const auto plan = plan_of(s);
    add_to_cells(s, items,
                 [&](auto& cells, std::string_view item) { plan.add(cells, item, times); });
  }

  std::uint64_t count(const stored_sketch& s) const override {
    return plan_of(s).total_of(sketch_lines{s.db, s.row, false});
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
    sketch_table::write_changes(s.db, s.row, sketch_table::read(s.db, s.row), plan_of(s).empty());
  }

  void describe(const stored_sketch& s, sketch_summary& into) const override {
    into.expected_error = plan_of(s).epsilon() * static_cast<double>(into.count);
  }

  sketch_frequency estimate(const stored_sketch& s, std::string_view item) const override {
    const auto plan = plan_of(s);
    std::optional<sketch_lines> own;
    const auto& lines = s.lines ? *s.lines : own.emplace(s.db, s.row, false);
    const auto count = plan.estimate(lines, item);
    const auto bound = std::ceil(plan.epsilon() * static_cast<double>(plan.total_of(lines)));
    return {count, std::min(count, static_cast<std::uint64_t>(bound))};
  }
};

} // namespace

const kind_of_sketch& count_min_type() {
  static const count_mins type;
  return type;
}

} // namespace beaver::detail
