#include "beaver/vector/kernel_sets.hpp"

#if defined(__x86_64__)

#include <algorithm>
#include <bit>
#include <immintrin.h>

#define BEAVER_AVX2 __attribute__((target("avx2,fma,popcnt")))

namespace beaver {

namespace {

// Structs, as a lambda would be compiled for the oldest machine.

struct product {
  BEAVER_AVX2 static __m256 add(__m256 sum, __m256 a, __m256 b) {
    return _mm256_fmadd_ps(a, b, sum);
  }
};

struct squared_difference {
  BEAVER_AVX2 static __m256 add(__m256 sum, __m256 a, __m256 b) {
    const __m256 difference = _mm256_sub_ps(a, b);
    return _mm256_fmadd_ps(difference, difference, sum);
  }
};

struct absolute_difference {
  BEAVER_AVX2 static __m256 add(__m256 sum, __m256 a, __m256 b) {
    const __m256 sign = _mm256_set1_ps(-0.0F);
    return _mm256_add_ps(sum, _mm256_andnot_ps(sign, _mm256_sub_ps(a, b)));
  }
};

/// The first `n` < 8 lanes.
BEAVER_AVX2 __m256i first_lanes(std::size_t n) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(n)),
                            _mm256_set_epi32(7, 6, 5, 4, 3, 2, 1, 0));
}

/// The lanes of each of four sums added up.
BEAVER_AVX2 __m128 totals(__m256 a, __m256 b, __m256 c, __m256 d) {
  const __m256 abcd = _mm256_hadd_ps(_mm256_hadd_ps(a, b), _mm256_hadd_ps(c, d));
  return _mm_add_ps(_mm256_castps256_ps128(abcd), _mm256_extractf128_ps(abcd, 1));
}

BEAVER_AVX2 __m128i totals(__m256i a, __m256i b, __m256i c, __m256i d) {
  const __m256i abcd = _mm256_hadd_epi32(_mm256_hadd_epi32(a, b), _mm256_hadd_epi32(c, d));
  return _mm_add_epi32(_mm256_castsi256_si128(abcd), _mm256_extracti128_si256(abcd, 1));
}

/// The terms of one row, in four sums so that none waits for the other.
template <class Term>
BEAVER_AVX2 __m256 terms(const float* query, const float* row, std::size_t dims, __m256i tail) {
  __m256 a = _mm256_setzero_ps();
  __m256 b = _mm256_setzero_ps();
  __m256 c = _mm256_setzero_ps();
  __m256 d = _mm256_setzero_ps();
  std::size_t at = 0;
  for (; at + 32 <= dims; at += 32) {
    a = Term::add(a, _mm256_loadu_ps(query + at), _mm256_loadu_ps(row + at));
    b = Term::add(b, _mm256_loadu_ps(query + at + 8), _mm256_loadu_ps(row + at + 8));
    c = Term::add(c, _mm256_loadu_ps(query + at + 16), _mm256_loadu_ps(row + at + 16));
    d = Term::add(d, _mm256_loadu_ps(query + at + 24), _mm256_loadu_ps(row + at + 24));
  }
  for (; at + 8 <= dims; at += 8)
    a = Term::add(a, _mm256_loadu_ps(query + at), _mm256_loadu_ps(row + at));
  if (at < dims)
    b = Term::add(b, _mm256_maskload_ps(query + at, tail), _mm256_maskload_ps(row + at, tail));
  return _mm256_add_ps(_mm256_add_ps(a, b), _mm256_add_ps(c, d));
}

/// Row by row, in the order of memory: four rows abreast share the loads of the query, but what
/// does not fit into the caches comes half as fast again.
template <class Term>
BEAVER_AVX2 void sums(const float* query, const float* rows, std::size_t count, std::size_t dims,
                      float* out) {
  const __m256i tail = first_lanes(dims % 8);
  std::size_t i = 0;
  for (; i + 4 <= count; i += 4, rows += 4 * dims) {
    const __m256 a = terms<Term>(query, rows, dims, tail);
    const __m256 b = terms<Term>(query, rows + dims, dims, tail);
    const __m256 c = terms<Term>(query, rows + 2 * dims, dims, tail);
    const __m256 d = terms<Term>(query, rows + 3 * dims, dims, tail);
    _mm_storeu_ps(out + i, totals(a, b, c, d));
  }
  for (; i < count; ++i, rows += dims) {
    const __m256 a = terms<Term>(query, rows, dims, tail);
    out[i] = _mm_cvtss_f32(totals(a, a, a, a));
  }
}

