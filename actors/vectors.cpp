#include "beaver/actors/vectors.hpp"

#include "beaver/actors/checks.hpp"
#include "beaver/actors/compactor.hpp"
#include "beaver/actors/table_type.hpp"
#include "beaver/actors/types.hpp"
#include "beaver/actors/vector_cache.hpp"
#include "beaver/actors/vector_search.hpp"
#include "beaver/storage/vector_upkeep.hpp"
#include "beaver/vector/tuning.hpp"

#include <unordered_set>

namespace beaver {
using vectors_wire = detail::wire_block<vectors_messages, 22200>;
}
BEAVER_WIRE_BLOCK(beaver::vectors_wire)

namespace beaver {

namespace {

void check_entry(const std::string& place, vector_entry& entry) {
  check_key(place + "id", entry.id);
  check_vector(place + "vector", entry.vector.view());
  if (entry.metadata)
    normalise(place + "metadata", *entry.metadata);
}

/// Those that the options allow; null for all.
filter_choices::choice_ptr choose(job_context& x, const std::string& name,
                                  const near_options& options, const loaded_vectors& from) {
  if (!options.where && !options.candidates)
    return nullptr;
  const bool by_filter_alone = !options.candidates;
  if (by_filter_alone)
    if (auto known = from.choices->find(options.where->text()))
      return known;
  const auto chosen = std::make_shared<vector_collection::choice>(from.vectors);
  if (!options.where) {
    for (const auto& id : *options.candidates)
      chosen->add(id);
    return chosen;
  }
  std::unordered_set<std::string_view> allowed;
  if (options.candidates)
    allowed.insert(options.candidates->begin(), options.candidates->end());
  vector_table::each_id(x.db, name, *options.where, [&](std::string_view id) {
    if (by_filter_alone || allowed.contains(id))
      chosen->add(id);
  });
  if (by_filter_alone)
    from.choices->add(options.where->text(), chosen);
  return chosen;
}

/// The answers to several vectors, in one state of the collection.
std::vector<near_hits> near(job_context& x, const std::string& name, const near_options& options,
                            std::span<const floats> vectors) {
  std::vector<near_hits> all;
  with_vectors(x, name, [&](const loaded_vectors* loaded) {
    all.assign(vectors.size(), near_hits{{}, strategy::linear, true});
    if (!loaded)
      return;
    const auto among = choose(x, name, options, *loaded);
    std::vector<std::span<const float>> views;
    for (const auto& v : vectors)
      views.push_back(v.view());
    auto found = find_near(*loaded, name, views, options, among.get());
    for (std::size_t i = 0; i < vectors.size(); ++i) {
      all[i].how = found[i].how;
      all[i].exact = found[i].exact;
      for (auto& item : found[i].items)
        all[i].hits.push_back({std::move(item.id), item.score, {}});
    }
  });
  for (auto& answer : all)
    for (auto& hit : answer.hits)
      hit.metadata = vector_table::metadata(x.db, name, hit.id);
  return all;
}

struct vectors_operations {
  static constexpr std::string_view type = "vectors";
  static constexpr std::uint64_t reindex_batch = 1'024; // others write between two batches

  template <class M>
  static void check(M& m) {
    if constexpr (requires { m.name; })
      check_name("vectors", m.name);
    if constexpr (requires { m.id; })
      check_key("id", m.id);
    if constexpr (requires { m.vector; })
      check_vector("vector", m.vector.view());
    if constexpr (requires { m.metadata; })
      if (m.metadata)
        normalise("metadata", *m.metadata);
    if constexpr (std::same_as<M, vectors_set_many>)
      for (std::size_t i = 0; i < m.vectors.size(); ++i)
        check_entry("vectors[" + std::to_string(i) + "].", m.vectors[i]);
    if constexpr (std::same_as<M, vectors_near_many>)
      for (std::size_t i = 0; i < m.vectors.size(); ++i)
        check_vector("vectors[" + std::to_string(i) + ']', m.vectors[i].view());
    if constexpr (requires { m.where; })
      normalise_filter(m.where);
    if constexpr (requires { m.field; })
      check_json_path("field", m.field);
    if constexpr (std::same_as<M, vectors_reindex>)
      if (m.limit == 0u)
        throw error(errc::invalid_argument, "limit must be an integer > 0");
    if constexpr (std::derived_from<M, vectors_options>)
      check_options(m);
  }

