#include "support/open_database.hpp"
#include "support/raw_file.hpp"

#include "beaver/api/nlohmann.hpp"
#include "beaver/storage/base64.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <nlohmann/json.hpp>

using namespace beaver;
using namespace beaver::test;
using nlohmann_json = nlohmann::json;

namespace {

/// A copy of the file that the Python original has written, open; and what it should hold.
struct golden_file {
  golden_file()
    : manifest(nlohmann_json::parse(file_bytes(BEAVER_TEST_DATA "/beaver-2.3.0.json"))) {
    std::filesystem::copy_file(BEAVER_TEST_DATA "/beaver-2.3.0.db", folder.file());
    db.emplace(folder.file());
  }

  temp_folder folder;
  nlohmann_json manifest;
  std::optional<database> db;
};

/// Output of a shell command.
std::string output_of(const std::string& command) {
  auto* pipe = ::popen(command.c_str(), "r");
  std::string out;
  char buffer[4'096];
  for (std::size_t n; (n = ::fread(buffer, 1, sizeof buffer, pipe)) > 0;)
    out.append(buffer, n);
  const int status = ::pclose(pipe);
  return status == 0 ? out : "";
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(golden, golden_file)

BOOST_AUTO_TEST_CASE(every_dict_value_is_as_the_original_says) {
  const auto settings = db->dict("settings");
  const auto& expected = manifest.at("dict").at("settings");
  BOOST_TEST(settings.count() == expected.size());
  for (const auto& [key, value] : settings) {
    BOOST_TEST_INFO(key);
    const auto parsed = nlohmann_json::parse(value.text());
    BOOST_REQUIRE(expected.contains(key));
    BOOST_TEST((parsed == expected.at(key)));
    BOOST_TEST((parsed.type() == expected.at(key).type())); // 1.0 is no 1
    BOOST_TEST(value.normalised().text() == value.text());  // we would have written the same
  }
  const auto ttl = db->dict<std::string>("ttl");
  BOOST_TEST(ttl.keys() == std::vector<std::string>{"alive"}, boost::test_tools::per_element());
  BOOST_TEST(ttl.get("alive") == "yes");
  BOOST_TEST(!ttl.find("dead"));
  BOOST_TEST(ttl.info().expired == 1u);
}

BOOST_AUTO_TEST_CASE(what_the_original_has_encrypted_is_read_verbatim) {
  raw_file raw{folder.file()};
  const auto stored = raw.text("SELECT value FROM __beaver_dicts__ WHERE dict_name = 'vault' "
                               "AND key = 'token'");
  BOOST_TEST(db->dict("vault").get("token").text() == *stored);
  BOOST_TEST(outcome_of([&] { (void)db->dict<std::string>("vault").get("token"); }).failed);
}

BOOST_AUTO_TEST_CASE(every_blob_is_as_the_original_says) {
  std::size_t stores = 0;
  for (const auto& [store, blobs] : manifest.at("blob").items()) {
    ++stores;
    BOOST_TEST(db->blob(store).count() == blobs.size());
    for (const auto& [key, expected] : blobs.items()) {
      BOOST_TEST_INFO(key);
      const auto found = db->blob(store).find(key);
      BOOST_REQUIRE(found.has_value());
      const auto content = base64::decode(expected.at("base64").get<std::string>());
      BOOST_REQUIRE(content.has_value());
      BOOST_TEST((found->data.text() == *content));
      BOOST_TEST(found->metadata.has_value() == !expected.at("metadata").is_null());
      if (found->metadata)
        BOOST_TEST((nlohmann_json::parse(found->metadata->text()) == expected.at("metadata")));
    }
  }
  BOOST_TEST(db->blobs().size() == stores);
}

BOOST_AUTO_TEST_CASE(every_document_is_found_as_the_original_finds_it) {
  auto papers = db->docs<nlohmann_json>("papers");
  const auto& expected = manifest.at("docs").at("papers");
  BOOST_TEST(db->documents() == std::vector<std::string>{"papers"},
             boost::test_tools::per_element());
  BOOST_TEST(papers.count() == expected.size());
  for (const auto& [id, body] : papers)
    BOOST_TEST((body == expected.at(id)));
  const auto ids_and_scores = [](const auto& hits) {
    std::vector<std::pair<std::string, double>> all;
    for (const auto& hit : hits)
      all.emplace_back(hit.id, -hit.score); // there the lower is the better
    return all;
  };
  for (const auto& [text, hits] : manifest.at("docs_search").items())
    for (const bool fts5 : {false, true}) {
      BOOST_TEST_INFO(text);
      const auto found = ids_and_scores(papers.search({.query = text, .fts5 = fts5}).hits);
      BOOST_REQUIRE(found.size() == hits.size());
      for (std::size_t i = 0; i < found.size(); ++i) {
        BOOST_TEST(found[i].first == hits[i][0].get<std::string>());
        BOOST_TEST(found[i].second == hits[i][1].get<double>(), boost::test_tools::tolerance(1e-9));
      }
    }
  for (const auto& [text, hits] : manifest.at("docs_fuzzy").items()) {
    BOOST_TEST_INFO(text);
    const auto found = papers.search({.query = text, .fuzzy = true}).hits;
    BOOST_REQUIRE(found.size() == hits.size());
    for (std::size_t i = 0; i < found.size(); ++i)
      BOOST_TEST(found[i].id == hits[i][0].get<std::string>());
  }
  for (const auto& [id, body] : expected.items())
    BOOST_TEST(papers.drop(id));
  raw_file raw{folder.file()};
  BOOST_TEST(raw.integer("SELECT count(*) FROM __beaver_fts_index__") == 0);
  BOOST_TEST(raw.integer("SELECT count(*) FROM __beaver_trigrams__") == 0);
}

BOOST_AUTO_TEST_CASE(every_list_is_in_the_order_of_the_original_and_goes_on) {
  for (const auto& [name, items] : manifest.at("list").items()) {
    BOOST_TEST_INFO(name);
    auto list = db->list<nlohmann_json>(name);
    auto expected = items.get<std::vector<nlohmann_json>>();
    BOOST_TEST((list.range() == expected));
    list.push(-1);
    list.prepend(-2);
    list.insert(100, -3);
    expected.push_back(-1);
    expected.insert(expected.begin(), -2);
    expected.insert(expected.begin() + 100, -3);
    BOOST_TEST((list.range() == expected));
  }
  BOOST_TEST(db->lists().size() == manifest.at("list").size());
}

BOOST_AUTO_TEST_CASE(every_queue_gives_its_items_in_the_order_of_the_original) {
  const auto& expected = manifest.at("queue").at("jobs_in_get_order");
  auto jobs = db->queue<nlohmann_json>("jobs");
  BOOST_TEST(db->queues() == std::vector<std::string>{"jobs"}, boost::test_tools::per_element());
  BOOST_TEST(jobs.count() == expected.size());
  std::size_t listed = 0;
  for (const auto& entry : jobs)
    BOOST_TEST((entry.value == expected.at(listed++).at("data")));
  BOOST_TEST(listed == expected.size());
  jobs.put("ours", 100);
  for (const auto& item : expected) {
    const auto got = jobs.get();
    BOOST_REQUIRE(got.has_value());
    BOOST_TEST((got->value == item.at("data")));
    BOOST_TEST(got->priority == item.at("priority").get<double>());
  }
  BOOST_TEST((jobs.get()->value == "ours"));
}

BOOST_AUTO_TEST_CASE(every_log_has_the_entries_of_the_original_and_goes_on) {
  // The manifest lists one log; the file has another, which the original has indexed.
  BOOST_TEST((db->logs() == std::vector<std::string>{"audit", "indexed"}));
  BOOST_TEST(db->log("audit").count() + db->log("indexed").count()
             == manifest.at("tables").at("__beaver_logs__").get<std::uint64_t>());
  for (const auto& [name, entries] : manifest.at("log").items()) {
    BOOST_TEST_INFO(name);
    auto log = db->log<nlohmann_json>(name);
    BOOST_TEST(log.count() == entries.size());
    std::size_t listed = 0;
    for (const auto& entry : log) {
      const auto& expected = entries.at(listed++);
      BOOST_TEST(entry.timestamp == expected.at("timestamp").get<double>());
      BOOST_TEST((entry.data == expected.at("data")));
    }
    BOOST_TEST(listed == entries.size());
    const double last = entries.back().at("timestamp").get<double>();
    BOOST_TEST(log.append("ours", last) > last);
    BOOST_TEST((log.tail(1).at(0).data == "ours"));
  }
}

BOOST_AUTO_TEST_CASE(every_channel_has_the_messages_of_the_original_and_goes_on) {
  const auto& expected = manifest.at("channel").at("news_history");
  auto news = db->channel<nlohmann_json>("news");
  BOOST_TEST(db->channels() == std::vector<std::string>{"news"}, boost::test_tools::per_element());
  BOOST_TEST(news.count() == expected.size());
  auto s = news.subscribe({.from_beginning = true});
  double last = 0;
  for (const auto& payload : expected) {
    const auto m = s.next();
    BOOST_TEST((m->payload == payload));
    BOOST_TEST(m->timestamp > last);
    last = m->timestamp;
  }
  news.publish("ours");
  BOOST_TEST((s.next()->payload == "ours"));
  BOOST_TEST(news.history(1).at(0).timestamp > last);
}

BOOST_AUTO_TEST_CASE(every_graph_has_the_edges_of_the_original_and_goes_on) {
  for (const auto& [name, expected] : manifest.at("graph").items()) {
    BOOST_TEST_INFO(name);
    auto graph = db->graph<nlohmann_json>(name);
    BOOST_TEST(graph.count() == expected.size());
    for (const auto& edge : expected) {
      const auto found = graph.get(edge.at(0).get<std::string>(), edge.at(1).get<std::string>(),
                                   edge.at(2).get<std::string>());
      BOOST_TEST((found.metadata.value_or(nullptr) == edge.at(3)));
      BOOST_TEST(found.metadata.has_value() == !edge.at(3).is_null());
    }
    BOOST_TEST((graph.children("d3") == std::vector<std::string>{"d1", "d2"}));
    BOOST_TEST((graph.parents("d1") == std::vector<std::string>{"d2", "d3"}));
    BOOST_TEST(graph.shortest_path("d2", "d3")->length == 2);
    graph.link("d1", "d2", "ours", nlohmann_json{{"weight", 2}});
    BOOST_TEST(graph.count() == expected.size() + 1);
  }
  BOOST_TEST(db->graphs().size() == manifest.at("graph").size());
}

BOOST_AUTO_TEST_CASE(every_vector_is_found_as_the_original_finds_it) {
  for (const auto& [name, expected] : manifest.at("vectors").items()) {
    BOOST_TEST_INFO(name);
    auto v = db->vectors<nlohmann_json>(name);
    BOOST_TEST(v.count() == expected.at("count").get<std::uint64_t>());
    BOOST_TEST(v.options().dims.value() == expected.at("dim").get<std::uint64_t>());
    for (const auto& [id, numbers] : expected.at("vectors").items())
      BOOST_TEST((v.get(id).vector == numbers.get<std::vector<float>>()));
    const auto query = expected.at("query").get<std::vector<float>>();
    const auto& nearest = expected.at("near_exact_cosine");
    const auto check = [&, hits = &nearest] {
      const auto found = v.near(query, {.k = hits->size()}).hits;
      BOOST_REQUIRE(found.size() == hits->size());
      for (std::size_t i = 0; i < found.size(); ++i) {
        BOOST_TEST(found[i].id == (*hits)[i][0].get<std::string>());
        BOOST_TEST(std::abs(found[i].score - (*hits)[i][1].get<double>()) < 1e-5);
      }
    };
    check();
    v.compact();
    check();
    const auto first = nearest[0][0].get<std::string>();
    v.erase(first);
    BOOST_TEST(v.near(query).hits.at(0).id == nearest[1][0].get<std::string>());
    v.set(first, query);
    BOOST_TEST(v.near(query).hits.at(0).id == first);
  }
  BOOST_TEST(db->vector_collections().size() == manifest.at("vectors").size());
}

BOOST_AUTO_TEST_CASE(opening_and_writing_leaves_the_rest_as_it_was) {
  std::filesystem::copy_file(BEAVER_TEST_DATA "/beaver-2.3.0.db", folder.file("original.db"));
  raw_file original{folder.file("original.db")};
  raw_file ours{folder.file()};
  db->dict<int>("settings").set("int", 43);
  db->dict<int>("new").set("k", 1);
  db->blob("files").put("new", std::string(2'000'000, 'x'), json_text{"[1]"});
  db->blob("files").erase("all-bytes");
  BOOST_TEST(ours.integer("PRAGMA user_version") == 1);
  for (const auto& [table, rows] : manifest.at("tables").items()) {
    if (table == "__beaver_dicts__" || table == "__beaver_blobs__")
      continue;
    BOOST_TEST_INFO(table);
    const auto count = "SELECT count(*) FROM \"" + table + "\"";
    BOOST_TEST(ours.integer(count) == original.integer(count));
    const auto definition = "SELECT sql FROM sqlite_schema WHERE name = '" + table + "'";
    BOOST_TEST(*ours.text(definition) == *original.text(definition));
  }
  BOOST_TEST(ours.integrity() == "ok");
  db.reset();
  BOOST_TEST(ours.integrity() == "ok");
}

BOOST_AUTO_TEST_CASE(python_reads_what_we_write) {
  if (output_of("python3 -c 'import sqlite3, json; print(1)' 2>/dev/null") != "1\n") {
    BOOST_TEST_MESSAGE("no python3 with sqlite3 on this machine");
    BOOST_TEST(db->dict("settings").count() > 0u);
    return;
  }
  const nlohmann_json values = {{"big", 9'007'199'254'740'993},
                                {"float", 0.1},
                                {"tiny", 1e-07},
                                {"one", 1.0},
                                {"text", "naïve \"quoted\" 🦫 \u2028 \n"},
                                {"nested", {{"list", {1, nullptr, true, {{"k", "v"}}}}}}};
  auto d = db->dict("ours");
  for (const auto& [key, value] : values.items())
    d.set(key, json_text{value.dump()});
  db->blob("ours").put("k", std::string("\0\xff", 2), json_text{R"({"mimetype":"x/y"})"});
  const std::string script = "import sqlite3, json, sys\n"
                             "c = sqlite3.connect(sys.argv[1])\n"
                             "rows = c.execute(\"SELECT key, value FROM __beaver_dicts__ "
                             "WHERE dict_name = 'ours'\").fetchall()\n"
                             "same = all(json.dumps(json.loads(v)) == v for k, v in rows)\n"
                             "b = c.execute(\"SELECT data, metadata FROM __beaver_blobs__ "
                             "WHERE store_name = 'ours'\").fetchone()\n"
                             "print(json.dumps({'values': {k: json.loads(v) for k, v in rows}, "
                             "'same': same, 'data': b[0].hex(), 'metadata': json.loads(b[1])}))\n";
  const auto file = folder.file("read.py");
  std::ofstream{file} << script;
  const auto answer = nlohmann_json::parse(output_of("python3 " + file + " " + folder.file()));
  BOOST_TEST((answer.at("values") == values));
  BOOST_TEST(answer.at("same").get<bool>());
  BOOST_TEST(answer.at("data").get<std::string>() == "00ff");
  BOOST_TEST((answer.at("metadata") == nlohmann_json{{"mimetype", "x/y"}}));
}

BOOST_AUTO_TEST_CASE(we_read_what_python_writes_while_we_are_open) {
  if (output_of("python3 -c 'import sqlite3; print(1)' 2>/dev/null") != "1\n") {
    BOOST_TEST_MESSAGE("no python3 with sqlite3 on this machine");
    BOOST_TEST(db->dict("settings").count() > 0u);
    return;
  }
  const auto file = folder.file("write.py");
  std::ofstream{file} << "import sqlite3, sys\n"
                         "c = sqlite3.connect(sys.argv[1])\n"
                         "c.execute(\"UPDATE __beaver_dicts__ SET value = ? WHERE key = 'int'\", "
                         "(sys.argv[2],))\n"
                         "c.commit()\n"
                         "print('done')\n";
  auto d = db->dict<int>("settings");
  for (int i = 0; i < 5; ++i) {
    BOOST_TEST(d.get("int") == 42 + i);
    BOOST_TEST(output_of("python3 " + file + " " + folder.file() + " " + std::to_string(43 + i))
               == "done\n");
  }
}

BOOST_AUTO_TEST_SUITE_END()