/// Sums for 16 queries.
struct sixteen {
  __m256 a;
  __m256 b;

  BEAVER_AVX2 static sixteen zero() { return {_mm256_setzero_ps(), _mm256_setzero_ps()}; }
  BEAVER_AVX2 static sixteen load(const float* from) {
    return {_mm256_loadu_ps(from), _mm256_loadu_ps(from + 8)};
  }
  BEAVER_AVX2 void add(__m256 number, const sixteen& query) {
    a = _mm256_fmadd_ps(number, query.a, a);
    b = _mm256_fmadd_ps(number, query.b, b);
  }
  BEAVER_AVX2 void store(float* to) const {
    _mm256_storeu_ps(to, a);
    _mm256_storeu_ps(to + 8, b);
  }
};

/// The products of four rows with some queries: loads of both are shared.
template <class Lanes>
BEAVER_AVX2 void products_of_four(const float* queries, std::size_t lanes, const float* rows,
                                  std::size_t dims, float* out) {
  Lanes a = Lanes::zero();
  Lanes b = Lanes::zero();
  Lanes c = Lanes::zero();
  Lanes d = Lanes::zero();
  for (std::size_t j = 0; j < dims; ++j, queries += lanes, ++rows) {
    const Lanes query = Lanes::load(queries);
    a.add(_mm256_broadcast_ss(rows), query);
    b.add(_mm256_broadcast_ss(rows + dims), query);
    c.add(_mm256_broadcast_ss(rows + 2 * dims), query);
    d.add(_mm256_broadcast_ss(rows + 3 * dims), query);
  }
  a.store(out);
  b.store(out + lanes);
  c.store(out + 2 * lanes);
  d.store(out + 3 * lanes);
}

template <class Lanes>
BEAVER_AVX2 void products_of_all(const float* queries, std::size_t lanes, const float* rows,
                                 std::size_t count, std::size_t dims, float* out) {
  std::size_t i = 0;
  for (; i + 4 <= count; i += 4)
    products_of_four<Lanes>(queries, lanes, rows + i * dims, dims, out + i * lanes);
  for (; i < count; ++i) {
    Lanes sum = Lanes::zero();
    for (std::size_t j = 0; j < dims; ++j)
      sum.add(_mm256_broadcast_ss(rows + i * dims + j), Lanes::load(queries + j * lanes));
    sum.store(out + i * lanes);
  }
}

BEAVER_AVX2 void dot_batch(const float* queries, std::size_t lanes, const float* rows,
                           std::size_t count, std::size_t dims, float* out) {
  for (std::size_t at = 0; at < lanes; at += 16)
    products_of_all<sixteen>(queries + at, lanes, rows, count, dims, out + at);
}

BEAVER_AVX2 __m128i load16(const void* p) {
  return _mm_loadu_si128(static_cast<const __m128i*>(p));
}

BEAVER_AVX2 __m256i load32(const void* p) {
  return _mm256_loadu_si256(static_cast<const __m256i*>(p));
}

/// Widened to 16 bits before they are multiplied: the product of bytes that this set offers
/// saturates.
BEAVER_AVX2 __m256i products(const std::uint8_t* query, const std::int8_t* row,
                             std::size_t stride) {
  __m256i even = _mm256_setzero_si256();
  __m256i odd = _mm256_setzero_si256();
  for (std::size_t at = 0; at < stride; at += 32) {
    even = _mm256_add_epi32(even, _mm256_madd_epi16(_mm256_cvtepu8_epi16(load16(query + at)),
                                                    _mm256_cvtepi8_epi16(load16(row + at))));
    odd = _mm256_add_epi32(odd, _mm256_madd_epi16(_mm256_cvtepu8_epi16(load16(query + at + 16)),
                                                  _mm256_cvtepi8_epi16(load16(row + at + 16))));
  }
  return _mm256_add_epi32(even, odd);
}

BEAVER_AVX2 void dot_int8(const std::uint8_t* query, const std::int8_t* rows, std::size_t count,
                          std::size_t stride, std::int32_t* out) {
  std::size_t i = 0;
  for (; i + 4 <= count; i += 4, rows += 4 * stride) {
    const __m256i a = products(query, rows, stride);
    const __m256i b = products(query, rows + stride, stride);
    const __m256i c = products(query, rows + 2 * stride, stride);
    const __m256i d = products(query, rows + 3 * stride, stride);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + i), totals(a, b, c, d));
  }
  for (; i < count; ++i, rows += stride) {
    const __m256i a = products(query, rows, stride);
    out[i] = _mm_cvtsi128_si32(totals(a, a, a, a));
  }
}

