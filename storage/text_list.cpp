#include "beaver/storage/text_list.hpp"

#include "beaver/storage/json_cursor.hpp"

namespace beaver::text_list {

std::string to_json(const std::vector<std::string>& texts) {
  std::string json = "[";
  for (const auto& text : texts) {
    json += json.size() > 1 ? ", " : "";
    json::append_string(json, text);
  }
  return json + ']';
}

std::vector<std::string> from_json(std::string_view json) {
  std::vector<std::string> texts;
  json_cursor in{json};
  for (in.enter_array(); in.next_element();)
    texts.emplace_back(in.read_string());
  in.finish();
  return texts;
}

} // namespace beaver::text_list
