#include "beaver/api/access.hpp"

#include "beaver/actors/registry.hpp"
#include "support/child.hpp"
#include "support/open_database.hpp"
#include "support/processes.hpp"
#include "support/raw_file.hpp"

#include <boost/test/unit_test.hpp>

using namespace beaver;
using namespace beaver::test;

namespace {

using strings = std::vector<std::string>;

const operation& op(std::string_view name) { return get_operation(name); }

/// Tells the time of attempts. Copies share it.
struct fixture : open_database {
  std::chrono::duration<double> now{0};
  access_list access{db.style().to, {.clock = [this] { return now; }}};

  std::string bearer(const strings& scopes) { return "Bearer " + db.tokens().create(scopes).token; }
  verdict check(const std::string& authorization, std::string_view operation = "dict_find",
                std::string_view name = "cfg", std::string_view peer = "peer") {
    return access.check(authorization, op(operation), name, peer);
  }
};

} // namespace

namespace beaver {
std::ostream& operator<<(std::ostream& out, verdict v) {
  static constexpr const char* words[] = {"allowed", "unauthenticated", "forbidden", "too_many"};
  return out << words[static_cast<int>(v)];
}
} // namespace beaver

// Children are forked, and that must be done while no database is open in the parent.
BOOST_AUTO_TEST_SUITE(access_of_processes)

