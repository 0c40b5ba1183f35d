#include "beaver/vector/kernel_sets.hpp"

#if defined(__x86_64__)

#include <bit>
#include <immintrin.h>
#include <iterator>

// The header of g++ 12 leaves registers uninitialised on purpose.
#pragma GCC diagnostic ignored "-Wuninitialized"

#define BEAVER_AVX512 \
  __attribute__((target("fma,popcnt,avx512f,avx512bw,avx512dq,avx512vl,avx512vnni," \
                        "avx512vpopcntdq")))

namespace beaver {

namespace {

// Structs, as a lambda would be compiled for the oldest machine.

struct product {
  BEAVER_AVX512 static __m512 add(__m512 sum, __m512 a, __m512 b) {
    return _mm512_fmadd_ps(a, b, sum);
  }
};

struct squared_difference {
  BEAVER_AVX512 static __m512 add(__m512 sum, __m512 a, __m512 b) {
    const __m512 difference = _mm512_sub_ps(a, b);
    return _mm512_fmadd_ps(difference, difference, sum);
  }
};

struct absolute_difference {
  BEAVER_AVX512 static __m512 add(__m512 sum, __m512 a, __m512 b) {
    return _mm512_add_ps(sum, _mm512_abs_ps(_mm512_sub_ps(a, b)));
  }
};

/// The lanes of each of four sums added up.
BEAVER_AVX512 __m128 totals(__m512 a, __m512 b, __m512 c, __m512 d) {
  const __m512 ab = _mm512_add_ps(_mm512_unpacklo_ps(a, b), _mm512_unpackhi_ps(a, b));
  const __m512 cd = _mm512_add_ps(_mm512_unpacklo_ps(c, d), _mm512_unpackhi_ps(c, d));
  const __m512 abcd =
    _mm512_add_ps(_mm512_shuffle_ps(ab, cd, 0x44), _mm512_shuffle_ps(ab, cd, 0xEE));
  const __m256 half = _mm256_add_ps(_mm512_castps512_ps256(abcd), _mm512_extractf32x8_ps(abcd, 1));
  return _mm_add_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1));
}

