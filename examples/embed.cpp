// Makes a vector of a sentence: the mean of the vectors of its words, of unit length. No model is
// needed, and what it understands is accordingly little; examples/data has the words.
//
//   embed DATABASE SENTENCE   by the collection `words` of the database; prints a JSON array
//   embed                     shows itself on a database in memory
#include <beaver/beaver.hpp>
#include <cmath>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

namespace {

/// The runs of letters in a text, in lower case.
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  bool within = false;
  for (const char c : text) {
    const bool upper = c >= 'A' && c <= 'Z';
    const bool letter = upper || (c >= 'a' && c <= 'z');
    if (letter && !within)
      words.emplace_back();
    if (letter)
      words.back() += upper ? static_cast<char>(c - 'A' + 'a') : c;
    within = letter;
  }
  return words;
}

/// Throws `error` not_found if no word is known.
std::vector<float> embed(const beaver::vectors<>& words, std::string_view sentence) {
  std::vector<double> sum;
  for (const auto& known : words.get_many(words_of(sentence))) {
    sum.resize(known.vector.size());
    for (std::size_t i = 0; i < sum.size(); ++i)
      sum[i] += static_cast<double>(known.vector[i]);
  }
  double square = 0;
  for (const double x : sum)
    square += x * x;
  if (square == 0)
    throw beaver::error(beaver::errc::not_found,
                        "no word of '" + std::string{sentence} + "' is in the collection '"
                          + words.name() + "'; beaver import word-vectors.jsonl --vectors "
                          + words.name() + " fills it");
  std::vector<float> unit;
  for (const double x : sum)
    unit.push_back(static_cast<float>(x / std::sqrt(square)));
  return unit;
}

void show() {
  beaver::database db{":memory:"};
  auto words = db.vectors("words");
  words.set("beaver", std::vector{0.8F, 0.6F, 0.0F});
  words.set("builds", std::vector{0.0F, 0.6F, 0.8F});
  words.set("dam", std::vector{0.0F, 1.0F, 0.0F});
  words.set("swims", std::vector{1.0F, 0.0F, 0.0F});
  const auto near =
    words.near(embed(words, "A beaver builds."), {.candidates = {{"dam", "swims"}}});
  std::cout << "a beaver builds: nearest is " << near.hits.at(0).id << '\n';
}

} // namespace

int main(int count, char** arguments) {
  if (count != 3) {
    show();
    return 0;
  }
  try {
    beaver::database db{arguments[1], {.read_only = true}};
    std::cout
      << beaver::model<std::vector<float>>::encode(embed(db.vectors("words"), arguments[2])).text()
      << '\n';
  } catch (const beaver::error& e) {
    std::cerr << "embed: " << e.what() << '\n';
    return 1;
  }
}
