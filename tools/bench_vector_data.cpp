#include "beaver/tools/bench_vector_data.hpp"

#include "beaver/tools/bench_workload.hpp"
#include "beaver/vector/scan.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <numeric>
#include <optional>
#include <stdexcept>

namespace beaver::bench {

namespace {

std::optional<std::filesystem::path>& chosen_file() {
  static std::optional<std::filesystem::path> file;
  return file;
}

/// Clusters on a subspace; see `vector_data`.
class clusters {
public:
  static constexpr std::size_t dims = 100;

  clusters() : shift_(normal_many(dims, 0.5F)) {
    for (std::size_t i = 0; i < subspace; ++i)
      basis_.push_back(normal_many(dims, 1));
    for (std::size_t i = 0; i < centre_count; ++i)
      centres_.push_back(normal_many(subspace, 1));
  }

  void append(std::vector<float>& to) {
    const auto& centre = centres_[random_.below(centre_count)];
    const auto at = to.size();
    for (const float s : shift_) // so much noise that recall is about that of words
      to.push_back(s + normal(6));
    for (std::size_t i = 0; i < subspace; ++i) {
      const float place = centre[i] + normal(0.7F);
      for (std::size_t j = 0; j < dims; ++j)
        to[at + j] += place * basis_[i][j];
    }
  }

private:
  static constexpr std::size_t subspace = 24;
  static constexpr std::size_t centre_count = 200;

  /// Nearly: four numbers of 16 bits added up, which every machine does alike.
  float normal(float spread) {
    auto bits = random_();
    float sum = -2 * 65'535.0F;
    for (int i = 0; i < 4; ++i, bits >>= 16)
      sum += static_cast<float>(bits & 0xFFFF);
    return spread * sum / 37'837.0F; // the standard deviation of the sum
  }
  std::vector<float> normal_many(std::size_t count, float spread) {
    std::vector<float> all(count);
    std::generate(all.begin(), all.end(), [&] { return normal(spread); });
    return all;
  }

  generator random_{1};
  std::vector<float> shift_;
  std::vector<std::vector<float>> basis_;
  std::vector<std::vector<float>> centres_;
};

struct matrix {
  std::size_t count;
  std::size_t dims;
  std::vector<float> numbers;
};

matrix read_matrix(std::filesystem::path file) {
  if (std::filesystem::is_directory(file))
    file /= "wink100.fmat";
  std::ifstream in{file, std::ios::binary};
  std::int32_t head[2] = {};
  if (!in.read(reinterpret_cast<char*>(head), sizeof head))
    throw std::runtime_error("cannot read vectors from '" + file.string() + "'");
  const auto bytes = std::filesystem::file_size(file) - sizeof head;
  if (head[0] <= 0 || head[1] <= 0
      || static_cast<std::uint64_t>(head[0]) * static_cast<std::uint64_t>(head[1]) * sizeof(float)
           != bytes)
    throw std::runtime_error("'" + file.string() + "' has not the size that its first numbers say");
  matrix all{static_cast<std::size_t>(head[0]), static_cast<std::size_t>(head[1]), {}};
  all.numbers.resize(all.count * all.dims);
  if (!in.read(reinterpret_cast<char*>(all.numbers.data()), static_cast<std::streamsize>(bytes)))
    throw std::runtime_error("cannot read vectors from '" + file.string() + "'");
  return all;
}

} // namespace

void use_vectors_of(const std::filesystem::path& file) { chosen_file() = file; }

vector_data::vector_data(std::size_t count) {
  if (!chosen_file()) {
    clusters made;
    dims = clusters::dims;
    rows.reserve(count * dims);
    queries.reserve(query_count * dims);
    while (queries.size() < query_count * dims)
      made.append(queries);
    while (rows.size() < count * dims)
      made.append(rows);
    return;
  }
  const auto all = read_matrix(*chosen_file());
  if (all.count <= query_count)
    throw std::runtime_error("a file of " + std::to_string(all.count) + " vectors, where more than "
                             + std::to_string(query_count) + " are wanted");
  dims = all.dims;
  // Files have an order, by frequency or class, that a part of them must not have.
  std::vector<std::size_t> order(all.count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  generator random{1};
  for (std::size_t i = all.count; i > 1; --i)
    std::swap(order[i - 1], order[random.below(i)]);
  const auto take = [&](std::vector<float>& to, std::size_t first, std::size_t last) {
    to.reserve((last - first) * dims);
    for (auto i = first; i < last; ++i) {
      const auto from = std::span{all.numbers}.subspan(order[i] * dims, dims);
      to.insert(to.end(), from.begin(), from.end());
    }
  };
  take(queries, 0, query_count);
  take(rows, query_count, std::min(query_count + count, all.count));
}

std::string vector_id(std::size_t n) {
  auto digits = std::to_string(n);
  return 'v' + std::string(7 - digits.size(), '0') + digits;
}

double recall_of(const vector_index& index, const vector_rows& rows, const vector_data& data) {
  constexpr std::size_t asked = 256;
  std::size_t found = 0;
  std::size_t wanted = 0;
  for (std::size_t i = 0; i < asked; ++i) {
    const near_query query{.vector = data.query(i)};
    const auto truth = scan_rows(rows, query);
    wanted += truth.size();
    // Rows as near as the last one are as good as it.
    for (const auto& hit : index.search(query))
      found += hit.score <= truth.back().score ? 1 : 0;
  }
  return static_cast<double>(found) / static_cast<double>(wanted);
}

std::uint64_t read_through(std::span<const float> memory) noexcept {
  constexpr std::size_t line = 64;
  const auto bytes = std::as_bytes(memory);
  std::uint64_t sum = 0;
  for (std::size_t at = 0; at + line <= bytes.size(); at += line) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, sizeof word);
    sum += word;
  }
  return sum;
}

} // namespace beaver::bench
