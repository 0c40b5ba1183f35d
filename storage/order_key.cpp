#include "beaver/storage/order_key.hpp"

#include <algorithm>

namespace beaver::order_key {
namespace {

constexpr std::string_view digits =
  "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::uint64_t base = digits.size();
constexpr char lowest = digits.front();
constexpr char highest = digits.back();

constexpr std::size_t value_of(char digit) noexcept {
  const int value = digit <= '9' ? digit - '0' : digit <= 'Z' ? digit - 'A' + 10 : digit - 'a' + 36;
  return static_cast<std::size_t>(value);
}

constexpr char next(char digit) noexcept { return digits[value_of(digit) + 1]; }
constexpr char previous(char digit) noexcept { return digits[value_of(digit) - 1]; }

/// Digits of the counter that follows a run of `level` border digits.
constexpr std::size_t counter_size(std::size_t level) noexcept {
  return level < 3 ? std::size_t{1} << level : 8;
}

std::size_t run_of(char border, std::string_view key) noexcept {
  return std::min(key.find_first_not_of(border), key.size());
}

/// `key` with a counter of the full size for its level: what is too long for it is cut off, which
/// makes the fraction smaller, what is missing is zeros, which leaves it as it is.
std::string shaped(std::string_view key, std::size_t level) {
  std::string result{key.substr(0, level + counter_size(level))};
  result.resize(level + counter_size(level), lowest);
  return result;
}

} // namespace

bool valid(std::string_view text) noexcept {
  return !text.empty() && text.back() != lowest
         && text.find_first_not_of(digits) == std::string_view::npos;
}

std::string first() { return std::string{digits[base / 2]}; }

std::string after(std::string_view key) {
  const std::size_t level = run_of(highest, key);
  std::string result = shaped(key, level);
  std::size_t at = result.size() - 1;
  for (; at > level && result[at] == highest; --at)
    result[at] = lowest;
  result[at] = next(result[at]);
  if (result[level] == highest) { // the counter is full: one level further
    result.assign(level + 1, highest);
    result.append(counter_size(level + 1), lowest);
  }
  if (result.back() == lowest)
    result.back() = next(lowest);
  return result;
}

std::string before(std::string_view key) {
  const std::size_t level = run_of(lowest, key);
  std::string result = shaped(key, level);
  do {
    std::size_t at = result.size() - 1;
    for (; at > level && result[at] == lowest; --at)
      result[at] = highest;
    result[at] = previous(result[at]);
    if (result[level] == lowest) {
      result.assign(level + 1, lowest);
      result.append(counter_size(level + 1), highest);
    }
  } while (result.back() == lowest);
  return result;
}

std::string between(std::string_view left, std::string_view right) {
  const auto fork = std::mismatch(left.begin(), left.end(), right.begin(), right.end());
  const auto common = static_cast<std::size_t>(fork.first - left.begin());
  std::string result{left.substr(0, common)};
  right.remove_prefix(common);
  left.remove_prefix(common);
  if (left.empty()) // everything that goes on from it is greater
    return result += before(right);

  const char low = left.front();
  const char high = right.front();
  left.remove_prefix(1);
  right.remove_prefix(1);
  if (next(low) != high)
    return result += digits[(value_of(low) + value_of(high)) / 2];
  // The longer neighbour is the younger one, most likely the last of a run that goes on.
  if (left.size() < right.size())
    return (result += high) += before(right);
  return (result += low) += left.empty() ? first() : after(left);
}

spaced::spaced(std::string_view prefix, std::uint64_t n) : prefix_(prefix) {
  // A digit more than needed, for the insertions to come.
  std::uint64_t room = base;
  while (room / (n + 1) < base && room <= UINT64_MAX / base) {
    room *= base;
    ++digits_;
  }
  step_ = room / (n + 1);
}

std::string spaced::operator[](std::uint64_t i) const {
  std::string result = prefix_;
  result.resize(prefix_.size() + digits_);
  std::uint64_t rest = (i + 1) * step_;
  for (std::size_t at = result.size(); at-- > prefix_.size(); rest /= base)
    result[at] = digits[rest % base];
  result.resize(result.find_last_not_of(lowest) + 1);
  return result;
}

} // namespace beaver::order_key
