#pragma once
#include "beaver/api/model.hpp"

#include <initializer_list>
#include <iterator>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace beaver {

/// A condition on JSON values, for the calls that take one:
///
///     using beaver::field;
///     requests.range({.where = field("status") >= 500 && !(field("path") == "/health")});
///     requests.count(field("user.id").in({7, 8}) || field("tags").contains("vip"));
///
/// Made by `field`, combined with &&, || and !. What each condition means is stated at `row_filter`
/// in beaver/storage/filter.hpp: numbers compare by value, types never mix, and a path that leads
/// nowhere satisfies nothing but `exists(false)` and a negation.
class filter {
public:
  /// A filter that somebody else has made, in its wire form: see beaver/storage/filter_tree.hpp.
  /// Throws `error` invalid_argument if it is not JSON; whether it is a filter shows when it is
  /// used.
  explicit filter(const json_text& wire)
    : joint_(joint::one), parts_{std::string{wire.normalised().text()}} {}

  /// The wire form, as messages carry it.
  [[nodiscard]] json_text wire() const {
    return json_text{joint_ == joint::all ? list() : '[' + element() + ']'};
  }
  operator json_text() const { return wire(); }

  friend filter operator&&(const filter& a, const filter& b) { return {joint::all, a, b}; }
  friend filter operator||(const filter& a, const filter& b) { return {joint::any, a, b}; }
  friend filter operator!(const filter& a) {
    filter result{a};
    result.joint_ = joint::one;
    result.parts_ = {"{\"not\": " + a.element() + '}'};
    return result;
  }

private:
  friend class field;
  enum class joint { one, all, any };

  filter(joint how, const filter& a, const filter& b) : joint_(how) {
    add(a); // chains of one operator stay flat
    add(b);
  }

  void add(const filter& f) {
    if (f.joint_ == joint_)
      parts_.insert(parts_.end(), f.parts_.begin(), f.parts_.end());
    else
      parts_.push_back(f.element());
  }

  [[nodiscard]] std::string list() const {
    std::string out = "[";
    for (const auto& part : parts_) {
      out += out.size() > 1 ? ", " : "";
      out += part;
    }
    return out + ']';
  }

  [[nodiscard]] std::string element() const {
    if (joint_ == joint::one)
      return parts_.front();
    return (joint_ == joint::all ? "{\"and\": " : "{\"or\": ") + list() + '}';
  }

  joint joint_;
  std::vector<std::string> parts_;
};

/// A place in a JSON value, to make filters of. The path is member names with dots between them,
/// "user.id"; a number is an index into an array, "tags.0"; "." is the whole value. A JSON Pointer,
/// which begins with '/', can name everything: "/a.b/c~1d".
///
/// Values are of any type that `model` knows, string literals and `json_text` included. Throws
/// `error` invalid_argument for a value that JSON does not have, such as NaN. A bad path is refused
/// by the call that uses the filter.
class field {
public:
  explicit field(std::string_view path) { json::append_string(path_, path); }

  template <class T>
  friend filter operator==(const field& f, const T& value) {
    return f.condition("==", value);
  }
  template <class T>
  friend filter operator!=(const field& f, const T& value) {
    return f.condition("!=", value);
  }
  template <class T>
  friend filter operator<(const field& f, const T& value) {
    return f.condition("<", value);
  }
  template <class T>
  friend filter operator<=(const field& f, const T& value) {
    return f.condition("<=", value);
  }
  template <class T>
  friend filter operator>(const field& f, const T& value) {
    return f.condition(">", value);
  }
  template <class T>
  friend filter operator>=(const field& f, const T& value) {
    return f.condition(">=", value);
  }

  /// Equal to one of the values.
  template <std::ranges::input_range Values>
  [[nodiscard]] filter in(const Values& values) const {
    std::vector<json_text> all;
    for (const std::ranges::range_value_t<Values>& value : values)
      all.push_back(to_json_text(value).normalised());
    return condition("in", all);
  }
  template <class T>
  [[nodiscard]] filter in(std::initializer_list<T> values) const {
    return in(std::span{values.begin(), values.size()});
  }

  /// The path leads to a value, be it null; or it does not.
  [[nodiscard]] filter exists(bool wanted = true) const { return condition("exists", wanted); }

  /// An array with an element that equals the value.
  template <class T>
  [[nodiscard]] filter contains(const T& value) const {
    return condition("contains", value);
  }

private:
  template <class T>
  [[nodiscard]] filter condition(std::string_view op, const T& value) const {
    // Normalised first: text that is no JSON must not change what stands around it.
    const auto normal = to_json_text(value).normalised();
    std::string text = "{\"path\": " + path_ + ", \"operator\": \"";
    text.append(op).append("\", \"value\": ").append(normal.text()) += '}';
    return filter{json_text::from_normal(text)};
  }

  std::string path_; // as JSON
};

} // namespace beaver
