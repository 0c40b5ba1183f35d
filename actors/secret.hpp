#pragma once
#include "beaver/storage/token_table.hpp"

#include <string>
#include <string_view>

/// Secrets that programs show to be let in. Any thread. Needs BEAVER_WITH_SERVER: without it every
/// function but `random_text` throws `error` not_supported.
namespace beaver::secret {

/// `bytes` random ones of the operating system, as unpadded base64 for URLs. Throws `error` io.
[[nodiscard]] std::string random_text(std::size_t bytes);

/// SHA-256 of a text.
[[nodiscard]] token_table::digest digest_of(std::string_view text);

/// Takes the same time wherever two digests differ.
[[nodiscard]] bool same(const token_table::digest& a, const token_table::digest& b);

} // namespace beaver::secret
