#include "beaver/storage/json_path.hpp"

#include "beaver/storage/error.hpp"
#include "beaver/storage/json_cursor.hpp"
#include "beaver/storage/json_format.hpp"

#include <algorithm>
#include <charconv>

namespace beaver {
namespace {

[[noreturn]] void refuse(std::string_view path, const std::string& why) {
  throw error(errc::invalid_argument, "path '" + std::string{path} + "' " + why);
}

std::string from_pointer(std::string_view path, std::string_view part) {
  std::string name;
  for (std::size_t i = 0; i < part.size(); ++i) {
    if (part[i] != '~') {
      name += part[i];
      continue;
    }
    if (++i == part.size() || (part[i] != '0' && part[i] != '1'))
      refuse(path, "has a '~' that is neither ~0 (for '~') nor ~1 (for '/')");
    name += part[i] == '0' ? '~' : '/';
  }
  return name;
}

/// The index that a part is, written as RFC 6901 wants it: without sign and leading zeros.
std::optional<std::uint64_t> index_of(std::string_view part) {
  if (part.empty() || part.size() > 18 || (part.size() > 1 && part[0] == '0')
      || !std::all_of(part.begin(), part.end(), json::is_digit))
    return {};
  std::uint64_t index = 0;
  std::from_chars(part.data(), part.data() + part.size(), index);
  return index;
}

} // namespace

json_path::json_path(std::string_view text) : text_(text) {
  if (text.empty())
    throw error(errc::invalid_argument, "a path must not be empty; '.' is the whole value");
  if (text.size() > max_size)
    throw error(errc::invalid_argument,
                "a path must have at most 1024 bytes, not " + std::to_string(text.size()));
  if (text == ".")
    return;
  const bool pointer = text[0] == '/';
  const char separator = pointer ? '/' : '.';
  auto rest = text.substr(pointer ? 1 : 0);
  for (;;) {
    const auto end = std::min(rest.find(separator), rest.size());
    const auto part = rest.substr(0, end);
    if (part.empty() && !pointer)
      refuse(text, "has an empty part; to name an empty member write it as a JSON Pointer, /a//b");
    parts_.push_back(pointer ? from_pointer(text, part) : std::string{part});
    if (end == rest.size())
      return;
    rest.remove_prefix(end + 1);
  }
}

path_reader::path_reader() : root_(std::make_unique<node>()) {}
path_reader::~path_reader() = default;
path_reader::path_reader(path_reader&&) noexcept = default;
path_reader& path_reader::operator=(path_reader&&) noexcept = default;

std::size_t path_reader::add(const json_path& path) {
  node* at = root_.get();
  for (const auto& part : path.parts()) {
    auto& next = at->members[part];
    if (!next) {
      next = std::make_unique<node>();
      if (const auto index = index_of(part))
        at->elements.emplace(*index, next.get());
    }
    at = next.get();
  }
  if (!at->place) {
    at->place = values_.size();
    values_.emplace_back();
  }
  return *at->place;
}

void path_reader::read(std::string_view json) {
  const auto clear = [&] { std::fill(values_.begin(), values_.end(), std::nullopt); };
  clear();
  try {
    json_cursor in{json};
    visit(in, *root_);
    in.finish();
  } catch (const error&) {
    clear();
    throw;
  }
}

void path_reader::visit(json_cursor& in, const node& n) {
  const auto kind = in.peek(); // stands at the value's first character now
  const char* from = in.position().p;
  if (kind == json_kind::object && !n.members.empty())
    visit_members(in, n);
  else if (kind == json_kind::array && !n.elements.empty())
    visit_elements(in, n);
  else
    in.skip();
  if (n.place)
    values_[*n.place] = std::string_view{from, static_cast<std::size_t>(in.position().p - from)};
}

void path_reader::visit_members(json_cursor& in, const node& n) {
  in.enter_object();
  while (const auto name = in.next_raw_member()) {
    const auto found = n.members.find(json::unescaped(*name, scratch_));
    if (found == n.members.end()) {
      in.skip();
      continue;
    }
    forget(*found->second); // an earlier member of this name
    visit(in, *found->second);
  }
}

void path_reader::visit_elements(json_cursor& in, const node& n) {
  in.enter_array();
  auto wanted = n.elements.begin();
  for (std::uint64_t i = 0; in.next_element(); ++i)
    if (wanted != n.elements.end() && wanted->first == i)
      visit(in, *wanted++->second);
    else
      in.skip();
}

void path_reader::forget(const node& n) {
  if (n.place)
    values_[*n.place].reset();
  for (const auto& [name, child] : n.members)
    forget(*child);
}

} // namespace beaver
