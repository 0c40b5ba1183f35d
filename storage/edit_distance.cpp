#include "beaver/storage/edit_distance.hpp"

#include "beaver/storage/utf8.hpp"

#include <algorithm>
#include <iterator>

namespace beaver {
namespace {

constexpr std::size_t block_rows = 64;
constexpr std::size_t latin_characters = 256;

/// What one block of a column passes on to the block below.
struct carry {
  std::uint64_t plus = 1; // the top row of the programme grows by one with each column
  std::uint64_t minus = 0;
  std::uint64_t crossed = 0;
};

/// Differences to the right of each row.
struct step {
  std::uint64_t plus;
  std::uint64_t minus;
};

/// 64 rows of the column reached last.
struct block {
  std::uint64_t plus = ~std::uint64_t{0}; // rows that are one more than the row above
  std::uint64_t minus = 0;                // rows that are one less
  std::uint64_t diagonal = 0;             // rows that are what was left of the row above
  std::uint64_t places = 0;               // rows whose character is that of the column

  /// Goes on to a column whose character is at `now`; replaces `c` by what goes to the next block.
  step advance(std::uint64_t now, carry& c) noexcept {
    // A transposition: the character above is the new one, that of this row was the last, and
    // without it the diagonal would have cost something.
    const std::uint64_t crossing = ~diagonal & now;
    const std::uint64_t transposed = (crossing << 1 | c.crossed) & places;
    const std::uint64_t entered = now | c.minus;
    diagonal = (((entered & plus) + plus) ^ plus) | entered | minus | transposed;
    const step right{minus | ~(diagonal | plus), diagonal & plus};
    const std::uint64_t right_plus = right.plus << 1 | c.plus;
    const std::uint64_t right_minus = right.minus << 1 | c.minus;
    plus = right_minus | ~(diagonal | right_plus);
    minus = right_plus & diagonal;
    places = now;
    constexpr int top = block_rows - 1;
    c = {right.plus >> top, right.minus >> top, crossing >> top};
    return right;
  }
};

/// Bytes that can begin a character: no more than there are characters, and as many in UTF-8.
std::size_t count_leads(std::string_view text) noexcept {
  return static_cast<std::size_t>(
    std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

/// The distance in the last row, column by column, from one on that is within the limit if there is
/// no column. `advance` takes a character and gives the difference to the right in that row.
template <class Advance>
std::optional<unsigned> last_row(std::size_t distance, std::string_view word, std::size_t limit,
                                 Advance advance) {
  const char* p = word.data();
  const char* const end = p + word.size();
  while (p != end) {
    const char32_t c = utf8::decode_any(p, end);
    const auto [plus, minus] = advance(c);
    distance = distance + plus - minus;
    // It falls by one a column at most, and there are no more of these than bytes. After the last
    // this is the limit itself.
    if (distance > limit + static_cast<std::size_t>(end - p))
      return {};
  }
  return static_cast<unsigned>(distance);
}

} // namespace

edit_pattern::edit_pattern(std::string_view word) {
  std::vector<char32_t> characters;
  for (const char *p = word.data(), *end = p + word.size(); p != end;)
    characters.push_back(utf8::decode_any(p, end));
  length_ = characters.size();
  blocks_ = std::max<std::size_t>(1, (length_ + block_rows - 1) / block_rows);
  std::copy_if(characters.begin(), characters.end(), std::back_inserter(others_),
               [](char32_t c) { return c >= latin_characters; });
  std::sort(others_.begin(), others_.end());
  others_.erase(std::unique(others_.begin(), others_.end()), others_.end());
  places_.resize((latin_characters + others_.size() + 1) * blocks_);
  for (std::size_t i = 0; i < length_; ++i) {
    const auto row = places_of(characters[i]) - places_.data();
    places_[static_cast<std::size_t>(row) + i / block_rows] |= std::uint64_t{1} << i % block_rows;
  }
}

const std::uint64_t* edit_pattern::places_of(char32_t c) const noexcept {
  std::size_t row = c;
  if (c >= latin_characters) {
    const auto at = std::lower_bound(others_.begin(), others_.end(), c);
    row = latin_characters
          + (at != others_.end() && *at == c ? static_cast<std::size_t>(at - others_.begin())
                                             : others_.size());
  }
  return places_.data() + row * blocks_;
}

std::optional<unsigned> edit_pattern::distance(std::string_view word, unsigned limit) const {
  const std::size_t most = std::size_t{limit} + length_;
  if (word.size() + limit < length_ || (word.size() > most && count_leads(word) > most))
    return {};
  if (length_ == 0) // no row
    return last_row(0, word, limit, [](char32_t) { return step{1, 0}; });
  const auto last = (length_ - 1) % block_rows;
  if (blocks_ == 1)
    return last_row(length_, word, limit, [&, b = block{}](char32_t c) mutable {
      carry from_above;
      const step right = b.advance(*places_of(c), from_above);
      return step{right.plus >> last & 1, right.minus >> last & 1};
    });
  std::vector<block> column(blocks_);
  return last_row(length_, word, limit, [&](char32_t c) {
    const std::uint64_t* places = places_of(c);
    carry from_above;
    step right{};
    for (auto& b : column)
      right = b.advance(*places++, from_above);
    return step{right.plus >> last & 1, right.minus >> last & 1};
  });
}

} // namespace beaver
