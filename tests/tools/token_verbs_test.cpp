#include "run_cli.hpp"

#include <boost/test/unit_test.hpp>

using namespace beaver::test;

namespace {

/// The text of a member in the answer of the program.
std::string member(const std::string& json, const std::string& name) {
  const auto begin = json.find('"' + name + "\": \"");
  BOOST_REQUIRE(begin != json.npos);
  const auto at = begin + name.size() + 5;
  return json.substr(at, json.find('"', at) - at);
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

} // namespace

BOOST_FIXTURE_TEST_SUITE(token_verbs, cli_fixture)

BOOST_AUTO_TEST_CASE(tokens_are_made_listed_and_revoked) {
  const auto made = out({"token", "create", "--scope", "read:dicts/cfg", "--scope",
                         "write:queues/jobs.*", "--label", "web", "--ttl", "60"});
  const auto id = member(made, "id");
  BOOST_TEST(member(made, "token").starts_with("bvr_" + id + '_'));
  BOOST_TEST(has(made, "\"expires_at\": "));
  const auto listed = out({"token"});
  BOOST_TEST(listed == out({"token", "ls"}));
  BOOST_TEST(has(listed, id));
  BOOST_TEST(has(listed, R"("scopes": ["read:dicts/cfg", "write:queues/jobs.*"], "label": "web")"));
  BOOST_TEST(!has(listed, "bvr_"));
  BOOST_TEST(out({"token", "revoke", id}) == "true\n");
  BOOST_TEST(run({"token", "revoke", id}).status == 1);
  BOOST_TEST(run({"token"}).out == "[]\n");
}

BOOST_AUTO_TEST_CASE(scopes_are_words_options_or_one_list) {
  const auto scopes = [&](std::vector<std::string> words, const std::string& input = {}) {
    words.insert(words.begin(), {"token", "create"});
    const auto id = member(out(words, input), "id");
    auto listed = out({"token"});
    listed = listed.substr(listed.find('['));
    out({"token", "revoke", id});
    const auto begin = listed.find(": [") + 2;
    return listed.substr(begin, listed.find(']') + 1 - begin);
  };
  const std::string both = R"(["read:*", "write:lists"])";
  BOOST_TEST(scopes({"read:*", "write:lists"}) == both);
  BOOST_TEST(scopes({"read:*", "--label", "x", "write:lists"}) == both);
  BOOST_TEST(scopes({"--scopes", "read:*", "--scope=write:lists"}) == both);
  BOOST_TEST(scopes({both}) == both);
  BOOST_TEST(scopes({"-"}, both) == both);
  BOOST_TEST(scopes({"read:*"}) == R"(["read:*"])");
}

BOOST_AUTO_TEST_CASE(mistakes_are_told_and_make_nothing) {
  const auto none = run({"token", "create"});
  BOOST_TEST((none.status == 2 && none.complains("SCOPES is missing")));
  const auto unknown = run({"token", "create", "read:dict"});
  BOOST_TEST((unknown.status == 2 && unknown.complains("there is no data type 'dict'")));
  BOOST_TEST(run({"token", "create", "read:*", "--label", "a", "--label", "b"})
               .complains("--label is given twice"));
  BOOST_TEST(run({"token", "rewoke", "x"}).complains("did you mean 'revoke'?"));
  BOOST_TEST(run({"token", "verify", "x"}).complains("are verified where the file is"));
  BOOST_TEST(run({"token", "create", "read:\xff"}).status == 2);
  BOOST_TEST(!std::filesystem::exists(db));
}

BOOST_AUTO_TEST_CASE(help_speaks_of_no_names) {
  const auto help = running_cli{{"token", "--help"}}.finish().out;
  BOOST_TEST(has(help, "usage: beaver [--db PATH] [--raw] token VERB ...\n"), help);
  BOOST_TEST(has(help, "  beaver token              list all tokens\n"), help);
  BOOST_TEST(has(help, "  create SCOPES... [--label TEXT] [--ttl-seconds SECONDS]"), help);
  BOOST_TEST(!has(help, "verify"), help);
  BOOST_TEST(!has(help, "NAME"), help);
  BOOST_TEST(has(running_cli{{"--help"}}.finish().out, "  token VERB ... "));
}

BOOST_AUTO_TEST_CASE(lists_of_texts_are_given_piece_by_piece_in_every_verb) {
  out({"graph", "map", "link", "a", "b", "near"});
  out({"graph", "map", "link", "a", "c", "far"});
  out({"graph", "map", "link", "a", "d", "[odd]"});
  const auto children = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"graph", "map", "children", "a"});
    return out(words);
  };
  BOOST_TEST(children({"--labels", R"(["near", "far"])"}) == "[\"b\", \"c\"]\n");
  BOOST_TEST(children({"--label", "near", "--label", "far"}) == "[\"b\", \"c\"]\n");
  BOOST_TEST(children({"--label", "near"}) == "[\"b\"]\n");
  BOOST_TEST(children({"--label", "near", "--label", "[odd]"}) == "[\"b\", \"d\"]\n");
  for (const auto* id : {"x", "y"})
    out({"docs", "d", "index", "{}", "--id", id});
  const auto many = out({"docs", "d", "get_many", R"(["x", "y"])"});
  BOOST_TEST(out({"docs", "d", "get_many", "x", "y"}) == many);
}

BOOST_AUTO_TEST_SUITE_END()
