#pragma once
#include "beaver/actors/job.hpp"
#include "beaver/actors/vector_load.hpp"

#include <functional>
#include <span>
#include <string>

// What jobs that look for near vectors share.

namespace beaver {

/// Throws `error` invalid_argument that names the member: no numbers, or one that is not finite.
void check_vector(const std::string& member, std::span<const float> v);

/// Shows a collection as the job sees the file: what readers share, or what the job's own
/// transaction has, loaded for this once; null if nothing has decided how many numbers its vectors
/// have. From this call on the job sees the same state of everything else too. No statement of the
/// job's may be under way: a reader may get a newer transaction.
void with_vectors(job_context& x, const std::string& name,
                  const std::function<void(const loaded_vectors*)>& look);

/// The vectors nearest to each of several, as `options` says but for what it says among which:
/// `among`, if it is not null. `name` is for errors. Throws `error` invalid_argument for a vector
/// of another length.
[[nodiscard]] std::vector<near_ids> find_near(const loaded_vectors& in, const std::string& name,
                                              std::span<const std::span<const float>> vectors,
                                              const near_options& options,
                                              const vector_collection::choice* among = nullptr);

} // namespace beaver
