#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace beaver {

struct data_type;

/// What somebody from outside may do; each allows what those before it do.
enum class access_kind : std::uint8_t {
  read,  ///< look, and follow
  write, ///< change what managers hold, also by taking from it
  admin  ///< what concerns the whole file: tokens, its state, its upkeep
};

/// A part of the rights of a token, written `KIND:TYPES/NAMES`: "read:dicts/cfg",
/// "write:queues/jobs.*", "read:*", "admin:*".
class scope {
public:
  /// KIND is that of the strongest operations; TYPES a data type as it stands in routes, or `*`;
  /// NAMES a pattern of managers with `*`, `?` and `[abc]`, absent: all. Throws `error`
  /// invalid_argument that names the scope and what is wrong with it.
  explicit scope(std::string_view text);

  /// Whether it allows operations of this kind on the manager `name` of a type, by its `type_word`.
  [[nodiscard]] bool covers(access_kind kind, std::string_view type, std::string_view name) const;

  /// The same for all managers of a type, those of the future too; `*` for those of all types.
  [[nodiscard]] bool covers_all(access_kind kind, std::string_view type) const;

private:
  [[nodiscard]] bool covers_type(access_kind kind, std::string_view type) const;

  access_kind kind_{};
  std::string types_;
  std::string names_ = "*";
};

/// The word for a data type in routes and scopes: "dicts", "documents"; "database" for that which
/// has no word of its own.
[[nodiscard]] std::string_view type_word(const data_type& type) noexcept;

/// The word of the type over whose managers the "names" of this one are patterns, `*` for all
/// types; empty if its names are names.
[[nodiscard]] std::string_view patterns_over(const data_type& type) noexcept;

} // namespace beaver