  static void run(job_context& x, const vectors_set& m) {
    vector_table::vector_writer to{x.db, m.name};
    to.set(m.id, m.vector.view(), m.metadata);
    to.finish();
  }
  static void run(job_context& x, const vectors_set_many& m) {
    vector_table::vector_writer to{x.db, m.name};
    for (const auto& v : m.vectors)
      to.set(v.id, v.vector.view(), v.metadata);
    to.finish();
  }
  static std::optional<vector_value> run(job_context& x, const vectors_find& m) {
    auto found = vector_table::find(x.db, m.name, m.id);
    if (!found)
      return std::nullopt;
    return vector_value{floats{found->vector}, std::move(found->metadata)};
  }
  static auto run(job_context& x, const vectors_get_many& m) {
    return entries(vector_table::get_many(x.db, m.name, m.ids));
  }
  static auto run(job_context& x, const vectors_erase& m) {
    vector_table::vector_writer from{x.db, m.name};
    const bool erased = from.erase(m.id);
    from.finish();
    return erased;
  }
  static auto run(job_context& x, const vectors_count& m) {
    return vector_table::count(x.db, m.name, m.where);
  }
  static auto run(job_context& x, const vectors_list& m) {
    return entries(vector_table::list(x.db, m.name, m, m.where));
  }
  static near_hits run(job_context& x, const vectors_near& m) {
    return std::move(near(x, m.name, m, {&m.vector, 1}).front());
  }
  static auto run(job_context& x, const vectors_near_many& m) {
    return near(x, m.name, m, m.vectors);
  }
  static auto run(job_context& x, const vectors_create_index& m) {
    return vector_table::create_index(x.db, m.name, m.field);
  }
  static auto run(job_context& x, const vectors_drop_index& m) {
    return vector_table::drop_index(x.db, m.name, m.field);
  }
  static auto run(job_context& x, const vectors_indexes& m) {
    return vector_table::indexes(x.db, m.name);
  }
  static auto run(job_context& x, const vectors_reindex& m) {
    return vector_table::reindex(x.db, m.name, m.field, m.limit.value_or(reindex_batch));
  }
  static auto run(job_context& x, const vectors_explain& m) {
    return vector_table::explain(x.db, m.name, m.where);
  }
  static auto run(job_context& x, const vectors_get_options& m) {
    return read_options(x.db, m.name);
  }
  static void run(job_context& x, const vectors_configure& m) { write_options(x.db, m.name, m); }
  static void run(job_context& x, const vectors_open& m) {
    auto options = read_options(x.db, m.name);
    const auto before = options;
    adopt("dims", m.name, options.dims, m.dims);
    adopt("by", m.name, options.by, m.by);
    adopt("how", m.name, options.how, m.how);
    adopt("target_recall", m.name, options.target_recall, m.target_recall);
    if (options != before)
      write_options(x.db, m.name, options);
  }
  static compaction_report run(job_context&, const vectors_compact&) {
    throw error(errc::not_supported, "a transaction or batch cannot wait for a compaction");
  }
  static std::optional<double> run(job_context& x, const vectors_compaction& m) {
    return x.vectors ? x.vectors->progress(m.name) : std::nullopt;
  }
  static void run(job_context& x, const vectors_clear& m) { vector_table::clear(x.db, m.name); }
  static vectors_status run(job_context& x, const vectors_info& m) {
    const auto stored = vector_table::info(x.db, m.name);
    const auto options = read_options(x.db, m.name);
    vectors_status status{.vectors = stored.vectors,
                          .bytes = stored.bytes,
                          .dims = options.dims,
                          .by = metric_of(options),
                          .how = options.how.value_or(vectors_strategy::automatic),
                          .active = strategy::linear};
    if (const auto head = vector_snapshot::head(x.db, m.name))
      status.snapshot_bytes = head->bytes;
    with_vectors(x, m.name, [&](const loaded_vectors* loaded) {
      if (!loaded)
        return;
      status.active = loaded->vectors.base().index->how();
      status.recall = loaded->recall;
      status.unusable = loaded->unusable.size();
      status.delta = loaded->unsaved();
      status.dead = loaded->vectors.dead();
      status.memory_bytes = loaded->vectors.bytes() + loaded->choices->bytes();
    });
    status.compacting = run(x, vectors_compaction{m.name});
    return status;
  }
  static auto run(job_context& x, const vectors_names&) { return vector_table::names(x.db); }

private:
  static void check_options(const vectors_options& m) {
    if (m.dims == 0u)
      throw error(errc::invalid_argument, "dims must be an integer > 0");
    if (m.target_recall && !(*m.target_recall > 0 && *m.target_recall <= 1))
      throw error(errc::invalid_argument, "target_recall must be a number > 0 and <= 1");
    if (m.how == vectors_strategy::lsh && m.by == metric::manhattan)
      throw error(errc::invalid_argument,
                  "lsh cannot do the manhattan metric; use linear, hnsw or automatic");
    if (m.how == vectors_strategy::hnsw && !has_hnsw())
      throw error(errc::not_supported,
                  "this build makes no hnsw graphs; build with BEAVER_WITH_HNSW=ON");
  }

