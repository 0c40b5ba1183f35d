#include "beaver/actors/sketch_kinds.hpp"

#include "beaver/storage/error.hpp"

#include <array>

namespace beaver {
namespace {

const std::array<const kind_of_sketch*, 4>& all_types() {
  static const std::array types{&detail::approximate_set_type(), &detail::count_min_type(),
                                &detail::top_k_type(), &detail::quantiles_type()};
  return types;
}

} // namespace

const kind_of_sketch& sketch_kind_of(sketch_kind kind) {
  return *all_types().at(static_cast<std::size_t>(kind));
}

const kind_of_sketch& sketch_kind_of(const stored_sketch& s) {
  for (const auto* type : all_types())
    if (type->word() == s.row.type)
      return *type;
  throw error(errc::not_supported,
              s.text() + " is of the type '" + s.row.type + "', which this version does not know");
}

void kind_of_sketch::cannot(const stored_sketch& s, std::string_view what) const {
  throw error(errc::invalid_argument,
              s.text() + " is a " + std::string{word()} + ", which " + std::string{what});
}

bool kind_of_sketch::contains(const stored_sketch& s, std::string_view) const {
  cannot(s, "does not tell whether an item is in it");
}
sketch_overlap kind_of_sketch::compare(const stored_sketch& s,
                                       std::span<const std::uint8_t>) const {
  cannot(s, "cannot be compared with another one");
}
sketch_frequency kind_of_sketch::estimate(const stored_sketch& s, std::string_view) const {
  cannot(s, "does not tell how often an item has come");
}
std::vector<sketch_top_item> kind_of_sketch::top(const stored_sketch& s,
                                                 std::optional<std::uint64_t>) const {
  cannot(s, "does not tell which items have come most");
}
std::vector<double> kind_of_sketch::quantiles(const stored_sketch& s,
                                              std::span<const double>) const {
  cannot(s, "has no quantiles");
}
std::vector<double> kind_of_sketch::ranks(const stored_sketch& s, std::span<const double>) const {
  cannot(s, "has no ranks");
}

void detail::refuse_option(bool given, std::string_view option, std::string_view kind) {
  if (given)
    throw error(errc::invalid_argument,
                std::string{option} + " is no option of a " + std::string{kind});
}

} // namespace beaver
