#include "beaver/tools/import.hpp"

#include "beaver/api/database.hpp"
#include "run_cli.hpp"
#include "support/failure.hpp"
#include "support/pieces_of.hpp"
#include "support/raw_file.hpp"
#include "support/settings.hpp"

#include <bit>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <filesystem>
#include <limits>
#include <map>
#include <random>

using namespace beaver;
using namespace beaver::test;
using boost::test_tools::per_element;

namespace {

using numbers = std::vector<float>;

void append_bytes(std::string& to, const void* from, std::size_t size) {
  to.append(static_cast<const char*>(from), size);
}

/// A record of fvecs that says that it has so many numbers.
std::string fvec(std::int32_t dims, const numbers& v) {
  std::string bytes;
  append_bytes(bytes, &dims, sizeof dims);
  append_bytes(bytes, v.data(), v.size() * sizeof(float));
  return bytes;
}

std::string fvec(const numbers& v) { return fvec(static_cast<std::int32_t>(v.size()), v); }

/// Any finite numbers at all, those that are hard to write among them.
class any_numbers {
public:
  explicit any_numbers(std::uint64_t seed) : engine_(seed) {}

  [[nodiscard]] numbers next(std::size_t dims) {
    numbers v(dims);
    for (auto& x : v)
      do
        x = std::bit_cast<float>(static_cast<std::uint32_t>(engine_()));
      while (!std::isfinite(x));
    return v;
  }
  [[nodiscard]] std::size_t below(std::size_t n) { return engine_() % n; }

private:
  std::mt19937_64 engine_;
};

/// What a collection should hold, and whether it does, bit for bit.
struct expected_vector {
  numbers vector;
  std::optional<std::string> metadata{};
};
void check(const std::map<std::string, expected_vector>& all, const vectors<>& collection) {
  BOOST_TEST(collection.count() == all.size());
  auto next = all.begin();
  for (const auto& e : collection.list()) {
    BOOST_TEST_REQUIRE(e.id == next->first);
    BOOST_TEST(
      std::memcmp(e.vector.data(), next->second.vector.data(), e.vector.size() * sizeof(float))
      == 0);
    BOOST_TEST(e.metadata.has_value() == next->second.metadata.has_value());
    if (e.metadata && next->second.metadata)
      BOOST_TEST(e.metadata->text() == *next->second.metadata);
    ++next;
  }
}

struct open_fixture : cli_fixture {
  database file{db};
  vectors<> target = file.vectors("v");
};

const std::string wordnet = BEAVER_EXAMPLE_DATA "/wordnet-sample.jsonl";

} // namespace

BOOST_AUTO_TEST_SUITE(imports_of_vectors)

BOOST_FIXTURE_TEST_CASE(the_sample_is_imported_with_its_other_fields_as_metadata, cli_fixture) {
  const auto text = out({"import", wordnet, "--vectors", "wordnet"});
  BOOST_TEST(text.starts_with("imported 1500 rows in "), text);
  BOOST_TEST(text.ends_with(" s, 0 bad lines\n"));
  std::size_t animals = 0;
  const auto lines = read_file(wordnet);
  for (auto at = lines.find("noun.animal"); at != lines.npos;
       at = lines.find("noun.animal", at + 1))
    ++animals;
  BOOST_TEST(out({"vectors", "wordnet", "count", "--where", "topic=noun.animal"})
             == std::to_string(animals) + '\n');
  const auto found = out({"vectors", "wordnet", "get", "n02365657"});
  BOOST_TEST(found.starts_with("{\"vector\": [-0.059, 0.075, "), found);
  BOOST_TEST(
    found.ends_with("], \"metadata\": {\"words\": [\"beaver\"], \"pos\": \"n\", \"topic\": "
                    "\"noun.animal\", \"gloss\": \"large semiaquatic rodent with webbed "
                    "hind feet and a broad flat tail; construct complex dams and "
                    "underwater lodges\"}}\n"),
    found);
}

