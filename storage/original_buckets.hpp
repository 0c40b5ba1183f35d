#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace beaver {

class connection;

/// The index of vectors that the Python original keeps and searches from 10,000 vectors on: a
/// bucket for each vector, by the sides of stored hyperplanes on which it lies. We keep it for
/// Python programs and never read it. Nothing is written where there are no hyperplanes: the
/// original makes them at its first write.
///
/// Writes run inside the caller's transaction. May throw `error` busy, io, full or corrupt.
class original_buckets {
public:
  /// Reads the hyperplanes. `name` must outlive it.
  original_buckets(connection& c, std::string_view name);

  /// Puts a vector into its bucket and takes it out of all others, in which the original leaves it.
  /// O(bits * dims). Into none if it has another length than the hyperplanes.
  void put(std::string_view id, std::span<const float> vector);

  void remove(std::string_view id);

  /// The hyperplanes stay, as with the original.
  static void clear(connection& c, std::string_view name);

  static void forget_planes(connection& c, std::string_view name);

  /// The length of the vectors that the hyperplanes are made for; empty if there are none, or their
  /// size is none that the original makes.
  [[nodiscard]] static std::optional<std::uint64_t> dims(connection& c, std::string_view name);

private:
  connection& connection_;
  std::string_view name_;
  bool kept_ = false;
  std::vector<float> planes_; // row by row; empty: unusable
  std::size_t dims_ = 0;
};

} // namespace beaver
