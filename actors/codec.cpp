#include "beaver/actors/codec.hpp"

#include "beaver/storage/utf8.hpp"

namespace beaver::codec::detail {
namespace {

[[noreturn]] void fail_as(const error& why, const place& at) {
  at.fail("is " + std::string{why.what()}); // "not JSON: ..."
}

std::string_view article(std::string_view word) {
  return word.find_first_of("aeiou") == 0 ? "an " : "a ";
}

} // namespace

void set_by_name(void* message, std::span<const text_row> rows, std::string_view member,
                 std::string_view text) {
  std::string known;
  for (const auto& row : rows) {
    if (row.name == member) {
      row.set(message, text, place{row.name});
      return;
    }
    known += known.empty() ? "; known are " : ", ";
    known += row.name;
  }
  place{member}.fail("is unknown" + known);
}

void decode_bare(std::string_view text, std::string_view type_word, void* x, const place& at,
                 decode_function decode) {
  json_text value;
  try {
    value = json_text{text}.normalised();
  } catch (const error& e) {
    // Who forgot the number wants to hear of it, not of JSON.
    if (type_word == "integer" || type_word == "number" || type_word == "boolean")
      at.fail("must be " + std::string{article(type_word)} + std::string{type_word});
    if (type_word != "object" || !is_well_formed(text))
      fail_as(e, at);
    // A place in a queue that was told is to be taken again, with an infinite priority too.
    value = json_text{text};
  }
  json_cursor in{value};
  decode(in, x, at);
}

void decode_bare_word(std::string_view text, void* x, const place& at, decode_function decode) {
  if (utf8::find_invalid(text) != std::string_view::npos)
    at.fail("is not UTF-8");
  std::string quoted;
  json::append_string(quoted, text);
  json_cursor in{quoted};
  decode(in, x, at);
}

void decode_object(std::string_view json, void* message, std::span<const member_row> rows,
                   std::uint64_t wanted) {
  const place at{"body"};
  json_text value;
  try {
    value = json_text{json}.normalised();
  } catch (const error& e) {
    fail_as(e, at);
  }
  json_cursor in{value};
  decode_record(in, message, rows, wanted, at);
}

} // namespace beaver::codec::detail
