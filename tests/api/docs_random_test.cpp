#include "beaver/api/docs.hpp"

#include "support/child.hpp"
#include "support/open_database.hpp"
#include "support/processes.hpp"
#include "support/raw_file.hpp"
#include "support/settings.hpp"

#include <algorithm>
#include <boost/describe/class.hpp>
#include <boost/test/unit_test.hpp>
#include <map>
#include <random>
#include <set>

using namespace beaver;
using namespace beaver::test;

namespace {

struct note {
  std::string text;
  std::vector<std::string> tags;
  int number = 0;
};
BOOST_DESCRIBE_STRUCT(note, (), (text, tags, number))

// No one is the stem of another, nor within two edits of it.
const std::vector<std::string> vocabulary{"alpha", "bravo",  "carbon", "delta",
                                          "ember", "flinty", "grotto", "hazelnut"};

/// Documents of one owner within a collection that is shared, and what they should be.
class owner {
public:
  owner(database& db, std::string prefix, std::uint64_t seed)
    : docs_(db.docs<note>("notes")), prefix_(std::move(prefix)), random_(seed) {}

  void reopen(database& db) { docs_ = db.docs<note>("notes"); }

  void step() {
    const auto id = prefix_ + std::to_string(below(12));
    switch (below(10)) {
    case 0:
      check(docs_.drop(id) == (model_.erase(id) == 1), "drop");
      break;
    case 1:
      patch(id);
      break;
    case 2:
      index_several();
      break;
    case 3:
    case 4:
    case 5:
      model_[id] = random_note();
      docs_.index(id, model_[id]);
      break;
    default:
      search();
    }
  }

  /// Looks at everything.
  void compare() {
    std::map<std::string, std::string> stored;
    for (const auto& d : docs_.documents({.prefix = prefix_}))
      stored[d.id] = d.body.text;
    std::map<std::string, std::string> expected;
    for (const auto& [id, n] : model_)
      expected[id] = n.text;
    check(stored == expected, "documents");
    for (const auto& word : vocabulary)
      same(word, {}, [&](const note& n) { return has(n, word); });
  }

private:
  std::uint64_t below(std::uint64_t n) { return random_() % n; }
  const std::string& word() { return vocabulary[below(vocabulary.size())]; }

  note random_note() {
    note n;
    for (auto words = below(6); words > 0; --words)
      n.text += (n.text.empty() ? "" : " ") + word();
    for (auto tags = below(3); tags > 0; --tags)
      n.tags.push_back(word());
    n.number = static_cast<int>(below(5));
    return n;
  }

  void patch(const std::string& id) {
    const auto number = static_cast<int>(below(5));
    const auto changed =
      docs_.patch(id, json_text{"{\"number\": " + std::to_string(number) + ", \"tags\": []}"});
    const auto known = model_.find(id);
    check(changed.has_value() == (known != model_.end()), "patch");
    if (changed) {
      known->second.number = number;
      known->second.tags.clear();
    }
  }

  void index_several() {
    auto batch = docs_.batched();
    for (int i = 0; i < 4; ++i) {
      const auto id = prefix_ + std::to_string(below(12));
      model_[id] = random_note();
      batch.index(id, model_[id]);
    }
    batch.commit();
  }

  static bool in_text(const note& n, const std::string& word) {
    return (' ' + n.text + ' ').find(' ' + word + ' ') != std::string::npos;
  }
  static bool has(const note& n, const std::string& word) {
    return in_text(n, word) || std::find(n.tags.begin(), n.tags.end(), word) != n.tags.end();
  }