BOOST_AUTO_TEST_CASE(a_token_of_one_process_opens_the_file_to_another) {
  temp_folder folder;
  { database{folder.file()}; }
  await_single_thread();
  BOOST_TEST(failures_of_processes(1,
                                   [&](int) {
                                     database db{folder.file()};
                                     std::ofstream{folder.file("token")}
                                       << db.tokens().create({"read:dicts"}).token;
                                     return 0;
                                   })
             == 0);
  std::string token;
  std::ifstream{folder.file("token")} >> token;
  database db{folder.file()};
  access_list access{db.style().to};
  BOOST_TEST(access.check("Bearer " + token, op("dict_find"), "d", "p") == verdict::allowed);
  BOOST_TEST(access.check("Bearer " + token, op("dict_set"), "d", "p") == verdict::forbidden);
  raw_file{folder.file()}.execute("DELETE FROM __beaver_tokens__"); // as a foreign program would
  BOOST_TEST(access.check("Bearer " + token, op("dict_find"), "d", "p")
             == verdict::unauthenticated);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(an_access_list, fixture)

BOOST_AUTO_TEST_CASE(lets_in_who_shows_a_token_that_allows_it) {
  const auto reader = bearer({"read:dicts/cfg"});
  BOOST_TEST(check(reader) == verdict::allowed);
  BOOST_TEST(check(reader, "dict_items") == verdict::allowed);
  BOOST_TEST(check(reader, "dict_set") == verdict::forbidden);
  BOOST_TEST(check(reader, "dict_find", "other") == verdict::forbidden);
  BOOST_TEST(check(reader, "list_range") == verdict::forbidden);
  BOOST_TEST(check(reader, "token_list", "") == verdict::forbidden);
}

BOOST_AUTO_TEST_CASE(knows_the_header_in_its_spellings_and_nothing_else) {
  const auto header = bearer({"read:*"});
  const auto token = header.substr(7);
  BOOST_TEST(check("bearer " + token) == verdict::allowed);
  BOOST_TEST(check("BEARER \t " + token + "  ") == verdict::allowed);
  BOOST_TEST(check("") == verdict::unauthenticated);
  int peer = 0;
  for (const auto& bad : strings{token, "Basic " + token, "Bearer", "Bearer ", "Bearer  \t",
                                 header + " more", "Bearer" + token, "Bearer,Bearer " + token})
    BOOST_TEST(check(bad, "dict_find", "cfg", std::to_string(++peer)) == verdict::unauthenticated,
               bad);
}

BOOST_AUTO_TEST_CASE(looks_at_no_token_of_a_peer_that_has_failed_too_often) {
  const auto good = bearer({"read:*"});
  const auto bad = good.substr(0, good.size() - 2) + "!!";
  for (int i = 0; i < 10; ++i)
    BOOST_TEST(check(bad) == verdict::unauthenticated);
  BOOST_TEST(check(bad) == verdict::too_many);
  BOOST_TEST(check(good) == verdict::too_many);
  BOOST_TEST(check("") == verdict::unauthenticated); // nothing is tried
  BOOST_TEST(check(good, "dict_find", "cfg", "another peer") == verdict::allowed);
  now += std::chrono::seconds{1};
  for (int i = 0; i < 20; ++i)
    BOOST_TEST(check(good) == verdict::allowed); // costs nothing
  BOOST_TEST(check(good, "dict_set") == verdict::forbidden);
  BOOST_TEST(check(bad) == verdict::unauthenticated);
  BOOST_TEST(check(bad) == verdict::too_many);
}

BOOST_AUTO_TEST_CASE(counts_neither_requests_without_a_token_nor_those_that_are_forbidden) {
  const auto reader = bearer({"read:dicts/cfg"});
  for (int i = 0; i < 100; ++i) {
    BOOST_TEST(check("") == verdict::unauthenticated);
    BOOST_TEST(check(reader, "dict_set") == verdict::forbidden);
  }
  BOOST_TEST(check(reader) == verdict::allowed);
}

BOOST_AUTO_TEST_CASE(takes_further_tokens_that_are_in_no_file_of_ours) {
  access.add_tokens("# of the administrator\n"
                    "sesame\r\n"
                    "\n"
                    "  other \t read:dicts/c*  write:lists\n"
                    "last read:*");
  BOOST_TEST(check("Bearer sesame", "token_create", "") == verdict::allowed);
  BOOST_TEST(check("Bearer other") == verdict::allowed);
  BOOST_TEST(check("Bearer other", "dict_set") == verdict::forbidden);
  BOOST_TEST(check("Bearer other", "list_push") == verdict::allowed);
  BOOST_TEST(check("Bearer last") == verdict::allowed);
  BOOST_TEST(check("Bearer wrong") == verdict::unauthenticated);
  BOOST_TEST(check("Bearer #") == verdict::unauthenticated);
  BOOST_TEST(access.authenticate("Bearer other", "p").who.value().id() == "line 4");
  BOOST_TEST(check(bearer({"read:*"})) == verdict::allowed); // those in the file count as well

  const auto wrong = outcome_of([&] { access.add_tokens("a read:*\nsecret see:*\n"); });
  BOOST_TEST(wrong.is(errc::invalid_argument));
  BOOST_TEST(wrong.says("line 2 of the tokens: scope 'see:*': "));
  BOOST_TEST(!wrong.says("secret"));
}

BOOST_AUTO_TEST_CASE(tells_who_has_come) {
  const auto made = db.tokens().create({"read:*"});
  const auto who = access.authenticate("Bearer " + made.token, "p").who;
  BOOST_REQUIRE(who);
  BOOST_TEST(who->id() == made.id);
}

BOOST_AUTO_TEST_CASE(fails_where_a_stored_scope_is_none) {
  const auto token = bearer({"read:*"});
  raw_file{folder.file()}.execute(R"(UPDATE __beaver_tokens__ SET scopes = '["see:*"]')");
  const auto end = outcome_of([&] { static_cast<void>(check(token)); });
  BOOST_TEST((end.is(errc::corrupt) && end.says("see:*")));
}

BOOST_AUTO_TEST_CASE(is_asked_from_many_threads_at_once) {
  const auto good = bearer({"read:*"});
  BOOST_TEST(failures_of_threads(8,
                                 [&](int thread) {
                                   const auto peer = std::to_string(thread);
                                   int refused = 0;
                                   for (int i = 0; i < 200; ++i) {
                                     if (check(good, "dict_find", "cfg", peer) != verdict::allowed)
                                       throw std::logic_error("refused");
                                     refused += check("Bearer x", "dict_find", "cfg", "all")
                                                == verdict::too_many;
                                   }
                                   if (refused < 180)
                                     throw std::logic_error("not limited");
                                 })
             == 0);
}

BOOST_AUTO_TEST_SUITE_END()
