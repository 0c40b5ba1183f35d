#include "beaver/storage/list_index.hpp"

#include "beaver/storage/connection.hpp"
#include "beaver/storage/list_place.hpp"
#include "beaver/storage/list_table.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#define FROM_KEY BEAVER_IN_LIST " AND item_order >= ?2"

namespace beaver {
namespace {

constexpr std::int64_t first_stride = 256;
constexpr std::int64_t unlimited = std::numeric_limits<std::int64_t>::max();

std::size_t heap_bytes(const std::string& text) {
  static const std::size_t inside = std::string{}.capacity();
  return text.capacity() > inside ? text.capacity() + 1 : 0;
}

} // namespace

list_index::list_index() { forget(); }

void list_index::refresh(std::string_view name, std::uint64_t file_version) {
  if (name == name_ && file_version == version_)
    return;
  forget();
  name_ = name;
  version_ = file_version;
}

void list_index::forget() {
  stride_ = first_stride;
  keys_.assign(1, {}); // no key is smaller than the empty text
  key_bytes_ = 0;
  size_.reset();
}

std::uint64_t list_index::count(connection& c) {
  while (!size_)
    learn(c);
  return static_cast<std::uint64_t>(*size_);
}

std::optional<json_text> list_index::at(connection& c, std::int64_t index) {
  if (index < 0) {
    if (!size_ && index >= -first_stride)
      return list_table::at(c, name_, index);
    index += static_cast<std::int64_t>(count(c));
    if (index < 0)
      return std::nullopt;
  }
  auto one = read(c, index, 1);
  if (one.empty())
    return std::nullopt;
  return std::move(one.front());
}

std::vector<json_text> list_index::range(connection& c, std::optional<std::int64_t> start,
                                         std::optional<std::int64_t> stop) {
  const std::int64_t first = start.value_or(0);
  if (first >= 0 && stop.value_or(0) >= 0)
    return read(c, first, stop.value_or(unlimited) - first);
  if (!size_ && first < 0 && first >= -first_stride && stop.value_or(-1) < 0)
    return list_table::range(c, name_, start, stop);
  const list_table::detail::slice s{start, stop, static_cast<std::int64_t>(count(c))};
  return read(c, s.first, s.last - s.first);
}

std::size_t list_index::bytes() const noexcept {
  return sizeof *this + heap_bytes(name_) + keys_.capacity() * sizeof(std::string) + key_bytes_;
}

std::vector<json_text> list_index::read(connection& c, std::int64_t index, std::int64_t items) {
  std::vector<json_text> result;
  if (items <= 0)
    return result;
  while (!size_ && index / stride_ >= static_cast<std::int64_t>(keys_.size()))
    learn(c);
  if (size_ && index >= *size_)
    return result;
  const std::int64_t nearest =
    std::min(index / stride_, static_cast<std::int64_t>(keys_.size()) - 1);
  statement row =
    c.prepare("SELECT item_value " FROM_KEY " ORDER BY item_order LIMIT ?3 OFFSET ?4");
  row.bind(name_, keys_[static_cast<std::size_t>(nearest)], items, index - nearest * stride_);
  while (row.step())
    result.emplace_back(row.text(0));
  return result;
}

void list_index::learn(connection& c) {
  // A BLOB is no order key and stands behind all of them: such items belong to the rest.
  std::optional<std::string> key;
  {
    statement row = c.prepare("SELECT item_order " FROM_KEY " AND item_order < x'' "
                              "ORDER BY item_order LIMIT 1 OFFSET ?3");
    row.bind(name_, keys_.back(), stride_);
    if (row.step())
      key.emplace(row.text(0));
  }
  if (key) {
    key_bytes_ += heap_bytes(*key);
    keys_.push_back(*std::move(key));
    while (bytes() > max_bytes && keys_.size() > 1)
      thin_out();
    return;
  }
  statement rest = c.prepare("SELECT count(*) " FROM_KEY);
  rest.bind(name_, keys_.back()).step();
  size_ = stride_ * static_cast<std::int64_t>(keys_.size() - 1) + rest.integer(0);
}

void list_index::thin_out() {
  std::vector<std::string> kept;
  kept.reserve((keys_.size() + 1) / 2);
  key_bytes_ = 0;
  for (std::size_t i = 0; i < keys_.size(); i += 2) {
    key_bytes_ += heap_bytes(keys_[i]);
    kept.push_back(std::move(keys_[i]));
  }
  keys_ = std::move(kept);
  stride_ *= 2;
}

} // namespace beaver
