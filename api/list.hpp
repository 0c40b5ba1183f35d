#pragma once
#include "beaver/actors/list.hpp"
#include "beaver/api/changes.hpp"
#include "beaver/api/model.hpp"
#include "beaver/api/scan.hpp"
#include "beaver/api/style.hpp"

#include <concepts>
#include <cstdint>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace beaver {

/// JSON values in an order of their own. `T` is what values are in C++, as for `dict`.
///
/// An index counts from 0, a negative one from the end: -1 is the last item. Both ends cost
/// O(log n). Reads elsewhere learn their way into the list as far as they are asked, by a step for
/// each item up to there; from then on they cost a few microseconds, until the list changes. Writes
/// elsewhere, and reads in a transaction, cost a step for each item between the index and its end.
/// A handle is cheap to copy, usable from any thread, and valid until its database closes (then
/// every call is `errc::closed`). Every call may fail with `error`: invalid_argument, busy, io,
/// full, closed. With `Style` = `async` calls return futures, with `batched` they wait for a
/// commit.
template <class T = json_text, class Style = sync>
class list : public observable<list<T, Style>, Style> {
  template <class R>
  using reply = typename Style::template reply<R>;

public:
  static constexpr std::string_view type_name = "list";
  using value_type = T;

  list(std::string name, Style style) : name_(std::move(name)), style_(std::move(style)) {}

  [[nodiscard]] const std::string& name() const noexcept { return name_; }

  // -- writing ------------------------------------------------------------------------------------

  /// Adds behind the last item.
  reply<void> push(const T& value) { return style_(list_push{name_, encode(value)}); }

  /// Adds in front of the first item.
  reply<void> prepend(const T& value) { return style_(list_prepend{name_, encode(value)}); }

  /// Adds all behind the last item, in order and at once.
  template <std::ranges::input_range Values>
  reply<void> extend(Values&& values) {
    list_extend m{name_, {}};
    for (const T& value : values)
      m.values.push_back(encode(value));
    return style_(std::move(m));
  }

  /// Adds in front of the item at `index`, as Python's list does: -1 is in front of the last item,
  /// what lies beyond an end is that end.
  reply<void> insert(std::int64_t index, const T& value) {
    return style_(list_insert{name_, index, encode(value)});
  }

  /// Replaces the item; whether there is one.
  reply<bool> set(std::int64_t index, const T& value) {
    return style_(list_set{name_, index, encode(value)});
  }

  /// Removes the item; whether there was one.
  reply<bool> erase(std::int64_t index) { return style_(list_erase{name_, index}); }

  /// Removes the item and gives its value; empty if there was none.
  reply<std::optional<T>> pop(std::int64_t index = -1) {
    return style_(list_pop{name_, index}, decode_optional);
  }
  reply<std::optional<T>> pop_front() { return style_(list_pop_front{name_}, decode_optional); }

  /// Removes the first item that equals `value` (the same JSON text in normal form, so 1 is not
  /// 1.0); whether there was one. Linear in the items up to it.
  reply<bool> remove(const T& value) { return style_(list_remove{name_, encode(value)}); }

  /// Removes all items that `range(start, stop)` would not give; their number.
  reply<std::uint64_t> trim(std::optional<std::int64_t> start, std::optional<std::int64_t> stop) {
    return style_(list_trim{name_, start, stop});
  }

  /// Moves the item at `from` so that it has the index `to` afterwards; false if there is no item
  /// at one of them.
  reply<bool> move(std::int64_t from, std::int64_t to) {
    return style_(list_move{name_, from, to});
  }

  /// Removes all items.
  reply<void> clear() { return style_(list_clear{name_}); }

  // -- reading ------------------------------------------------------------------------------------

  /// The value at `index`; empty if there is none. type_mismatch if it does not fit `T`.
  [[nodiscard]] reply<std::optional<T>> find_at(std::int64_t index) const requires(Style::reads) {
    return style_(list_find_at{name_, index}, decode_optional);
  }

  /// The strict twin of `find_at`: not_found if there is none.
  [[nodiscard]] reply<T> get(std::int64_t index) const requires(Style::reads) {
    return style_(
      list_find_at{name_, index}, [name = name_, index](std::optional<json_text> value) {
        if (!value)
          throw error(errc::not_found, "list '" + name + "' has no item " + std::to_string(index));
        return model<T>::decode(*value);
      });
  }

  /// The values from `start` to before `stop` as a Python slice: absent is that end, what lies
  /// beyond an end is that end, nothing if they cross. All in memory at once.
  [[nodiscard]] reply<std::vector<T>> range(std::optional<std::int64_t> start = {},
                                            std::optional<std::int64_t> stop = {}) const
    requires(Style::reads) {
    return style_(list_range{name_, start, stop}, [](std::vector<json_text> texts) {
      std::vector<T> all;
      all.reserve(texts.size());
      for (const auto& text : texts)
        all.push_back(model<T>::decode(text));
      return all;
    });
  }

  /// The index of the first item that equals `value`; empty if there is none.
  [[nodiscard]] reply<std::optional<std::uint64_t>> find(const T& value) const
    requires(Style::reads) {
    return style_(list_find{name_, encode(value)});
  }

  [[nodiscard]] reply<bool> contains(const T& value) const requires(Style::reads) {
    return style_(list_contains{name_, encode(value)});
  }

  /// Number of items. O(n) over an index of the file; again without a change of the list: O(1).
  [[nodiscard]] reply<std::uint64_t> count() const requires(Style::reads) {
    return style_(list_count{name_});
  }

  [[nodiscard]] reply<list_summary> info() const requires(Style::reads) {
    return style_(list_info{name_});
  }

  /// The values as an input range that holds one page in memory, first to last or last to first.
  /// Each page is one read and begins behind the last item of the one before it, wherever that
  /// stands by then. Take a snapshot to see one instant.
  [[nodiscard]] scan<T> values(bool descending = false) const requires std::same_as<Style, sync> {
    return {{.descending = descending}, [self = *this](key_range page) {
              auto entries = self.style_(list_items{
                {std::move(page.after), page.descending, page.limit, page.max_bytes}, self.name_});
              scan_page<T> fetched;
              fetched.entries.reserve(entries.size());
              for (const auto& e : entries)
                fetched.entries.push_back(model<T>::decode(e.value));
              if (!entries.empty())
                fetched.last = std::move(entries.back().key);
              return fetched;
            }};
  }

  [[nodiscard]] auto begin() const requires std::same_as<Style, sync> { return values().begin(); }
  [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

  // -- batches ------------------------------------------------------------------------------------

  /// A handle that collects writes for one commit.
  [[nodiscard]] batch_of<list<T, beaver::batched>>
  batched() const requires std::same_as<Style, sync> {
    return {style_.to, name_};
  }

private:
  static json_text encode(const T& value) { return model<T>::encode(value); }

  static std::optional<T> decode_optional(std::optional<json_text> value) {
    return value ? std::optional<T>{model<T>::decode(*value)} : std::nullopt;
  }

  friend class observable<list<T, Style>, Style>;
  std::string name_;
  Style style_;
};

} // namespace beaver