BEAVER_AVX512 __m128i totals(__m512i a, __m512i b, __m512i c, __m512i d) {
  const __m512i ab = _mm512_add_epi32(_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
  const __m512i cd = _mm512_add_epi32(_mm512_unpacklo_epi32(c, d), _mm512_unpackhi_epi32(c, d));
  const __m512i abcd =
    _mm512_add_epi32(_mm512_unpacklo_epi64(ab, cd), _mm512_unpackhi_epi64(ab, cd));
  const __m256i half =
    _mm256_add_epi32(_mm512_castsi512_si256(abcd), _mm512_extracti32x8_epi32(abcd, 1));
  return _mm_add_epi32(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
}

/// The terms of one row, in four sums so that none waits for the other.
template <class Term>
BEAVER_AVX512 __m512 terms(const float* query, const float* row, std::size_t dims, __mmask16 tail) {
  __m512 a = _mm512_setzero_ps();
  __m512 b = _mm512_setzero_ps();
  __m512 c = _mm512_setzero_ps();
  __m512 d = _mm512_setzero_ps();
  std::size_t at = 0;
  for (; at + 64 <= dims; at += 64) {
    a = Term::add(a, _mm512_loadu_ps(query + at), _mm512_loadu_ps(row + at));
    b = Term::add(b, _mm512_loadu_ps(query + at + 16), _mm512_loadu_ps(row + at + 16));
    c = Term::add(c, _mm512_loadu_ps(query + at + 32), _mm512_loadu_ps(row + at + 32));
    d = Term::add(d, _mm512_loadu_ps(query + at + 48), _mm512_loadu_ps(row + at + 48));
  }
  for (; at + 16 <= dims; at += 16)
    a = Term::add(a, _mm512_loadu_ps(query + at), _mm512_loadu_ps(row + at));
  if (tail != 0)
    b =
      Term::add(b, _mm512_maskz_loadu_ps(tail, query + at), _mm512_maskz_loadu_ps(tail, row + at));
  return _mm512_add_ps(_mm512_add_ps(a, b), _mm512_add_ps(c, d));
}

/// A query of 16 * (N - 1) + 1 .. 16 * N numbers that stays in registers: loads of it cost as much
/// as those of the rows.
template <class Term, std::size_t N>
struct held_query {
  static constexpr std::size_t ahead = 24; // rows
  BEAVER_AVX512 held_query(const float* query, std::size_t dims)
    : last(static_cast<__mmask16>((1U << (dims - 16 * (N - 1))) - 1)) {
#pragma GCC unroll 8
    for (std::size_t i = 0; i + 1 < N; ++i)
      part[i] = _mm512_loadu_ps(query + 16 * i);
    part[N - 1] = _mm512_maskz_loadu_ps(last, query + 16 * (N - 1));
  }

  BEAVER_AVX512 __m512 terms(const float* row) const {
    __m512 of[N];
#pragma GCC unroll 8
    for (std::size_t i = 0; i + 1 < N; ++i)
      of[i] = in_order(_mm512_loadu_ps(row + 16 * i), row);
    of[N - 1] = in_order(_mm512_maskz_loadu_ps(last, row + 16 * (N - 1)), row);
    __m512 sum[2] = {_mm512_setzero_ps(), _mm512_setzero_ps()};
#pragma GCC unroll 8
    for (std::size_t i = 0; i < N; ++i)
      sum[i % 2] = Term::add(sum[i % 2], part[i], of[i]);
    return _mm512_add_ps(sum[0], sum[1]);
  }

  BEAVER_AVX512 static void sums(const float* query, const float* rows, std::size_t count,
                                 std::size_t dims, float* out) {
    const held_query held{query, dims};
    std::size_t i = 0;
    for (; i + 4 <= count; i += 4, rows += 4 * dims) {
      // The processor by itself does not ask early enough: 100,000 rows of 100 in 0.93 ms for 1.15.
      for (std::size_t at = 0; at < 4 * dims; at += 16)
        __builtin_prefetch(rows + ahead * dims + at);
      const __m512 a = held.terms(rows);
      const __m512 b = held.terms(rows + dims);
      const __m512 c = held.terms(rows + 2 * dims);
      const __m512 d = held.terms(rows + 3 * dims);
      _mm_storeu_ps(out + i, totals(a, b, c, d));
    }
    for (; i < count; ++i, rows += dims)
      out[i] = _mm512_reduce_add_ps(held.terms(rows));
  }

  /// Keeps the compiler from loading what follows before this, which it likes to: memory that is
  /// read in any other order than its own comes slower, by rows in turn half as fast.
  BEAVER_AVX512 static __m512 in_order(__m512 loaded, const float*& row) {
    asm volatile("" : "+v"(loaded), "+r"(row));
    return loaded;
  }

  __m512 part[N];
  __mmask16 last;
};

/// Row by row, in the order of memory: four rows abreast share the loads of the query, but what
/// does not fit into the caches comes half as fast again.
template <class Term>
BEAVER_AVX512 void sums(const float* query, const float* rows, std::size_t count, std::size_t dims,
                        float* out) {
  static constexpr decltype(&sums<Term>) held[] = {
    held_query<Term, 1>::sums, held_query<Term, 2>::sums, held_query<Term, 3>::sums,
    held_query<Term, 4>::sums, held_query<Term, 5>::sums, held_query<Term, 6>::sums,
    held_query<Term, 7>::sums, held_query<Term, 8>::sums};
  if (const auto parts = (dims + 15) / 16; parts >= 1 && parts <= std::size(held))
    return held[parts - 1](query, rows, count, dims, out);
  const auto tail = static_cast<__mmask16>((1U << dims % 16) - 1);
  std::size_t i = 0;
  for (; i + 4 <= count; i += 4, rows += 4 * dims) {
    const __m512 a = terms<Term>(query, rows, dims, tail);
    const __m512 b = terms<Term>(query, rows + dims, dims, tail);
    const __m512 c = terms<Term>(query, rows + 2 * dims, dims, tail);
    const __m512 d = terms<Term>(query, rows + 3 * dims, dims, tail);
    _mm_storeu_ps(out + i, totals(a, b, c, d));
  }
  for (; i < count; ++i, rows += dims)
    out[i] = _mm512_reduce_add_ps(terms<Term>(query, rows, dims, tail));
}

/// Sums for 16 queries.
struct sixteen {
  __m512 a;

  BEAVER_AVX512 static sixteen zero() { return {_mm512_setzero_ps()}; }
  BEAVER_AVX512 static sixteen load(const float* from) { return {_mm512_loadu_ps(from)}; }
  BEAVER_AVX512 void add(__m512 number, const sixteen& query) {
    a = _mm512_fmadd_ps(number, query.a, a);
  }
  BEAVER_AVX512 void store(float* to) const { _mm512_storeu_ps(to, a); }
};

struct sixty_four {
  sixteen a;
  sixteen b;
  sixteen c;
  sixteen d;

  BEAVER_AVX512 static sixty_four zero() {
    return {sixteen::zero(), sixteen::zero(), sixteen::zero(), sixteen::zero()};
  }
  BEAVER_AVX512 static sixty_four load(const float* from) {
    return {sixteen::load(from), sixteen::load(from + 16), sixteen::load(from + 32),
            sixteen::load(from + 48)};
  }
  BEAVER_AVX512 void add(__m512 number, const sixty_four& query) {
    a.add(number, query.a);
    b.add(number, query.b);
    c.add(number, query.c);
    d.add(number, query.d);
  }
  BEAVER_AVX512 void store(float* to) const {
    a.store(to);
    b.store(to + 16);
    c.store(to + 32);
    d.store(to + 48);
  }
};

BEAVER_AVX512 __m512 everywhere(const float* number) { return _mm512_set1_ps(*number); }

/// The products of four rows with some queries: loads of both are shared.
template <class Lanes>
BEAVER_AVX512 void products_of_four(const float* queries, std::size_t lanes, const float* rows,
                                    std::size_t dims, float* out) {
  Lanes a = Lanes::zero();
  Lanes b = Lanes::zero();
  Lanes c = Lanes::zero();
  Lanes d = Lanes::zero();
  for (std::size_t j = 0; j < dims; ++j, queries += lanes, ++rows) {
    const Lanes query = Lanes::load(queries);
    a.add(everywhere(rows), query);
    b.add(everywhere(rows + dims), query);
    c.add(everywhere(rows + 2 * dims), query);
    d.add(everywhere(rows + 3 * dims), query);
  }
  a.store(out);
  b.store(out + lanes);
  c.store(out + 2 * lanes);
  d.store(out + 3 * lanes);
}

template <class Lanes>
BEAVER_AVX512 void products_of_all(const float* queries, std::size_t lanes, const float* rows,
                                   std::size_t count, std::size_t dims, float* out) {
  std::size_t i = 0;
  for (; i + 4 <= count; i += 4)
    products_of_four<Lanes>(queries, lanes, rows + i * dims, dims, out + i * lanes);
  for (; i < count; ++i) {
    Lanes sum = Lanes::zero();
    for (std::size_t j = 0; j < dims; ++j)
      sum.add(everywhere(rows + i * dims + j), Lanes::load(queries + j * lanes));
    sum.store(out + i * lanes);
  }
}

BEAVER_AVX512 void dot_batch(const float* queries, std::size_t lanes, const float* rows,
                             std::size_t count, std::size_t dims, float* out) {
  std::size_t at = 0;
  for (; at + 64 <= lanes; at += 64)
    products_of_all<sixty_four>(queries + at, lanes, rows, count, dims, out + at);
  for (; at < lanes; at += 16)
    products_of_all<sixteen>(queries + at, lanes, rows, count, dims, out + at);
}

BEAVER_AVX512 __m512i load(const void* p) { return _mm512_loadu_si512(p); }

BEAVER_AVX512 __m512i products(const std::uint8_t* query, const std::int8_t* row,
                               std::size_t stride) {
  __m512i sum = _mm512_setzero_si512();
  for (std::size_t at = 0; at < stride; at += 64)
    sum = _mm512_dpbusd_epi32(sum, load(query + at), load(row + at));
  return sum;
}

BEAVER_AVX512 void dot_int8(const std::uint8_t* query, const std::int8_t* rows, std::size_t count,
                            std::size_t stride, std::int32_t* out) {
  std::size_t i = 0;
  for (; i + 4 <= count; i += 4, rows += 4 * stride) {
    const __m512i a = products(query, rows, stride);
    const __m512i b = products(query, rows + stride, stride);
    const __m512i c = products(query, rows + 2 * stride, stride);
    const __m512i d = products(query, rows + 3 * stride, stride);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + i), totals(a, b, c, d));
  }
  for (; i < count; ++i, rows += stride)
    out[i] = _mm512_reduce_add_epi32(products(query, rows, stride));
}

