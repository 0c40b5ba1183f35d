#include "beaver/api/http_calls.hpp"
#include "beaver/api/http_transfer.hpp"
#include "fuzz/fuzz.hpp"
#include "support/request_pieces.hpp"

using namespace beaver;
using namespace beaver::test;

namespace {

constexpr http_limits limits{1024, 4096};

struct reading {
  unsigned refused = 0;
  bool done = false;
  http_request request;
};

/// The request that `all` begins with, if it comes in pieces of `piece` bytes.
reading reading_of(std::string_view all, std::size_t piece) {
  request_reader reader{limits};
  test::read(reader, all, piece);
  return {reader.refused(), reader.done(), std::move(reader.request())};
}

} // namespace

/// However a request is cut, it is the same one or refused. A request is a call that could be
/// carried out, or a mistake of its sender.
void beaver::test::fuzz_one(std::string_view given) {
  static const http_calls calls;
  auto whole = reading_of(given, given.size() + 1);
  const auto pieces = reading_of(given, 1);
  require(whole.refused == 0 || whole.refused == 400 || whole.refused == 413
          || whole.refused == 431);
  require(whole.done == pieces.done);
  if (!whole.done || whole.refused != 0)
    return;
  require(whole.request.method == pieces.request.method);
  require(whole.request.target == pieces.request.target);
  require(whole.request.headers == pieces.request.headers);
  require(whole.request.body == pieces.request.body);
  if (const auto transfer = transfer_of(whole.request)) {
    if (const auto* wrong = std::get_if<http_response>(&*transfer))
      require(wrong->status == 400 || wrong->status == 405);
    return;
  }
  auto begun = calls.begin(whole.request);
  if (auto* call = std::get_if<http_call>(&begun)) {
    const auto refused = call->take_body(whole.request.body);
    require(!refused || (refused->status >= 400 && refused->status < 500)
            || refused->status == 501);
  } else {
    const auto status = std::get<http_response>(begun).status;
    require(status >= 400 && status < 500);
  }
}
