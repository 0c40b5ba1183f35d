#include "beaver/api/tokens.hpp"

#include "support/open_database.hpp"
#include "support/raw_file.hpp"

#include <boost/test/unit_test.hpp>
#include <set>

using namespace beaver;
using namespace beaver::test;

namespace {

using strings = std::vector<std::string>;

struct fixture : open_database {
  test_clock clock;

  fixture() : fixture(test_clock{}) {}
  explicit fixture(const test_clock& c) : open_database(at(c)), clock(c) {}

  static options at(const test_clock& c) {
    auto how = quick();
    how.clock = c.function();
    return how;
  }
  std::optional<token_entry> verify(const std::string& token) {
    return call(*db.style().to, token_verify{token});
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(tokens_of_a_database, fixture)

BOOST_AUTO_TEST_CASE(a_token_is_verified_by_what_was_shown_once) {
  const auto made = db.tokens().create({"read:dicts/cfg", "write:queues"}, {.label = "web"});
  BOOST_TEST(made.token.starts_with("bvr_" + made.id + '_'));
  BOOST_TEST(made.token.size() == 4 + 8 + 1 + 43u);
  BOOST_TEST(!made.expires_at);
  const auto found = verify(made.token);
  BOOST_REQUIRE(found);
  BOOST_TEST(found->id == made.id);
  BOOST_TEST(found->scopes == (strings{"read:dicts/cfg", "write:queues"}),
             boost::test_tools::per_element());
  BOOST_TEST((found->label == "web" && found->created_at == clock.now()));
}

BOOST_AUTO_TEST_CASE(anything_else_is_no_token) {
  const auto made = db.tokens().create({"read:*"});
  const auto other = db.tokens().create({"read:*"});
  const auto secret = made.token.substr(made.token.rfind(made.id) + made.id.size() + 1);
  for (const auto& text :
       {std::string{}, std::string{"bvr_"}, "bvr_" + made.id, "bvr_" + made.id + '_', secret,
        made.token.substr(0, made.token.size() - 1), made.token + 'A', ' ' + made.token,
        "BVR_" + made.token.substr(4), "bvr_" + other.id + '_' + secret, "bvr__" + secret,
        "bvr_*_" + secret, "bvr_none_" + secret, std::string(100'000, 'x')})
    BOOST_TEST(!verify(text), text);
  for (std::size_t i = 0; i < made.token.size(); ++i) {
    auto changed = made.token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    BOOST_TEST(!verify(changed), changed);
  }
  BOOST_TEST(verify(made.token).has_value());
}

BOOST_AUTO_TEST_CASE(the_file_holds_no_secret) {
  const auto made = db.tokens().create({"read:*"});
  db.close();
  raw_file raw{folder.file()};
  BOOST_TEST(raw.text("SELECT length(digest) FROM __beaver_tokens__").value() == "32");
  const auto secret = made.token.substr(made.token.size() - 43);
  std::ifstream in{folder.file(), std::ios::binary};
  const std::string bytes{std::istreambuf_iterator<char>{in}, {}};
  BOOST_TEST((bytes.find(made.id) != bytes.npos)); // a test of something
  BOOST_TEST((bytes.find(secret) == bytes.npos));
}

BOOST_AUTO_TEST_CASE(a_token_expires_when_its_time_has_passed) {
  const auto made =
    db.tokens().create({"read:*"}, {.label = {}, .lifetime = std::chrono::minutes{1}});
  BOOST_TEST((made.expires_at == clock.now() + 60));
  clock.advance(59.5);
  BOOST_TEST(verify(made.token).has_value());
  clock.advance(0.5);
  BOOST_TEST(!verify(made.token));
  BOOST_TEST(db.tokens().list().size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_revoked_token_is_gone_at_once) {
  auto tokens = db.tokens();
  const auto a = tokens.create({"read:*"});
  const auto b = tokens.create({"read:*"});
  BOOST_TEST(tokens.revoke(a.id));
  BOOST_TEST(!tokens.revoke(a.id));
  BOOST_TEST(!verify(a.token));
  BOOST_TEST(verify(b.token).has_value());
  BOOST_TEST(tokens.list().at(0).id == b.id);
}

BOOST_AUTO_TEST_CASE(another_opening_of_the_file_sees_what_is_made_and_revoked) {
  database other{folder.file(), at(clock)};
  const auto made = db.tokens().create({"read:*"});
  const auto seen = [&] { return call(*other.style().to, token_verify{made.token}).has_value(); };
  BOOST_TEST(seen());
  BOOST_TEST(db.tokens().revoke(made.id));
  BOOST_TEST(!seen());
}

BOOST_AUTO_TEST_CASE(tokens_without_sense_are_refused) {
  auto tokens = db.tokens();
  const auto refusal = [&](strings scopes, const token_options& how = {}) {
    const auto end = outcome_of([&] { static_cast<void>(tokens.create(std::move(scopes), how)); });
    BOOST_TEST(end.is(errc::invalid_argument));
    return end.text;
  };
  BOOST_TEST(refusal({}).find("give it one") != std::string::npos);
  BOOST_TEST(refusal({"read:*", "read:dict"}).starts_with("scope 'read:dict': "));
  BOOST_TEST(refusal({"read:*"}, {.label = ""}).starts_with("label"));
  BOOST_TEST(refusal({"read:*"}, {.label = {}, .lifetime = std::chrono::seconds{0}})
               .starts_with("ttl_seconds"));
  BOOST_TEST(tokens.list().empty());
}

BOOST_AUTO_TEST_CASE(the_other_styles_have_them_too) {
  const auto made = db.async().tokens().create({"read:*"}).get().value();
  BOOST_TEST(db.async().tokens().list().get().value().size() == 1u);
  BOOST_TEST(db.snapshot().tokens().list().size() == 1u);
  auto writes = db.batched();
  writes.tokens().revoke(made.id);
  BOOST_TEST(verify(made.token).has_value());
  writes.commit();
  BOOST_TEST(!verify(made.token));
  BOOST_TEST(outcome_of([&] {
               static_cast<void>(db.snapshot().tokens().create({"read:*"}));
             }).is(errc::read_only));
  std::string id;
  db.transaction([&](transaction& tx) { id = tx.tokens().create({"read:*"}).id; });
  BOOST_TEST(db.tokens().list().at(0).id == id);
}

BOOST_AUTO_TEST_CASE(the_list_of_managers_is_as_before) {
  static_cast<void>(db.tokens().create({"read:*"}));
  BOOST_TEST(db.info().managers.empty());
}

BOOST_AUTO_TEST_SUITE_END()
