#pragma once
#include "beaver/api/model.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

// Makes a model of boost::json::value. The program links Boost.JSON, or has one source file that
// includes <boost/json/src.hpp>. Include it before the first use of such a value.

namespace beaver::codec {

/// Keeps the order of members; numbers come as int64, uint64 or double.
template <>
struct custom<boost::json::value> {
  static void encode(std::string& out, const boost::json::value& x) {
    json::append_normalised(out, boost::json::serialize(x));
  }

  static void decode(json_cursor& in, boost::json::value& x, const place& at) {
    boost::json::parse_options options;
    options.max_depth = json_text::max_depth;
    const std::string_view text = in.skip();
    boost::json::error_code problem;
    x = boost::json::parse({text.data(), text.size()}, problem, {}, options);
    if (problem)
      at.fail("cannot be read: " + problem.message());
  }
};

} // namespace beaver::codec
