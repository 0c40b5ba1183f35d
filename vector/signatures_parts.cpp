#include "beaver/vector/part_bytes.hpp"
#include "beaver/vector/signatures.hpp"

#include <algorithm>

// Both parts begin with a magic word, version and metric (32 bits each), dims, bits and rows (64
// bits each). Then follow
//
//   rotation    the unit as a double; the mean, and the planes one behind the other, as floats
//   signatures  block by block of 8 rows, word by word, that word of each row; the scales of all
//               rows as floats, their bases. In the place of rows that a block lacks are zeros.

namespace beaver {

namespace {

constexpr const char* rotation = "rotation";
constexpr const char* signature = "signatures";
constexpr std::uint64_t rotation_magic = 0x746f7268736c7662;  // bvlshrot
constexpr std::uint64_t signature_magic = 0x67697368736c7662; // bvlshsig
constexpr std::uint32_t version = 1;

struct head {
  std::uint64_t magic;
  metric by;
  std::uint64_t dims;
  std::uint64_t bits;
  std::uint64_t rows;
};

void put(part_writer& to, const head& h) {
  to.put(h.magic);
  to.put(version);
  to.put(static_cast<std::uint32_t>(h.by));
  for (const auto size : {h.dims, h.bits, h.rows})
    to.put(size);
}

/// The bits; all else must be as expected.
std::size_t check(part_reader& from, const head& expected) {
  from.check(from.get<std::uint64_t>() == expected.magic, "is none");
  from.check(from.get<std::uint32_t>() == version, "has another version");
  from.check(from.get<std::uint32_t>() == static_cast<std::uint32_t>(expected.by),
             "is made for another metric");
  from.check(from.get<std::uint64_t>() == expected.dims, "has other dims");
  const auto bits = from.get<std::uint64_t>();
  from.check(from.get<std::uint64_t>() == expected.rows, "has another number of rows");
  return bits;
}

part_reader find(const std::vector<index_part>& parts, const char* name) {
  const auto found = std::find_if(parts.begin(), parts.end(),
                                  [name](const index_part& part) { return part.name == name; });
  part_reader reader{name, {}};
  reader.check(found != parts.end(), "is missing");
  return {name, found->bytes};
}

} // namespace

std::vector<index_part> signatures::save() const {
  part_writer planes;
  put(planes, {rotation_magic, by_, dims_, bits_, count_});
  planes.put(unit_);
  planes.put_all(mean_.data(), mean_.size());
  planes.put_all(planes_.data(), planes_.size());

  part_writer signs;
  put(signs, {signature_magic, by_, dims_, bits_, count_});
  for (const auto& words : blocks_)
    signs.put_all(words.of, 8);
  for (const auto* floats : {&scale_, &base_})
    for (const auto& eight_rows : *floats)
      signs.put_all(eight_rows.of, 8);
  return {{rotation, planes.take()}, {signature, signs.take()}};
}

signatures signatures::load(const vector_rows& rows, metric by,
                            const std::vector<index_part>& parts) {
  auto planes = find(parts, rotation);
  const auto bits = check(planes, {rotation_magic, by, rows.dims(), 0, rows.count()});
  // No product of these overflows: there are fewer bits than bytes.
  planes.check(bits > 0 && bits % 64 == 0 && bits <= planes.left(), "has no such number of bits");
  planes.check(planes.left() == sizeof(double) + (1 + bits) * rows.dims() * sizeof(float),
               "is not as long as it should be");
  signatures made{rows, by, bits};
  made.unit_ = planes.get<double>();
  made.planes_.resize(bits * rows.dims());
  planes.get_all(made.mean_.data(), made.mean_.size());
  planes.get_all(made.planes_.data(), made.planes_.size());

  auto signs = find(parts, signature);
  signs.check(check(signs, {signature_magic, by, rows.dims(), 0, rows.count()}) == bits,
              "has other bits than the rotation");
  const auto block_bytes = bits / 64 * sizeof(eight<std::uint64_t>) + 2 * sizeof(eight<float>);
  signs.check(signs.left() == (made.count_ + 7) / 8 * block_bytes,
              "is not as long as it should be");
  made.make_room();
  for (auto& words : made.blocks_)
    signs.get_all(words.of, 8);
  for (auto* floats : {&made.scale_, &made.base_})
    for (auto& eight_rows : *floats)
      signs.get_all(eight_rows.of, 8);
  return made;
}

} // namespace beaver