BOOST_FIXTURE_TEST_CASE(fields_have_other_names_and_one_may_be_the_metadata, cli_fixture) {
  const std::string lines = "{\"n\": 7, \"v\": [1, 2.5], \"m\": {\"a\":1}, \"more\": [1]}\n"
                            "{\"v\": [-1e-7, 0], \"n\": \"x\"}\n";
  out({"import", "-", "--vectors", "a", "--key", "n", "--vector", "v", "--value", "m"}, lines);
  const std::string dumped = R"({"id": "7", "vector": [1.0, 2.5], "metadata": {"a": 1}})"
                             "\n"
                             R"({"id": "x", "vector": [-1e-07, 0.0]})"
                             "\n";
  BOOST_TEST(run({"dump", "-", "--vectors", "a"}).out == dumped);
  out({"import", "-", "--vectors", "b", "--value", "metadata"}, dumped);
  BOOST_TEST(run({"dump", "-", "--vectors", "b"}).out == dumped);
  out({"import", "-", "--vectors", "c", "--key", "n", "--vector", "v"}, lines);
  BOOST_TEST(run({"dump", "-", "--vectors", "c"}).out
             == R"({"id": "7", "vector": [1.0, 2.5], "metadata": {"m": {"a": 1}, "more": [1]}})"
                "\n"
                R"({"id": "x", "vector": [-1e-07, 0.0]})"
                "\n");
}

BOOST_FIXTURE_TEST_CASE(bad_lines_are_reported_with_number_and_reason_and_skipped, cli_fixture) {
  const std::string text = "\xef\xbb\xbf{\"id\": \"a\", \"vector\": [1, 2]}\r\n"
                           "\n"
                           "{\"id\": \"b\", \"vector\": [1, 2],}\n"
                           "[1, 2]\n"
                           "{\"vector\": [1, 2]}\n"
                           "{\"id\": \"b\"}\n"
                           "{\"id\": \"\", \"vector\": [1, 2]}\n"
                           "{\"id\": \"b\", \"vector\": [1, 2, 3]}\n"
                           "{\"id\": \"b\", \"vector\": []}\n"
                           "{\"id\": \"b\", \"vector\": \"1, 2\"}\n"
                           "{\"id\": \"b\", \"vector\": [1, null]}\n"
                           "{\"id\": \"b\", \"vector\": [1, 1e39]}\n"
                           "{\"id\": \"b\", \"vector\": [1, NaN]}\n"
                           "{\"id\": \"b\", \"vector\": [1, 2], \"x\": Infinity}\n"
                           "{\"id\": \"b\", \"vector\": [1, 2]} more\n"
                           "{\"id\": \"c\", \"vector\": [3, 4]}\n";
  const auto r = run({"import", "-", "--vectors", "v"}, text);
  BOOST_TEST(r.status == 0);
  BOOST_TEST(r.out.starts_with("imported 2 rows in "), r.out);
  BOOST_TEST(r.out.ends_with(", 13 bad lines\n"), r.out);
  for (const auto* line :
       {"beaver: line 3: not JSON: ", "beaver: line 4: not a JSON object\n",
        "beaver: line 5: no field 'id'\n", "beaver: line 6: no field 'vector'\n",
        "beaver: line 7: id must not be empty\n",
        "beaver: line 8: a vector of 3 numbers, where 2 are wanted\n",
        "beaver: line 9: vector must have a number at least\n",
        "beaver: line 10: vector must be an array\n",
        "beaver: line 11: vector[1] must be a number\n",
        "beaver: line 12: vector[1] is out of range\n", "beaver: line 13: vector",
        "beaver: line 14: metadata is not JSON: NaN and infinities are not allowed",
        "beaver: line 15: not JSON: extra data"})
    BOOST_TEST(r.err.find(line) != std::string::npos, "no '" << line << "' in " << r.err);
  BOOST_TEST(
    run({"dump", "-", "--vectors", "v"}).out
    == "{\"id\": \"a\", \"vector\": [1.0, 2.0]}\n{\"id\": \"c\", \"vector\": [3.0, 4.0]}\n");
}

BOOST_FIXTURE_TEST_CASE(lines_of_another_length_than_the_collection_are_bad, open_fixture) {
  target.set("a", numbers{1, 2});
  const auto r = import_lines(pieces_of("{\"id\": \"b\", \"vector\": [1, 2, 3]}\n"
                                        "{\"id\": \"c\", \"vector\": [1, 2]}\n",
                                        9),
                              target, vector_import_options{});
  BOOST_TEST(r.status.bad_lines == 1u);
  BOOST_TEST(target.contains("c"));
}

