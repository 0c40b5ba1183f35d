#pragma once
#include "beaver/actors/dict.hpp"
#include "beaver/api/changes.hpp"
#include "beaver/api/model.hpp"
#include "beaver/api/scan.hpp"
#include "beaver/api/style.hpp"

#include <chrono>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace beaver {

/// A time to live; any `std::chrono` duration converts.
using lifetime = std::chrono::duration<double>;

/// JSON values under text keys, each with an optional expiry. `T` is what values are in C++: raw
/// `json_text`, a described struct, a standard type, or whatever has a `model<T>`.
///
/// A handle is cheap to copy, usable from any thread, and valid until its database closes (then
/// every call is `errc::closed`). Keys have 1..1024 bytes of UTF-8 and sort by bytes. An expired
/// entry is absent for every call. Every call may fail with `error`: invalid_argument, busy, io,
/// full, closed. With `Style` = `async` calls return futures, with `batched` they wait for a
/// commit. Point operations cost O(log n), listings O(result).
template <class T = json_text, class Style = sync>
class dict : public observable<dict<T, Style>, Style> {
  template <class R>
  using reply = typename Style::template reply<R>;

public:
  static constexpr std::string_view type_name = "dict";
  using value_type = std::pair<std::string, T>;

  dict(std::string name, Style style) : name_(std::move(name)), style_(std::move(style)) {}

  [[nodiscard]] const std::string& name() const noexcept { return name_; }

  // -- writing ------------------------------------------------------------------------------------

  /// Stores `value`, replacing an earlier one and its expiry. Without `ttl` it never expires.
  reply<void> set(std::string_view key, const T& value, std::optional<lifetime> ttl = {}) {
    return style_(dict_set{name_, std::string{key}, encode(value), seconds(ttl)});
  }

  /// Stores only if the key is absent; whether it did.
  reply<bool> set_if_absent(std::string_view key, const T& value,
                            std::optional<lifetime> ttl = {}) {
    return style_(dict_set_if_absent{name_, std::string{key}, encode(value), seconds(ttl)});
  }

  /// Stores only if the present value is `expected` (empty: if the key is absent); whether it did.
  reply<bool> compare_and_set(std::string_view key, const std::optional<T>& expected,
                              const T& value, std::optional<lifetime> ttl = {}) {
    dict_compare_and_set m{name_, std::string{key}, encode(value), {}, seconds(ttl)};
    if (expected)
      m.expected = encode(*expected);
    return style_(std::move(m));
  }

  /// Adds to the integer under `key` (absent: 0), gives the sum. type_mismatch if it is no integer,
  /// invalid_argument on overflow.
  reply<std::int64_t> increment(std::string_view key, std::integral auto by) {
    return add(key, static_cast<std::int64_t>(by));
  }
  reply<std::int64_t> increment(std::string_view key) { return increment(key, 1); }

  /// The same for numbers with a fraction.
  reply<double> increment(std::string_view key, std::floating_point auto by) {
    return add(key, static_cast<double>(by));
  }

  /// Removes the entry; whether there was one.
  reply<bool> erase(std::string_view key) { return style_(dict_erase{name_, std::string{key}}); }

  /// Removes the entry and gives its value; empty if there was none.
  reply<std::optional<T>> pop(std::string_view key) {
    return style_(dict_pop{name_, std::string{key}}, decode_optional);
  }

  /// Gives an entry a new time to live from now; whether there is one.
  reply<bool> touch(std::string_view key, lifetime ttl) {
    return style_(dict_touch{name_, std::string{key}, ttl.count()});
  }

  /// Removes the expiry of an entry; whether there is one.
  reply<bool> persist(std::string_view key) {
    return style_(dict_persist{name_, std::string{key}});
  }

  /// Removes all entries.
  reply<void> clear() { return style_(dict_clear{name_}); }

  /// Removes expired entries from the file now; gives their number.
  reply<std::uint64_t> sweep() { return style_(dict_sweep{name_}); }

  // -- reading ------------------------------------------------------------------------------------

  /// The value under `key`; empty if there is none. type_mismatch if it does not fit `T`.
  [[nodiscard]] reply<std::optional<T>> find(std::string_view key) const requires(Style::reads) {
    return style_(dict_find{name_, std::string{key}}, decode_optional);
  }

