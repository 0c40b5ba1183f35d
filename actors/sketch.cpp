#include "beaver/actors/sketch.hpp"

#include "beaver/actors/checks.hpp"
#include "beaver/actors/sketch_reader.hpp"
#include "beaver/actors/table_type.hpp"
#include "beaver/actors/types.hpp"

namespace beaver {
using sketch_wire = detail::wire_block<sketch_messages, 22300>;
}
BEAVER_WIRE_BLOCK(beaver::sketch_wire)

namespace beaver {

namespace {

std::optional<stored_sketch> find(job_context& x, std::string_view name) {
  auto row = sketch_table::find(x.db, name);
  if (!row)
    return std::nullopt;
  return stored_sketch{x.db, name, std::move(*row)};
}

stored_sketch get(job_context& x, std::string_view name) {
  auto found = find(x, name);
  if (!found)
    throw error(errc::not_found, "there is no sketch '" + std::string{name} + '\'');
  return std::move(*found);
}

/// What `f(kind, sketch)` sees in a few bytes of a sketch, which readers keep open; `otherwise` if
/// there is none.
template <class R, class F>
R look(job_context& x, std::string_view name, R otherwise, F f) {
  const auto own = x.sketches ? std::nullopt : find(x, name);
  const auto* s = x.sketches ? x.sketches->find(name) : own ? &*own : nullptr;
  return s ? f(sketch_kind_of(*s), *s) : otherwise;
}

/// The sketch to add to: that which is there, or a new one.
stored_sketch find_or_create(job_context& x, std::string_view name,
                             const std::optional<sketch_kind>& kind) {
  auto found = find(x, name);
  if (!found)
    return sketch_kind_of(kind.value_or(sketch_kind::approximate_set)).create(x.db, name, {});
  if (const auto& type = sketch_kind_of(*found); kind && type.kind() != *kind)
    throw error(errc::invalid_argument, found->text() + " is a " + std::string{type.word()}
                                          + ", not a " + std::string{sketch_kind_of(*kind).word()});
  return std::move(*found);
}

/// Whether a sketch has the options that are asked for.
bool fits(const sketch_options& has, const sketch_options& wanted) {
  // Rates go through decimal text in some programs; 2.3 allows as much.
  const auto same = [](double a, double b) { return std::abs(a - b) <= 1e-9; };
  return wanted.kind.value_or(sketch_kind::approximate_set) == has.kind
         && (!wanted.capacity || wanted.capacity == has.capacity)
         && (!wanted.error_rate || same(*wanted.error_rate, has.error_rate.value_or(0)))
         && (!wanted.failure_rate || *wanted.failure_rate >= has.failure_rate.value_or(0) - 1e-9);
}

std::span<const std::uint8_t> as_numbers(const bytes& data) {
  return {reinterpret_cast<const std::uint8_t*>(data.view().data()), data.size()};
}

/// The bytes of another sketch that can be put together with this one.
std::vector<std::uint8_t> bytes_like(job_context& x, const stored_sketch& s,
                                     std::string_view other) {
  const auto one = get(x, other);
  const auto& type = sketch_kind_of(s);
  if (&sketch_kind_of(one) != &type || !(type.options(one) == type.options(s)))
    throw error(errc::invalid_argument, s.text() + " and " + one.text() + " have other options");
  auto data = sketch_table::read(x.db, one.row);
  type.check(s, data);
  return data;
}

struct sketch_operations {
  template <class M>
  static void check(M& m) {
    if constexpr (requires { m.name; })
      check_name("sketch", m.name);
    if constexpr (requires { m.other; })
      check_name("sketch", m.other);
    if constexpr (requires { m.item; })
      normalise("item", m.item);
    if constexpr (requires { m.items; })
      for (std::size_t i = 0; i < m.items.size(); ++i)
        normalise("items[" + std::to_string(i) + ']', m.items[i]);
    if constexpr (requires { m.times; })
      if (m.times == 0u)
        throw error(errc::invalid_argument, "times must be an integer > 0");
  }