BOOST_FIXTURE_TEST_CASE(records_of_fvecs_have_their_numbers_as_ids, cli_fixture) {
  const auto path = folder.file("set.fvecs");
  write_file(path, fvec({1, 2}) + fvec({3, 4}) + fvec({-0.5, 1e-40F}));
  BOOST_TEST(out({"import", path, "--vectors", "v"}).starts_with("imported 3 rows in "));
  const std::string lines = R"({"id": "000000000", "vector": [1.0, 2.0]})"
                            "\n"
                            R"({"id": "000000001", "vector": [3.0, 4.0]})"
                            "\n"
                            R"({"id": "000000002", "vector": [-0.5, 1e-40]})"
                            "\n";
  BOOST_TEST(run({"dump", "-", "--vectors", "v"}).out == lines);
  const auto piped =
    out({"import", "-", "--vectors", "v", "--fvecs", "--prefix", "test-"}, fvec({5, 6}));
  BOOST_TEST(piped.ends_with(" s, 0 bad records\n"), piped);
  BOOST_TEST(run({"dump", "-", "--vectors", "v"}).out
             == lines + "{\"id\": \"test-000000000\", \"vector\": [5.0, 6.0]}\n");
}

BOOST_FIXTURE_TEST_CASE(bad_records_are_reported_and_keep_their_numbers, cli_fixture) {
  const auto nan = std::numeric_limits<float>::quiet_NaN();
  const auto text = fvec({1, 2}) + fvec({1, nan}) + fvec({1, 2, 3}) + fvec({3, 4});
  const auto r =
    run({"import", "-", "--vectors", "v", "--fvecs"}, text + fvec({5, 6}).substr(0, 7));
  BOOST_TEST(r.status == 0);
  BOOST_TEST(r.out.starts_with("imported 2 rows in "), r.out);
  BOOST_TEST(r.out.ends_with(", 3 bad records\n"), r.out);
  BOOST_TEST(r.err
             == "beaver: record 1: vector holds a number that is not finite\n"
                "beaver: record 2: a vector of 3 numbers, where 2 are wanted\n"
                "beaver: record 4: the file ends within it\n");
  BOOST_TEST(run({"vectors", "v", "get", "000000003"}).out == "{\"vector\": [3.0, 4.0]}\n");
  const auto strict =
    run({"import", "-", "--vectors", "w", "--fvecs", "--strict", "--batch", "1"}, text);
  BOOST_TEST(strict.status == 3);
  BOOST_TEST(strict.err.ends_with("stopped at record 1; 1 row of the batches before stay\n"),
             strict.err);
}

BOOST_FIXTURE_TEST_CASE(vectors_import_files_by_a_verb_of_theirs_too, cli_fixture) {
  const auto lines = run({"vectors", "v", "import", "-", "--key", "word", "--value", "kind"},
                         "{\"word\": \"a\", \"vector\": [1, 2], \"kind\": 5, \"more\": 6}\n");
  BOOST_TEST(lines.out.starts_with("imported 1 row in "), lines.out + lines.err);
  BOOST_TEST(run({"vectors", "v", "get", "a"}).out
             == "{\"vector\": [1.0, 2.0], \"metadata\": 5}\n");
  const auto records =
    run({"vectors", "v", "import", "-", "--fvecs", "--prefix", "p"}, fvec({3, 4}));
  BOOST_TEST(records.out.starts_with("imported 1 row in "), records.out + records.err);
  BOOST_TEST(run({"vectors", "v", "get", "p000000000"}).out == "{\"vector\": [3.0, 4.0]}\n");
  BOOST_TEST(run({"vectors", "v", "import", "-", "--dict", "d"}).status == 2);
  BOOST_TEST(run({"vectors", "v", "import", "-", "--prefix", "p"}).complains("for fvecs"));
  BOOST_TEST(run({"vectors", "", "import", "-"}).status == 2);
}

BOOST_FIXTURE_TEST_CASE(a_file_that_is_no_fvecs_is_a_failure_that_names_the_record, cli_fixture) {
  for (const std::int32_t dims : {0, -1, std::numeric_limits<std::int32_t>::max()}) {
    const auto r = run({"import", "-", "--vectors", "v", "--fvecs", "--batch", "1"},
                       fvec({1, 2}) + fvec(dims, {3, 4}));
    BOOST_TEST(r.status == 3);
    BOOST_TEST(r.complains("record 1 begins with the number " + std::to_string(dims)
                           + " of dimensions, so this is no fvecs file, or damaged there; 1 row "
                             "imported before stay"),
               r.err);
  }
  const auto text = run({"import", wordnet, "--vectors", "v", "--fvecs"});
  BOOST_TEST(text.status == 3);
  BOOST_TEST(text.complains("record 0 begins with"), text.err);
}

