#pragma once
#include "beaver/vector/id_table.hpp"
#include "beaver/vector/index.hpp"

#include <functional>

namespace beaver {

/// A collection of vectors as it was at one time, and an index over it. Rows are in the order of
/// the bytes of their ids.
struct vector_base {
  std::shared_ptr<const vector_rows> rows;
  id_table ids;
  std::unique_ptr<vector_index> index;

  [[nodiscard]] std::size_t bytes() const noexcept {
    return rows->bytes() + ids.bytes() + index->bytes();
  }
};

/// One without rows.
[[nodiscard]] std::shared_ptr<const vector_base> empty_base(const index_config& config,
                                                            std::size_t dims);

/// Gathers rows for a base, in the order of their ids.
class base_builder {
public:
  explicit base_builder(std::size_t dims) : rows_(std::make_shared<vector_rows>(dims)) {}

  /// `id` is behind all before; `v` finite, of the right length.
  void add(std::string_view id, std::span<const float> v) {
    ids_.add(id);
    rows_->add(v);
  }

  [[nodiscard]] std::uint32_t count() const noexcept { return ids_.count(); }

  /// Uses up the builder. Null and throws as `make_index`.
  [[nodiscard]] std::shared_ptr<vector_base> build(const index_config& config,
                                                   const build_progress& progress = {});

private:
  std::shared_ptr<vector_rows> rows_;
  id_table ids_;
};

/// What is to be stored of a base: each part once, in pieces behind one another that are valid
/// during the call.
///
///     rows   count * dims float32, little-endian
///     ids    count uint32 lengths, then the ids
///     effort uint64, of a search that states none; only if the index has one
///     ...    the parts of the index
void save_base(const vector_base& base,
               const std::function<void(std::string_view part, std::span<const std::byte>)>& write);

/// Gives a stored part piece by piece; throws what it likes.
using part_reader = std::function<void(std::string_view part,
                                       const std::function<void(std::span<const std::byte>)>&)>;

/// A base out of its parts, each asked for once. Nothing is believed: whatever bytes come, the
/// result is one that `save_base` can have written, or an exception. Throws std::runtime_error if
/// anything is missing, too much or wrong, and what `read` throws. `parts`: the names of all.
[[nodiscard]] std::shared_ptr<vector_base> load_base(const index_config& config, std::size_t dims,
                                                     std::size_t count,
                                                     std::span<const std::string> parts,
                                                     const part_reader& read);

} // namespace beaver
