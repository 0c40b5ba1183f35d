#include "beaver/actors/checks.hpp"

#include "beaver/storage/error.hpp"
#include "beaver/storage/filter_tree.hpp"
#include "beaver/storage/json_text.hpp"
#include "beaver/storage/utf8.hpp"

#include <cmath>
#include <string>

namespace beaver {

namespace {

constexpr std::size_t longest_key = 1'024;

void check_text(std::string_view what, std::string_view text) {
  const auto refuse = [&](std::string_view why) {
    throw error(errc::invalid_argument, std::string{what} + ' ' + std::string{why});
  };
  if (text.empty())
    refuse("must not be empty");
  if (text.size() > longest_key)
    refuse("must have at most 1024 bytes, not " + std::to_string(text.size()));
  if (text.find('\0') != std::string_view::npos)
    refuse("must not contain NUL");
  if (const auto at = utf8::find_invalid(text); at != std::string_view::npos)
    refuse("is not UTF-8 at byte " + std::to_string(at));
}

} // namespace

void check_name(std::string_view type, std::string_view name) {
  check_text("name of the " + std::string{type}, name);
}

void check_key(std::string_view member, std::string_view key) { check_text(member, key); }

void check_ttl(const std::optional<double>& ttl_seconds) {
  check_positive_seconds("ttl_seconds", ttl_seconds);
}

void check_time(std::string_view member, const std::optional<double>& time) {
  if (time && !std::isfinite(*time))
    throw error(errc::invalid_argument, std::string{member} + " must be a finite number");
}

void check_positive_seconds(std::string_view member, const std::optional<double>& seconds) {
  if (seconds && !(std::isfinite(*seconds) && *seconds > 0))
    throw error(errc::invalid_argument, std::string{member} + " must be a number > 0");
}

void check_seconds(std::string_view member, const std::optional<double>& seconds) {
  if (seconds && !(std::isfinite(*seconds) && *seconds >= 0))
    throw error(errc::invalid_argument, std::string{member} + " must be a number >= 0");
}

void normalise_filter(json_text& where) { where = filter_wire::print(filter_wire::parse(where)); }

void normalise_filter(std::optional<json_text>& where) {
  if (where)
    normalise_filter(*where);
}

void check_json_path(std::string_view member, const std::optional<std::string>& path) {
  try {
    if (path)
      json_path{*path};
  } catch (const error& e) {
    throw error(e.code(), std::string{member} + ": " + e.what());
  }
}

void normalise(std::string_view member, json_text& value) {
  if (value.normal())
    return;
  try {
    value = value.normalised();
  } catch (const error& e) {
    throw error(e.code(), std::string{member} + " is " + e.what());
  }
}

} // namespace beaver
