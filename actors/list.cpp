#include "beaver/actors/list.hpp"

#include "beaver/actors/checks.hpp"
#include "beaver/actors/list_indexes.hpp"
#include "beaver/actors/table_type.hpp"
#include "beaver/actors/types.hpp"

namespace beaver {
using list_wire = detail::wire_block<list_messages, 21300>;
}
BEAVER_WIRE_BLOCK(beaver::list_wire)

namespace beaver {

namespace {

struct list_operations {
  static constexpr std::string_view type = "list";

  template <class M>
  static void check(M& m) {
    if constexpr (requires { m.name; })
      check_name("list", m.name);
    if constexpr (requires { m.value; })
      normalise("value", m.value);
    if constexpr (requires { m.values; })
      for (std::size_t i = 0; i < m.values.size(); ++i)
        normalise("values[" + std::to_string(i) + "]", m.values[i]);
  }

  /// A reader knows its way around long lists; the writer sees what is not committed yet.
  static list_index* index_of(const job_context& x, const std::string& name) {
    return x.lists ? x.lists->find(name) : nullptr;
  }

  static void run(job_context& x, const list_push& m) { list_table::push(x.db, m.name, m.value); }
  static void run(job_context& x, const list_prepend& m) {
    list_table::prepend(x.db, m.name, m.value);
  }
  static void run(job_context& x, const list_extend& m) {
    list_table::extend(x.db, m.name, m.values);
  }
  static void run(job_context& x, const list_insert& m) {
    list_table::insert(x.db, m.name, m.index, m.value);
  }
  static auto run(job_context& x, const list_find_at& m) {
    if (auto* index = index_of(x, m.name))
      return index->at(x.db, m.index);
    return list_table::at(x.db, m.name, m.index);
  }
  static auto run(job_context& x, const list_set& m) {
    return list_table::set(x.db, m.name, m.index, m.value);
  }
  static auto run(job_context& x, const list_erase& m) {
    return list_table::erase(x.db, m.name, m.index);
  }
  static auto run(job_context& x, const list_pop& m) {
    return list_table::pop(x.db, m.name, m.index.value_or(-1));
  }
  static auto run(job_context& x, const list_pop_front& m) {
    return list_table::pop_front(x.db, m.name);
  }
  static auto run(job_context& x, const list_range& m) {
    if (auto* index = index_of(x, m.name))
      return index->range(x.db, m.start, m.stop);
    return list_table::range(x.db, m.name, m.start, m.stop);
  }
  static auto run(job_context& x, const list_items& m) {
    return list_table::items(x.db, m.name, m);
  }
  static auto run(job_context& x, const list_remove& m) {
    return list_table::remove(x.db, m.name, m.value);
  }
  static auto run(job_context& x, const list_find& m) {
    return list_table::find(x.db, m.name, m.value);
  }
  static auto run(job_context& x, const list_contains& m) {
    return list_table::contains(x.db, m.name, m.value);
  }
  static auto run(job_context& x, const list_count& m) {
    if (auto* index = index_of(x, m.name))
      return index->count(x.db);
    return list_table::count(x.db, m.name);
  }
  static auto run(job_context& x, const list_trim& m) {
    return list_table::trim(x.db, m.name, m.start, m.stop);
  }
  static auto run(job_context& x, const list_move& m) {
    return list_table::move(x.db, m.name, m.from, m.to);
  }
  static void run(job_context& x, const list_clear& m) { list_table::clear(x.db, m.name); }
  static auto run(job_context& x, const list_info& m) { return list_table::info(x.db, m.name); }
  static auto run(job_context& x, const list_names&) { return list_table::names(x.db); }
};

} // namespace

const data_type& list_type() {
  return detail::describe_table_type<list_operations, list_wire, list_messages>("list", "lists");
}

} // namespace beaver
