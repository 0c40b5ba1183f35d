#pragma once
#include "beaver/storage/connection.hpp"
#include "beaver/storage/field_index.hpp"
#include "beaver/storage/filter.hpp"

#include <algorithm>

namespace beaver {

/// Goes through rows of JSON that are within a range of keys and satisfy a filter, in order: by a
/// scan, or by way of a field index, if one helps; answers and their order are the same. What does
/// not depend on how rows are stored; who derives says how they are read. Rows have their key in
/// column 0 and their JSON in column 1, where NULL is no value.
template <class Key>
class row_reader {
public:
  row_reader(const row_reader&) = delete;
  row_reader& operator=(const row_reader&) = delete;

  /// To the next row; false if there is none. Throws `error` corrupt if one that has to be looked
  /// at is not JSON.
  bool step() {
    while (next_row())
      if (!filter_ || is_wanted())
        return true;
    return false;
  }

  /// Looks at the JSON of the row; what `look` throws about it becomes an `error` corrupt that
  /// names the row.
  template <class Look>
  auto look_at(Look look) const {
    try {
      return look(row().text(1));
    } catch (const error& e) {
      throw corrupt(e);
    }
  }

protected:
  /// `kind` and `name`, as field indexes know them, must outlive it.
  row_reader(connection& c, std::string_view kind, std::string_view name, bool down)
    : connection_(c), kind_(kind), name_(name), down_(down) {}
  virtual ~row_reader() = default;

  /// To be called at the end of the constructor, of a final class. Throws `error` invalid_argument
  /// for what is no filter.
  void begin(const std::optional<json_text>& where) {
    if (where) {
      const auto root = filter_wire::parse(*where);
      filter_.emplace(root);
      plan(root);
    }
    rows_.emplace(keys_ ? look_up() : scan());
  }

  [[nodiscard]] connection& file() const noexcept { return connection_; }
  [[nodiscard]] std::string_view name() const noexcept { return name_; }
  [[nodiscard]] bool down() const noexcept { return down_; }
  [[nodiscard]] const statement& row() const { return *rows_; }

private:
  bool is_wanted() {
    if (row().is_null(1))
      return filter_->matches_absence();
    return look_at([this](std::string_view json) { return filter_->matches(json); });
  }

  /// Whether at least `n` rows are within the range, or so.
  [[nodiscard]] virtual bool has_rows(std::uint64_t n) const = 0;
  [[nodiscard]] virtual bool is_within(const Key& key) const = 0;
  /// The rows of the range in order, bound.
  [[nodiscard]] virtual statement scan() = 0;
  /// The row with a key, and how that is bound.
  [[nodiscard]] virtual statement look_up() = 0;
  virtual void bind(statement& to, const Key& key) = 0;
  /// What is thrown about the row, whose JSON is none.
  [[nodiscard]] virtual error corrupt(const error& why) const = 0;

  void plan(const filter_node& root) {
    const field_index<Key> index{connection_, kind_, name_};
    if (index.empty())
      return;
    auto found = index.plan_for(root, [this](std::uint64_t n) { return has_rows(n); });
    if (!found)
      return;
    keys_ = std::move(found->keys);
    std::erase_if(*keys_, [this](const Key& key) { return !is_within(key); });
    if (!down_)
      std::reverse(keys_->begin(), keys_->end());
  }

  bool next_row() {
    if (!keys_)
      return rows_->step();
    while (!keys_->empty()) {
      rows_->reset();
      key_ = std::move(keys_->back());
      keys_->pop_back();
      bind(*rows_, key_);
      if (rows_->step())
        return true; // else it is a row no more
    }
    return false;
  }

  connection& connection_;
  std::string_view kind_;
  std::string_view name_;
  bool down_;
  std::optional<row_filter> filter_;
  std::optional<std::vector<Key>> keys_; // still to be looked at, the next one last
  Key key_{};                            // the one that is looked at
  std::optional<statement> rows_;
};

} // namespace beaver
