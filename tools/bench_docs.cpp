#include "beaver/tools/bench_raw_query.hpp"
#include "beaver/tools/bench_workload.hpp"

#include <algorithm>
#include <memory>
#include <vector>

namespace beaver::bench {

namespace {

using folder = std::filesystem::path;

constexpr const char* collection = "papers";
constexpr std::size_t page = 10;

std::string id_of(std::size_t n) {
  auto digits = std::to_string(n);
  return "doc-" + std::string(8 - digits.size(), '0') + digits;
}

/// Documents of two strings, 2..4 and 15..45 words long, out of a vocabulary in which, as in real
/// text, few words are frequent. Three words stand in known shares of the documents.
class writer {
public:
  explicit writer(std::uint64_t seed) : random_(seed) {}

  struct text {
    std::string title;
    std::string body;
    [[nodiscard]] std::string json() const {
      return R"({"title": ")" + title + R"(", "body": ")" + body + R"(", "topic": "t)" + topic
             + R"("})";
    }
    std::string topic;
  };

  text operator()(std::size_t n) {
    text one;
    one.topic = std::to_string(n % 1'000);
    append(one.title, 2 + random_.below(3));
    append(one.body, 15 + random_.below(31));
    if (n % 5'000 == 7)
      one.body += " rareword";
    if (n % 200 == 3)
      one.body += " midword";
    if (n % 9 == 5)
      one.body += " commonword";
    return one;
  }

private:
  void append(std::string& out, std::size_t words) {
    static const auto all = vocabulary();
    for (; words > 0; --words) {
      const double u = static_cast<double>(random_.below(1 << 20)) / (1 << 20);
      out += out.empty() ? "" : " ";
      out += all[static_cast<std::size_t>(static_cast<double>(all.size()) * u * u * u)];
    }
  }

  /// 20,000 words of 3..11 letters, each letter about as frequent as it is in English.
  static std::vector<std::string> vocabulary() {
    constexpr std::string_view letters = "eeeeeettttaaaaooooiiinnnsssrrrhhhllddccuummffppggwybvk";
    generator random{3};
    std::vector<std::string> all(20'000);
    for (auto& word : all)
      for (auto size = 3 + random.below(9); size > 0; --size)
        word += letters[random.below(letters.size())];
    all[middling] = "notebook";
    return all;
  }
  static constexpr std::size_t middling = 5'000; // one in some ten documents of 10,000

  generator random_;
};

/// What a program writes that keeps documents and their words with SQLite alone, the rows of a
/// document found by the same index.
class raw_docs {
public:
  explicit raw_docs(raw_database& on)
    : old_rows_(on, "SELECT id FROM __beaver_fts_index___content INDEXED BY "
                    "__beaver_fts_rows__ WHERE c0 = ?1 AND c1 = ?2"),
      forget_(on, "DELETE FROM __beaver_fts_index__ WHERE rowid = ?1"),
      put_(on, "INSERT INTO __beaver_documents__ VALUES(?1, ?2, ?3) "
               "ON CONFLICT DO UPDATE SET data = excluded.data"),
      remove_(on, "DELETE FROM __beaver_documents__ WHERE collection = ?1 AND item_id = ?2"),
      learn_(on, "INSERT INTO __beaver_fts_index__(collection, item_id, field_path, "
                 "field_content) VALUES(?1, ?2, ?3, ?4)"),
      search_(on,
              "SELECT f.item_id, f.rank, d.data FROM __beaver_fts_index__ f "
              "CROSS JOIN __beaver_documents__ d ON d.collection = ?2 AND d.item_id = f.item_id "
              "WHERE __beaver_fts_index__ MATCH ?1 AND f.collection = ?2 "
              "ORDER BY f.rank LIMIT ?3"),
      similar_(on,
               "SELECT item_id, count(*) FROM __beaver_trigrams__ INDEXED BY idx_trigram_lookup "
               "WHERE collection = ?1 AND "
               "trigram IN ('not', 'ote', 'tee', 'eeb', 'ebo', 'boo', 'ook') "
               "GROUP BY item_id ORDER BY 2 DESC, 1 LIMIT ?2"),
      body_(on, "SELECT data FROM __beaver_documents__ WHERE collection = ?1 AND item_id = ?2") {}

  void forget(std::string_view id) {
    std::vector<std::int64_t> rows;
    for (old_rows_.with(name, id); old_rows_.step();)
      rows.push_back(old_rows_.integer(0));
    for (const auto row : rows)
      forget_.with(row).run();
  }
  void index(std::string_view id, const writer::text& text) {
    forget(id);
    const auto json = text.json();
    put_.with(name, id, std::string_view{json}).run();
    learn_.with(name, id, std::string_view{"title"}, std::string_view{text.title}).run();
    learn_.with(name, id, std::string_view{"body"}, std::string_view{text.body}).run();
    const auto topic = 't' + text.topic;
    learn_.with(name, id, std::string_view{"topic"}, std::string_view{topic}).run();
  }
  void drop(std::string_view id) {
    remove_.with(name, id).run();
    forget(id);
  }
  std::size_t search(std::string_view expression) {
    std::size_t bytes = 0;
    for (search_.with(expression, name, limit); search_.step();)
      bytes += std::string{search_.text(2)}.size() + std::string{search_.text(0)}.size();
    return bytes;
  }
  std::size_t similar() {
    std::size_t bytes = 0;
    for (similar_.with(name, limit); similar_.step();)
      for (body_.with(name, similar_.text(0)); body_.step();)
        bytes += std::string{body_.text(0)}.size();
    return bytes;
  }

private:
  static constexpr std::string_view name = collection;
  static constexpr std::int64_t limit = page;

  raw_query old_rows_, forget_, put_, remove_, learn_, search_, similar_, body_;
};

struct docs_files : twin_databases {
  docs_files(const folder& where, std::size_t count, const docs_options& how = {})
    : twin_databases(where, durability::relaxed), raw_side(*raw), documents(count) {
    docs.configure(how);
    import_ours(0, count);
    import_raw(0, count);
  }

  void import_ours(std::size_t first, std::size_t count) {
    for (const auto end = first + count; first < end; first += portion) {
      std::vector<document_of<json_text>> batch;
      for (auto n = first; n < std::min(first + portion, end); ++n)
        batch.push_back({id_of(n), json_text{ours_text(n).json()}});
      docs.index_many(batch);
    }
  }
  void import_raw(std::size_t first, std::size_t count) {
    for (const auto end = first + count; first < end; first += portion) {
      raw->begin();
      for (auto n = first; n < std::min(first + portion, end); ++n)
        raw_side.index(id_of(n), raw_text(n));
      raw->commit();
    }
  }

  static constexpr std::size_t portion = 1'000;
  beaver::docs<> docs = db.docs(collection);
  raw_docs raw_side;
  std::size_t documents;
  writer ours_text{1};
  writer raw_text{1};
  generator ours_choice{2};
  generator raw_choice{2};
};

template <std::size_t Documents>
contest docs_index_at(const folder& where) {
  auto s = std::make_shared<docs_files>(where, Documents);
  contest c;
  c.ours.workers.push_back(repeat([s] {
    const auto n = s->ours_choice.below(s->documents);
    s->docs.index(id_of(n), json_text{s->ours_text(n).json()});
  }));
  c.baseline.workers.push_back(repeat([s] {
    const auto n = s->raw_choice.below(s->documents);
    s->raw->begin();
    s->raw_side.index(id_of(n), s->raw_text(n));
    s->raw->commit();
  }));
  return c;
}

contest docs_drop_at_100k(const folder& where) {
  auto s = std::make_shared<docs_files>(where, 100'000);
  contest c;
  c.ours.workers.push_back(repeat([s, n = std::size_t{0}]() mutable { s->docs.drop(id_of(n++)); }));
  c.baseline.workers.push_back(repeat([s, n = std::size_t{0}]() mutable {
    s->raw->begin();
    s->raw_side.drop(id_of(n++));
    s->raw->commit();
  }));
  return c;
}

contest search_for(const folder& where, const std::string& word) {
  auto s = std::make_shared<docs_files>(where, 10'000);
  contest c;
  c.ours.workers.push_back(repeat([s, word] {
    const auto found = s->docs.search({.query = word, .limit = page});
    keep(found.hits.data());
  }));
  c.baseline.workers.push_back(repeat(
    [s, expression = "field_content : \"" + word + '"'] { keep(s->raw_side.search(expression)); }));
  return c;
}

contest docs_search_rare(const folder& where) { return search_for(where, "rareword"); }
contest docs_search_mid(const folder& where) { return search_for(where, "midword"); }
contest docs_search_common(const folder& where) { return search_for(where, "commonword"); }

contest docs_fuzzy_10k(const folder& where) {
  auto s = std::make_shared<docs_files>(where, 10'000, docs_options{.fuzzy = true});
  s->raw->run("ATTACH '" + s->files.ours.string()
              + "' AS ours; INSERT INTO main.__beaver_trigrams__ "
                "SELECT * FROM ours.__beaver_trigrams__; DETACH ours");
  contest c;
  c.ours.workers.push_back(repeat([s] {
    const auto found = s->docs.search({.query = "noteebook", .fuzzy = true, .limit = page});
    keep(found.hits.data());
  }));
  c.baseline.workers.push_back(repeat([s] { keep(s->raw_side.similar()); }));
  return c;
}

contest docs_where_indexed_100k(const folder& where) {
  auto s = std::make_shared<docs_files>(where, 100'000,
                                        docs_options{.full_text = std::vector<std::string>{}});
  s->docs.create_index("topic");
  s->docs.reindex();
  s->raw->run(
    "CREATE TABLE bench_topics(topic TEXT, item_id TEXT, PRIMARY KEY(topic, item_id)) "
    "WITHOUT ROWID; INSERT INTO bench_topics SELECT json_extract(data, '$.topic'), item_id "
    "FROM __beaver_documents__");
  const auto by_topic = std::make_shared<raw_query>(
    *s->raw,
    "SELECT d.item_id, d.data FROM bench_topics t JOIN __beaver_documents__ d "
    "ON d.collection = ?1 AND d.item_id = t.item_id WHERE t.topic = ?2 ORDER BY t.item_id");
  contest c;
  c.ours.workers.push_back(repeat([s] {
    docs_range range;
    range.where = field("topic") == 't' + std::to_string(s->ours_choice.below(1'000));
    const auto found = s->docs.list(std::move(range));
    keep(found.data());
  }));
  c.baseline.workers.push_back(repeat([s, by_topic] {
    const auto topic = 't' + std::to_string(s->raw_choice.below(1'000));
    std::size_t bytes = 0;
    for (by_topic->with(std::string_view{collection}, std::string_view{topic}); by_topic->step();)
      bytes += std::string{by_topic->text(0)}.size() + std::string{by_topic->text(1)}.size();
    keep(bytes);
  }));
  return c;
}

contest docs_import_100k(const folder& where) {
  auto s = std::make_shared<docs_files>(where, 0);
  contest c;
  constexpr std::size_t many = 100'000;
  c.ours.workers.push_back(repeat([s, first = std::size_t{0}]() mutable {
    s->import_ours(first, many);
    first += many;
  }));
  c.baseline.workers.push_back(repeat([s, first = std::size_t{0}]() mutable {
    s->import_raw(first, many);
    first += many;
  }));
  return c;
}

constexpr bench_case cases[] = {
  {"docs_index_at_10k", "replace one of 10,000 documents, with full text, relaxed durability",
   "BEGIN IMMEDIATE, delete and insert FTS5 rows, upsert, COMMIT", docs_index_at<10'000>},
  {"docs_index_at_100k", "replace one of 100,000 documents",
   "BEGIN IMMEDIATE, delete and insert FTS5 rows, upsert, COMMIT", docs_index_at<100'000>},
  {"docs_drop_at_100k", "drop one of 100,000 documents",
   "BEGIN IMMEDIATE, delete FTS5 rows and the document, COMMIT", docs_drop_at_100k},
  {"docs_search_rare_10k", "the best 10 of 2 documents with a word",
   "FTS5 ORDER BY rank LIMIT 10, joined with the documents", docs_search_rare},
  {"docs_search_mid_10k", "the best 10 of 50", "FTS5 ORDER BY rank LIMIT 10, joined",
   docs_search_mid},
  {"docs_search_common_10k", "the best 10 of 1,111", "FTS5 ORDER BY rank LIMIT 10, joined",
   docs_search_common},
  {"docs_fuzzy_10k", "the best 10 documents with a misspelt word",
   "the 10 that share most trigrams, words unseen", docs_fuzzy_10k},
  {"docs_where_indexed_100k", "100 of 100,000 documents by a field index",
   "a table of values and ids, joined with the documents", docs_where_indexed_100k},
  {"docs_import_100k", "import 100,000 documents with full text, 1,000 a commit",
   "the same rows by prepared statements", docs_import_100k},
};

} // namespace

std::span<const bench_case> docs_cases() { return cases; }

} // namespace beaver::bench