// The signatures. A processor without a popcount of lanes is best at looking up: each 4 bits of a
// signature meet 4 numbers of the query, and what their differences add up to stands in a table of
// 16 bytes. One shuffle looks up one nibble of 16 rows, if their bytes lie side by side; so the
// words of two blocks are transposed first.

constexpr std::size_t nibbles = 16; // of a word
constexpr std::size_t most_words = 16;

/// The tables of up to `most_words` words, in the order in which bytes are looked up.
struct nibble_tables {
  // of nibble n: [w][n % 2][n / 2], so that two neighbours are those of two bytes
  alignas(32) __m128i of[most_words][2][nibbles / 2];
};

BEAVER_AVX2 void fill(nibble_tables& tables, const signature_scan& what, std::size_t first,
                      std::size_t words) {
  const __m128i numbers = _mm_set_epi8(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
  const __m128i popcounts = _mm_set_epi8(4, 3, 3, 2, 3, 2, 2, 1, 3, 2, 2, 1, 2, 1, 1, 0);
  for (std::size_t w = 0; w < words; ++w)
    for (std::size_t n = 0; n < nibbles; ++n) {
      __m128i sum = _mm_setzero_si128();
      for (std::size_t k = 2; k-- > 0;) {
        const auto plane = what.planes[k * what.words + first + w] >> (4 * n) & 15;
        const __m128i differing = _mm_xor_si128(numbers, _mm_set1_epi8(static_cast<char>(plane)));
        sum = _mm_add_epi8(_mm_add_epi8(sum, sum), _mm_shuffle_epi8(popcounts, differing));
      }
      tables.of[w][n % 2][n / 2] = sum;
    }
}

/// Looks up a byte of 16 rows in the lower half, another one in the upper half: at most 24 each.
BEAVER_AVX2 __m256i look_up(__m256i bytes, const __m128i* low, const __m128i* high) {
  const __m256i nibble = _mm256_set1_epi8(15);
  return _mm256_add_epi8(
    _mm256_shuffle_epi8(load32(low), _mm256_and_si256(bytes, nibble)),
    _mm256_shuffle_epi8(load32(high), _mm256_and_si256(_mm256_srli_epi16(bytes, 4), nibble)));
}

struct two_blocks {
  __m256 bits[2];
};

/// The weighed bits of the words of two blocks.
BEAVER_AVX2 two_blocks count(const nibble_tables& tables, const std::uint64_t* a,
                             const std::uint64_t* b, std::size_t words) {
  const __m256i pairs =
    _mm256_broadcastsi128_si256(_mm_set_epi8(15, 7, 14, 6, 13, 5, 12, 4, 11, 3, 10, 2, 9, 1, 8, 0));
  const __m256i low_bytes = _mm256_set1_epi16(0xFF);
  __m256i even = _mm256_setzero_si256(); // 16 bits a lane, which 136 words do not fill
  __m256i odd = _mm256_setzero_si256();
  for (std::size_t w = 0; w < words; ++w, a += 8, b += 8) {
    // The comments name rows; "0 1" are two bytes of one place in the words of rows 0 and 1.
    const __m256i a0 = _mm256_shuffle_epi8(load32(a), pairs);     // 0 1 | 2 3, of 8 places
    const __m256i a1 = _mm256_shuffle_epi8(load32(a + 4), pairs); // 4 5 | 6 7
    const __m256i b0 = _mm256_shuffle_epi8(load32(b), pairs);
    const __m256i b1 = _mm256_shuffle_epi8(load32(b + 4), pairs);
    const __m256i a03 = _mm256_unpacklo_epi16(a0, a1); // 0 1 4 5 | 2 3 6 7, of places 0 to 3
    const __m256i a47 = _mm256_unpackhi_epi16(a0, a1);
    const __m256i b03 = _mm256_unpacklo_epi16(b0, b1);
    const __m256i b47 = _mm256_unpackhi_epi16(b0, b1);
    // 0 1 4 5 8 9 12 13 2 3 6 7 10 11 14 15 of one place, and the same of the next
    const __m256i p01 = _mm256_permute4x64_epi64(_mm256_unpacklo_epi32(a03, b03), 0xD8);
    const __m256i p23 = _mm256_permute4x64_epi64(_mm256_unpackhi_epi32(a03, b03), 0xD8);
    const __m256i p45 = _mm256_permute4x64_epi64(_mm256_unpacklo_epi32(a47, b47), 0xD8);
    const __m256i p67 = _mm256_permute4x64_epi64(_mm256_unpackhi_epi32(a47, b47), 0xD8);
    const auto& low = tables.of[w][0];
    const auto& high = tables.of[w][1];
    const __m256i p03 = _mm256_add_epi8(look_up(p01, low, high), look_up(p23, low + 2, high + 2));
    const __m256i p47 =
      _mm256_add_epi8(look_up(p45, low + 4, high + 4), look_up(p67, low + 6, high + 6));
    even = _mm256_add_epi16(
      even, _mm256_add_epi16(_mm256_and_si256(p03, low_bytes), _mm256_and_si256(p47, low_bytes)));
    odd =
      _mm256_add_epi16(odd, _mm256_add_epi16(_mm256_srli_epi16(p03, 8), _mm256_srli_epi16(p47, 8)));
  }
  // The places of both halves together, then the rows in their order again.
  const __m128i e = _mm_add_epi16(_mm256_castsi256_si128(even), _mm256_extracti128_si256(even, 1));
  const __m128i o = _mm_add_epi16(_mm256_castsi256_si128(odd), _mm256_extracti128_si256(odd, 1));
  const __m128i p = _mm_unpacklo_epi16(e, o); // 0 1 4 5 8 9 12 13
  const __m128i q = _mm_unpackhi_epi16(e, o); // 2 3 6 7 10 11 14 15
  return {_mm256_cvtepi32_ps(_mm256_cvtepu16_epi32(_mm_unpacklo_epi32(p, q))),
          _mm256_cvtepi32_ps(_mm256_cvtepu16_epi32(_mm_unpackhi_epi32(p, q)))};
}

BEAVER_AVX2 void finish(const signature_scan& what, std::size_t i, __m256 bits, float* out) {
  const __m256 sum =
    _mm256_fmadd_ps(_mm256_set1_ps(what.weight), bits, _mm256_set1_ps(what.constant));
  _mm256_storeu_ps(
    out + i, _mm256_fmadd_ps(_mm256_loadu_ps(what.scale + i), sum, _mm256_loadu_ps(what.base + i)));
}

/// As many words at a time as there are tables for; in between `out` holds the bits, which a float
/// counts exactly.
BEAVER_AVX2 void scan_signatures(const signature_scan& what, std::size_t block_count, float* out) {
  nibble_tables tables;
  std::size_t first = 0;
  do {
    const auto words = std::min(what.words - first, most_words);
    const bool last = first + words == what.words;
    fill(tables, what, first, words);
    for (std::size_t b = 0; b < block_count; b += 2) {
      const auto* one = what.blocks + (b * what.words + first) * 8;
      const bool alone = b + 1 == block_count;
      auto both = count(tables, one, alone ? one : one + what.words * 8, words);
      for (std::size_t i = 0; i < (alone ? 1 : 2); ++i) {
        const auto row = 8 * (b + i);
        __m256 bits = both.bits[i];
        if (first > 0)
          bits = _mm256_add_ps(bits, _mm256_loadu_ps(out + row));
        if (last)
          finish(what, row, bits, out);
        else
          _mm256_storeu_ps(out + row, bits);
      }
    }
    first += words;
  } while (first < what.words);
}

BEAVER_AVX2 std::size_t select(const float* values, std::size_t count, float limit,
                               std::uint32_t first, std::uint32_t* out) {
  const __m256 limits = _mm256_set1_ps(limit);
  std::size_t found = 0;
  std::size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    const __m256 chosen = _mm256_cmp_ps(_mm256_loadu_ps(values + i), limits, _CMP_LE_OQ);
    for (auto bits = static_cast<unsigned>(_mm256_movemask_ps(chosen)); bits != 0; bits &= bits - 1)
      out[found++] =
        first + static_cast<std::uint32_t>(i) + static_cast<std::uint32_t>(std::countr_zero(bits));
  }
  for (; i < count; ++i)
    if (values[i] <= limit)
      out[found++] = first + static_cast<std::uint32_t>(i);
  return found;
}

} // namespace

const kernel_set avx2_kernels{
  "avx2",    sums<product>, sums<squared_difference>, sums<absolute_difference>,
  dot_batch, dot_int8,      scan_signatures,          select};

} // namespace beaver

#endif
