#include "beaver/actors/docs.hpp"

#include "beaver/actors/checks.hpp"
#include "beaver/actors/table_type.hpp"
#include "beaver/actors/types.hpp"
#include "beaver/actors/unique_id.hpp"
#include "beaver/actors/vector_search.hpp"
#include "beaver/storage/docs_upkeep.hpp"
#include "beaver/storage/graph_table.hpp"

#include <algorithm>

namespace beaver {
using docs_wire = detail::wire_block<docs_messages, 22100>;
}
BEAVER_WIRE_BLOCK(beaver::docs_wire)

namespace beaver {

namespace {

std::string text_of(const docs_options& options) {
  std::string text;
  codec::encode(text, options);
  return text;
}

/// A path of options; "" is a body that is itself a string, and so are all strings below it.
void check_path(const std::string& member, const std::string& path) {
  if (!path.empty())
    check_key(member, path);
}

/// The documents that a search with a vector finds by it.
struct near_documents {
  std::vector<near_document> list{};
  bool exact = true; // they are the nearest for certain
};

near_documents find_near_documents(job_context& x, const docs_search& m) {
  const auto depth = docs_table::depth(m);
  const auto& vectors = m.vectors ? *m.vectors : m.name;
  near_documents found;
  with_vectors(x, vectors, [&](const loaded_vectors* loaded) {
    if (!loaded)
      return;
    const std::span<const float> wanted{*m.vector};
    std::optional<vector_collection::choice> among;
    if (m.where) {
      among.emplace(loaded->vectors);
      docs_table::each_id(x.db, m.name, *m.where, [&](std::string_view id) { among->add(id); });
    }
    // Vectors need not have documents, but mostly do.
    const std::uint64_t most = loaded->vectors.count();
    for (auto k = std::min(depth, most);; k = std::min(2 * k, most)) {
      const auto near = find_near(*loaded, vectors, {&wanted, 1}, {.k = k, .exact = m.exact},
                                  among ? &*among : nullptr)
                          .front();
      found.exact = near.exact;
      found.list.clear();
      for (const auto& one : near.items)
        if (found.list.size() < depth && (among || docs_table::contains(x.db, m.name, one.id)))
          found.list.push_back({one.id, one.score});
      if (among || found.list.size() == depth || k == most)
        return;
    }
  });
  return found;
}

struct docs_operations {
  static constexpr std::string_view type = "docs";
  static constexpr std::uint64_t reindex_batch = 1'024; // others write between two batches

  template <class M>
  static void check(M& m) {
    if constexpr (requires { m.name; })
      check_name("docs", m.name);
    if constexpr (requires { m.body; })
      normalise("body", m.body);
    if constexpr (requires { m.patch; })
      normalise("patch", m.patch);
    if constexpr (std::same_as<M, docs_index>) {
      if (m.id)
        check_key("id", *m.id);
    } else if constexpr (requires { m.id; }) {
      check_key("id", m.id);
    }
    if constexpr (std::same_as<M, docs_index_many>)
      for (std::size_t i = 0; i < m.documents.size(); ++i) {
        const auto place = "documents[" + std::to_string(i) + "].";
        normalise(place + "body", m.documents[i].body);
        if (m.documents[i].id)
          check_key(place + "id", *m.documents[i].id);
      }
    if constexpr (requires { m.where; })
      normalise_filter(m.where);
    if constexpr (std::same_as<M, docs_list>)
      check_list(m);
    if constexpr (std::same_as<M, docs_search>) {
      docs_table::check(m);
      if (m.vector)
        check_vector("vector", *m.vector);
      if (m.vectors)
        check_name("vectors", *m.vectors);
    }
    if constexpr (std::same_as<M, docs_aggregate>) {
      if (m.bucket)
        throw error(errc::invalid_argument, "bucket is for logs; documents have no time");
      aggregator{m};
    }
    if constexpr (
      std::same_as<
        M, docs_create_index> || std::same_as<M, docs_drop_index> || std::same_as<M, docs_reindex>)
      check_json_path("field", m.field);
    if constexpr (std::same_as<M, docs_reindex>)
      if (m.limit == 0u)
        throw error(errc::invalid_argument, "limit must be an integer > 0");
    if constexpr (std::derived_from<M, docs_options>)
      if (m.full_text)
        for (std::size_t i = 0; i < m.full_text->size(); ++i)
          check_path("full_text[" + std::to_string(i) + ']', (*m.full_text)[i]);
  }

