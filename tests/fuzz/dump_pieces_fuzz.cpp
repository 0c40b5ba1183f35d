#include "beaver/api/pieces.hpp"
#include "beaver/storage/json_cursor.hpp"
#include "fuzz/fuzz.hpp"
#include "support/pieces_of.hpp"

#include <optional>
#include <vector>

using namespace beaver;
using namespace beaver::test;

namespace {

/// The items of a dump that arrives in parts of `step` bytes; empty if it is refused.
std::optional<std::vector<std::string>> items_of(std::string_view given, std::size_t step) {
  std::vector<std::string> items;
  const auto source = pieces_of(given, step);
  detail::item_pieces pieces{source, [](std::string_view) {}};
  const bool read = succeeds([&] {
    while (const auto piece = pieces.next())
      items.emplace_back(piece->bytes);
  });
  return read ? std::optional{std::move(items)} : std::nullopt;
}

/// The same as the cursor sees it, which has the whole text.
std::optional<std::vector<std::string>> items_seen(std::string_view given) {
  std::vector<std::string> items;
  int lists = 0;
  const bool read = succeeds([&] {
    json_cursor in{given};
    in.enter_object();
    while (const auto name = in.next_member()) {
      if (*name != "items") {
        in.skip();
        continue;
      }
      ++lists;
      in.enter_array();
      while (in.next_element())
        items.emplace_back(in.skip());
    }
    in.finish();
  });
  return read && lists == 1 ? std::optional{std::move(items)} : std::nullopt;
}

} // namespace

/// Cutting a dump into items does not depend on how it arrives. What is JSON and a dump is taken,
/// with the items that a reader of the whole text sees; items alone may be no JSON, since they are
/// read by others.
void beaver::test::fuzz_one(std::string_view given) {
  const auto whole = items_of(given, given.size() + 1);
  require(whole == items_of(given, 1));
  require(whole == items_of(given, 7));
  if (const auto seen = items_seen(given))
    require(whole == seen);
}
