#pragma once
#include "beaver/actors/operation.hpp"
#include "beaver/storage/json_text.hpp"
#include "beaver/tools/command.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace beaver {

struct data_type;

namespace cli {

/// A value as people type it: JSON if it parses, else a string. Throws usage_error for JSON that is
/// nested too deep or holds a number out of range, and for text that is not UTF-8.
[[nodiscard]] json_text value_from(std::string_view text);

/// The verbs of a data type as commands, for the manager `name` (empty for those that have none):
/// its operations in their order, then what else there is. One that cannot leave the process has no
/// `run`, and `summary` says why.
[[nodiscard]] std::vector<command> verbs_of(const data_type& type, const std::string& name);

/// The members of an operation but `name`, as parameters: those in its path, then the others that
/// must be given, then options.
[[nodiscard]] std::vector<parameter> parameters_of(const operation& op);

/// The place of the verb that is called `word` by its name or an alias; npos if there is none.
[[nodiscard]] std::size_t find_verb(const data_type& type, std::string_view word);

inline constexpr auto npos = static_cast<std::size_t>(-1);

/// The names and aliases of all verbs that a manager of the type has here, or the type itself where
/// it has no managers.
[[nodiscard]] std::vector<std::string_view> verb_words(const data_type& type);

/// The message of an operation on the manager `name`, as the command line gives its members, which
/// are the first of the parameters; validated. Throws usage_error.
[[nodiscard]] std::shared_ptr<void> make_message(const operation& op, const std::string& name,
                                                 std::span<const parameter> members,
                                                 const invocation& call);

/// A number of things, if one is given. Throws usage_error that names the option.
[[nodiscard]] std::optional<std::uint64_t> count_of(const std::string* text,
                                                    std::string_view option);

/// A number of seconds, if one is given. Throws usage_error that names the option.
[[nodiscard]] std::optional<double> seconds_of(const std::string* text, std::string_view option);

/// Sets one member of a message from what stands on the command line.
/// Throws usage_error that names the member.
void set_member(const operation& op, void* message, const parameter& which, std::string_view text);

/// Validates a message. Throws usage_error.
void check_message(const operation& op, void* message);

} // namespace cli
} // namespace beaver