/// The weighed bits of a block in the making. A lane is a row, so that nothing is added across
/// lanes.
struct differing_bits {
  __m512i ones;
  __m512i twos;

  BEAVER_AVX512 static differing_bits zero() {
    return {_mm512_setzero_si512(), _mm512_setzero_si512()};
  }
  BEAVER_AVX512 void add(__m512i signatures, __m512i plane_0, __m512i plane_1) {
    ones = _mm512_add_epi64(ones, _mm512_popcnt_epi64(_mm512_xor_si512(signatures, plane_0)));
    twos = _mm512_add_epi64(twos, _mm512_popcnt_epi64(_mm512_xor_si512(signatures, plane_1)));
  }
  BEAVER_AVX512 void finish(const signature_scan& what, std::size_t i, float* out) const {
    const __m256 bits = _mm512_cvtepi64_ps(_mm512_add_epi64(ones, _mm512_add_epi64(twos, twos)));
    const __m256 sum =
      _mm256_fmadd_ps(_mm256_set1_ps(what.weight), bits, _mm256_set1_ps(what.constant));
    _mm256_storeu_ps(out + i, _mm256_fmadd_ps(_mm256_loadu_ps(what.scale + i), sum,
                                              _mm256_loadu_ps(what.base + i)));
  }
};