BOOST_FIXTURE_TEST_CASE(random_vectors_come_back_bit_by_bit_from_any_pieces, open_fixture) {
  const auto seed = fresh_seed();
  BOOST_TEST_MESSAGE("seed " << seed);
  any_numbers source{seed};
  for (int round = 0; round < 5; ++round) {
    auto from = file.vectors("from " + std::to_string(round));
    auto to = file.vectors("to " + std::to_string(round));
    const auto dims = 1 + source.below(40);
    const auto step = 1 + source.below(3 * dims);
    std::map<std::string, expected_vector> lines;
    std::map<std::string, expected_vector> records;
    std::string bytes;
    for (int i = 0; i < 1'500; ++i) {
      const auto v = source.next(dims);
      lines["id " + std::to_string(source.below(3'000))] = {v, {}};
      records["p" + std::to_string(1'000'000'000 + i).substr(1)] = {v, {}};
      bytes += fvec(v);
    }
    for (auto& [id, expected] : lines) {
      if (source.below(2) == 0)
        expected.metadata = std::to_string(source.below(100));
      from.set(id, expected.vector,
               expected.metadata ? std::optional{json_text{*expected.metadata}} : std::nullopt);
    }
    std::string text;
    dump(from, [&](std::string_view part) { text += part; }, {.format = dump_format::jsonl});
    const auto r = import_lines(
      pieces_of(text, step), to,
      vector_import_options{.value = "metadata", .limits = {.batch_rows = 1 + source.below(999)}});
    BOOST_TEST(r.status.rows == lines.size());
    BOOST_TEST(r.status.bytes == text.size());
    check(lines, to);

    auto other = file.vectors("other " + std::to_string(round));
    const auto fvecs =
      import_fvecs(pieces_of(bytes, step), other, {.prefix = "p", .limits = {.batch_rows = 700}});
    BOOST_TEST(fvecs.status.rows == 1'500u);
    BOOST_TEST(fvecs.status.bytes == bytes.size());
    check(records, other);
  }
}

BOOST_FIXTURE_TEST_CASE(cancelling_commits_whole_records_only, open_fixture) {
  std::atomic<bool> cancel = false;
  const auto records = fvec({1, 2}) + fvec({3, 4}) + fvec({5, 6}).substr(0, 9);
  auto source = pieces_of(records, 1'000);
  import_hooks hooks;
  hooks.cancel = &cancel;
  const auto r = import_fvecs(
    [&](std::span<char> buffer) {
      const auto n = source(buffer);
      cancel = n == 0;
      return n;
    },
    target, {}, hooks);
  BOOST_TEST((r.end == import_end::cancelled));
  BOOST_TEST(r.status.rows == 2u);
  BOOST_TEST(r.status.bad_lines == 0u);
  BOOST_TEST(target.count() == 2u);
}

BOOST_FIXTURE_TEST_CASE(a_row_that_is_no_vector_is_never_left_out_silently, open_fixture) {
  target.set("a", numbers{1, 2});
  raw_file{db}.execute("INSERT INTO __beaver_vectors__ VALUES('v', 'b', x'00', NULL)");
  const auto failed = outcome_of([&] { dump(target, [](std::string_view) {}); });
  BOOST_TEST(failed.is(errc::corrupt));
}

BOOST_FIXTURE_TEST_CASE(wrong_usage_opens_nothing, cli_fixture) {
  const auto refuses = [&](std::vector<std::string> words, std::string_view why) {
    words.insert(words.begin(), {"import", "-"});
    const auto r = run(words);
    BOOST_TEST(r.status == 2);
    BOOST_TEST(r.complains(why), r.err);
  };
  refuses({"--vectors", "v", "--docs", "d"}, "exactly one of");
  refuses({"--vectors", ""}, "must not be empty");
  refuses({"--dict", "d", "--key", "k", "--vector", "v"}, "are for --vectors");
  refuses({"--docs", "d", "--fvecs"}, "are for --vectors");
  refuses({"--vectors", "v", "--prefix", "p"}, "is for fvecs");
  refuses({"--vectors", "v", "--fvecs", "--key", "k"}, "are for lines");
  BOOST_TEST(!std::filesystem::exists(db));
}

BOOST_AUTO_TEST_SUITE_END()
