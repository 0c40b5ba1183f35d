#include "beaver/actors/vector_search.hpp"

#include "beaver/actors/vector_cache.hpp"
#include "beaver/storage/error.hpp"

#include <stdexcept>

namespace beaver {

namespace {

constexpr std::uint64_t usual_k = 10;

} // namespace

void check_vector(const std::string& member, std::span<const float> v) {
  if (v.empty())
    throw error(errc::invalid_argument, member + " must have a number at least");
  if (!is_finite(v))
    throw error(errc::invalid_argument, member + " holds a number that is not finite");
}

void with_vectors(job_context& x, const std::string& name,
                  const std::function<void(const loaded_vectors*)>& look) {
  if (x.vectors) {
    x.vectors->with(name, look);
    return;
  }
  const auto loaded = load_vectors(x.db, name);
  look(loaded ? &*loaded : nullptr);
}

std::vector<near_ids> find_near(const loaded_vectors& in, const std::string& name,
                                std::span<const std::span<const float>> vectors,
                                const near_options& options,
                                const vector_collection::choice* among) {
  const near_query like{.vector = {},
                        .by = options.by.value_or(metric_of(in.options)),
                        .k = static_cast<std::size_t>(options.k.value_or(usual_k)),
                        .effort = static_cast<std::size_t>(options.effort.value_or(0)),
                        .exact = options.exact.value_or(false)};
  try {
    return in.vectors.search_many(like, vectors, among);
  } catch (const std::invalid_argument& e) {
    throw error(errc::invalid_argument, "vectors '" + name + "': " + e.what());
  }
}

} // namespace beaver
