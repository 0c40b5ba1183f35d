#include "beaver/storage/json_cursor.hpp"
#include "support/raw_file.hpp"
#include "support/settings.hpp"
#include "vector_support.hpp"

#include <cmath>
#include <cstring>
#include <filesystem>

using namespace beaver;
using namespace beaver::test;

namespace {

const std::string golden = std::string{BEAVER_TEST_DATA} + "/beaver-2.3.0";

/// A copy of the file of the Python original, which holds 200 vectors of 16 numbers in "emb".
class original_fixture {
public:
  original_fixture() { std::filesystem::copy_file(golden + ".db", path_); }

  connection& open(bool read_only = false) {
    connection_options options;
    options.read_only = read_only;
    connection_.emplace(path_, options);
    schema::prepare(*connection_);
    return *connection_;
  }
  const std::string& path() const { return path_; }

private:
  temp_folder folder_;
  std::string path_ = folder_.file();
  std::optional<connection> connection_;
};

/// What the manifest says of the vectors.
std::map<std::string, floats> expected_vectors() {
  const auto text = file_bytes(golden + ".json");
  std::map<std::string, floats> result;
  json_cursor in{text};
  const auto enter = [&in](std::string_view wanted) {
    in.enter_object();
    for (auto name = in.next_member(); name && *name != wanted; name = in.next_member())
      in.skip();
  };
  enter("vectors");
  enter("emb");
  enter("vectors");
  for (in.enter_object(); const auto id = in.next_member();) {
    auto& numbers = result[std::string{*id}];
    for (in.enter_array(); in.next_element();)
      numbers.push_back(static_cast<float>(in.read_double()));
  }
  return result;
}

/// Buckets as they have to be, computed from what SQLite alone reads.
std::map<std::string, std::string> expected_buckets(raw_file& file) {
  const auto planes =
    file.text("SELECT hyperplanes FROM __beaver_lsh_config__ WHERE collection = 'emb'").value();
  std::map<std::string, std::string> result;
  const auto n = file.integer("SELECT count(*) FROM __beaver_vectors__ WHERE collection = 'emb'");
  for (std::int64_t i = 0; i < n; ++i) {
    const auto row = " FROM __beaver_vectors__ WHERE collection = 'emb' ORDER BY item_id LIMIT 1 "
                     "OFFSET "
                     + std::to_string(i);
    const auto vector = file.text("SELECT vector" + row).value();
    std::string bucket(8, '\0');
    for (std::size_t plane = 0; plane < 16; ++plane) {
      long double sum = 0;
      for (std::size_t k = 0; k < 16; ++k) {
        float a = 0;
        float b = 0;
        std::memcpy(&a, planes.data() + 4 * (16 * plane + k), 4);
        std::memcpy(&b, vector.data() + 4 * k, 4);
        sum += static_cast<long double>(a) * static_cast<long double>(b);
      }
      // The first plane is bit 15: bit 7 of the second byte.
      if (sum > 0)
        bucket[plane < 8 ? 1 : 0] =
          static_cast<char>(bucket[plane < 8 ? 1 : 0] | 1 << (7 - plane % 8));
    }
    result.emplace(file.text("SELECT item_id" + row).value(), bucket);
  }
  return result;
}

std::map<std::string, std::string> buckets(connection& c) {
  std::map<std::string, std::string> result;
  statement rows = c.prepare("SELECT item_id, bucket_id FROM __beaver_lsh_index__ "
                             "WHERE collection = 'emb' ORDER BY item_id");
  while (rows.step()) {
    BOOST_TEST(rows.is_blob(1)); // as the original stores and looks them up
    BOOST_TEST(result.emplace(rows.text(0), rows.text(1)).second);
  }
  return result;
}

floats random_vector(dice& random, std::size_t dims) {
  floats v(dims);
  for (auto& x : v)
    x = static_cast<float>(random.below(2'001)) / 1'000 - 1;
  return v;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(vectors_of_the_original, original_fixture)

BOOST_AUTO_TEST_CASE(are_all_read_as_they_were_written) {
  auto& c = open();
  const auto expected = expected_vectors();
  BOOST_REQUIRE(expected.size() == 200u);
  BOOST_TEST(vector_table::count(c, "emb") == expected.size());
  BOOST_TEST(*vector_table::dims(c, "emb") == 16u);
  for (const auto& [id, numbers] : expected)
    BOOST_TEST((vector_table::find(c, "emb", id)->vector == numbers));
  const auto even = json_text{R"([{"path": "parity", "operator": "==", "value": 0}])"};
  BOOST_TEST(
    vector_table::count(c, "emb", even)
    == static_cast<std::uint64_t>(c.integer("SELECT count(*) FROM __beaver_vectors__ "
                                            "WHERE json_extract(metadata, '$.parity') = 0")));
}

BOOST_AUTO_TEST_CASE(can_be_read_in_a_file_that_cannot_be_written) {
  auto& c = open(true);
  BOOST_TEST(vector_table::find(c, "emb", "v0")->vector.size() == 16u);
  BOOST_TEST(*vector_table::dims(c, "emb") == 16u);
  BOOST_TEST((vector_table::options(c, "emb") == vector_options{}));
  BOOST_TEST(vector_table::indexes(c, "emb").empty());
  BOOST_TEST(vector_table::count(c, "emb", json_text{"[]"}) == 200u);
  BOOST_TEST(vector_log::last(c) == 0u);
  BOOST_TEST(vector_log::count(c, "emb", 0) == 0u);
  BOOST_TEST(!vector_snapshot::head(c, "emb"));
  int visited = 0;
  vector_log::tail(
    c, "emb", 0,
    [&](std::uint64_t, std::string_view, std::optional<std::span<const std::byte>>) { ++visited; });
  BOOST_TEST(visited == 0);
}

BOOST_AUTO_TEST_CASE(lie_in_the_buckets_in_which_the_original_put_them) {
  auto& c = open();
  raw_file file{path()};
  BOOST_TEST((buckets(c) == expected_buckets(file)));
}

BOOST_AUTO_TEST_CASE(stay_in_the_right_buckets_whatever_we_write) {
  auto& c = open();
  raw_file file{path()};
  const auto seed = fresh_seed();
  dice random{seed};
  BOOST_TEST_CONTEXT("seed " << seed)
  for (int round = 0; round < 20; ++round) {
    transaction_scope scope{c};
    vector_table::vector_writer to{c, "emb"};
    for (int i = 0; i < 10; ++i) {
      const auto id = 'v' + std::to_string(random.below(220));
      if (random.one_in(3))
        to.erase(id);
      else
        to.set(id, random.one_in(20) ? floats(16) : random_vector(random, 16));
    }
    to.finish();
    scope.commit();
    BOOST_REQUIRE((buckets(c) == expected_buckets(file)));
  }
}

BOOST_AUTO_TEST_CASE(that_the_original_left_in_an_old_bucket_leave_it_with_our_write) {
  auto& c = open();
  raw_file file{path()};
  file.execute("INSERT INTO __beaver_lsh_index__ VALUES ('emb', x'0100000000000000', 'v7'), "
               "('emb', 5, 'v7'), ('other', 5, 'v7')");
  transaction_scope scope{c};
  vector_table::vector_writer{c, "emb"}.set("v7", floats(16, 1.0f));
  scope.commit();
  BOOST_TEST((buckets(c) == expected_buckets(file)));
  BOOST_TEST(c.integer("SELECT count(*) FROM __beaver_lsh_index__ WHERE collection = 'other'")
             == 1);
}

BOOST_AUTO_TEST_CASE(leave_hyperplanes_behind_when_they_are_cleared) {
  auto& c = open();
  transaction_scope scope{c};
  BOOST_TEST(vector_table::clear(c, "emb") == 200u);
  scope.commit();
  BOOST_TEST(buckets(c).empty());
  BOOST_TEST(*original_buckets::dims(c, "emb") == 16u);
  BOOST_TEST(*vector_table::dims(c, "emb") == 16u);
}

BOOST_AUTO_TEST_CASE(give_up_hyperplanes_that_do_not_fit_other_dims) {
  auto& c = open();
  transaction_scope scope{c};
  vector_table::clear(c, "emb");
  vector_table::set_options(c, "emb", {.dims = 16});
  BOOST_TEST(original_buckets::dims(c, "emb").has_value());
  vector_table::set_options(c, "emb", {.dims = 3});
  BOOST_TEST(!original_buckets::dims(c, "emb"));
  vector_table::vector_writer{c, "emb"}.set("a", floats{1, 2, 3});
  scope.commit();
  BOOST_TEST(buckets(c).empty());
}

BOOST_AUTO_TEST_CASE(have_no_buckets_where_there_are_no_hyperplanes) {
  auto& c = open();
  transaction_scope scope{c};
  vector_table::vector_writer{c, "ours"}.set("a", floats(16, 1.0f));
  scope.commit();
  BOOST_TEST(c.integer("SELECT count(*) FROM __beaver_lsh_index__ WHERE collection = 'ours'") == 0);
  BOOST_TEST(c.integer("SELECT count(*) FROM __beaver_lsh_config__ WHERE collection = 'ours'")
             == 0);
}

BOOST_AUTO_TEST_CASE(are_taken_out_of_their_bucket_by_an_index) {
  auto& c = open();
  auto plan = c.prepare("EXPLAIN QUERY PLAN DELETE FROM __beaver_lsh_index__ "
                        "WHERE collection = ?1 AND item_id = ?2");
  BOOST_REQUIRE(plan.step());
  BOOST_TEST(plan.text(3).find("__beaver_lsh_items__ (collection=? AND item_id=?)")
             != std::string_view::npos);
}

BOOST_AUTO_TEST_SUITE_END()
