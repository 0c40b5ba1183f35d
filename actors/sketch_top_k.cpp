#include "beaver/actors/sketch_kinds.hpp"
#include "beaver/sketches/top_k.hpp"
#include "beaver/storage/error.hpp"

// Sketches of the kind top_k.

namespace beaver::detail {
namespace {

sketches::top_k read_top(const stored_sketch& s) {
  return of_file(s, [&] { return sketches::top_k::parse(sketch_table::read(s.db, s.row)); });
}

sketches::top_k top_of(const stored_sketch& s, std::span<const std::uint8_t> data) {
  return as_error(errc::invalid_argument, s.text(), [&] {
    auto other = sketches::top_k::parse(data);
    if (!(other.params() == read_top(s).params()))
      throw std::invalid_argument("bytes of a top_k with other options");
    return other;
  });
}

class top_ks final : public kind_of_sketch {
public:
  sketch_kind kind() const noexcept override { return sketch_kind::top_k; }
  std::string_view word() const noexcept override { return "top_k"; }

  stored_sketch create(connection& c, std::string_view name,
                       const sketch_options& options) const override {
    refuse_option(options.failure_rate.has_value(), "failure_rate", word());
    sketches::top_k_params params;
    params.k = options.capacity.value_or(100);
    params.epsilon = options.error_rate.value_or(params.epsilon);
    const auto empty =
      as_error(errc::invalid_argument, "a top_k", [&] { return sketches::top_k{params}; });
    stored_sketch s{c, name,
                    sketch_table::create(c, name, word(), static_cast<std::int64_t>(params.k),
                                         params.epsilon, 0)};
    sketch_table::write(c, s.row, empty.serialise());
    return s;
  }

  sketch_options options(const stored_sketch& s) const override {
    const auto params = read_top(s).params();
    return {kind(), params.k, params.epsilon, {}};
  }

  void add(stored_sketch& s, std::span<const json_text> items, std::uint64_t times) const override {
    auto top = read_top(s);
    as_error(errc::invalid_argument, s.text(), [&] {
      for (const auto& item : items)
        top.add(item.text(), times);
    });
    sketch_table::write(s.db, s.row, top.serialise());
  }

  std::uint64_t count(const stored_sketch& s) const override { return read_top(s).total(); }

  void merge(stored_sketch& s, std::span<const std::uint8_t> other) const override {
    auto top = read_top(s);
    as_error(errc::invalid_argument, s.text(), [&] { top.merge(sketches::top_k::parse(other)); });
    sketch_table::write(s.db, s.row, top.serialise());
  }

  void check(const stored_sketch& s, std::span<const std::uint8_t> data) const override {
    static_cast<void>(top_of(s, data));
  }

  void clear(stored_sketch& s) const override {
    sketch_table::write(s.db, s.row, sketches::top_k{read_top(s).params()}.serialise());
  }

  void describe(const stored_sketch& s, sketch_summary& into) const override {
    const auto top = read_top(s);
    into.expected_error = static_cast<double>(top.total()) / static_cast<double>(top.counters());
  }

  sketch_frequency estimate(const stored_sketch& s, std::string_view item) const override {
    const auto found = read_top(s).estimate(item);
    return {found.count, found.error};
  }

  std::vector<sketch_top_item> top(const stored_sketch& s,
                                   std::optional<std::uint64_t> limit) const override {
    const auto top = read_top(s);
    std::vector<sketch_top_item> all;
    for (const auto& one : top.top(limit.value_or(top.params().k)))
      all.push_back({json_text::from_normal(one.item), one.count, one.error});
    return all;
  }
};

} // namespace

const kind_of_sketch& top_k_type() {
  static const top_ks type;
  return type;
}

} // namespace beaver::detail
