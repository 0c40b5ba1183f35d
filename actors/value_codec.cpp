#include "beaver/actors/value_codec.hpp"

#include "beaver/storage/base64.hpp"
#include "beaver/storage/json_format.hpp"

#include <charconv>
#include <cmath>

namespace beaver::codec {

void place::append_path(std::string& out) const {
  if (parent_)
    parent_->append_path(out);
  if (!name_.data()) {
    out += '[';
    out += std::to_string(index_);
    out += ']';
    return;
  }
  if (!out.empty())
    out += '.';
  out += name_;
}

void place::fail(std::string_view what) const {
  std::string text;
  append_path(text);
  text += ' ';
  text += what;
  throw error(code_, text);
}

namespace detail {
namespace {

template <class Integer>
void append_integer(std::string& out, Integer value) {
  char text[24];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  out.append(text, static_cast<std::size_t>(end - text));
}

void expect(json_cursor& in, json_kind kind, const char* what, const place& at) {
  if (in.peek() != kind)
    at.fail(what);
}

template <class Integer>
Integer read_integer(json_cursor& in, const place& at) {
  expect(in, json_kind::number, "must be an integer", at);
  auto number = in.read_number();
  if (number.find_first_of(".eENI") != std::string_view::npos)
    at.fail("must be an integer");
  if (number == "-0")
    number = "0";
  Integer value{};
  const char* end = number.data() + number.size();
  const auto [stop, problem] = std::from_chars(number.data(), end, value);
  if (problem != std::errc{} || stop != end)
    at.fail("is out of range");
  return value;
}

/// Collects names for a message, at most so many that it stays readable.
class name_list {
public:
  void add(std::string_view name) {
    if (++count_ > 12) {
      if (count_ == 13)
        text_ += ", ...";
      return;
    }
    if (count_ > 1)
      text_ += ", ";
    text_ += name;
  }
  const std::string& text() const { return text_; }

private:
  std::string text_;
  int count_ = 0;
};

std::string names_in(std::span<const enumerator> rows) {
  name_list names;
  for (const auto& row : rows)
    names.add(row.name);
  return names.text();
}

constexpr bool has(std::uint64_t set, std::size_t i) { return (set >> i & 1) != 0; }

/// The row of a member that is wanted; rows.size() if there is none. Members mostly come in the
/// order of the struct, so the search begins at `guess`.
std::size_t find_row(std::span<const member_row> rows, std::uint64_t wanted, std::size_t guess,
                     std::string_view name) {
  for (std::size_t tries = 0; tries < rows.size(); ++tries) {
    const std::size_t i = (guess + tries) % rows.size();
    if (has(wanted, i) && rows[i].name == name)
      return i;
  }
  return rows.size();
}

[[noreturn]] void refuse_member(std::span<const member_row> rows, std::uint64_t wanted,
                                std::string_view name, const place& at) {
  name_list names;
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (has(wanted, i))
      names.add(rows[i].name);
  place{at, name}.fail(names.text().empty() ? "is unknown; there are no members"
                                            : "is unknown; known are " + names.text());
}

} // namespace

void encode_integer(std::string& out, long long value) { append_integer(out, value); }

void encode_integer(std::string& out, unsigned long long value) { append_integer(out, value); }

void encode_float(std::string& out, float x) { json::append_float(out, x); }

void encode_double(sink& to, double x) {
  if (to.infinities && std::isinf(x))
    to.out += x < 0 ? "-1e999" : "1e999";
  else
    json::append_double(to.out, x);
}

void encode_bytes(std::string& out, const bytes& x) {
  out += '"';
  base64::append(out, x.text());
  out += '"';
}

void encode_floats(std::string& out, const floats& x) {
  out += '[';
  const char* between = "";
  for (const float value : x.view()) {
    out += between;
    between = ", ";
    json::append_float(out, value);
  }
  out += ']';
}

void encode_enum(std::string& out, long long value, std::span<const enumerator> known) {
  for (const auto& row : known)
    if (row.value == value) {
      json::append_string(out, row.name);
      return;
    }
  throw error(errc::invalid_argument,
              "enum value " + std::to_string(value) + " has no name; known are " + names_in(known));
}

bool decode_bool(json_cursor& in, const place& at) {
  expect(in, json_kind::boolean, "must be a boolean", at);
  return in.read_bool();
}

long long decode_integer(json_cursor& in, long long least, long long most, const place& at) {
  const auto value = read_integer<long long>(in, at);
  if (value < least || value > most)
    at.fail("is out of range");
  return value;
}

unsigned long long decode_integer(json_cursor& in, unsigned long long most, const place& at) {
  const auto value = read_integer<unsigned long long>(in, at);
  if (value > most)
    at.fail("is out of range");
  return value;
}

double decode_double(json_cursor& in, const place& at) {
  expect(in, json_kind::number, "must be a number", at);
  return in.read_double();
}

float decode_float(json_cursor& in, const place& at) {
  expect(in, json_kind::number, "must be a number", at);
  const auto start = in.position();
  const auto number = in.read_number();
  float value = 0;
  const auto problem = std::from_chars(number.data(), number.data() + number.size(), value).ec;
  if (problem == std::errc{})
    return value;
  // Too large or too small: the wider type knows which.
  in.go_back(start);
  if (std::fabs(in.read_double()) > 1)
    at.fail("is out of range");
  return 0;
}

std::string_view decode_string(json_cursor& in, const place& at) {
  expect(in, json_kind::string, "must be a string", at);
  try {
    return in.read_string();
  } catch (const error& e) {
    const std::string_view why = e.what();
    if (why.starts_with("not JSON"))
      throw;
    at.fail("is no text: " + std::string{why});
  }
}

bytes decode_bytes(json_cursor& in, const place& at) {
  expect(in, json_kind::string, "must be base64 text", at);
  const auto data = base64::decode(decode_string(in, at));
  if (!data)
    at.fail("must be base64 text");
  return bytes{std::string_view{*data}};
}

floats decode_floats(json_cursor& in, const place& at) {
  enter_array(in, at);
  std::vector<float> values;
  while (in.next_element())
    values.push_back(decode_float(in, place{at, values.size()}));
  return floats{values};
}

long long decode_enum(json_cursor& in, std::span<const enumerator> known, const place& at) {
  if (in.peek() == json_kind::string) {
    const auto name = decode_string(in, at);
    for (const auto& row : known)
      if (row.name == name)
        return row.value;
  }
  at.fail("must be one of " + names_in(known));
}

void decode_null(json_cursor& in, const place& at) {
  expect(in, json_kind::null, "must be null", at);
  in.read_null();
}

void enter_array(json_cursor& in, const place& at) {
  expect(in, json_kind::array, "must be an array", at);
  in.enter_array();
}

void enter_object(json_cursor& in, const place& at) {
  expect(in, json_kind::object, "must be an object", at);
  in.enter_object();
}

void decode_record(json_cursor& in, void* record, std::span<const member_row> rows,
                   std::uint64_t wanted, const place& at) {
  enter_object(in, at);
  std::uint64_t seen = 0;
  std::size_t guess = 0;
  while (const auto name = in.next_member()) {
    const auto i = find_row(rows, wanted, guess, *name);
    if (i == rows.size()) {
      if (at.strict())
        refuse_member(rows, wanted, *name, at);
      in.skip();
      continue;
    }
    const place here{at, rows[i].name};
    if (has(seen, i) && at.strict())
      here.fail("given twice");
    seen |= std::uint64_t{1} << i;
    guess = i + 1;
    rows[i].decode(in, record, here);
  }
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (rows[i].required && has(wanted, i) && !has(seen, i))
      place{at, rows[i].name}.fail("is missing");
}

} // namespace detail
} // namespace beaver::codec
