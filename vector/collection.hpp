#pragma once
#include "beaver/vector/base.hpp"

#include <string>
#include <string_view>

namespace beaver {

/// A vector that has been found.
struct near_id {
  std::string id;
  double score;

  friend bool operator==(const near_id&, const near_id&) = default;
};

/// What a search has found, and how.
struct near_ids {
  std::vector<near_id> items; ///< nearest first, equal ones by id
  strategy how;               ///< that has looked at the most part
  bool exact;                 ///< they are the nearest for certain
};

/// A base, and what has changed since: vectors that were added or replaced, which are looked at one
/// by one, and rows of the base that count no more. Searching is thread-safe while nobody changes
/// it.
class vector_collection {
public:
  explicit vector_collection(std::shared_ptr<const vector_base> base, const kernel_set& kernels);

  [[nodiscard]] std::size_t dims() const noexcept { return base_->rows->dims(); }
  [[nodiscard]] std::size_t count() const noexcept { return base_count_ + delta_count_; }
  [[nodiscard]] bool contains(std::string_view id) const noexcept;

  /// Adds a vector or replaces the one under this id. O(dims). Throws std::invalid_argument for
  /// another length than dims() or a number that is not finite.
  void put(std::string_view id, std::span<const float> v);

  /// Removes a vector; false if there is none. O(1).
  bool erase(std::string_view id);

  /// Some of the vectors, for a search among them. Of no use once the collection has changed.
  class choice {
  public:
    explicit choice(const vector_collection& of)
      : of_(of), base_(of.base_->rows->count()), delta_(of.delta_.count()) {}

    /// Ids that are not there are passed over.
    void add(std::string_view id);

    [[nodiscard]] std::size_t bytes() const noexcept {
      return (base_.size() + delta_.size()) / 8 + sizeof(*this);
    }

  private:
    friend class vector_collection;
    const vector_collection& of_;
    row_mask base_;
    row_mask delta_;
  };

  /// The vectors nearest to `query.vector`, whose `among` is not looked at: `among` is, if it is
  /// there. Where few are to be looked at, each of them is: then the answer is exact, by whatever
  /// strategy. Throws std::invalid_argument as `put`.
  [[nodiscard]] near_ids search(near_query query, const choice* among = nullptr) const;

  /// The same for several vectors, with all else as in `like`; the answers in their order.
  [[nodiscard]] std::vector<near_ids> search_many(const near_query& like,
                                                  std::span<const std::span<const float>> vectors,
                                                  const choice* among = nullptr) const;

  [[nodiscard]] const vector_base& base() const noexcept { return *base_; }
  /// Rows of the base that count no more.
  [[nodiscard]] std::size_t dead() const noexcept { return base_->rows->count() - base_count_; }
  /// Vectors beyond the base, those that are gone again included.
  [[nodiscard]] std::size_t delta() const noexcept { return delta_.count(); }

  /// Memory in use.
  [[nodiscard]] std::size_t bytes() const noexcept;

private:
  void check(std::span<const float> v) const;
  void search_base(near_query query, std::span<const std::span<const float>> vectors,
                   const choice* among, std::vector<near_ids>& results) const;

  std::shared_ptr<const vector_base> base_;
  const kernel_set* kernels_;
  row_mask base_live_;
  std::size_t base_count_;
  vector_rows delta_;
  id_table delta_ids_;
  row_mask delta_live_;
  std::size_t delta_count_ = 0;
};

} // namespace beaver
