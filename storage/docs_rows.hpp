#pragma once
#include "beaver/storage/docs_table.hpp"
#include "beaver/storage/our_tables.hpp"
#include "beaver/storage/row_reader.hpp"

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
/// in order.
class document_reader final : public row_reader<std::string> {
public:
  /// `name` must outlive it; of the range, limits are not looked at. Throws `error`
  /// invalid_argument for what is no filter.
  document_reader(connection& c, std::string_view name, const key_range& range,
                  const std::optional<json_text>& where);

  [[nodiscard]] std::string_view id() const { return row().text(0); }
  [[nodiscard]] std::string_view body() const { return row().text(1); }

private:
  [[nodiscard]] bool has_rows(std::uint64_t n) const override;
  [[nodiscard]] bool is_within(const std::string& id) const override;
  [[nodiscard]] statement scan() override;
  [[nodiscard]] statement look_up() override;
  void bind(statement& to, const std::string& id) override;
  [[nodiscard]] error corrupt(const error& why) const override;

  key_bounds bounds_;
};

/// What is thrown about a stored body that is no JSON.
[[nodiscard]] error corrupt_body(std::string_view name, std::string_view id, const error& why);

} // namespace beaver::docs_table::detail
