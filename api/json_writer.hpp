#pragma once
#include "beaver/storage/json_text.hpp"

#include <string>
#include <string_view>

namespace beaver {

/// Appends JSON without blanks to a text, and sees to the commas and brackets in it. What is a
/// valid order of calls is up to the caller.
class json_writer {
public:
  explicit json_writer(std::string& out) noexcept : out_(out) {}

  /// An object whose members `write` writes.
  template <class F>
  void object(F write) {
    enclosed('{', '}', write);
  }

  /// An array whose items `write` writes.
  template <class F>
  void array(F write) {
    enclosed('[', ']', write);
  }

  /// The name of the member that comes next.
  json_writer& name(std::string_view name) {
    text(name);
    out_ += ':';
    between_ = false;
    return *this;
  }

  /// A string. Throws `error` invalid_argument on invalid UTF-8.
  void text(std::string_view utf8) {
    separate();
    json::append_string(out_, utf8);
  }

  /// A value that is JSON already.
  void raw(std::string_view json) {
    separate();
    out_ += json;
  }

  void member(std::string_view its_name, std::string_view value) { name(its_name).text(value); }

private:
  template <class F>
  void enclosed(char open, char close, F& write) {
    separate();
    out_ += open;
    between_ = false;
    write();
    out_ += close;
    between_ = true;
  }

  void separate() {
    if (between_)
      out_ += ',';
    between_ = true;
  }

  std::string& out_;
  bool between_ = false; // something stands before what comes next
};

} // namespace beaver
