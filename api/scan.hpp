#pragma once
#include "beaver/storage/key_range.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace beaver {

/// A part of a long listing.
template <class Entry, class Key = std::string>
struct scan_page {
  std::vector<Entry> entries;
  Key last; ///< the key of the last one, behind which the next page begins
};

/// An input range over a long listing in key order that fetches one page at a time: 256 entries or
/// 4 MiB, and one entry however large. `Range` says what is listed, and has `after`, `limit` and
/// `max_bytes` as `key_range` does.
/// Single pass; not thread-safe. Errors of a fetch are thrown by `begin` and `++`.
template <class Entry, class Range = key_range>
class scan {
  static constexpr std::uint64_t page_size = 256;
  static constexpr std::uint64_t page_bytes = 4 << 20;

  using key = typename decltype(Range::after)::value_type;
  using fetch_function = std::function<scan_page<Entry, key>(Range)>;

  struct state {
    Range range;
    fetch_function fetch;
    std::vector<Entry> page{};
    std::size_t at = 0;

    void next_page() {
      at = 0;
      page.clear();
      if (range.limit == 0u)
        return;
      auto request = range;
      request.limit = std::min(range.limit.value_or(page_size), page_size);
      request.max_bytes = page_bytes; // so a short page need not be the last one
      auto fetched = fetch(std::move(request));
      page = std::move(fetched.entries);
      range.after = std::move(fetched.last);
      if constexpr (requires { range.offset; })
        range.offset.reset(); // passed over, once
      if (range.limit)
        *range.limit -= page.size();
    }
  };

public:
  class iterator {
  public:
    using iterator_concept = std::input_iterator_tag;
    using value_type = Entry;
    using difference_type = std::ptrdiff_t;

    iterator() = default;
    explicit iterator(std::shared_ptr<state> s) : state_(std::move(s)) {}

    typename std::vector<Entry>::const_reference operator*() const {
      return state_->page[state_->at];
    }
    const Entry* operator->() const { return &**this; }
    iterator& operator++() {
      if (++state_->at == state_->page.size())
        state_->next_page();
      return *this;
    }
    void operator++(int) { ++*this; }
    bool operator==(std::default_sentinel_t) const { return state_->at == state_->page.size(); }

  private:
    std::shared_ptr<state> state_;
  };

  scan(Range range, fetch_function fetch)
    : state_(std::make_shared<state>(state{std::move(range), std::move(fetch)})) {}

  [[nodiscard]] iterator begin() const {
    auto own = std::make_shared<state>(*state_);
    own->next_page();
    return iterator{std::move(own)};
  }
  [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

private:
  std::shared_ptr<const state> state_;
};

} // namespace beaver
