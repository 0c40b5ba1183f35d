#pragma once
#include "beaver/actors/message.hpp"
#include "beaver/storage/retention.hpp"

namespace beaver {

BOOST_DESCRIBE_STRUCT(retention_rule, (), (max_age_seconds, max_count))

} // namespace beaver