  template <class T>
  static void adopt(const char* member, const std::string& name, std::optional<T>& present,
                    const std::optional<T>& wanted) {
    if (!wanted)
      return;
    if (present && *present != *wanted)
      throw error(errc::already_exists, "vectors '" + name + "' have another " + member
                                          + "; open them with that or configure them anew");
    present = wanted;
  }

  static std::vector<vector_entry> entries(std::vector<vector_item> items) {
    std::vector<vector_entry> all;
    all.reserve(items.size());
    for (auto& item : items)
      all.push_back({std::move(item.id), floats{item.vector}, std::move(item.metadata)});
    return all;
  }
};

/// What may be withdrawn.
using cancel_actor = caf::typed_actor<caf::reacts_to<cancel_atom, std::uint64_t>>;

template <class Handle, class... Messages>
class vectors_manager final
  : public detail::manager_frame<typename Handle::template extend_with<cancel_actor>> {
  using super = detail::manager_frame<typename Handle::template extend_with<cancel_actor>>;

public:
  using super::super;

  typename super::behavior_type make_behavior() override {
    return {this->template on<Messages>([this](Messages& m) { return accept(m); })...,
            [this](cancel_atom, std::uint64_t) {
              // Whoever else waits for it is told that it was cancelled, and may ask again.
              this->engine_->vectors->find(this->name_)->cancelled = true;
            }};
  }

private:
  template <class M>
  caf::result<typename M::reply> accept(M& m) {
    if constexpr (long_message<M>) {
      vectors_operations::check(m);
      const auto compactor = find_compactor(this->system(), this->engine_);
      // From here on it may be withdrawn, though another compaction may come before.
      const auto entry = this->engine_->vectors->find(this->name_);
      if (entry->waiting++ == 0)
        entry->cancelled = false;
      this->delegate(compactor, std::move(m));
      return caf::delegated<typename M::reply>{};
    } else {
      return super::template pass_on<M>(detail::make_table_job<vectors_operations>(m));
    }
  }
};

template <class... Messages>
spawn_function manager_spawner(boost::mp11::mp_list<Messages...>) {
  return [](caf::actor_system& system, const char* type, const engine_state_ptr& engine,
            const std::string& name) {
    using manager = vectors_manager<typed_handle<vectors_messages>, Messages...>;
    return caf::actor_cast<caf::actor>(spawn_lazily<manager>(system, type, engine, name));
  };
}

} // namespace

const data_type& vectors_type() {
  static const auto type = [] {
    auto made = detail::make_table_type<vectors_operations, vectors_wire>(
      vectors_messages{}, "vectors", "collections of vectors");
    made.spawn = manager_spawner(vectors_messages{});
    return made;
  }();
  return type;
}

} // namespace beaver