  static auto run(job_context& x, const docs_index& m) {
    auto id = m.id ? *m.id : make_unique_id();
    docs_table::document_writer to{x.db, m.name};
    to.put(id, m.body);
    to.finish();
    return id;
  }
  static auto run(job_context& x, const docs_index_many& m) {
    std::vector<std::string> ids;
    docs_table::document_writer to{x.db, m.name};
    for (const auto& d : m.documents) {
      ids.push_back(d.id ? *d.id : make_unique_id());
      to.put(ids.back(), d.body);
    }
    to.finish();
    return ids;
  }
  static auto run(job_context& x, const docs_find& m) {
    return docs_table::find(x.db, m.name, m.id);
  }
  static auto run(job_context& x, const docs_get_many& m) {
    return docs_table::get_many(x.db, m.name, m.ids);
  }
  static auto run(job_context& x, const docs_drop& m) {
    docs_table::document_writer from{x.db, m.name};
    const bool dropped = from.erase(m.id);
    from.finish();
    if (m.cascade.value_or(false)) {
      graph_table::unlink_node(x.db, m.name, m.id);
      if (x.changed)
        x.changed->add("graph", m.name);
    }
    return dropped;
  }
  static auto run(job_context& x, const docs_patch& m) {
    return docs_table::patch(x.db, m.name, m.id, m.patch);
  }
  static auto run(job_context& x, const docs_count& m) {
    return docs_table::count(x.db, m.name, m.where);
  }
  static auto run(job_context& x, const docs_list& m) {
    return docs_table::list(x.db, m.name, m, m.where, m.sort.value_or(std::vector<sort_field>{}),
                            m.offset.value_or(0));
  }
  static docs_hits run(job_context& x, const docs_search& m) {
    if (!m.vector)
      return docs_table::search(x.db, m.name, m);
    const auto near = find_near_documents(x, m); // first: the state that it sees is the job's
    auto found = docs_table::search(x.db, m.name, m, near.list);
    if (!near.exact)
      found.approximate = true;
    return found;
  }
  static auto run(job_context& x, const docs_aggregate& m) {
    return docs_table::aggregate(x.db, m.name, m.where, m);
  }
  static auto run(job_context& x, const docs_create_index& m) {
    return docs_table::create_index(x.db, m.name, m.field);
  }
  static auto run(job_context& x, const docs_drop_index& m) {
    return docs_table::drop_index(x.db, m.name, m.field);
  }
  static auto run(job_context& x, const docs_indexes& m) {
    return docs_table::indexes(x.db, m.name);
  }
  static auto run(job_context& x, const docs_reindex& m) {
    return docs_table::reindex(x.db, m.name, m.field, m.limit.value_or(reindex_batch));
  }
  static auto run(job_context& x, const docs_explain& m) {
    return docs_table::explain(x.db, m.name, m.where);
  }
  static docs_options run(job_context& x, const docs_get_options& m) {
    return docs_table::options(x.db, m.name);
  }
  static void run(job_context& x, const docs_configure& m) {
    docs_table::set_options(x.db, m.name, m);
  }
  static void run(job_context& x, const docs_open& m) {
    const auto present = docs_table::options(x.db, m.name);
    if (!present.stored)
      docs_table::set_options(x.db, m.name, m);
    else if (const docs_options& wanted = m; wanted != present)
      throw error(errc::already_exists, "docs '" + m.name + "' has the options " + text_of(present)
                                          + ", not " + text_of(wanted)
                                          + "; open it with those or configure it anew");
  }
  static void run(job_context& x, const docs_clear& m) { docs_table::clear(x.db, m.name); }
  static auto run(job_context& x, const docs_info& m) { return docs_table::info(x.db, m.name); }
  static auto run(job_context& x, const docs_names&) { return docs_table::names(x.db); }

private:
  static void check_list(const docs_list& m) {
    if (!m.sort)
      return;
    if (m.after || m.descending || m.max_bytes)
      throw error(errc::invalid_argument,
                  "with sort, a listing has no after, descending nor max_bytes; use offset and "
                  "limit, and the order of each field");
    for (std::size_t i = 0; i < m.sort->size(); ++i)
      check_json_path("sort[" + std::to_string(i) + "].field", (*m.sort)[i].field);
  }
};

} // namespace

const data_type& docs_type() {
  return detail::describe_table_type<docs_operations, docs_wire, docs_messages>("docs",
                                                                                "documents");
}

} // namespace beaver
