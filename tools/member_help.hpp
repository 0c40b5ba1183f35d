#pragma once
#include <span>
#include <string_view>

namespace beaver::cli {

/// What a member of some messages means, where name and type do not say it.
struct member_help {
  std::string_view operation; ///< "vectors_near"; a type with "_" for all its operations
  std::string_view member;
  std::string_view text;
};

[[nodiscard]] std::span<const member_help> all_member_help() noexcept;

/// The text for the member of an operation; empty if there is none.
[[nodiscard]] std::string_view help_on(std::string_view operation,
                                       std::string_view member) noexcept;

} // namespace beaver::cli
