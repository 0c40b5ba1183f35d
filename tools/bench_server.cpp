#include "beaver/api/remote.hpp"
#include "beaver/api/server.hpp"
#include "beaver/tools/bench_load.hpp"
#include "beaver/tools/bench_workload.hpp"

#include <memory>

namespace beaver::bench {

namespace {

using folder = std::filesystem::path;

constexpr std::size_t clients = 64;
constexpr std::size_t subscribers = 1000;

server_options on_any_port() {
  server_options how;
  how.port = 0;
  how.threads = 1;
  return how;
}

/// A dict of 10,000 rows behind a server.
struct served_dict {
  served_dict(const folder& where, durability how) : files(where) {
    files.fill(row_count);
    db.emplace(open_ours(files.ours, how));
    at.emplace(*db, on_any_port());
  }

  std::string next_get() {
    return "GET /dicts/" + std::string{dict_name} + '/' + keys[random.below(row_count)]
           + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
  }

  std::string next_put() {
    const auto body = "{\"value\": " + std::string{text.with(number++)} + '}';
    return "PUT /dicts/" + std::string{dict_name} + '/' + keys[random.below(row_count)]
           + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size())
           + "\r\n\r\n" + body;
  }

  twin_files files;
  std::vector<std::string> keys = make_keys(row_count);
  generator random{1};
  sample_value text;
  std::uint64_t number = row_count;
  std::optional<database> db;
  std::optional<server> at;
};

/// What the server sends for one of those rows.
std::string sample_response() {
  sample_value text;
  const std::string body{text.with(1)};
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size())
         + "\r\nContent-Type: application/json\r\n\r\n" + body;
}

contest http_dict_get(const folder& where, std::size_t connections) {
  struct state : served_dict {
    state(const folder& at_folder, std::size_t n)
      : served_dict(at_folder, durability::relaxed), load(at->port(), n),
        bare_load(bare.port(), n) {}
    http_load load;
    bare_server bare{sample_response()};
    http_load bare_load;
  };
  auto s = std::make_shared<state>(where, connections);
  contest c;
  c.ours.workers.push_back([s](slice& of) { s->load.run(of, [&] { return s->next_get(); }); });
  c.baseline.workers.push_back(
    [s](slice& of) { s->bare_load.run(of, [&] { return s->next_get(); }); });
  return c;
}

contest http_dict_get_c64(const folder& where) { return http_dict_get(where, clients); }

/// Beside as many threads in the process of the database, which share commits likewise.
contest http_dict_put_c64(const folder& where) {
  struct state : served_dict {
    explicit state(const folder& at_folder)
      : served_dict(at_folder, durability::full), load(at->port(), clients) {}
    http_load load;
  };
  auto s = std::make_shared<state>(where);
  contest c;
  c.ours.workers.push_back([s](slice& of) { s->load.run(of, [&] { return s->next_put(); }); });
  for (std::size_t i = 0; i < clients; ++i)
    c.baseline.workers.push_back(
      repeat([s, users = s->db->dict(dict_name), random = generator{i + 1}, text = sample_value{},
              number = (i + 1) * 1'000'000'000ull]() mutable {
        users.set(s->keys[random.below(row_count)], json_text{text.with(number++)});
      }));
  return c;
}

/// The client of this library, one call after the other.
contest http_get_c1(const folder& where) {
  struct state : served_dict {
    explicit state(const folder& at_folder)
      : served_dict(at_folder, durability::relaxed), far(connect(at->url())),
        bare_load(bare.port(), 1) {}
    database far;
    bare_server bare{sample_response()};
    http_load bare_load;
  };
  auto s = std::make_shared<state>(where);
  contest c;
  c.ours.workers.push_back(repeat([s, users = s->far.dict(dict_name)] {
    keep(users.get(s->keys[s->random.below(row_count)]).text().data());
  }));
  c.baseline.workers.push_back(
    [s](slice& of) { s->bare_load.run(of, [&] { return s->next_get(); }); });
  return c;
}

/// Messages that are published, stored, and read by every subscriber from its WebSocket, beside
/// subscribers in the process. Each that one of them reads counts as an operation.
contest ws_deliver_1000(const folder& where) {
  constexpr std::size_t messages = 20;
  struct state {
    explicit state(const folder& at_folder)
      : db(open_ours(at_folder / "ours.db", durability::relaxed)), at(db, on_any_port()),
        load(at.port(), "/channels/news/subscribe", subscribers) {
      for (std::size_t i = 0; i < subscribers; ++i)
        inside.push_back(db.channel("near").subscribe());
    }

    std::vector<json_text> next() {
      std::vector<json_text> some;
      for (std::size_t i = 0; i < messages; ++i)
        some.emplace_back(text.with(number++));
      return some;
    }

    database db;
    server at;
    stream_load load;
    std::vector<decltype(std::declval<database>().channel("").subscribe())> inside;
    sample_value text;
    std::uint64_t number = 1;
    std::uint64_t sent = 0;
  };
  auto s = std::make_shared<state>(where);
  contest c;
  c.ours.workers.push_back([s](slice& of) {
    while (of.running()) {
      s->db.channel("news").publish_many(s->next());
      s->sent += messages * subscribers;
      s->load.await("\"sequence\"", s->sent);
      of.done_many(messages * subscribers);
    }
  });
  c.baseline.workers.push_back([s](slice& of) {
    while (of.running()) {
      s->db.channel("near").publish_many(s->next());
      for (auto& each : s->inside)
        for (std::size_t got = 0; got < messages;)
          got += each.next_many(messages - got).size();
      of.done_many(messages * subscribers);
    }
  });
  return c;
}

constexpr bench_case cases[] = {
  {"http_dict_get_c64", "GET by 64 connections, one thread for sockets",
   "a server that answers the same bytes to everything", http_dict_get_c64},
  {"http_dict_put_c64", "durable PUT by 64 connections, one thread for sockets",
   "64 threads in the process of the database", http_dict_put_c64},
  {"http_get_c1", "a get through the client", "one connection to a server of the same bytes",
   http_get_c1},
  {"ws_deliver_1000", "a message to 1,000 WebSockets", "to 1,000 subscribers in the process",
   ws_deliver_1000},
};

} // namespace

std::span<const bench_case> server_cases() { return cases; }

} // namespace beaver::bench
