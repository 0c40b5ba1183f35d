#include "beaver/storage/docs_table.hpp"

#include "beaver/storage/docs_rows.hpp"
#include "beaver/storage/docs_text.hpp"
#include "beaver/storage/docs_upkeep.hpp"
#include "beaver/storage/json_patch.hpp"

#include <algorithm>
#include <limits>

namespace beaver::docs_table {
namespace {

using namespace detail;

std::uint64_t to_unsigned(std::int64_t n) { return static_cast<std::uint64_t>(n); }

/// What a document is sorted by.
struct sorted {
  std::vector<std::optional<json_operand>> values;
  std::string id;
};

class sorter {
public:
  explicit sorter(std::span<const sort_field> fields) {
    for (const auto& f : fields) {
      places_.push_back(reader_.add(json_path{f.field}));
      down_.push_back(f.order == sort_order::desc);
    }
  }

  sorted read(std::string_view id, std::string_view json) {
    reader_.read(json);
    sorted row{{}, std::string{id}};
    for (const auto place : places_)
      if (const auto& value = reader_[place])
        row.values.emplace_back(json_operand{json_text{*value}.normalised()});
      else
        row.values.emplace_back();
    return row;
  }

  [[nodiscard]] bool before(const sorted& a, const sorted& b) const {
    for (std::size_t i = 0; i < down_.size(); ++i) {
      const auto& [x, y] =
        down_[i] ? std::tie(b.values[i], a.values[i]) : std::tie(a.values[i], b.values[i]);
      if (json_before(x, y))
        return true;
      if (json_before(y, x))
        return false;
    }
    return a.id < b.id;
  }

private:
  path_reader reader_;
  std::vector<std::size_t> places_;
  std::vector<bool> down_;
};

/// The ids of a page of the documents that are sorted.
std::vector<std::string> sorted_ids(document_reader& rows, std::span<const sort_field> sort,
                                    std::uint64_t offset, std::uint64_t limit) {
  sorter by{sort};
  std::vector<sorted> all;
  while (rows.step())
    all.push_back(rows.look_at([&](std::string_view json) { return by.read(rows.id(), json); }));
  const auto first = std::min<std::uint64_t>(offset, all.size());
  const auto last = first + std::min<std::uint64_t>(limit, all.size() - first);
  const auto end_of_page = all.begin() + static_cast<std::ptrdiff_t>(last);
  std::partial_sort(all.begin(), end_of_page, all.end(),
                    [&](const sorted& a, const sorted& b) { return by.before(a, b); });
  std::vector<std::string> ids;
  for (auto row = all.begin() + static_cast<std::ptrdiff_t>(first); row != end_of_page; ++row)
    ids.push_back(std::move(row->id));
  return ids;
}

} // namespace

document_writer::document_writer(connection& c, std::string_view name)
  : connection_(c), name_(name), options_(options(c, name)), index_(c, kind, name) {}

void document_writer::put(std::string_view id, const json_text& body) {
  leave_index(id);
  connection_
    .prepare("INSERT INTO __beaver_documents__(collection, item_id, data) VALUES(?1, ?2, ?3) "
             "ON CONFLICT(collection, item_id) DO UPDATE SET data = excluded.data")
    .bind(name_, id, body)
    .run();
  text_writer text{connection_, name_, options_};
  text.remove(id);
  text.add(id, body.text());
  if (!index_.empty())
    index_.add(std::string{id}, body.text());
}

bool document_writer::erase(std::string_view id) {
  leave_index(id);
  connection_.prepare("DELETE FROM __beaver_documents__ WHERE collection = ?1 AND item_id = ?2")
    .bind(name_, id)
    .run();
  const bool erased = connection_.changes() > 0;
  text_writer{connection_, name_, options_}.remove(id);
  return erased;
}

void document_writer::finish() {
  constexpr std::uint64_t settled_at_once = 32;
  if (!index_.empty())
    settle_index(connection_, name_, index_, settled_at_once);
}

void document_writer::leave_index(std::string_view id) {
  if (!index_.empty())
    if (const auto body = find_body(connection_, name_, id))
      index_.remove(std::string{id}, body->text());
}

std::optional<json_text> patch(connection& c, std::string_view name, std::string_view id,
                               const json_text& patch) {
  const auto before = find_body(c, name, id);
  if (!before)
    return std::nullopt;
  json_text body;
  try {
    body = merge_patch(before->normalised(), patch);
  } catch (const error& e) {
    throw corrupt_body(name, id, e);
  }
  document_writer to{c, name};
  to.put(id, body);
  to.finish();
  return body;
}

std::optional<json_text> find(connection& c, std::string_view name, std::string_view id) {
  return find_body(c, name, id);
}

bool contains(connection& c, std::string_view name, std::string_view id) {
  statement row =
    c.prepare("SELECT 1 FROM __beaver_documents__ WHERE collection = ?1 AND item_id = ?2");
  return row.bind(name, id).step();
}

std::vector<document> get_many(connection& c, std::string_view name,
                               std::span<const std::string> ids) {
  std::vector<document> result;
  for (const auto& id : ids)
    if (auto body = find_body(c, name, id))
      result.push_back({id, std::move(*body)});
  return result;
}

std::vector<document> list(connection& c, std::string_view name, const key_range& range,
                           const std::optional<json_text>& where, std::span<const sort_field> sort,
                           std::uint64_t offset) {
  constexpr auto all = std::numeric_limits<std::uint64_t>::max();
  const auto limit = range.limit.value_or(all);
  document_reader rows{c, name, range, where};
  if (!sort.empty())
    return get_many(c, name, sorted_ids(rows, sort, offset, limit));
  std::vector<document> result;
  std::uint64_t bytes = 0;
  while (result.size() < limit && rows.step()) {
    if (offset > 0) {
      --offset;
      continue;
    }
    result.push_back({std::string{rows.id()}, json_text{rows.body()}});
    bytes += result.back().id.size() + result.back().body.size();
    if (bytes >= range.max_bytes.value_or(all))
      break;
  }
  return result;
}

std::uint64_t count(connection& c, std::string_view name, const std::optional<json_text>& where) {
  if (!where) {
    statement row = c.prepare("SELECT count(*) FROM __beaver_documents__ WHERE collection = ?1");
    row.bind(name).step();
    return to_unsigned(row.integer(0));
  }
  std::uint64_t n = 0;
  each_id(c, name, *where, [&n](std::string_view) { ++n; });
  return n;
}

void each_id(connection& c, std::string_view name, const json_text& where,
             const std::function<void(std::string_view)>& visit) {
  for (document_reader rows{c, name, {}, where}; rows.step();)
    visit(rows.id());
}

std::vector<aggregate_row> aggregate(connection& c, std::string_view name,
                                     const std::optional<json_text>& where,
                                     const aggregation& what) {
  aggregator result{what};
  document_reader rows{c, name, {}, where};
  while (rows.step())
    rows.look_at([&](std::string_view json) { result.add(json, 0); });
  return result.rows();
}

std::uint64_t clear(connection& c, std::string_view name) {
  c.prepare("DELETE FROM __beaver_documents__ WHERE collection = ?1").bind(name).run();
  const auto removed = to_unsigned(c.changes());
  clear_text(c, name);
  field_index<std::string>{c, kind, name}.clear();
  if (options(c, name).rebuilt_to)
    set_rebuilt_to(c, name, {});
  return removed;
}

docs_summary info(connection& c, std::string_view name) {
  const auto how = options(c, name);
  docs_summary result{0, 0, 0, how.fuzzy.value_or(false), !how.rebuilt_to};
  {
    statement row = c.prepare("SELECT count(*), coalesce(sum(length(CAST(data AS BLOB))), 0) "
                              "FROM __beaver_documents__ WHERE collection = ?1");
    row.bind(name).step();
    result.documents = to_unsigned(row.integer(0));
    result.bytes = to_unsigned(row.integer(1));
  }
  statement row = c.prepare("SELECT count(*) FROM __beaver_fts_index___content WHERE c0 = ?1");
  row.bind(name).step();
  result.strings = to_unsigned(row.integer(0));
  return result;
}

std::vector<std::string> names(connection& c) {
  return collect_names(c,
                       "SELECT min(collection) FROM __beaver_documents__ WHERE collection >= ?1");
}

} // namespace beaver::docs_table
