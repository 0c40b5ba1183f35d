#pragma once
#include "beaver/actors/registry.hpp"

// One function per data type; each is defined in that type's .cpp and listed once in registry.cpp.

namespace beaver {

[[nodiscard]] const data_type& database_type();
[[nodiscard]] const data_type& dict_type();
[[nodiscard]] const data_type& blob_type();
[[nodiscard]] const data_type& list_type();
[[nodiscard]] const data_type& queue_type();
[[nodiscard]] const data_type& docs_type();
[[nodiscard]] const data_type& log_type();
[[nodiscard]] const data_type& lock_type();
[[nodiscard]] const data_type& channel_type();
[[nodiscard]] const data_type& channel_pattern_type();
[[nodiscard]] const data_type& changes_type();
[[nodiscard]] const data_type& graph_type();
[[nodiscard]] const data_type& vectors_type();
[[nodiscard]] const data_type& sketch_type();
[[nodiscard]] const data_type& token_type();

} // namespace beaver
