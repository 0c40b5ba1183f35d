#include "beaver/storage/list_place.hpp"

#include "beaver/storage/connection.hpp"
#include "beaver/storage/key_range.hpp"
#include "beaver/storage/order_key.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

#define IN_RUN BEAVER_IN_LIST " AND item_order >= ?2 AND item_order < ?3"

namespace beaver::list_table::detail {
namespace {

/// The longest prefix whose run is spaced out: the new keys have few characters more, so that many
/// insertions fit in before one of them is too long again.
constexpr std::size_t longest_prefix = order_key::max_size / 2 - 1;

/// How many items are spaced out under a prefix of `size` characters. With one character less it is
/// twice as many, and spacing leaves few of them under each longer prefix. So between two times at
/// one place about as many items come as the second time moves. Source: Itai, Konheim and Rodeh, "A
/// Sparse Table Implementation of Priority Queues", 1981.
constexpr std::uint64_t most_items(std::size_t size) {
  return std::uint64_t{2} << (longest_prefix - size);
}

/// Empty if a neighbour's key is none.
std::optional<std::string> key_between(const place& p) {
  if ((p.left && !p.left->key) || (p.right && !p.right->key))
    return std::nullopt;
  if (p.left && p.right)
    return order_key::between(*p.left->key, *p.right->key);
  if (p.left)
    return order_key::after(*p.left->key);
  return p.right ? order_key::before(*p.right->key) : order_key::first();
}

bool is_small(connection& c, std::string_view name, std::string_view prefix) {
  const std::uint64_t most = most_items(prefix.size());
  const key_bounds run{prefix};
  statement row = c.prepare("SELECT count(*) FROM (SELECT 1 " IN_RUN " LIMIT ?4)");
  run.bind(row, name, most + 1);
  row.step();
  return static_cast<std::uint64_t>(row.integer(0)) <= most;
}

struct item {
  std::int64_t rowid;
  std::optional<std::string> key; // absent: a BLOB, which sorts behind every text
};

std::vector<item> items_of_run(connection& c, std::string_view name, std::string_view prefix) {
  const key_bounds run{prefix};
  statement row = c.prepare(prefix.empty() ? BEAVER_NEIGHBOUR BEAVER_IN_LIST " ORDER BY item_order"
                                           : BEAVER_NEIGHBOUR IN_RUN " ORDER BY item_order");
  if (prefix.empty())
    row.bind(name);
  else
    run.bind(row, name);
  std::vector<item> result;
  while (row.step())
    result.push_back(
      {row.integer(0), row.integer(2) ? std::optional{std::string{row.text(1)}} : std::nullopt});
  return result;
}

/// Spaces out the keys of all items under `prefix`; of the whole list if it is empty.
void space_out(connection& c, std::string_view name, std::string_view prefix) {
  const auto items = items_of_run(c, name, prefix);
  const order_key::spaced keys{prefix, items.size()};
  statement update = c.prepare("UPDATE __beaver_lists__ SET item_order = ?2 WHERE rowid = ?1");
  const auto give = [&](std::size_t i) { update.bind(items[i].rowid, keys[i]).run(); };
  // A new key must not meet the old one of another item. It cannot if the items whose keys become
  // smaller go first, in order, and then those whose keys become greater, in reverse order.
  for (std::size_t i = 0; i < items.size(); ++i)
    if (!items[i].key || keys[i] < *items[i].key)
      give(i);
  for (std::size_t i = items.size(); i-- > 0;)
    if (items[i].key && keys[i] > *items[i].key)
      give(i);
}

void read_again(connection& c, std::optional<neighbour>& n) {
  if (!n)
    return;
  statement row = c.prepare(BEAVER_NEIGHBOUR "FROM __beaver_lists__ WHERE rowid = ?1");
  row.bind(n->rowid).step();
  n.emplace(row);
}

} // namespace

neighbour::neighbour(const statement& row) : rowid(row.integer(0)) {
  if (row.integer(2) && order_key::valid(row.text(1)))
    key.emplace(row.text(1));
}

std::string key_at(connection& c, std::string_view name, place& p) {
  for (std::size_t size = longest_prefix + 1;;) {
    auto key = key_between(p);
    if (key && key->size() <= order_key::max_size)
      return *std::move(key);
    if (size == 0) // all keys are short now
      throw error(errc::internal, "list '" + std::string{name} + "' has no order key left");
    size = key ? size - 1 : 0;
    while (size > 0 && !is_small(c, name, key->substr(0, size)))
      --size;
    space_out(c, name, key ? std::string_view{*key}.substr(0, size) : "");
    read_again(c, p.left);
    read_again(c, p.right);
  }
}

} // namespace beaver::list_table::detail
