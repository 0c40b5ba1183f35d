#include "beaver/storage/sketch_table.hpp"

#include "beaver/storage/blob_handle.hpp"
#include "beaver/storage/connection.hpp"
#include "beaver/storage/listing.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace beaver {
namespace {

constexpr auto table = "__beaver_sketches__";
constexpr auto column = "data";

blob_handle open(connection& c, const sketch_table::row& r, blob_handle::access mode) {
  return {c, table, column, r.rowid, mode};
}

} // namespace

namespace sketch_table {

std::optional<row> find(connection& c, std::string_view name) {
  statement rows = c.prepare("SELECT rowid, type, capacity, error_rate, length(data) "
                             "FROM __beaver_sketches__ WHERE name = ?1");
  if (!rows.bind(name).step())
    return std::nullopt;
  return row{rows.integer(0), std::string{rows.text(1)}, rows.integer(2), rows.real(3),
             static_cast<std::uint64_t>(rows.integer(4))};
}

row create(connection& c, std::string_view name, std::string_view type, std::int64_t capacity,
           double error_rate, std::uint64_t size) {
  c.prepare("INSERT INTO __beaver_sketches__ (name, type, capacity, error_rate, data) "
            "VALUES (?1, ?2, ?3, ?4, ?5)")
    .bind(name, type, capacity, error_rate, zero_blob{static_cast<std::int64_t>(size)})
    .run();
  return find(c, name).value();
}

std::vector<std::uint8_t> read(connection& c, const row& r) { return read(c, r, r.size); }

std::vector<std::uint8_t> read(connection& c, const row& r, std::uint64_t first) {
  std::vector<std::uint8_t> bytes(std::min(r.size, first));
  if (!bytes.empty())
    open(c, r, blob_handle::access::read).read(0, std::as_writable_bytes(std::span{bytes}));
  return bytes;
}

void write(connection& c, row& r, std::span<const std::uint8_t> bytes) {
  c.prepare("UPDATE __beaver_sketches__ SET data = ?2 WHERE rowid = ?1")
    .bind(r.rowid, std::as_bytes(bytes))
    .run();
  r.size = bytes.size();
}

void write_changes(connection& c, const row& r, std::span<const std::uint8_t> before,
                   std::span<const std::uint8_t> after) {
  constexpr std::size_t page = 4'096; // about that of the file: a part of one is all of it
  std::optional<blob_handle> target;
  for (std::size_t at = 0; at < after.size(); at += page) {
    const auto size = std::min(page, after.size() - at);
    if (std::memcmp(before.data() + at, after.data() + at, size) == 0)
      continue;
    if (!target)
      target.emplace(open(c, r, blob_handle::access::write));
    target->write(at, std::as_bytes(after.subspan(at, size)));
  }
}

bool erase(connection& c, std::string_view name) {
  c.prepare("DELETE FROM __beaver_sketches__ WHERE name = ?1").bind(name).run();
  return c.changes() > 0;
}

std::vector<std::string> names(connection& c) {
  return collect_names(c, "SELECT min(name) FROM __beaver_sketches__ WHERE name >= ?1");
}

} // namespace sketch_table

namespace {

constexpr std::size_t line_bytes = 64;

} // namespace

struct sketch_lines::line {
  std::size_t at; // its first byte
  std::array<std::uint8_t, line_bytes> bytes;
  std::size_t changed_from = line_bytes;
  std::size_t changed_to = 0;
};

struct sketch_lines::state {
  blob_handle handle;
  std::vector<line> lines{};
};

sketch_lines::sketch_lines(connection& c, const sketch_table::row& r, bool writable)
  : state_(std::make_unique<state>(
    state{open(c, r, writable ? blob_handle::access::write : blob_handle::access::read)})),
    size_(r.size) {}

sketch_lines::~sketch_lines() = default;

auto sketch_lines::line_of(std::size_t at) const -> line& {
  auto& lines = state_->lines;
  const auto first = at / line_bytes * line_bytes;
  for (auto& l : lines) // few
    if (l.at == first)
      return l;
  auto& fresh = lines.emplace_back();
  fresh.at = first;
  const auto size = std::min(line_bytes, size_ - first);
  state_->handle.read(first, std::as_writable_bytes(std::span{fresh.bytes}).first(size));
  return fresh;
}

std::uint8_t sketch_lines::get(std::size_t at) const {
  const auto& l = line_of(at);
  return l.bytes[at - l.at];
}

void sketch_lines::set(std::size_t at, std::uint8_t value) {
  auto& l = line_of(at);
  const auto place = at - l.at;
  l.bytes[place] = value;
  l.changed_from = std::min(l.changed_from, place);
  l.changed_to = std::max(l.changed_to, place + 1);
}

void sketch_lines::forget() noexcept { state_->lines.clear(); }

void sketch_lines::flush() {
  for (auto& l : state_->lines) {
    if (l.changed_from >= l.changed_to)
      continue;
    state_->handle.write(
      l.at + l.changed_from,
      std::as_bytes(std::span{l.bytes}).subspan(l.changed_from, l.changed_to - l.changed_from));
    l.changed_from = line_bytes;
    l.changed_to = 0;
  }
}

} // namespace beaver
