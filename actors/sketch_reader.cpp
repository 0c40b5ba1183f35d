#include "beaver/actors/sketch_reader.hpp"

#include <algorithm>

namespace beaver {

sketch_reader::sketch_reader(connection& c, kept_read& read) : connection_(c), read_(read) {
  read.before_end([this] { open_.clear(); });
}

const stored_sketch* sketch_reader::find(std::string_view name) {
  auto found =
    std::find_if(open_.begin(), open_.end(), [&](const auto& e) { return e->name == name; });
  if (found == open_.end()) {
    auto row = sketch_table::find(connection_, name);
    if (!row)
      return nullptr;
    if (open_.size() == most_open)
      open_.pop_back();
    auto fresh = std::make_unique<entry>(
      entry{std::string{name}, {connection_, {}, std::move(*row)}, nullptr});
    fresh->sketch.name = fresh->name;
    fresh->lines = std::make_unique<sketch_lines>(connection_, fresh->sketch.row, false);
    fresh->sketch.lines = fresh->lines.get();
    found = open_.insert(open_.begin(), std::move(fresh));
  }
  std::rotate(open_.begin(), found, found + 1);
  open_.front()->lines->forget(); // which would grow
  return &open_.front()->sketch;
}

} // namespace beaver
