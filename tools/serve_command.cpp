#include "beaver/tools/serve_command.hpp"

#include "beaver/api/server.hpp"
#include "beaver/tools/files.hpp"
#include "beaver/tools/output.hpp"
#include "beaver/tools/signal_post.hpp"
#include "beaver/tools/verbs.hpp"

#include <latch>
#include <limits>
#include <mutex>

namespace beaver::cli {

namespace {

enum place : std::size_t {
  host,
  port,
  threads,
  tls_cert,
  tls_key,
  max_body,
  origin,
  token_file,
  log,
  insecure
};

template <class T>
void set_count(T& value, const invocation& call, std::size_t at, std::string_view option) {
  const auto given = count_of(call.given.at(at), option);
  if (given && *given > std::numeric_limits<T>::max())
    throw usage_error(std::string{option} + " is too large");
  if (given)
    value = static_cast<T>(*given);
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> all;
  for (std::size_t at = 0; at <= text.size();) {
    const auto end = std::min(text.find(',', at), text.size());
    if (end > at)
      all.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return all;
}

std::string line_of(const access_record& r) {
  std::string text{r.peer};
  ((text += ' ') += r.method) += ' ';
  text += r.target;
  return text + ' ' + std::to_string(r.status) + ' ' + std::to_string(r.bytes) + ' '
         + std::to_string(r.took.count()) + "us\n";
}

int serve(const invocation& call) {
  const auto set = [&](std::string& value, std::size_t at) {
    if (const auto* text = call.given.at(at))
      value = *text;
  };
  server_options how;
  set(how.host, host);
  set(how.tls_certificate, tls_cert);
  set(how.tls_key, tls_key);
  set_count(how.port, call, port, "--port");
  set_count(how.threads, call, threads, "--threads");
  set_count(how.max_body, call, max_body, "--max-body");
  how.insecure = call.given.at(insecure) != nullptr;
  if (const auto* all = call.given.at(origin))
    how.origins = words_of(*all);
  if (const auto* file = call.given.at(token_file))
    how.tokens = input_file{*file}.read_all();
  std::mutex one_line;
  if (call.given.at(log))
    how.log = [&](const access_record& r) {
      std::lock_guard guard{one_line};
      write_all(standard_error, line_of(r), "the log");
    };

  std::latch ended{1};
  std::atomic<int> by{0};
  const signal_post signals{[&](int signal, bool) {
    if (by.exchange(signal) == 0)
      ended.count_down();
  }};
  database db{call.path()};
  server at{db, how};
  print("serving " + call.path() + " at " + at.url() + '\n');
  ended.wait();
  at.stop();
  db.close();
  return succeeded;
}

} // namespace

command serve_command() {
  command c;
  c.words = "serve";
  c.summary = "Serve the database over HTTP until a signal ends it.";
  c.parameters = {
    {"host", form::option, false, "string", "address to listen at; default: 127.0.0.1"},
    {"port", form::option, false, "integer", "default: 8000; 0: any that is free"},
    {"threads", form::option, false, "integer", "for connections; default: 1"},
    {"tls_cert", form::option, false, "file", "certificate chain in PEM; serves HTTPS"},
    {"tls_key", form::option, false, "file", "its key in PEM"},
    {"max_body", form::option, false, "integer", "bytes of a request's body; default: 67108864"},
    {"origin", form::option, false, "string",
     "web pages of other origins that may send requests, with commas between them"},
    {"token_file", form::option, false, "file",
     "a token a line, and what it may do: TOKEN, or TOKEN SCOPE ..."},
    {"log", form::flag, false, "boolean", "write a line for each request to standard error"},
    {"insecure", form::flag, false, "boolean",
     "serve other machines without tokens or without TLS"},
  };
  c.notes =
    "Requests need a token as soon as there is one, in that file or by `beaver token create`.\n"
    "Ends at SIGINT, SIGTERM or SIGHUP, after the requests that are in work.\n";
  c.run = serve;
  return c;
}

} // namespace beaver::cli
