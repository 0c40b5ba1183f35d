#include "beaver/storage/aggregation.hpp"

#include "beaver/storage/error.hpp"
#include "beaver/storage/json_compare.hpp"

#include <algorithm>
#include <cmath>

namespace beaver {
namespace {

std::optional<std::size_t> add_path(path_reader& reader, std::string_view member,
                                    const std::optional<std::string>& path) {
  if (!path)
    return {};
  try {
    return reader.add(json_path{*path});
  } catch (const error& e) {
    throw error(e.code(), std::string{member} + ": " + e.what());
  }
}

std::optional<json_operand> operand_of(const std::optional<json_text>& group) {
  return group ? std::optional{json_operand{*group}} : std::nullopt;
}

} // namespace

aggregator::aggregator(const aggregation& what)
  : field_(add_path(reader_, "field", what.field)),
    group_by_(add_path(reader_, "group_by", what.group_by)), bucket_(what.bucket),
    functions_(what.functions ? aggregate_set{*what.functions} : aggregate_set{}) {
  if (what.functions && functions_.needs_values() && !field_)
    throw error(errc::invalid_argument, "field must be given, for all functions but count");
  if (bucket_ && !(std::isfinite(*bucket_) && *bucket_ > 0))
    throw error(errc::invalid_argument, "bucket must be a number > 0");
}

void aggregator::add(std::string_view json, unix_seconds time) {
  if (field_ || group_by_)
    reader_.read(json);
  std::pair<unix_seconds, group_key> key{bucket_of(time), std::nullopt};
  if (group_by_ && reader_[*group_by_])
    key.second = json_key(*reader_[*group_by_]);
  auto& group = groups_.try_emplace(std::move(key), functions_).first->second;
  group.add(field_ ? reader_[*field_] : std::nullopt);
}

unix_seconds aggregator::bucket_of(unix_seconds time) const {
  if (!bucket_)
    return 0;
  const double length = *bucket_;
  double n = std::floor(time / length);
  if (!std::isfinite(n * length))
    return time; // a number so large that it is a multiple of everything
  // The quotient is rounded: an entry belongs to the span that really holds it.
  if (n * length > time)
    --n;
  else if ((n + 1) * length <= time)
    ++n;
  return n * length + 0.0; // no negative zero
}

std::vector<aggregate_row> aggregator::rows() {
  if (groups_.empty() && !bucket_ && !group_by_)
    groups_.try_emplace({0, std::nullopt}, functions_);
  std::vector<aggregate_row> result;
  result.reserve(groups_.size());
  for (auto& [place, values] : groups_) {
    auto& row = result.emplace_back();
    static_cast<aggregate_values&>(row) = values.values();
    if (place.second)
      row.group = json_text::from_normal(*place.second);
    if (bucket_)
      row.bucket = place.first;
  }
  sort_groups(result);
  return result;
}

void sort_groups(std::vector<aggregate_row>& rows) {
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
    return a.bucket != b.bucket ? a.bucket < b.bucket
                                : json_before(operand_of(a.group), operand_of(b.group));
  });
}

} // namespace beaver
