#pragma once
#include "beaver/sketches/cells.hpp"

#include <map>
#include <random>
#include <string>
#include <vector>

// What tests of sketches need besides: bytes that note what is done with them.

namespace beaver::test {

using namespace sketches;

using octets = std::vector<std::uint8_t>;

/// Cells that tell which were read, and count writes.
class noted_cells {
public:
  explicit noted_cells(octets& bytes) : bytes_(&bytes) {}

  [[nodiscard]] std::size_t size() const noexcept { return bytes_->size(); }
  [[nodiscard]] std::uint8_t get(std::size_t at) const {
    read.push_back(at);
    return bytes_->at(at);
  }
  void set(std::size_t at, std::uint8_t value) {
    ++writes;
    useless_writes += bytes_->at(at) == value;
    bytes_->at(at) = value;
  }

  mutable std::vector<std::size_t> read;
  std::size_t writes = 0;
  std::size_t useless_writes = 0;

private:
  octets* bytes_;
};

/// Cells in pages that come into being when they are first written, as a file's are.
class paged_cells {
public:
  explicit paged_cells(std::size_t size) : size_(size) {}

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::uint8_t get(std::size_t at) const {
    const auto page = pages_.find(at / page_bytes);
    return page == pages_.end() ? std::uint8_t{0} : page->second.at(at % page_bytes);
  }
  void set(std::size_t at, std::uint8_t value) {
    pages_.try_emplace(at / page_bytes, page_bytes).first->second.at(at % page_bytes) = value;
  }
  [[nodiscard]] octets whole() const {
    octets out(size_);
    for (std::size_t at = 0; at < size_; ++at)
      out[at] = get(at);
    return out;
  }

private:
  static constexpr std::size_t page_bytes = 100;
  std::size_t size_;
  std::map<std::size_t, octets> pages_;
};

/// A JSON text of some kind, seldom the same twice.
inline std::string random_item(std::mt19937_64& dice) {
  switch (dice() % 3) {
  case 0:
    return std::to_string(static_cast<std::int64_t>(dice()));
  case 1:
    return "\"user-" + std::to_string(dice() % 10'000) + '"';
  default:
    std::string text(dice() % 150, ' '); // up to three blocks of a digest
    for (auto& c : text)
      c = static_cast<char>('a' + dice() % 26);
    return '"' + text + '"';
  }
}

/// The bytes of a few changes: anything may become of them, not only what items make.
inline void damage(octets& bytes, std::mt19937_64& dice) {
  for (auto changes = 1 + dice() % 4; changes > 0; --changes) {
    if (bytes.empty() || dice() % 16 == 0)
      bytes.resize(dice() % 2 ? bytes.size() + 1 + dice() % 9 : dice() % (bytes.size() + 1));
    else
      bytes[dice() % bytes.size()] = static_cast<std::uint8_t>(dice() % 2 ? dice() : 255);
  }
}

} // namespace beaver::test
