#include "compaction_support.hpp"

#include "beaver/storage/crc32c.hpp"

using namespace beaver;
using namespace beaver::test;

namespace {

/// A way to damage the snapshot of a collection.
struct damage {
  const char* what;
  std::function<void(raw_file&)> harm;
};

/// Other bytes in place of those of the first chunk of a part, with the checksum that fits them.
void replace(raw_file& file, const std::string& part,
             const std::function<void(std::string&)>& how) {
  const auto where = " WHERE part = '" + part
                     + "' AND no = 0 AND snap = (SELECT snap FROM "
                       "__beaver_vector_heads__)";
  auto bytes = file.text("SELECT data FROM __beaver_vector_chunks__" + where).value();
  how(bytes);
  const auto data = std::as_bytes(std::span{bytes});
  file.execute("UPDATE __beaver_vector_chunks__ SET data = " + blob_literal(data)
               + ", crc = " + std::to_string(crc32c(data)) + where);
}

damage by_sql(const char* what, const std::string& sql) {
  return {what, [sql](raw_file& file) { file.execute(sql); }};
}

damage of_chunks(const char* what, const std::string& change, const std::string& part) {
  return by_sql(what, change + " WHERE part = '" + part
                        + "' AND snap = (SELECT snap FROM __beaver_vector_heads__)");
}

damage of_snapshot(const char* what, const std::string& change) {
  return by_sql(what, "UPDATE __beaver_vector_snapshots__ SET " + change + " WHERE state = 'live'");
}

const std::vector<damage> damages{
  of_chunks("a checksum that does not fit", "UPDATE __beaver_vector_chunks__ SET crc = crc + 1",
            "rows"),
  of_chunks("bytes that do not fit the checksum",
            "UPDATE __beaver_vector_chunks__ SET data = zeroblob(length(data))", "rows"),
  of_chunks("text for bytes", "UPDATE __beaver_vector_chunks__ SET data = 'text'", "ids"),
  of_chunks("no ids", "DELETE FROM __beaver_vector_chunks__", "ids"),
  by_sql("a chunk that is not there",
         "DELETE FROM __beaver_vector_chunks__ WHERE part = 'rows' AND no = 1"),
  of_snapshot("more rows than there are", "rows = rows + 1"),
  of_snapshot("more rows than memory", "rows = 1 << 33"),
  of_snapshot("fewer rows than there are", "rows = rows - 1"),
  of_snapshot("fewer than none", "rows = -1"),
  of_snapshot("other dims", "dims = dims + 1"),
  of_snapshot("a list of parts that is none", "parts = '{\"rows\": '"),
  of_snapshot("an empty list of parts", "parts = '{}'"),
  of_snapshot("no list of parts", "parts = NULL"),
  of_snapshot("a list with one part more", "parts = json_set(parts, '$.more', 1)"),
  of_snapshot("a strategy that needs other parts",
              "strategy = CASE strategy WHEN 'lsh' THEN 'linear' ELSE 'lsh' END"),
  of_snapshot("a state of another time", "state = 'unknown'"),
  of_snapshot("an unknown format", "format = 77"),
  {"a number that is none",
   [](raw_file& file) {
     replace(file, "rows", [](std::string& bytes) { bytes.replace(40, 4, 4, '\xff'); });
   }},
  {"ids in another order",
   [](raw_file& file) { replace(file, "ids", [](std::string& bytes) { bytes.back() = '0'; }); }},
  {"one id too many",
   [](raw_file& file) { replace(file, "ids", [](std::string& bytes) { bytes += 'v'; }); }},
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(damaged_snapshots, compaction_fixture)

BOOST_AUTO_TEST_CASE(a_damaged_snapshot_is_passed_over_and_the_next_compaction_mends_it) {
  fill(700);
  for (const auto how : strategies()) {
    v->configure({.how = how});
    v->compact();
    for (const auto& d : damages)
      BOOST_TEST_CONTEXT("strategy " << static_cast<int>(how) << ", " << d.what) {
        db->close();
        {
          auto file = raw();
          d.harm(file);
        }
        // Read once, so that nothing is mended before it is looked at.
        auto only_read = quick();
        only_read.read_only = true;
        reopen(only_read);
        BOOST_TEST(fault() == "");
        BOOST_TEST(v->info().delta == model.size());
        BOOST_TEST((v->info().active == strategy::linear));
        reopen();
        BOOST_TEST(fault() == "");
        BOOST_TEST(v->compact().vectors == model.size());
        BOOST_TEST(v->info().delta == 0u);
        reopen();
        BOOST_TEST(v->info().delta == 0u);
        BOOST_TEST((v->info().active == made_by(how)));
        BOOST_TEST(fault() == "");
      }
  }
}

BOOST_AUTO_TEST_CASE(a_part_of_an_index_that_is_damaged_with_its_checksum_is_found_out) {
  fill(700);
  for (const auto how : strategies()) {
    v->configure({.how = how});
    v->compact();
    std::vector<std::string> parts;
    {
      auto file = raw();
      const auto all = *file.text("SELECT group_concat(DISTINCT part) FROM "
                                  "__beaver_vector_chunks__ WHERE snap = (SELECT snap FROM "
                                  "__beaver_vector_heads__)");
      for (std::size_t at = 0; at < all.size();) {
        const auto end = std::min(all.find(',', at), all.size());
        if (const auto part = all.substr(at, end - at); part != "rows" && part != "ids")
          parts.push_back(part);
        at = end + 1;
      }
    }
    BOOST_TEST(parts.empty() == (how == vectors_strategy::linear));
    for (const auto& part : parts)
      for (const bool shorter : {false, true})
        BOOST_TEST_CONTEXT("strategy " << static_cast<int>(how) << ", part " << part
                                       << (shorter ? " cut off" : " made longer")) {
          db->close();
          {
            auto file = raw();
            replace(file, part, [&](std::string& bytes) {
              bytes.resize(shorter ? bytes.size() - 1 : bytes.size() + 1);
            });
          }
          auto only_read = quick();
          only_read.read_only = true;
          reopen(only_read);
          BOOST_TEST(fault() == "");
          BOOST_TEST((v->info().active == strategy::linear));
          reopen();
          v->compact();
          BOOST_TEST((v->info().active == made_by(how)));
          BOOST_TEST(fault() == "");
        }
  }
}

BOOST_AUTO_TEST_SUITE_END()
