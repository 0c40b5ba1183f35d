#include "run_cli.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <random>
#include <sys/stat.h>

using namespace beaver::test;
namespace fs = std::filesystem;

namespace {

std::string random_content(std::size_t size) {
  std::mt19937 random{7};
  std::string all(size, '\0');
  for (auto& c : all)
    c = static_cast<char>(random());
  return all;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(blob_files, cli_fixture)

BOOST_AUTO_TEST_CASE(five_megabytes_come_back_through_files) {
  const auto content = random_content(5'000'001);
  write_file(folder.file("in"), content);
  BOOST_TEST(out({"blob", "f", "put", "k", folder.file("in"), "--metadata", R"({"t":1})"}) == "");
  BOOST_TEST(out({"blob", "f", "stat", "k"})
             == "{\"key\": \"k\", \"size\": 5000001, \"metadata\": {\"t\": 1}}\n");
  BOOST_TEST(out({"blob", "f", "get", "k", folder.file("out")}) == "");
  BOOST_CHECK(read_file(folder.file("out")) == content);
}

BOOST_AUTO_TEST_CASE(five_megabytes_come_back_through_pipes) {
  const auto content = random_content(5'000'001);
  out({"blob", "f", "put", "k", "-"}, content);
  BOOST_CHECK(out({"blob", "f", "get", "k"}) == content);
  BOOST_CHECK(out({"blob", "f", "get", "k", "-"}) == content);
  BOOST_CHECK(out({"blob", "f", "read", "k", "4999990", "100"}) == content.substr(4'999'990));
  BOOST_TEST(out({"blob", "f", "list"})
             == "[{\"key\": \"k\", \"size\": 5000001}]\n"); // without metadata
}

BOOST_AUTO_TEST_CASE(an_empty_blob_is_there) {
  out({"blob", "f", "put", "k", "-"});
  BOOST_TEST(out({"blob", "f", "get", "k"}) == "");
  BOOST_TEST(out({"blob", "f", "contains", "k"}) == "true\n");
}

BOOST_AUTO_TEST_CASE(an_absent_blob_leaves_the_target_file_alone) {
  out({"blob", "f", "put", "k", "-"}, "x");
  write_file(folder.file("out"), "before");
  const auto r = run({"blob", "f", "get", "none", folder.file("out")});
  BOOST_TEST(r.status == 1);
  BOOST_TEST(r.err == "");
  BOOST_TEST(read_file(folder.file("out")) == "before");
  BOOST_TEST(run({"blob", "f", "get", "none", folder.file("new")}).status == 1);
  BOOST_TEST(!fs::exists(folder.file("new")));
}

BOOST_AUTO_TEST_CASE(a_target_file_is_replaced_with_its_rights_and_through_links) {
  out({"blob", "f", "put", "k", "-"}, "new");
  write_file(folder.file("out"), "longer than the blob");
  ::chmod(folder.file("out").c_str(), 0640);
  fs::create_symlink(folder.file("out"), folder.file("link"));
  out({"blob", "f", "get", "k", folder.file("link")});
  BOOST_TEST(read_file(folder.file("out")) == "new");
  BOOST_TEST(fs::is_symlink(folder.file("link")));
  BOOST_TEST((fs::status(folder.file("out")).permissions() == fs::perms{0640}));
  for (const auto& entry : fs::directory_iterator{folder.path()})
    BOOST_TEST(entry.path().string().find(".part-") == std::string::npos);
  out({"blob", "f", "get", "k", "/dev/null"});
  BOOST_TEST(fs::is_character_file("/dev/null"));
}

BOOST_AUTO_TEST_CASE(a_file_that_cannot_be_read_stores_nothing) {
  const auto missing = run({"blob", "f", "put", "k", folder.file("none")});
  BOOST_TEST(missing.status == 3);
  BOOST_TEST(missing.complains("No such file"));
  BOOST_TEST(!fs::exists(db)); // looked for before anything is opened
  const auto directory = run({"blob", "f", "put", "k", folder.path().string()});
  BOOST_TEST(directory.status == 3);
  BOOST_TEST(directory.complains("Is a directory"));
  BOOST_TEST(out({"blob", "f", "count"}) == "0\n");
}

BOOST_AUTO_TEST_CASE(a_target_that_cannot_be_written_is_a_failure) {
  out({"blob", "f", "put", "k", "-"}, "x");
  const auto r = run({"blob", "f", "get", "k", folder.file("none/out")});
  BOOST_TEST(r.status == 3);
  BOOST_TEST(r.complains("none/out"));
}

BOOST_AUTO_TEST_CASE(ctrl_c_drops_a_blob_that_is_being_written) {
  out({"blob", "f", "put", "k", "-"}, "before");
  running_cli put{on_db({"blob", "f", "put", "k", "-"})};
  put.write(std::string(3 << 20, 'x'));
  // The pipe holds 64 KiB, so the program has read most of it and is past its start.
  put.press_ctrl_c();
  const auto r = put.wait();
  put.close_input();
  BOOST_TEST(r.status == 130);
  BOOST_TEST(r.complains("interrupted"));
  BOOST_CHECK(out({"blob", "f", "get", "k"}) == "before");
  BOOST_TEST(out({"blob", "f", "info"}) == "{\"blobs\": 1, \"bytes\": 6, \"uploads\": 0}\n");
}

BOOST_AUTO_TEST_CASE(bad_metadata_is_refused_before_the_content_is_read) {
  const auto r = run({"blob", "f", "put", "k", "-", "--metadata", "[1e999]"}, "x");
  BOOST_TEST(r.status == 2);
  BOOST_TEST(!fs::exists(db));
}

BOOST_AUTO_TEST_SUITE_END()
