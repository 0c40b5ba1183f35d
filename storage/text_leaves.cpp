#include "beaver/storage/text_leaves.hpp"

#include "beaver/storage/json_cursor.hpp"

namespace beaver {
namespace {

bool is_blank(std::string_view text) noexcept {
  return text.find_first_not_of(" \t\n\v\f\r") == text.npos;
}

class collector {
public:
  explicit collector(std::string_view json) : in_(json) { visit(); }

  std::vector<text_leaf> leaves;

private:
  void visit() {
    switch (in_.peek()) {
    case json_kind::string:
      if (const auto text = in_.read_string(); !is_blank(text))
        leaves.push_back({path_, std::string{text}});
      break;
    case json_kind::array:
      for (in_.enter_array(); in_.next_element();)
        visit();
      break;
    case json_kind::object:
      visit_members();
      break;
    default:
      in_.skip();
    }
  }

  void visit_members() {
    const auto length = path_.size();
    for (in_.enter_object(); const auto name = in_.next_member();) {
      if (!path_.empty())
        path_ += '.';
      path_ += *name;
      visit();
      path_.resize(length);
    }
  }

  json_cursor in_;
  std::string path_;
};

} // namespace

std::vector<text_leaf> text_leaves(std::string_view json) { return collector{json}.leaves; }

bool is_within(std::string_view path, std::string_view field) noexcept {
  return field.empty()
         || (path.starts_with(field) && (path.size() == field.size() || path[field.size()] == '.'));
}

} // namespace beaver
