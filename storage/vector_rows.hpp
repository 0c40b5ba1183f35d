#pragma once
#include "beaver/storage/our_tables.hpp"
#include "beaver/storage/row_reader.hpp"
#include "beaver/storage/vector_table.hpp"

// How the sources of vectors read rows; for them only.

namespace beaver::vector_table::detail {

/// What vectors are called in the tables of field indexes.
inline constexpr std::string_view kind = "vectors";

/// Whether there are at least `n` vectors. A step for each of them.
[[nodiscard]] bool has_vectors(connection& c, std::string_view name, std::uint64_t n);

/// What a column has of a vector: nothing unless it is a BLOB.
[[nodiscard]] std::span<const std::byte> vector_in(const statement& row, int column);

/// The numbers in bytes, of which there are a multiple of 4.
[[nodiscard]] std::vector<float> floats_of(std::span<const std::byte> bytes);

/// Bytes as they are stored.
[[nodiscard]] std::span<const std::byte> bytes_of(std::span<const float> numbers);

/// Goes through the vectors of a collection that are within a range of ids and whose metadata
/// satisfies a filter, in order.
class vector_reader final : public row_reader<std::string> {
public:
  /// `name` must outlive it; of the range, limits are not looked at. Throws `error`
  /// invalid_argument for what is no filter.
  vector_reader(connection& c, std::string_view name, const key_range& range,
                const std::optional<json_text>& where, bool with_vectors);

  [[nodiscard]] std::string_view id() const { return row().text(0); }
  [[nodiscard]] std::optional<std::string_view> metadata() const;
  /// Only if they are read.
  [[nodiscard]] std::span<const std::byte> vector() const { return vector_in(row(), 2); }

private:
  [[nodiscard]] bool has_rows(std::uint64_t n) const override;
  [[nodiscard]] bool is_within(const std::string& id) const override;
  [[nodiscard]] statement scan() override;
  [[nodiscard]] statement look_up() override;
  void bind(statement& to, const std::string& id) override;
  [[nodiscard]] error corrupt(const error& why) const override;

  key_bounds bounds_;
  bool with_vectors_;
};

} // namespace beaver::vector_table::detail
