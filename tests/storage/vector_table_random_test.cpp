#include "support/failure.hpp"
#include "support/raw_file.hpp"
#include "support/settings.hpp"
#include "vector_support.hpp"

#include <algorithm>

using namespace beaver;
using namespace beaver::test;

namespace {

/// One collection, which we write and, on a connection of its own, another program; a map; and
/// somebody who has loaded all vectors once and follows the log. They have to agree.
class two_writers : public vector_fixture {
public:
  void run(int rounds) {
    BOOST_TEST_CONTEXT("seed " << seed_) {
      write([&] {
        for (const auto* field : {"n", "m"})
          vector_table::create_index(c(), "e", field);
      });
      other_.emplace(path());
      for (int round = 1; round <= rounds; ++round) {
        if (dice_.one_in(2))
          write_as_ourselves();
        else
          write_as_another_program();
        if (dice_.one_in(3))
          compare();
        if (dice_.one_in(20))
          load();
        if (dice_.one_in(20))
          write([&] {
            vector_log::prune(c(), "e", loaded_to_, 1 + dice_.below(50));
            vector_table::reindex(c(), "e", {}, 1 + dice_.below(50));
          });
        if (dice_.one_in(50))
          reopen();
      }
      compare();
      BOOST_TEST(by_index_ > rounds / 50); // a test of something
      BOOST_TEST(other_->integrity() == "ok");
    }
  }

private:
  struct row {
    floats vector;
    std::optional<int> n; // of the metadata {"n": n, "m": n % 2}, if there is any
  };

  std::string id() { return "k" + std::to_string(dice_.below(120)); }
  row any_row() {
    row made{floats(3), {}};
    for (auto& x : made.vector)
      x = static_cast<float>(dice_.below(100));
    if (!dice_.one_in(4))
      made.n = static_cast<int>(dice_.below(20));
    return made;
  }
  static std::optional<std::string> metadata_of(const row& r) {
    if (!r.n)
      return std::nullopt;
    return R"({"n": )" + std::to_string(*r.n) + R"(, "m": )" + std::to_string(*r.n % 2) + "}";
  }
  static std::string sql_of(const std::string& id, const row& r) {
    const auto metadata = metadata_of(r);
    return "('e', '" + id + "', " + blob_of(r.vector) + ", "
           + (metadata ? '\'' + *metadata + '\'' : "NULL") + ')';
  }

  void write_as_ourselves() {
    const auto before = model_;
    const bool undone = dice_.one_in(8);
    try {
      write([&] {
        if (dice_.one_in(60)) {
          BOOST_TEST(vector_table::clear(c(), "e") == model_.size());
          model_.clear();
        }
        vector_table::vector_writer to{c(), "e"};
        for (auto n = 1 + dice_.below(15); n > 0; --n) {
          const auto one = id();
          if (dice_.one_in(4)) {
            BOOST_TEST(to.erase(one) == (model_.erase(one) == 1));
          } else {
            const auto made = any_row();
            const auto metadata = metadata_of(made);
            to.set(one, made.vector, metadata ? std::optional{json_text{*metadata}} : std::nullopt);
            model_[one] = made;
          }
        }
        to.finish();
        if (undone)
          throw std::runtime_error("undone");
      });
    } catch (const std::runtime_error&) {
      BOOST_REQUIRE(undone);
      model_ = before;
    }
  }