  /// The strict twin of `find`: not_found if there is none.
  [[nodiscard]] reply<T> get(std::string_view key) const requires(Style::reads) {
    return style_(dict_find{name_, std::string{key}},
                  [name = name_, key = std::string{key}](std::optional<json_text> value) {
                    if (!value)
                      throw error(errc::not_found, "dict '" + name + "' has no key '" + key + "'");
                    return model<T>::decode(*value);
                  });
  }

  [[nodiscard]] reply<bool> contains(std::string_view key) const requires(Style::reads) {
    return style_(dict_contains{name_, std::string{key}});
  }

  /// Number of entries, of those whose key starts with `prefix` if given. O(result).
  [[nodiscard]] reply<std::uint64_t> count(std::optional<std::string> prefix = {}) const
    requires(Style::reads) {
    return style_(dict_count{name_, std::move(prefix)});
  }

  /// Keys in order, all in memory at once.
  [[nodiscard]] reply<std::vector<std::string>> keys(key_range range = {}) const
    requires(Style::reads) {
    return style_(dict_keys{std::move(range), name_});
  }

  /// Values in order of their keys.
  [[nodiscard]] reply<std::vector<T>> values(key_range range = {}) const requires(Style::reads) {
    return style_(dict_values{std::move(range), name_}, [](std::vector<json_text> texts) {
      std::vector<T> all;
      all.reserve(texts.size());
      for (const auto& text : texts)
        all.push_back(model<T>::decode(text));
      return all;
    });
  }

  /// Keys with their values in order of the keys.
  [[nodiscard]] reply<std::vector<value_type>> items(key_range range = {}) const
    requires(Style::reads) {
    return style_(dict_items{std::move(range), name_}, decode_entries);
  }

  /// How long an entry still lives: empty if there is none, `ttl_seconds` empty if for ever.
  [[nodiscard]] reply<std::optional<dict_lifetime>> ttl(std::string_view key) const
    requires(Style::reads) {
    return style_(dict_ttl{name_, std::string{key}});
  }

  [[nodiscard]] reply<dict_summary> info() const requires(Style::reads) {
    return style_(dict_info{name_});
  }

  /// The entries as an input range that holds one page in memory. Each page is one read: what
  /// others change meanwhile shows in later pages. Take a snapshot to see one instant.
  [[nodiscard]] scan<value_type>
  entries(key_range range = {}) const requires std::same_as<Style, sync> {
    return {std::move(range), [self = *this](key_range page) {
              scan_page<value_type> fetched{self.items(std::move(page)), {}};
              if (!fetched.entries.empty())
                fetched.last = fetched.entries.back().first;
              return fetched;
            }};
  }

  [[nodiscard]] auto begin() const requires std::same_as<Style, sync> { return entries().begin(); }
  [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

  // -- batches ------------------------------------------------------------------------------------

  /// A handle that collects writes for one commit.
  [[nodiscard]] batch_of<dict<T, beaver::batched>>
  batched() const requires std::same_as<Style, sync> {
    return {style_.to, name_};
  }

private:
  static json_text encode(const T& value) { return model<T>::encode(value); }

  static std::optional<double> seconds(const std::optional<lifetime>& ttl) {
    return ttl ? std::optional{ttl->count()} : std::nullopt;
  }

  static std::optional<T> decode_optional(std::optional<json_text> value) {
    return value ? std::optional<T>{model<T>::decode(*value)} : std::nullopt;
  }

  static std::vector<value_type> decode_entries(std::vector<dict_entry> entries) {
    std::vector<value_type> all;
    all.reserve(entries.size());
    for (auto& e : entries)
      all.emplace_back(std::move(e.key), model<T>::decode(e.value));
    return all;
  }

  template <class Number>
  reply<Number> add(std::string_view key, Number by) {
    return style_(dict_increment{name_, std::string{key}, model<Number>::encode(by)},
                  [](json_text sum) { return model<Number>::decode(sum); });
  }

  friend class observable<dict<T, Style>, Style>;
  std::string name_;
  Style style_;
};

} // namespace beaver
