#pragma once
#include "beaver/actors/backend.hpp"

#include <boost/system/result.hpp>

namespace beaver {

/// A value or the reason why there is none. `value()` throws `error`.
template <class T>
using result = boost::system::result<T, failure>;

/// Found by `result::value`.
[[noreturn]] inline void throw_exception_from_error(const failure& f,
                                                    const boost::source_location&) {
  throw error(f.code, f.text);
}

} // namespace beaver
