#include "beaver/actors/dict.hpp"

#include "beaver/actors/checks.hpp"
#include "beaver/actors/table_type.hpp"
#include "beaver/actors/types.hpp"
#include "beaver/storage/dict_table.hpp"

#include <limits>

namespace beaver {
using dict_wire = detail::wire_block<dict_messages, 21100>;
}
BEAVER_WIRE_BLOCK(beaver::dict_wire)

namespace beaver {

namespace {

struct dict_operations {
  template <class M>
  static void check(M& m) {
    if constexpr (requires { m.name; })
      check_name("dict", m.name);
    if constexpr (requires { m.key; })
      check_key("key", m.key);
    if constexpr (requires { m.value; })
      normalise("value", m.value);
    if constexpr (requires { m.ttl_seconds; })
      check_ttl(m.ttl_seconds);
    if constexpr (std::same_as<M, dict_increment>) {
      if (m.by)
        normalise("by", *m.by);
    }
    if constexpr (std::same_as<M, dict_compare_and_set>) {
      if (m.expected)
        normalise("expected", *m.expected);
    }
  }

  static std::optional<unix_seconds> expiry(const job_context& x,
                                            const std::optional<double>& ttl) {
    return ttl ? std::optional{x.now + *ttl} : std::nullopt;
  }

  static void run(job_context& x, const dict_set& m) {
    dict_table::set(x.db, m.name, m.key, m.value, expiry(x, m.ttl_seconds));
  }
  static auto run(job_context& x, const dict_find& m) {
    return dict_table::find(x.db, m.name, m.key, x.now);
  }
  static auto run(job_context& x, const dict_pop& m) {
    return dict_table::pop(x.db, m.name, m.key, x.now);
  }
  static auto run(job_context& x, const dict_erase& m) {
    return dict_table::erase(x.db, m.name, m.key, x.now);
  }
  static auto run(job_context& x, const dict_contains& m) {
    return dict_table::contains(x.db, m.name, m.key, x.now);
  }
  static auto run(job_context& x, const dict_count& m) {
    return dict_table::count(x.db, m.name, m.prefix, x.now);
  }
  static auto run(job_context& x, const dict_keys& m) {
    return dict_table::keys(x.db, m.name, m, x.now);
  }
  static auto run(job_context& x, const dict_values& m) {
    return dict_table::values(x.db, m.name, m, x.now);
  }
  static auto run(job_context& x, const dict_items& m) {
    return dict_table::items(x.db, m.name, m, x.now);
  }
  static auto run(job_context& x, const dict_increment& m) {
    static const auto one = json_text::from_normal("1");
    return dict_table::increment(x.db, m.name, m.key, m.by ? *m.by : one, x.now);
  }
  static auto run(job_context& x, const dict_set_if_absent& m) {
    return dict_table::set_if_absent(x.db, m.name, m.key, m.value, expiry(x, m.ttl_seconds), x.now);
  }
  static auto run(job_context& x, const dict_compare_and_set& m) {
    return dict_table::compare_and_set(x.db, m.name, m.key, m.value, m.expected,
                                       expiry(x, m.ttl_seconds), x.now);
  }
  static auto run(job_context& x, const dict_touch& m) {
    return dict_table::touch(x.db, m.name, m.key, x.now + m.ttl_seconds, x.now);
  }
  static auto run(job_context& x, const dict_ttl& m) {
    return dict_table::ttl(x.db, m.name, m.key, x.now);
  }
  static auto run(job_context& x, const dict_persist& m) {
    return dict_table::persist(x.db, m.name, m.key, x.now);
  }
  static void run(job_context& x, const dict_clear& m) { dict_table::clear(x.db, m.name); }
  static auto run(job_context& x, const dict_sweep& m) {
    return dict_table::sweep(x.db, m.name, x.now, std::numeric_limits<std::int64_t>::max()).removed;
  }
  static auto run(job_context& x, const dict_info& m) {
    return dict_table::info(x.db, m.name, x.now);
  }
  static auto run(job_context& x, const dict_names&) { return dict_table::names(x.db, x.now); }
};

} // namespace

const data_type& dict_type() {
  return detail::describe_table_type<dict_operations, dict_wire, dict_messages>("dict", "dicts");
}

} // namespace beaver