BEAVER_AVX512 __m512i everywhere(std::uint64_t word) {
  return _mm512_set1_epi64(static_cast<long long>(word));
}

/// Two blocks at a time share the planes.
BEAVER_AVX512 void scan_signatures(const signature_scan& what, std::size_t block_count,
                                   float* out) {
  constexpr std::size_t ahead = 1'024; // bytes that are on their way from memory
  const std::uint64_t* const plane[2] = {what.planes, what.planes + what.words};
  const std::uint64_t* block = what.blocks;
  std::size_t i = 0;
  for (; i + 2 <= block_count; i += 2, block += 8 * what.words) {
    auto a = differing_bits::zero();
    auto b = differing_bits::zero();
    for (std::size_t w = 0; w < what.words; ++w, block += 8) {
      const auto* other = block + 8 * what.words;
      _mm_prefetch(reinterpret_cast<const char*>(block) + ahead, _MM_HINT_T0);
      _mm_prefetch(reinterpret_cast<const char*>(other) + ahead, _MM_HINT_T0);
      const __m512i plane_0 = everywhere(plane[0][w]);
      const __m512i plane_1 = everywhere(plane[1][w]);
      a.add(load(block), plane_0, plane_1);
      b.add(load(other), plane_0, plane_1);
    }
    a.finish(what, 8 * i, out);
    b.finish(what, 8 * i + 8, out);
  }
  if (i == block_count)
    return;
  auto last = differing_bits::zero();
  for (std::size_t w = 0; w < what.words; ++w, block += 8)
    last.add(load(block), everywhere(plane[0][w]), everywhere(plane[1][w]));
  last.finish(what, 8 * i, out);
}

/// Compresses in a register and stores that whole: compressing into memory takes some processors a
/// hundred cycles. What is stored too much is overwritten or within `count`.
BEAVER_AVX512 std::size_t select(const float* values, std::size_t count, float limit,
                                 std::uint32_t first, std::uint32_t* out) {
  const __m512 limits = _mm512_set1_ps(limit);
  const __m512i steps = _mm512_set1_epi32(16);
  __m512i numbers =
    _mm512_add_epi32(_mm512_set1_epi32(static_cast<int>(first)),
                     _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0));
  std::size_t found = 0;
  std::size_t i = 0;
  for (; i + 16 <= count; i += 16, numbers = _mm512_add_epi32(numbers, steps)) {
    const __mmask16 chosen = _mm512_cmp_ps_mask(_mm512_loadu_ps(values + i), limits, _CMP_LE_OQ);
    if (chosen == 0)
      continue;
    _mm512_storeu_si512(out + found, _mm512_maskz_compress_epi32(chosen, numbers));
    found += static_cast<std::size_t>(std::popcount(static_cast<unsigned>(chosen)));
  }
  const auto tail = static_cast<__mmask16>((1U << (count - i)) - 1);
  const __mmask16 chosen =
    _mm512_mask_cmp_ps_mask(tail, _mm512_maskz_loadu_ps(tail, values + i), limits, _CMP_LE_OQ);
  const auto more = static_cast<unsigned>(std::popcount(static_cast<unsigned>(chosen)));
  _mm512_mask_storeu_epi32(out + found, static_cast<__mmask16>((1U << more) - 1),
                           _mm512_maskz_compress_epi32(chosen, numbers));
  return found + more;
}

} // namespace

const kernel_set avx512_kernels{
  "avx512",  sums<product>, sums<squared_difference>, sums<absolute_difference>,
  dot_batch, dot_int8,      scan_signatures,          select};

} // namespace beaver

#endif
