// Documents: words, filters and misspelt words.
#include <beaver/beaver.hpp>

#include <boost/describe/class.hpp>
#include <iostream>
#include <sstream>

struct paper {
  std::string title;
  int year;
  std::vector<std::string> tags;
};
BOOST_DESCRIBE_STRUCT(paper, (), (title, year, tags))

int main() {
  using beaver::field;
  beaver::database db{":memory:"};
  auto papers = db.docs<paper>("papers", {.fuzzy = true});

  papers.index("hewitt", {"Actors and their mailboxes", 1973, {"concurrency"}});
  papers.index("mohan", {"Write-ahead logging with actors", 1992, {"storage"}});
  papers.index("malkov", {"Small worlds for nearest neighbours", 2016, {"search"}});

  const auto show = [](const char* what, const auto& found) {
    std::cout << what << ":";
    for (const auto& hit : found.hits)
      std::cout << ' ' << hit.id;
    std::cout << '\n';
  };
  show("actors", papers.search("actor"));
  show("actors, but no logs", papers.search("actors -logging"));
  show("since 1990", papers.search({.query = "actors", .where = field("year") >= 1990}));
  show("misspelt", papers.search({.query = "nearset neigbours", .fuzzy = true}));

  const auto marked =
    papers.search({.query = "mailbox", .highlight = true, .open = "[", .close = "]"});
  std::cout << marked.hits.at(0).fragments.at(0).text << '\n';

  papers.patch("hewitt", beaver::json_text{R"({"tags": ["concurrency", "classic"]})"});
  std::cout << "classics: " << papers.count(field("tags").contains("classic")) << '\n';

  std::stringstream text; // or a file
  db.dump(papers, [&](std::string_view part) { text << part; });
  const auto loaded = db.load(db.docs("copy"), [&](std::span<char> part) {
    text.read(part.data(), static_cast<std::streamsize>(part.size()));
    return static_cast<std::size_t>(text.gcount());
  });
  std::cout << "copied: " << loaded.items << '\n';
}
