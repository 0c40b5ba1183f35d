#pragma once
#include "support/open_database.hpp"
#include "support/raw_http.hpp"

#include <boost/test/unit_test.hpp>
#include <string>
#include <thread>

namespace beaver::test {

/// A request without a body, as text.
inline std::string get_of(const std::string& target, const std::string& more = {}) {
  return "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n" + more + "\r\n";
}

/// A request with a JSON body, as text.
inline std::string post_of(const std::string& target, const std::string& body) {
  return "POST " + target + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
         + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// A database in a folder of its own, and a server of it.
struct served_database {
  explicit served_database(server_options how = test_server("http"))
    : db(folder.file(), quick()), serving(db, std::move(how)) {}

  http_response ask(const std::string& method, const std::string& target,
                    const std::string& body = {}, const std::string& headers = {}) const {
    return raw_http{serving.port()}.ask(method, target, body, headers);
  }

  /// The value of a metric, with its labels if it has any; 0 if it was never counted.
  double metric(const std::string& name) const {
    const auto text = ask("GET", "/metrics").body;
    const auto at = text.find('\n' + name + ' ');
    return at == std::string::npos ? 0 : std::stod(text.substr(at + name.size() + 2));
  }

  /// Waits until a metric has a value.
  void await(const std::string& name, double value) const {
    while (metric(name) != value)
      std::this_thread::yield();
  }

  temp_folder folder;
  database db;
  server serving;
};

} // namespace beaver::test
