// The guide's page on tokens as a program: who may do what, and until when.
#include <beaver/api/access.hpp>
#include <beaver/beaver.hpp>

#include <iostream>

namespace {

void tell(const char* what, beaver::verdict v) {
  static constexpr const char* words[] = {"allowed", "unauthenticated", "forbidden", "too many"};
  std::cout << what << ": " << words[static_cast<int>(v)] << '\n';
}

} // namespace

int main() {
  beaver::database db{":memory:"};
  auto tokens = db.tokens();
  const auto made = tokens.create({"read:dicts/cfg", "write:queues/jobs.*"},
                                  {.label = "worker", .lifetime = std::chrono::hours{24}});
  for (const auto& t : tokens.list())
    std::cout << t.label.value_or("a token") << " has " << t.scopes.size() << " scopes\n";

  beaver::access_list access{db.style().to};
  access.add_tokens("sesame\nguest read:dicts\n"); // held in memory: all rights, or these
  const auto& find = beaver::get_operation("dict_find");
  const auto& take = beaver::get_operation("queue_take");
  const auto header = "Bearer " + made.token;
  tell("worker reads cfg", access.check(header, find, "cfg", "192.0.2.7"));
  tell("worker takes a job", access.check(header, take, "jobs.mail", "192.0.2.7"));
  tell("worker reads users", access.check(header, find, "users", "192.0.2.7"));
  tell("guest reads users", access.check("Bearer guest", find, "users", "192.0.2.8"));
  tell("a stranger reads cfg", access.check("Bearer guess", find, "cfg", "192.0.2.9"));

  tokens.revoke(made.id);
  tell("worker reads cfg", access.check(header, find, "cfg", "192.0.2.7"));
}