  void search() {
    const auto a = word();
    const auto b = word();
    const auto number = static_cast<int>(below(5));
    switch (below(7)) {
    case 0:
      return same(a + ' ' + b, {}, [&](const note& n) { return has(n, a) && has(n, b); });
    case 1:
      return same(a + " -" + b, {}, [&](const note& n) { return has(n, a) && !has(n, b); });
    case 2:
      return same(a + " OR " + b, {}, [&](const note& n) { return has(n, a) || has(n, b); });
    case 3:
      return same("text:" + a, {}, [&](const note& n) { return in_text(n, a); });
    case 4:
      return same('"' + a + ' ' + b + '"', {}, [&](const note& n) {
        return (' ' + n.text + ' ').find(' ' + a + ' ' + b + ' ') != std::string::npos;
      });
    case 5:
      return same(a, number, [&](const note& n) { return has(n, a) && n.number == number; });
    default: {
      auto typo = a;
      typo.erase(below(2) ? 0 : typo.size() - 1, 1); // three right letters are left
      return same(
        typo, {}, [&](const note& n) { return has(n, a); }, true);
    }
    }
  }

  template <class Matches>
  void same(const std::string& query, std::optional<int> number, Matches matches,
            bool fuzzy = false) {
    docs_query asked{.query = query};
    if (fuzzy)
      asked.fuzzy = true;
    if (number)
      asked.where = field("number") == *number;
    std::set<std::string> found;
    for (const auto& hit : docs_.search(asked).hits)
      if (hit.id.starts_with(prefix_))
        check(found.insert(hit.id).second, query + " gives one twice");
    std::set<std::string> expected;
    for (const auto& [id, n] : model_)
      if (matches(n))
        expected.insert(id);
    check(found == expected, query);
  }

  static void check(bool good, const std::string& what) {
    if (!good)
      throw std::logic_error(what + " is not as it should be");
  }

  beaver::docs<note> docs_;
  std::string prefix_;
  std::mt19937_64 random_;
  std::map<std::string, note> model_;
};

/// Whether the words in the file are those of the documents in it.
void check_text(const std::string& path) {
  std::size_t strings = 0;
  {
    database db{path, quick()};
    for (const auto& d : db.docs<note>("notes"))
      strings += d.body.tags.size() + (d.body.text.empty() ? 0 : 1);
    BOOST_TEST(db.docs("notes").info().strings == strings);
  }
  raw_file raw{path};
  raw.execute("INSERT INTO __beaver_fts_index__(__beaver_fts_index__) VALUES('integrity-check')");
  BOOST_TEST(raw.integrity() == "ok");
}

void declare(database& db) {
  db.docs("notes").open({.fuzzy = true});
  db.docs("notes").create_index("number");
}

} // namespace

BOOST_AUTO_TEST_SUITE(documents_random)

BOOST_AUTO_TEST_CASE(random_operations_agree_with_a_model_also_after_reopening) {
  const auto seed = fresh_seed();
  temp_folder folder;
  BOOST_TEST_CONTEXT("seed " << seed) {
    std::optional<database> db{std::in_place, folder.file(), quick()};
    declare(*db);
    owner one{*db, "k", seed};
    for (int round = 0; round < 5; ++round) {
      for (int i = 0; i < (long_tests() ? 4'000 : 300); ++i)
        BOOST_REQUIRE_NO_THROW(one.step());
      db.reset();
      db.emplace(folder.file(), quick());
      one.reopen(*db);
      BOOST_REQUIRE_NO_THROW(one.compare());
    }
  }
  check_text(folder.file());
}

BOOST_AUTO_TEST_CASE(owners_in_two_processes_each_find_their_own_as_they_are) {
  const auto seed = fresh_seed();
  temp_folder folder;
  {
    database db{folder.file(), quick()};
    declare(db);
  }
  await_single_thread();
  BOOST_TEST_CONTEXT("seed " << seed)
  BOOST_TEST(
    failures_of_processes(
      2,
      [&](int process) {
        database db{folder.file(), quick()};
        owner one{db, std::to_string(process) + ":", seed + static_cast<unsigned>(process)};
        for (int i = 0; i < (long_tests() ? 10'000 : 500); ++i)
          one.step();
        one.compare();
        return 0;
      })
    == 0);
  check_text(folder.file());
}

BOOST_AUTO_TEST_SUITE_END()