  static void run(job_context& x, const sketch_open& m) {
    const auto found = find(x, m.name);
    if (!found) {
      static_cast<void>(
        sketch_kind_of(m.kind.value_or(sketch_kind::approximate_set)).create(x.db, m.name, m));
      return;
    }
    if (!fits(sketch_kind_of(*found).options(*found), m))
      throw error(errc::already_exists, found->text() + " has other options");
  }

  static void run(job_context& x, const sketch_add& m) {
    auto s = find_or_create(x, m.name, m.kind);
    sketch_kind_of(s).add(s, {&m.item, 1}, m.times.value_or(1));
  }
  static void run(job_context& x, const sketch_add_many& m) {
    auto s = find_or_create(x, m.name, m.kind);
    sketch_kind_of(s).add(s, m.items, 1);
  }

  static bool run(job_context& x, const sketch_contains& m) {
    return look(x, m.name, false, [&](const kind_of_sketch& kind, const stored_sketch& s) {
      return kind.contains(s, m.item.text());
    });
  }
  static std::uint64_t run(job_context& x, const sketch_count& m) {
    const auto s = find(x, m.name);
    return s ? sketch_kind_of(*s).count(*s) : 0;
  }
  static sketch_frequency run(job_context& x, const sketch_estimate& m) {
    return look(x, m.name, sketch_frequency{0, 0},
                [&](const kind_of_sketch& kind, const stored_sketch& s) {
                  return kind.estimate(s, m.item.text());
                });
  }
  static std::vector<sketch_top_item> run(job_context& x, const sketch_top& m) {
    const auto s = find(x, m.name);
    return s ? sketch_kind_of(*s).top(*s, m.limit) : std::vector<sketch_top_item>{};
  }
  static std::vector<double> run(job_context& x, const sketch_quantiles& m) {
    const auto s = find(x, m.name);
    return s ? sketch_kind_of(*s).quantiles(*s, m.shares) : std::vector<double>{};
  }
  static std::vector<double> run(job_context& x, const sketch_ranks& m) {
    const auto s = find(x, m.name);
    return s ? sketch_kind_of(*s).ranks(*s, m.values) : std::vector<double>{};
  }

  static void run(job_context& x, const sketch_merge& m) {
    auto s = get(x, m.name);
    sketch_kind_of(s).merge(s, bytes_like(x, s, m.other));
  }
  static sketch_overlap run(job_context& x, const sketch_compare& m) {
    const auto s = get(x, m.name);
    return sketch_kind_of(s).compare(s, bytes_like(x, s, m.other));
  }

  static std::optional<bytes> run(job_context& x, const sketch_dump& m) {
    const auto s = find(x, m.name);
    if (!s)
      return std::nullopt;
    return bytes{std::as_bytes(std::span<const std::uint8_t>{sketch_table::read(x.db, s->row)})};
  }
  static void run(job_context& x, const sketch_load& m) {
    auto s = get(x, m.name);
    const auto& type = sketch_kind_of(s);
    const auto data = as_numbers(m.data);
    type.check(s, data);
    if (m.merge.value_or(false))
      type.merge(s, data);
    else
      sketch_table::write(x.db, s.row, data);
  }

  static void run(job_context& x, const sketch_clear& m) {
    if (auto s = find(x, m.name))
      sketch_kind_of(*s).clear(*s);
  }
  static bool run(job_context& x, const sketch_drop& m) {
    return sketch_table::erase(x.db, m.name);
  }

  static std::optional<sketch_summary> run(job_context& x, const sketch_info& m) {
    const auto s = find(x, m.name);
    if (!s)
      return std::nullopt;
    const auto& type = sketch_kind_of(*s);
    const auto options = type.options(*s);
    sketch_summary summary{.kind = type.kind(),
                           .bytes = s->row.size,
                           .count = type.count(*s),
                           .capacity = options.capacity,
                           .error_rate = options.error_rate.value_or(0),
                           .failure_rate = options.failure_rate};
    type.describe(*s, summary);
    return summary;
  }
  static std::vector<std::string> run(job_context& x, const sketch_names&) {
    return sketch_table::names(x.db);
  }
};

} // namespace

const data_type& sketch_type() {
  return detail::describe_table_type<sketch_operations, sketch_wire, sketch_messages>("sketch",
                                                                                      "sketches");
}

} // namespace beaver
