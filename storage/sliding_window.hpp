#pragma once
#include "beaver/storage/aggregation.hpp"

#include <deque>
#include <unordered_map>

namespace beaver {

/// Functions over the values of the last so many seconds: rows are added in the order of their
/// times and leave when the window has moved on. The window that ends at `t` holds the rows with
/// t - length < time <= t.
///
/// Adding and leaving cost O(1) per row, however many there are in the window; nothing is ever
/// subtracted, so no error adds up. (A queue of two stacks, the front one with the sums of what is
/// above each row: Tangwongsan, Hirzel, Schneider, Wu, "General incremental sliding-window
/// aggregation", 2015.) Asking costs O(1) for each group, and for percentiles the numbers in the
/// window. Not thread-safe.
class sliding_window {
public:
  /// Throws `error` invalid_argument as `aggregator` does, also for buckets, and for a length that
  /// is no number > 0.
  sliding_window(const aggregation& what, double seconds);

  /// Adds a row, not older than the last. Throws `error` invalid_argument if the text has to be
  /// looked at and is not JSON.
  void add(std::string_view json, unix_seconds time);

  /// Lets the rows go that the window ending at `now` does not hold.
  void advance(unix_seconds now);

  /// The groups as `aggregator::rows` orders them; without groups always exactly one.
  [[nodiscard]] std::vector<aggregate_row> rows() const;

  /// Number of rows in the window.
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

private:
  struct row {
    unix_seconds time;
    std::optional<double> number;
    std::optional<std::string> key; // of its value, for distinct
  };

  /// The rows of one group, oldest first.
  class group {
  public:
    void push(row r);
    [[nodiscard]] bool empty() const noexcept { return front_.empty() && back_.empty(); }
    [[nodiscard]] unix_seconds oldest() const;
    void pop();
    [[nodiscard]] aggregate_values values(aggregate_set wanted) const;

  private:
    struct summed {
      row of;
      moments sum; // of this row and those younger in the front stack
    };
    void turn();

    std::vector<summed> front_; // the oldest at its end
    std::vector<row> back_;     // the youngest at its end
    moments back_sum_;
    std::unordered_map<std::string, std::size_t> different_;
  };

  path_reader reader_;
  std::optional<std::size_t> field_;
  std::optional<std::size_t> group_by_;
  aggregate_set functions_;
  double seconds_;
  std::size_t size_ = 0;
  std::map<std::optional<std::string>, group> groups_;
};

} // namespace beaver
