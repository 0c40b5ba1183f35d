#include "beaver/actors/sketch_kinds.hpp"
#include "beaver/sketches/quantiles.hpp"
#include "beaver/storage/error.hpp"
#include "beaver/storage/json_cursor.hpp"

// Sketches of the kind quantiles.

namespace beaver::detail {
namespace {

sketches::quantile_sketch read_numbers(const stored_sketch& s) {
  return of_file(s,
                 [&] { return sketches::quantile_sketch::parse(sketch_table::read(s.db, s.row)); });
}

double number_of(const stored_sketch& s, const json_text& item) {
  json_cursor in{item};
  if (in.peek() != json_kind::number)
    throw error(errc::invalid_argument,
                s.text() + " is of numbers; " + std::string{item.text()} + " is none");
  return in.read_double();
}

class quantile_sketches final : public kind_of_sketch {
public:
  sketch_kind kind() const noexcept override { return sketch_kind::quantiles; }
  std::string_view word() const noexcept override { return "quantiles"; }

  stored_sketch create(connection& c, std::string_view name,
                       const sketch_options& options) const override {
    refuse_option(options.capacity.has_value(), "capacity", word());
    refuse_option(options.failure_rate.has_value(), "failure_rate", word());
    sketches::quantile_params params;
    params.rank_error = options.error_rate.value_or(params.rank_error);
    const auto empty = as_error(errc::invalid_argument, "quantiles",
                                [&] { return sketches::quantile_sketch{params}; });
    stored_sketch s{c, name, sketch_table::create(c, name, word(), 0, params.rank_error, 0)};
    sketch_table::write(c, s.row, empty.serialise());
    return s;
  }

  sketch_options options(const stored_sketch& s) const override {
    return {kind(), {}, read_numbers(s).params().rank_error, {}};
  }

  void add(stored_sketch& s, std::span<const json_text> items, std::uint64_t times) const override {
    if (times != 1)
      throw error(errc::invalid_argument, s.text() + " takes numbers once; add them again");
    std::vector<double> numbers;
    numbers.reserve(items.size());
    for (const auto& item : items)
      numbers.push_back(number_of(s, item));
    auto sketch = read_numbers(s);
    as_error(errc::invalid_argument, s.text(), [&] { sketch.add_many(numbers); });
    sketch_table::write(s.db, s.row, sketch.serialise());
  }

  std::uint64_t count(const stored_sketch& s) const override { return read_numbers(s).count(); }

  void merge(stored_sketch& s, std::span<const std::uint8_t> other) const override {
    auto sketch = read_numbers(s);
    as_error(errc::invalid_argument, s.text(),
             [&] { sketch.merge(sketches::quantile_sketch::parse(other)); });
    sketch_table::write(s.db, s.row, sketch.serialise());
  }

  void check(const stored_sketch& s, std::span<const std::uint8_t> data) const override {
    as_error(errc::invalid_argument, s.text(), [&] {
      if (!(sketches::quantile_sketch::parse(data).params() == read_numbers(s).params()))
        throw std::invalid_argument("bytes of quantiles with another error rate");
    });
  }

  void clear(stored_sketch& s) const override {
    sketch_table::write(s.db, s.row,
                        sketches::quantile_sketch{read_numbers(s).params()}.serialise());
  }

  void describe(const stored_sketch& s, sketch_summary& into) const override {
    into.expected_error = read_numbers(s).rank_error();
  }

  std::vector<double> quantiles(const stored_sketch& s,
                                std::span<const double> shares) const override {
    return as_error(errc::invalid_argument, s.text(),
                    [&] { return read_numbers(s).quantiles(shares); });
  }

  std::vector<double> ranks(const stored_sketch& s, std::span<const double> values) const override {
    return as_error(errc::invalid_argument, s.text(),
                    [&] { return read_numbers(s).ranks(values); });
  }
};

} // namespace

const kind_of_sketch& quantiles_type() {
  static const quantile_sketches type;
  return type;
}

} // namespace beaver::detail
