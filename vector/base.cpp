#include "beaver/vector/base.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <stdexcept>

namespace beaver {

namespace {

static_assert(std::endian::native == std::endian::little,
              "vectors are stored as they are in memory");

constexpr std::string_view rows_part = "rows";
constexpr std::string_view ids_part = "ids";
constexpr std::string_view effort_part = "effort";
constexpr std::size_t most_bytes = std::size_t{1} << 40;

std::runtime_error damaged(std::string_view part) {
  return std::runtime_error("part '" + std::string{part} + "' of a snapshot of vectors is damaged");
}

id_table read_ids(std::span<const std::byte> bytes, std::size_t count) {
  if (bytes.size() < count * sizeof(std::uint32_t))
    throw damaged(ids_part);
  std::vector<std::uint32_t> lengths(count);
  if (count > 0)
    std::memcpy(lengths.data(), bytes.data(), count * sizeof(std::uint32_t));
  const auto* chars = reinterpret_cast<const char*>(bytes.data());
  const std::string_view text{chars + count * sizeof(std::uint32_t),
                              bytes.size() - count * sizeof(std::uint32_t)};
  id_table ids;
  ids.reserve(count, text.size());
  std::size_t at = 0;
  std::optional<std::string_view> before;
  for (const auto length : lengths) {
    if (length > text.size() - at)
      throw damaged(ids_part);
    const auto id = text.substr(at, length);
    if (before && !(*before < id)) // also makes them different
      throw damaged(ids_part);
    ids.add(id);
    before = id;
    at += length;
  }
  if (at != text.size())
    throw damaged(ids_part);
  return ids;
}

std::uint64_t read_effort(std::span<const std::byte> bytes) {
  std::uint64_t effort = 0;
  if (bytes.size() != sizeof effort)
    throw damaged(effort_part);
  std::memcpy(&effort, bytes.data(), sizeof effort);
  if (effort == 0)
    throw damaged(effort_part);
  return effort;
}

} // namespace

std::shared_ptr<const vector_base> empty_base(const index_config& config, std::size_t dims) {
  return base_builder{dims}.build({.by = config.by, .kernels = config.kernels});
}

std::shared_ptr<vector_base> base_builder::build(const index_config& config,
                                                 const build_progress& progress) {
  auto base = std::make_shared<vector_base>();
  base->rows = std::move(rows_);
  base->ids = std::move(ids_);
  base->index = make_index(config, base->rows, progress);
  return base->index ? base : nullptr;
}

void save_base(const vector_base& base,
               const std::function<void(std::string_view, std::span<const std::byte>)>& write) {
  const std::size_t count = base.rows->count();
  write(rows_part, std::as_bytes(std::span{base.rows->data(), count * base.rows->dims()}));
  std::vector<std::uint32_t> lengths;
  std::string text;
  for (std::uint32_t row = 0; row < count; ++row) {
    lengths.push_back(static_cast<std::uint32_t>(base.ids[row].size()));
    text += base.ids[row];
  }
  write(ids_part, std::as_bytes(std::span{lengths}));
  write(ids_part, std::as_bytes(std::span{text}));
  if (const std::uint64_t effort = base.index->effort(); effort > 0)
    write(effort_part, std::as_bytes(std::span{&effort, 1}));
  for (const auto& part : base.index->save())
    write(part.name, part.bytes);
}

std::shared_ptr<vector_base> load_base(const index_config& config, std::size_t dims,
                                       std::size_t count, std::span<const std::string> parts,
                                       const part_reader& read) {
  if (dims == 0 || count >= most_bytes / sizeof(float) / dims)
    throw std::runtime_error("a snapshot of vectors is too large for this machine");
  const auto whole = [&](std::string_view part) {
    std::vector<std::byte> bytes;
    read(part, [&](std::span<const std::byte> piece) {
      bytes.insert(bytes.end(), piece.begin(), piece.end());
    });
    return bytes;
  };
  auto base = std::make_shared<vector_base>();
  try {
    base->rows = std::make_shared<vector_rows>(dims, count, [&](std::span<float> to) {
      auto left = std::as_writable_bytes(to);
      read(rows_part, [&](std::span<const std::byte> piece) {
        if (piece.size() > left.size())
          throw damaged(rows_part);
        std::copy(piece.begin(), piece.end(), left.begin());
        left = left.subspan(piece.size());
      });
      if (!left.empty())
        throw damaged(rows_part);
    });
  } catch (const std::invalid_argument&) {
    throw damaged(rows_part);
  }
  base->ids = read_ids(whole(ids_part), count);
  std::uint64_t effort = 0;
  std::vector<index_part> rest;
  for (const auto& part : parts)
    if (part == effort_part)
      effort = read_effort(whole(part));
    else if (part != rows_part && part != ids_part)
      rest.push_back({part, whole(part)});
  base->index = load_index(config, base->rows, rest);
  if ((effort > 0) != (base->index->effort() > 0))
    throw damaged(effort_part);
  if (effort > 0)
    base->index->tune(static_cast<std::size_t>(effort));
  return base;
}

} // namespace beaver
