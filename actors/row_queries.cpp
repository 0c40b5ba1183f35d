#include "beaver/actors/row_queries.hpp"

namespace beaver {

void codec::custom<sort_order>::encode(std::string& out, sort_order order) {
  out += order == sort_order::desc ? "\"DESC\"" : "\"ASC\"";
}

void codec::custom<sort_order>::decode(json_cursor& in, sort_order& order, const place& at) {
  std::string word;
  if (in.peek() == json_kind::string)
    word = in.read_string();
  if (word.size() > 2 && word.front() == '"' && word.back() == '"')
    word = word.substr(1, word.size() - 2);
  for (char& c : word)
    if (c >= 'a' && c <= 'z')
      c = static_cast<char>(c - 'a' + 'A');
  if (word != "ASC" && word != "DESC")
    at.fail("must be one of ASC, DESC");
  order = word == "ASC" ? sort_order::asc : sort_order::desc;
}

} // namespace beaver
