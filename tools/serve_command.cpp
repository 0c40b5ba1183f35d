#include "beaver/tools/serve_command.hpp"

#include "beaver/api/actor_net.hpp"
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
  tls_ca,
  actors,
  max_body,
  max_waiting,
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

/// The database, published to other nodes if that is wanted.
class published {
public:
  published(const invocation& call, const server_options& http) {
    if (call.given.at(actors) == nullptr) {
      alone_.emplace(call.path());
      return;
    }
    actor_server_options how{.host = http.host, .insecure = http.insecure};
    set_count(how.port, call, actors, "--actors");
    how.tls = call.given.at(tls_ca) != nullptr;
    network_.emplace(how.tls ? actor_tls{http.tls_certificate, http.tls_key, *call.given.at(tls_ca)}
                             : actor_tls{});
    with_actors_.emplace(network_->system(), call.path());
    at_.emplace(*with_actors_, how);
  }

  [[nodiscard]] database& db() { return alone_ ? *alone_ : with_actors_->facade(); }
  [[nodiscard]] std::string url() const { return at_ ? " and " + at_->url() : ""; }

private:
  std::optional<database> alone_;
  std::optional<actor_network> network_;
  std::optional<actor_database> with_actors_;
  std::optional<actor_server> at_;
};

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
  set_count(how.max_waiting, call, max_waiting, "--max-waiting");
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
  published file{call, how};
  server at{file.db(), how};
  print("serving " + call.path() + " at " + at.url() + file.url() + '\n');
  ended.wait();
  at.stop();
  file.db().close();
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
    {"tls_ca", form::option, false, "file",
     "certificates of those who may connect to --actors; that then speaks TLS"},
    {"actors", form::option, false, "integer",
     "publish the database over CAF's network too, at this port; 0: any that is free"},
    {"max_body", form::option, false, "integer", "bytes of a request's body; default: 67108864"},
    {"max_waiting", form::option, false, "integer",
     "bytes of large bodies that wait, in all connections together; default: 536870912"},
    {"origin", form::option, false, "string",
     "web pages of other origins that may use the server, with commas between them"},
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
