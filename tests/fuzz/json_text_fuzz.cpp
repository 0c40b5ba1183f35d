#include "beaver/storage/json_cursor.hpp"
#include "beaver/storage/json_text.hpp"
#include "beaver/storage/utf8.hpp"
#include "fuzz/fuzz.hpp"

using namespace beaver;
using namespace beaver::test;

namespace {

/// Reads everything, kind by kind; throws on what is not JSON.
void read_all(json_cursor& in) {
  switch (in.peek()) {
  case json_kind::null:
    in.read_null();
    break;
  case json_kind::boolean:
    (void)in.read_bool();
    break;
  case json_kind::number: {
    const auto here = in.position();
    (void)in.read_int64();
    in.go_back(here);
    (void)in.read_double();
    break;
  }
  case json_kind::string:
    require(utf8::find_invalid(in.read_string()) == std::string_view::npos);
    break;
  case json_kind::array:
    for (in.enter_array(); in.next_element();)
      read_all(in);
    break;
  case json_kind::object:
    in.enter_object();
    while (const auto name = in.next_member()) {
      require(utf8::find_invalid(*name) == std::string_view::npos);
      read_all(in);
    }
    break;
  }
}

} // namespace

/// Normal form is its own normal form and is printable ASCII; the cursor takes whatever the
/// normaliser takes, and neither reads beyond the text.
void beaver::test::fuzz_one(std::string_view given) {
  std::string normal;
  const bool valid = succeeds([&] { json::append_normalised(normal, given); });
  const bool skipped = succeeds([&] {
    json_cursor in{given};
    in.skip();
    in.finish();
  });
  require(!valid || skipped);
  succeeds([&] {
    json_cursor in{given};
    read_all(in);
    in.finish();
  });
  if (valid) {
    std::string again;
    json::append_normalised(again, normal);
    require(again == normal);
    for (const char c : normal)
      require(c >= ' ' && c <= '~');
  } else {
    require(normal.empty());
  }
  std::string quoted;
  if (succeeds([&] { json::append_string(quoted, given); })) {
    json_cursor in{quoted};
    require(in.read_string() == given);
  } else {
    require(utf8::find_invalid(given) != std::string_view::npos);
  }
}
