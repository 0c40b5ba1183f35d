#include "beaver/actors/registry.hpp"
#include "beaver/tools/member_help.hpp"
#include "run_cli.hpp"

#include <boost/test/unit_test.hpp>

using namespace beaver::test;

namespace {

std::string help(std::vector<std::string> arguments) {
  const auto r = running_cli{arguments}.finish(); // without a database
  BOOST_TEST(r.status == 0);
  BOOST_TEST(r.err == "");
  return r.out;
}

bool has(const std::string& text, const std::string& part) {
  BOOST_TEST_CONTEXT(text) { BOOST_TEST(text.find(part) != text.npos, "no '" << part << "'"); }
  return text.find(part) != text.npos;
}

} // namespace

BOOST_AUTO_TEST_SUITE(help_text)

BOOST_AUTO_TEST_CASE(the_overview_names_every_command_and_the_exit_codes) {
  const auto text = help({"--help"});
  for (const auto* part :
       {"usage: beaver [--db PATH] [--raw] COMMAND ...\n", "  dict NAME VERB ...", "  blob NAME",
        "  info ", "  import ", "  dump ...", "--db PATH", "Exit status: 0 done; 1"})
    BOOST_TEST(has(text, part));
  BOOST_TEST(help({"-h"}) == text);
}

BOOST_AUTO_TEST_CASE(the_version_is_printed) {
  BOOST_TEST(help({"--version"}).starts_with("beaver 0."));
}

BOOST_AUTO_TEST_CASE(a_type_lists_its_verbs_with_their_summaries) {
  const auto text = help({"dict", "--help"});
  BOOST_TEST(has(text, "usage: beaver [--db PATH] [--raw] dict NAME VERB ...\n"));
  BOOST_TEST(has(text, "  beaver dict                   list all dicts\n"));
  BOOST_TEST(
    has(text, "  set KEY VALUE [--ttl-seconds SECONDS]\n      Store a value under a key.\n"));
  BOOST_TEST(has(text, "  find KEY   (also: get, fetch)\n"));
  BOOST_TEST(help({"--help", "dict"}) == text);
  BOOST_TEST(help({"dict", "cfg", "--help"}) == text);
}

BOOST_AUTO_TEST_CASE(a_verb_tells_its_members_with_types_and_its_answer) {
  BOOST_TEST(help({"dict", "cfg", "set", "--help"}) ==
             R"(usage: beaver [--db PATH] [--raw] dict NAME set KEY VALUE [--ttl-seconds SECONDS]

Store a value under a key.

  KEY                    text
  VALUE                  JSON, else taken as a string; - reads it from standard input
  --ttl-seconds SECONDS  number

Prints nothing.
)");
  BOOST_TEST(help({"dict", "set", "--help"}) == help({"dict", "cfg", "set", "--help"}));
  const auto erase = help({"dict", "cfg", "delete", "k", "--unknown", "-h"});
  BOOST_TEST(has(erase, "Other spellings: delete, del, remove.\n"));
  BOOST_TEST(has(erase, "Prints true, or false and ends with status 1.\n"));
  BOOST_TEST(
    has(help({"blob", "f", "put", "--help"}), "blob NAME put KEY FILE [--metadata JSON]\n"));
  BOOST_TEST(has(help({"import", "--help"}),
                 "import FILE [--dict TEXT] [--docs TEXT] [--graph TEXT] [--vectors TEXT] "
                 "[--key TEXT] [--value TEXT] [--vector TEXT] [--fvecs] [--prefix TEXT] "
                 "[--batch N] [--strict]\n"));
}

BOOST_AUTO_TEST_CASE(members_say_what_their_types_do_not) {
  BOOST_TEST(
    has(help({"vectors", "near", "--help"}),
        "  --by TEXT              cosine, euclid, manhattan or inner_product; default: that "));
  BOOST_TEST(
    has(help({"vectors", "configure", "--help"}),
        "  --by TEXT               cosine, euclid, manhattan or inner_product; default: cos"));
  BOOST_TEST(has(help({"graph", "edges", "--help"}), "out, in or both"));
  for (const auto& row : beaver::cli::all_member_help()) {
    bool found = false;
    for (const auto* type : beaver::registry())
      for (const auto& op : type->operations)
        for (const auto& member : op.members)
          found = found || (member.name == row.member && op.name.starts_with(row.operation));
    BOOST_TEST(found, row.operation << " has no member " << row.member);
  }
}

BOOST_AUTO_TEST_CASE(every_operation_of_the_registry_has_its_help) {
  int operations = 0;
  for (const auto* type : beaver::registry())
    for (const auto& op : type->operations) {
      const std::string method{op.method};
      const bool own = std::string_view{type->plural}.empty();
      const auto text = help(own ? std::vector<std::string>{method, "--help"}
                                 : std::vector<std::string>{type->name, method, "--help"});
      if (type->name != std::string{"blob"} || (method != "put" && method != "find"))
        BOOST_TEST(has(text, std::string{op.route->summary}));
      ++operations;
    }
  BOOST_TEST(operations > 30);
}

BOOST_AUTO_TEST_SUITE_END()
