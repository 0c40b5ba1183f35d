#pragma once
#include "beaver/storage/docs_table.hpp"
#include "beaver/storage/filter.hpp"
#include "beaver/storage/our_tables.hpp"

// How the sources of documents read rows; for them only.

namespace beaver::docs_table::detail {

/// What documents are called in the tables of field indexes.
inline constexpr std::string_view kind = "docs";

/// Whether there are at least `n` documents. A step for each of them.
[[nodiscard]] bool has_documents(connection& c, std::string_view name, std::uint64_t n);

/// The body of a document.
[[nodiscard]] std::optional<json_text> find_body(connection& c, std::string_view name,
                                                 std::string_view id);

/// Goes through the documents of a collection that are within a range of ids and satisfy a filter,
/// in order. By way of a field index, if one helps; answers and their order are the same.
class document_reader {
public:
  /// `name` must outlive it; of the range, limits are not looked at. Throws `error`
  /// invalid_argument for what is no filter.
  document_reader(connection& c, std::string_view name, const key_range& range,
                  const std::optional<json_text>& where);

  /// To the next document; false if there is none. Throws `error` corrupt if one that has to be
  /// looked at is not JSON.
  bool step();

  [[nodiscard]] std::string_view id() const { return rows_->text(0); }
  [[nodiscard]] std::string_view body() const { return rows_->text(1); }

  /// Looks at the JSON of the document; what `look` throws about it becomes an `error` corrupt that
  /// names the document.
  template <class Look>
  auto look_at(Look look) const {
    try {
      return look(body());
    } catch (const error& e) {
      fail(e);
    }
  }

private:
  void plan(const filter_node& root);
  bool next_row();
  [[noreturn]] void fail(const error& why) const;

  connection& connection_;
  std::string_view name_;
  key_bounds bounds_;
  std::optional<row_filter> filter_;
  std::optional<std::vector<std::string>> keys_; // still to be looked at, the next one last
  std::string key_;                              // the one that is looked at
  std::optional<statement> rows_;
};

/// What is thrown about a stored body that is no JSON.
[[noreturn]] void fail_corrupt(std::string_view name, std::string_view id, const error& why);

} // namespace beaver::docs_table::detail
