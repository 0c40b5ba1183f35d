#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace beaver {

/// The keys by which a list is ordered: fractions in base 62 without their point, digits 0-9A-Za-z,
/// compared by bytes. Between two of them there is always room for a third, so inserting moves
/// nothing. Pure functions on text.
///
/// The Python original does the same with another choice of fractions. Each continues where the
/// other stopped: all functions take any key of either, and the midpoint of two of ours is right in
/// Python. For that a key never ends in '0', which would be another spelling of the same fraction.
///
/// Where the original halves the room, so that keys grow by a character every few pushes, these
/// count. A key behind all others is a run of j times 'z' and then a counter of min(2^j, 8) digits
/// that does not begin with 'z'; in front of all others, the same with '0'. So a million pushes
/// need 6 characters, and 2^47 need 11. An insertion counts likewise within the room between its
/// neighbours. Only nesting insertions by turns on both sides of the last one grow a key steadily,
/// as under any scheme: then the owner of the keys spaces them out again.
namespace order_key {

/// What an owner lets a key grow to before it spaces the keys around it out again.
inline constexpr std::size_t max_size = 64;

/// Whether `text` is a key: digits only, at least one, the last not '0'. All arguments below are
/// keys; anything else that another program may have written has to be replaced first.
[[nodiscard]] bool valid(std::string_view text) noexcept;

/// The key of the only item.
[[nodiscard]] std::string first();

/// A key behind `key`, with room for many more behind it.
[[nodiscard]] std::string after(std::string_view key);

/// A key in front of `key`, with room for many more in front of it.
[[nodiscard]] std::string before(std::string_view key);

/// A key between `left` and `right`, of which the first is smaller. Continues a run of insertions
/// upwards or downwards at one place with keys of logarithmic length.
[[nodiscard]] std::string between(std::string_view left, std::string_view right);

/// Keys for a whole run of items, evenly spaced over the room that a prefix names: each starts with
/// it, so they stand behind whatever is smaller and does not, and in front of whatever is greater
/// and does not. At most log62(n) + 2 characters longer than the prefix.
class spaced {
public:
  /// `n` keys. `prefix`: digits, perhaps none; it may end in '0'.
  spaced(std::string_view prefix, std::uint64_t n);

  /// The key number `i` of 0 .. n-1, ascending.
  [[nodiscard]] std::string operator[](std::uint64_t i) const;

private:
  std::string prefix_;
  std::size_t digits_ = 1;
  std::uint64_t step_;
};

} // namespace order_key
} // namespace beaver
