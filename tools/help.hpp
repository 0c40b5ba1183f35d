#pragma once
#include "beaver/tools/command.hpp"

#include <span>
#include <string>

namespace beaver {

struct data_type;

namespace cli {

/// "KEY VALUE [--ttl-seconds SECONDS]"
[[nodiscard]] std::string synopsis(const command& c);

/// The whole help of one command.
[[nodiscard]] std::string help_of(const command& c);

/// The help of a data type over its verbs.
[[nodiscard]] std::string help_of(const data_type& type, std::span<const command> verbs);

/// The help of the program over its data types and commands.
[[nodiscard]] std::string overview(std::span<const data_type* const> types,
                                   std::span<const command> commands);

} // namespace cli
} // namespace beaver
