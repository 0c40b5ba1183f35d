#pragma once
#include "beaver/api/blob.hpp"
#include "beaver/api/dict.hpp"
#include "beaver/api/list.hpp"

#include <string>
#include <utility>

namespace beaver {

/// The factories of all data types, one line each, for everything that hands out handles: a
/// database, its asynchronous twin, a transaction, a snapshot, a batch. `Self` has a member
/// `style()`.
template <class Self, class Style>
class handles {
public:
  /// The dict `name`, whose values are `T`; made with its first entry.
  template <class T = json_text>
  [[nodiscard]] beaver::dict<T, Style> dict(std::string name) const {
    return {std::move(name), self().style()};
  }

  /// The blob store `name`; made with its first blob.
  [[nodiscard]] beaver::blob<Style> blob(std::string name) const {
    return {std::move(name), self().style()};
  }

  /// The list `name`, whose values are `T`; made with its first item.
  template <class T = json_text>
  [[nodiscard]] beaver::list<T, Style> list(std::string name) const {
    return {std::move(name), self().style()};
  }

private:
  const Self& self() const noexcept { return static_cast<const Self&>(*this); }
};

} // namespace beaver
