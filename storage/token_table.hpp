#pragma once
#include "beaver/storage/clock.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beaver {

class connection;

/// All SQL of the data type `token`: who may come from outside, and what they may do. Only a digest
/// of each secret is kept: who reads the file cannot come with its tokens.
///
/// `insert` and `erase` run inside the caller's write transaction, the others inside a read
/// transaction or alone.
namespace token_table {

/// SHA-256.
using digest = std::array<std::byte, 32>;

struct row {
  std::string id; ///< public
  std::vector<std::string> scopes;
  std::optional<std::string> label{};
  unix_seconds created_at{};
  std::optional<unix_seconds> expires_at{}; ///< absent: never
};

/// A row with what tells whether somebody knows the secret.
struct secret_row : row {
  digest secret_digest{};
};

/// False, and nothing is stored, if there is one of this id. O(log n).
[[nodiscard]] bool insert(connection& c, const row& token, const digest& secret_digest);

/// Empty if there is none; expired ones are found too. O(log n). Throws `error` corrupt if the row
/// is none of ours.
[[nodiscard]] std::optional<secret_row> find(connection& c, std::string_view id);

/// All, expired ones too, in the order of their making.
[[nodiscard]] std::vector<row> list(connection& c);

/// Whether there was one. O(log n).
bool erase(connection& c, std::string_view id);

} // namespace token_table
} // namespace beaver
