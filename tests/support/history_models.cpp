#include "support/history_models.hpp"

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <stdexcept>
#include <string_view>

namespace beaver::test {
namespace {

bool fits(const answer& given, std::initializer_list<std::int64_t> right) {
  return !given || std::equal(given->begin(), given->end(), right.begin(), right.end());
}

std::int64_t argument(const call& what, std::size_t i) {
  if (i >= what.arguments.size())
    throw std::logic_error("too few arguments for " + what.operation);
  return what.arguments[i];
}

[[noreturn]] void unknown(std::string_view model, const call& what) {
  throw std::logic_error("a " + std::string{model} + " knows no operation " + what.operation);
}

void mix(std::size_t& hash, std::int64_t number) {
  hash = (hash ^ static_cast<std::size_t>(number)) * 0x100000001b3u; // FNV-1a, by words
  hash ^= hash >> 29;
}

std::string number_or(const std::optional<std::int64_t>& number, const char* otherwise) {
  return number ? std::to_string(*number) : otherwise;
}

} // namespace

call queue_model::put(std::string queue, std::int64_t item, std::int64_t priority) {
  return {std::move(queue), "put", {item, priority}};
}
call queue_model::put(std::string queue, std::int64_t item, std::int64_t priority,
                      std::int64_t lease) {
  return {std::move(queue), "put", {item, priority, lease}};
}
call queue_model::get(std::string queue) { return {std::move(queue), "get", {}}; }
call queue_model::peek(std::string queue) { return {std::move(queue), "peek", {}}; }
call queue_model::take(std::string queue, std::int64_t lease) {
  return {std::move(queue), "take", {lease}};
}
call queue_model::ack(std::string queue, std::int64_t lease) {
  return {std::move(queue), "ack", {lease}};
}
call queue_model::nack(std::string queue, std::int64_t lease) {
  return {std::move(queue), "nack", {lease}};
}
call queue_model::count(std::string queue) { return {std::move(queue), "count", {}}; }
call queue_model::lease_end(std::string queue, std::int64_t lease) {
  return {std::move(queue), "lease_end", {lease}};
}

std::optional<queue_model> queue_model::step(const call& what, const answer& result) const {
  const std::string_view name = what.operation;
  if (name == "put") {
    entry added{argument(what, 1), argument(what, 0), std::nullopt};
    if (what.arguments.size() > 2)
      added.lease = what.arguments[2];
    if (!fits(result, {}))
      return std::nullopt;
    queue_model next = *this;
    const auto behind =
      std::upper_bound(next.entries_.begin(), next.entries_.end(), added.priority,
                       [](std::int64_t priority, const entry& e) { return priority < e.priority; });
    next.entries_.insert(behind, added);
    return next;
  }
  if (name == "get" || name == "peek" || name == "take")
    return first(what, result);
  if (name == "ack" || name == "nack" || name == "lease_end")
    return end_of_lease(what, result);
  if (name == "count") {
    const auto free =
      std::count_if(entries_.begin(), entries_.end(), [](const entry& e) { return !e.lease; });
    return fits(result, {free}) ? std::optional{*this} : std::nullopt;
  }
  unknown("queue", what);
}

std::optional<queue_model> queue_model::first(const call& what, const answer& result) const {
  const auto head =
    std::find_if(entries_.begin(), entries_.end(), [](const entry& e) { return !e.lease; });
  if (head == entries_.end())
    return fits(result, {}) ? std::optional{*this} : std::nullopt;
  if (!fits(result, {head->item, head->priority}))
    return std::nullopt;
  queue_model next = *this;
  const auto at = next.entries_.begin() + std::distance(entries_.begin(), head);
  if (what.operation == "get")
    next.entries_.erase(at);
  else if (what.operation == "take")
    at->lease = argument(what, 0);
  return next;
}

std::optional<queue_model> queue_model::end_of_lease(const call& what, const answer& result) const {
  const auto lease = argument(what, 0);
  const auto held = std::find_if(entries_.begin(), entries_.end(),
                                 [&](const entry& e) { return e.lease == lease; });
  if (!fits(result, {held != entries_.end()}))
    return std::nullopt;
  queue_model next = *this;
  if (held == entries_.end())
    return next;
  const auto at = next.entries_.begin() + std::distance(entries_.begin(), held);
  if (what.operation == "ack")
    next.entries_.erase(at);
  else
    at->lease.reset();
  return next;
}

std::size_t queue_model::hash() const {
  std::size_t hash = entries_.size();
  for (const auto& e : entries_) {
    mix(hash, e.priority);
    mix(hash, e.item);
    mix(hash, e.lease.value_or(-1));
  }
  return hash;
}

std::string queue_model::text() const {
  std::string text = "[";
  for (const auto& e : entries_) {
    if (text.size() > 1)
      text += ", ";
    text += std::to_string(e.item) + " priority " + std::to_string(e.priority);
    if (e.lease)
      text += " in lease " + std::to_string(*e.lease);
  }
  return text + ']';
}

call lock_model::acquire(std::string lock, std::int64_t holding) {
  return {std::move(lock), "acquire", {holding}};
}
call lock_model::try_acquire(std::string lock, std::int64_t holding) {
  return {std::move(lock), "try_acquire", {holding}};
}
call lock_model::release(std::string lock, std::int64_t holding) {
  return {std::move(lock), "release", {holding}};
}
call lock_model::renew(std::string lock, std::int64_t holding) {
  return {std::move(lock), "renew", {holding}};
}
call lock_model::expire(std::string lock, std::int64_t holding) {
  return {std::move(lock), "expire", {holding}};
}

std::optional<lock_model> lock_model::step(const call& what, const answer& result) const {
  const std::string_view name = what.operation;
  const auto holding = argument(what, 0);
  lock_model next = *this;
  if (name == "acquire" || name == "try_acquire") {
    const bool refused = result && result->empty();
    if (refused)
      return holding_ || name == "acquire" ? std::optional{next} : std::nullopt;
    if (holding_ || (result && result->size() != 1))
      return std::nullopt;
    const auto token = result ? result->front() : last_token_ + 1;
    if (token <= last_token_)
      return std::nullopt;
    next.holding_ = holding;
    next.last_token_ = token;
    return next;
  }
  if (name != "release" && name != "renew" && name != "expire")
    unknown("lock", what);
  const bool held = holding_ == holding;
  if (!fits(result, {held}))
    return std::nullopt;
  if (held && name != "renew")
    next.holding_.reset();
  return next;
}

std::size_t lock_model::hash() const {
  std::size_t hash = 1;
  mix(hash, holding_.value_or(-1));
  mix(hash, last_token_);
  return hash;
}

std::string lock_model::text() const {
  return "held by " + number_or(holding_, "nobody") + ", last token " + std::to_string(last_token_);
}

call list_model::push(std::string list, std::int64_t value) {
  return {std::move(list), "push", {value}};
}
call list_model::prepend(std::string list, std::int64_t value) {
  return {std::move(list), "prepend", {value}};
}
call list_model::pop_front(std::string list) { return {std::move(list), "pop_front", {}}; }
call list_model::pop_back(std::string list) { return {std::move(list), "pop_back", {}}; }
call list_model::at(std::string list, std::int64_t index) {
  return {std::move(list), "at", {index}};
}
call list_model::set(std::string list, std::int64_t index, std::int64_t value) {
  return {std::move(list), "set", {index, value}};
}
call list_model::insert(std::string list, std::int64_t index, std::int64_t value) {
  return {std::move(list), "insert", {index, value}};
}
call list_model::erase(std::string list, std::int64_t index) {
  return {std::move(list), "erase", {index}};
}
call list_model::count(std::string list) { return {std::move(list), "count", {}}; }
call list_model::items(std::string list) { return {std::move(list), "items", {}}; }

std::optional<list_model> list_model::step(const call& what, const answer& result) const {
  const std::string_view name = what.operation;
  const auto size = static_cast<std::int64_t>(values_.size());
  const auto unchanged = [&](bool fit) { return fit ? std::optional{*this} : std::nullopt; };
  const auto with = [&](std::int64_t at, std::int64_t value) {
    list_model next = *this;
    next.values_.insert(next.values_.begin() + at, value);
    return next;
  };
  const auto without = [&](std::int64_t at) {
    list_model next = *this;
    next.values_.erase(next.values_.begin() + at);
    return next;
  };

  if (name == "count")
    return unchanged(fits(result, {size}));
  if (name == "items")
    return unchanged(!result || *result == values_);
  if (name == "push" || name == "prepend" || name == "insert") {
    if (!fits(result, {}))
      return std::nullopt;
    if (name == "insert") {
      const auto index = argument(what, 0) < 0 ? argument(what, 0) + size : argument(what, 0);
      return with(std::clamp<std::int64_t>(index, 0, size), argument(what, 1));
    }
    return with(name == "push" ? size : 0, argument(what, 0));
  }
  if (name == "pop_front" || name == "pop_back") {
    if (size == 0)
      return unchanged(fits(result, {}));
    const auto at = name == "pop_front" ? 0 : size - 1;
    return fits(result, {values_[static_cast<std::size_t>(at)]}) ? std::optional{without(at)}
                                                                 : std::nullopt;
  }
  if (name != "at" && name != "set" && name != "erase")
    unknown("list", what);
  const auto index = argument(what, 0) < 0 ? argument(what, 0) + size : argument(what, 0);
  const bool inside = index >= 0 && index < size;
  if (name == "at")
    return unchanged(inside ? fits(result, {values_[static_cast<std::size_t>(index)]})
                            : fits(result, {}));
  if (!fits(result, {inside}))
    return std::nullopt;
  if (!inside)
    return *this;
  if (name == "erase")
    return without(index);
  list_model next = *this;
  next.values_[static_cast<std::size_t>(index)] = argument(what, 1);
  return next;
}

std::size_t list_model::hash() const {
  std::size_t hash = values_.size();
  for (const auto value : values_)
    mix(hash, value);
  return hash;
}

std::string list_model::text() const {
  std::string text = "[";
  for (const auto value : values_)
    text += (text.size() > 1 ? ", " : "") + std::to_string(value);
  return text + ']';
}

} // namespace beaver::test