  void write_as_another_program() {
    other_->execute("BEGIN IMMEDIATE");
    for (auto n = 1 + dice_.below(6); n > 0; --n) {
      const auto one = id();
      const auto two = id();
      const auto made = any_row();
      switch (dice_.below(7)) {
      case 0:
        other_->execute("DELETE FROM __beaver_vectors__ WHERE item_id = '" + one + '\'');
        model_.erase(one);
        break;
      case 1: // moves a row, over another perhaps
        other_->execute("UPDATE OR REPLACE __beaver_vectors__ SET item_id = '" + two
                        + "' WHERE item_id = '" + one + '\'');
        if (auto moved = model_.extract(one); !moved.empty()) {
          model_.erase(two);
          moved.key() = two;
          model_.insert(std::move(moved));
        }
        break;
      case 2: // and away
        other_->execute("UPDATE OR REPLACE __beaver_vectors__ SET collection = 'away' "
                        "WHERE collection = 'e' AND item_id = '"
                        + one + '\'');
        model_.erase(one);
        break;
      case 3:
        other_->execute("INSERT INTO __beaver_vectors__ VALUES " + sql_of(one, made)
                        + " ON CONFLICT DO UPDATE SET vector = excluded.vector, "
                          "metadata = excluded.metadata");
        model_[one] = made;
        break;
      case 4:
        other_->execute("DELETE FROM __beaver_vectors__ WHERE item_id > 'k5' AND item_id < 'k6' "
                        "AND collection = 'e'");
        std::erase_if(model_, [](const auto& m) { return m.first > "k5" && m.first < "k6"; });
        break;
      default:
        other_->execute("INSERT OR REPLACE INTO __beaver_vectors__ VALUES " + sql_of(one, made));
        model_[one] = made;
      }
    }
    other_->execute("COMMIT");
  }

  void load() {
    loaded_ = all();
    loaded_to_ = vector_log::last(c());
  }

  void compare() {
    stored_vectors expected;
    for (const auto& [one, r] : model_)
      expected.emplace(one, bytes_of(r.vector));
    BOOST_REQUIRE((all() == expected));
    loaded_to_ = follow(loaded_, loaded_to_);
    BOOST_REQUIRE((loaded_ == expected));
    for (const auto& item : vector_table::list(c(), "e", {})) {
      const auto& r = model_.at(item.id);
      BOOST_REQUIRE((item.vector == r.vector));
      BOOST_REQUIRE((test::text_of(item.metadata) == metadata_of(r)));
    }
    compare_filters();
  }

  void compare_filters() {
    const auto n = static_cast<int>(dice_.below(20));
    const auto ask = [&](const std::string& where, auto matches) {
      strings expected;
      for (const auto& [one, r] : model_)
        if (matches(r))
          expected.push_back(one);
      strings found;
      vector_table::each_id(c(), "e", json_text{where},
                            [&](std::string_view one) { found.emplace_back(one); });
      BOOST_REQUIRE(found == expected);
      BOOST_REQUIRE(vector_table::count(c(), "e", json_text{where}) == expected.size());
      by_index_ += vector_table::explain(c(), "e", json_text{where}).scanned ? 0 : 1;
    };
    const auto value = std::to_string(n);
    ask(R"([{"path": "n", "operator": "==", "value": )" + value + "}]",
        [&](const row& r) { return r.n == n; });
    ask(R"([{"path": "n", "operator": ">", "value": )" + value
          + R"(}, {"path": "m", "operator": "==", "value": 1}])",
        [&](const row& r) { return r.n && *r.n > n && *r.n % 2 == 1; });
    ask(R"([{"path": "n", "operator": "exists", "value": false}])",
        [&](const row& r) { return !r.n; });
    ask(R"([{"not": {"path": "n", "operator": "<=", "value": )" + value + "}}]",
        [&](const row& r) { return !(r.n && *r.n <= n); });
  }

  const std::uint64_t seed_ = fresh_seed();
  dice dice_{seed_};
  std::optional<raw_file> other_;
  std::map<std::string, row> model_;
  stored_vectors loaded_;
  std::uint64_t loaded_to_ = 0;
  int by_index_ = 0;
};

} // namespace

BOOST_AUTO_TEST_SUITE(vector_tables_at_random)

BOOST_AUTO_TEST_CASE(the_log_behind_what_was_loaded_gives_the_table_whoever_has_written) {
  two_writers{}.run(long_tests() ? 20'000 : 600);
}

BOOST_AUTO_TEST_SUITE_END()
