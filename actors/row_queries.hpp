#pragma once
#include "beaver/actors/value_codec.hpp"
#include "beaver/storage/aggregation.hpp"
#include "beaver/storage/index_upkeep.hpp"
#include "beaver/storage/listing.hpp"

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

// What messages of several data types say about rows of JSON: order, aggregates, field indexes.

namespace beaver {

BOOST_DESCRIBE_ENUM(sort_order, asc, desc)
BOOST_DESCRIBE_ENUM(aggregate_function, count, sum, min, max, avg, stddev, p50, p90, p99, distinct)
BOOST_DESCRIBE_STRUCT(aggregation, (), (field, functions, group_by, bucket))
BOOST_DESCRIBE_STRUCT(aggregate_values, (),
                      (count, sum, min, max, avg, stddev, p50, p90, p99, distinct))
BOOST_DESCRIBE_STRUCT(aggregate_place, (), (group, bucket))
BOOST_DESCRIBE_STRUCT(aggregate_row, (aggregate_place, aggregate_values), ())

BOOST_DESCRIBE_STRUCT(field_index_state, (), (field, complete, entries))
BOOST_DESCRIBE_STRUCT(reindex_step, (), (done, more))
BOOST_DESCRIBE_STRUCT(filter_plan, (), (indexed, scanned, estimated_rows, dirty))

/// A sum may be too large for a double.
template <>
inline constexpr bool codec::has_infinities<aggregate_row> = true;

/// "ASC" or "DESC" as the Python original spells them; read in any case, and also within quotes,
/// which its client puts around words in a query.
template <>
struct codec::custom<sort_order> {
  static void encode(std::string& out, sort_order order);
  static void decode(json_cursor& in, sort_order& order, const place& at);
};

} // namespace beaver
