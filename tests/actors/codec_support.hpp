#pragma once
#include "beaver/actors/codec.hpp"

#include <boost/describe/enum.hpp>
#include <string>
#include <vector>

namespace beaver {

enum class probe_colour { red, green = 7, blue };
BOOST_DESCRIBE_ENUM(probe_colour, red, green, blue)

struct probe_item {
  std::string a;
  int b;
};
BOOST_DESCRIBE_STRUCT(probe_item, (), (a, b))

namespace test {

template <class T>
std::string encoded(const T& x) {
  std::string out;
  codec::encode(out, x);
  return out;
}

/// What a refusal says; "accepted" if there is none.
template <class Action>
std::string refusal(Action action) {
  try {
    action();
  } catch (const error& e) {
    return e.code() == errc::invalid_argument ? e.what() : "another code";
  }
  return "accepted";
}

} // namespace test
} // namespace beaver
