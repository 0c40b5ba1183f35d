#pragma once
#include "beaver/actors/vectors.hpp"
#include "beaver/api/changes.hpp"
#include "beaver/api/filter.hpp"
#include "beaver/api/long_call.hpp"
#include "beaver/api/model.hpp"
#include "beaver/api/reindex.hpp"
#include "beaver/api/scan.hpp"
#include "beaver/api/style.hpp"

#include <concepts>
#include <cstdint>
#include <functional>
#include <optional>
#include <ranges>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace beaver {

/// A vector under its id, with metadata that is a `T`.
template <class T>
struct vector_entry_of {
  std::string id;
  std::vector<float> vector;
  std::optional<T> metadata{};
};

template <class T>
struct vector_value_of {
  std::vector<float> vector;
  std::optional<T> metadata{};
};

/// A vector that was found near another.
template <class T>
struct near_hit_of {
  std::string id;
  double score; // a distance: lower is nearer
  std::optional<T> metadata{};
};

template <class T>
struct near_hits_of {
  std::vector<near_hit_of<T>> hits; // nearest first, equal ones by id
  strategy how;                     // that looked at the most part
  bool exact;                       // these are the nearest for certain
};

/// Vectors of 32-bit floats under ids, found by nearness. `T` is what metadata is in C++, as for
/// `dict`. All vectors of a collection have as many numbers as its first one.
///
/// A score is a distance, lower for nearer: (1 - cos) / 2 by `cosine`, the length of the difference
/// by `euclid`, the sum of absolute differences by `manhattan`, -a.b by `inner_product`; computed
/// in double.
///
/// A handle is cheap to copy, usable from any thread, and valid until its database closes (then
/// every call is `errc::closed`). Ids have 1..1024 bytes of UTF-8 and sort by bytes. Every call may
/// fail with `error`: invalid_argument, busy, io, full, closed. With `Style` = `async` calls return
/// futures, with `batched` they wait for a commit. Point operations cost O(log n).
///
/// What is searched is in memory, once for all threads: 4 bytes a number, and what the index takes
/// (`info`). The first search loads it. A vector that any program has committed before a search is
/// found by it. In a transaction, a snapshot and a database in memory a search reads all rows anew.
template <class T = json_text, class Style = sync>
class vectors : public observable<vectors<T, Style>, Style> {
  template <class R>
  using reply = typename Style::template reply<R>;

public:
  static constexpr std::string_view type_name = "vectors";
  using entry = vector_entry_of<T>;
  using value = vector_value_of<T>;
  using hits = near_hits_of<T>;
  using value_type = entry;

  vectors(std::string name, Style style) : name_(std::move(name)), style_(std::move(style)) {}

  [[nodiscard]] const std::string& name() const noexcept { return name_; }

  // -- writing ------------------------------------------------------------------------------------

  /// Stores a vector and its metadata, replacing earlier ones. Numbers must be finite.
  reply<void> set(std::string_view id, std::span<const float> vector,
                  const std::optional<T>& metadata = {}) {
    return style_(vectors_set{name_, std::string{id}, floats{vector}, encode(metadata)});
  }

  /// Stores all or none, in one commit.
  template <std::ranges::input_range Entries>
  reply<void> set_many(Entries&& entries) {
    vectors_set_many m{name_, {}};
    for (const entry& e : entries)
      m.vectors.push_back({e.id, floats{e.vector}, encode(e.metadata)});
    return style_(std::move(m));
  }

  /// The same for the rows of a matrix, one behind the other, as many as ids. The number of columns
  /// is that of floats a row. An Eigen matrix of RowMajor order passes {m.data(), m.size()}.
  reply<void> set_many(std::span<const std::string> ids, std::span<const float> rows) {
    if (ids.empty() ? !rows.empty() : rows.size() % ids.size() != 0)
      throw error(errc::invalid_argument, "vectors '" + name_ + "': " + std::to_string(rows.size())
                                            + " numbers are no rows for "
                                            + std::to_string(ids.size()) + " ids");
    vectors_set_many m{name_, {}};
    const auto dims = ids.empty() ? 0 : rows.size() / ids.size();
    for (std::size_t i = 0; i < ids.size(); ++i)
      m.vectors.push_back({ids[i], floats{rows.subspan(i * dims, dims)}, {}});
    return style_(std::move(m));
  }

  /// Removes a vector; whether there was one.
  reply<bool> erase(std::string_view id) { return style_(vectors_erase{name_, std::string{id}}); }

  /// Removes all vectors. Options and field indexes stay.
  reply<void> clear() { return style_(vectors_clear{name_}); }

  // -- reading ------------------------------------------------------------------------------------

  /// The vector and its metadata; empty if there is none. type_mismatch if the metadata does not
  /// fit `T`; corrupt if another program has stored what is no vector.
  [[nodiscard]] reply<std::optional<value>> find(std::string_view id) const requires(Style::reads) {
    return style_(vectors_find{name_, std::string{id}}, decode_value);
  }

  /// The strict twin of `find`: not_found if there is none.
  [[nodiscard]] reply<value> get(std::string_view id) const requires(Style::reads) {
    return style_(vectors_find{name_, std::string{id}}, [name = name_, id = std::string{id}](
                                                          std::optional<vector_value> found) {
      if (!found)
        throw error(errc::not_found, "vectors '" + name + "' have no vector '" + id + "'");
      return *decode_value(std::move(found));
    });
  }

  /// Those with these ids, in their order; those that are not there are left out.
  [[nodiscard]] reply<std::vector<entry>> get_many(std::vector<std::string> ids) const
    requires(Style::reads) {
    return style_(vectors_get_many{name_, std::move(ids)}, decode_entries);
  }

  [[nodiscard]] reply<bool> contains(std::string_view id) const requires(Style::reads) {
    return style_(vectors_find{name_, std::string{id}},
                  [](const std::optional<vector_value>& found) { return found.has_value(); });
  }

  [[nodiscard]] reply<std::uint64_t> count() const requires(Style::reads) {
    return style_(vectors_count{name_, {}});
  }
  /// Of those whose metadata satisfies a filter.
  [[nodiscard]] reply<std::uint64_t> count(const filter& where) const requires(Style::reads) {
    return style_(vectors_count{name_, where});
  }

  /// Vectors by id, all in memory at once.
  [[nodiscard]] reply<std::vector<entry>> list(key_range range = {},
                                               std::optional<json_text> where = {}) const
    requires(Style::reads) {
    vectors_list m;
    static_cast<key_range&>(m) = std::move(range);
    m.name = name_;
    m.where = std::move(where);
    return style_(std::move(m), decode_entries);
  }

  /// The same as an input range that holds one page in memory. Each page is one read: what others
  /// change meanwhile shows in later pages. Take a snapshot to see one instant.
  [[nodiscard]] scan<entry> entries(key_range range = {}) const requires std::same_as<Style, sync> {
    return {std::move(range), [self = *this](key_range page) {
              scan_page<entry> fetched{self.list(std::move(page)), {}};
              if (!fetched.entries.empty())
                fetched.last = fetched.entries.back().id;
              return fetched;
            }};
  }

  [[nodiscard]] auto begin() const requires std::same_as<Style, sync> { return entries().begin(); }
  [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

  // -- search -------------------------------------------------------------------------------------

  /// The vectors nearest to one, at most `k` (10), fewer only if fewer are allowed:
  ///
  ///     words.near(query)
  ///     words.near(query, {.k = 5, .where = field("topic") == "noun.animal"})
  ///     words.near(query, {.exact = true})
  ///
  /// Each of those that a filter leaves is looked at if they are few; else the index is asked for
  /// such. The answer says which strategy it is from and whether it is exact.
  [[nodiscard]] reply<hits> near(std::span<const float> vector, near_options how = {}) const
    requires(Style::reads) {
    vectors_near m;
    static_cast<near_options&>(m) = std::move(how);
    m.name = name_;
    m.vector = floats{vector};
    return style_(std::move(m), decode_hits);
  }

  /// The same for the rows of a matrix, in one state of the collection. `count`: of rows.
  [[nodiscard]] reply<std::vector<hits>> near_many(std::span<const float> rows, std::size_t count,
                                                   near_options how = {}) const
    requires(Style::reads) {
    if (count == 0 ? !rows.empty() : rows.size() % count != 0)
      throw error(errc::invalid_argument, "vectors '" + name_ + "': " + std::to_string(rows.size())
                                            + " numbers are no " + std::to_string(count) + " rows");
    vectors_near_many m;
    static_cast<near_options&>(m) = std::move(how);
    m.name = name_;
    const auto dims = count == 0 ? 0 : rows.size() / count;
    for (std::size_t i = 0; i < count; ++i)
      m.vectors.push_back(floats{rows.subspan(i * dims, dims)});
    return style_(std::move(m), [](std::vector<near_hits> found) {
      std::vector<hits> all;
      all.reserve(found.size());
      for (auto& f : found)
        all.push_back(decode_hits(std::move(f)));
      return all;
    });
  }

  // -- options, indexes, snapshots ----------------------------------------------------------------

  /// Replaces the options, which are kept in the file. Another strategy is built by the next
  /// compaction.
  reply<void> configure(vectors_options options) {
    return style_(vectors_configure{options, name_});
  }

  /// Sets options that are not set yet; already_exists if one is set and another.
  reply<void> open(vectors_options options) { return style_(vectors_open{options, name_}); }

  [[nodiscard]] reply<vectors_options> options() const requires(Style::reads) {
    return style_(vectors_get_options{name_});
  }

  /// The collection as it stands: sizes, what answers, how well. Looks at every row.
  [[nodiscard]] reply<vectors_status> info() const requires(Style::reads) {
    return style_(vectors_info{name_});
  }

  /// Makes a snapshot of the collection, which opens fast, and the index that its options and size
  /// ask for. It happens by itself after many changes; call it behind a large import. Others read
  /// and write meanwhile. `progress` is called with the share that is done, 0..1, about 20 times a
  /// second. After a request to stop, or a failure, everything is as before. Errors: busy (another
  /// process is at it), cancelled, not_found (no vectors), read_only, not_supported (in memory).
  compaction_report compact(const std::function<void(double)>& progress = {},
                            std::stop_token stop = {}) requires std::same_as<Style, sync> {
    return detail::call_with_progress(*style_.to, vectors_compact{name_}, std::move(stop), [&] {
      if (progress)
        if (const auto share = style_(vectors_compaction{name_}))
          progress(*share);
    });
  }

  /// Declares a field index over metadata, as for `docs`.
  reply<bool> create_index(std::string_view path) {
    return style_(vectors_create_index{name_, std::string{path}});
  }

  /// Removes a field index; false if there is none.
  reply<bool> drop_index(std::string_view path) {
    return style_(vectors_drop_index{name_, std::string{path}});
  }

  /// The field indexes with their numbers of entries, which are counted.
  [[nodiscard]] reply<std::vector<field_index_state>> indexes() const requires(Style::reads) {
    return style_(vectors_indexes{name_});
  }

  /// Brings the field index of one path up to date, or all; as `docs::reindex`.
  std::uint64_t reindex(std::optional<std::string> path = {},
                        const std::function<void(std::uint64_t)>& progress = {},
                        std::stop_token stop = {}) const requires std::same_as<Style, sync> {
    return detail::reindex_all(
      [&] {
        return style_(vectors_reindex{name_, path, {}});
      },
      "vectors '" + name_ + '\'', progress, stop);
  }

  /// How a filter would be answered now.
  [[nodiscard]] reply<filter_plan> explain(const filter& where) const requires(Style::reads) {
    return style_(vectors_explain{name_, where});
  }

  // -- batches ------------------------------------------------------------------------------------

  /// A handle that collects writes for one commit.
  [[nodiscard]] batch_of<vectors<T, beaver::batched>>
  batched() const requires std::same_as<Style, sync> {
    return {style_.to, name_};
  }

private:
  static std::optional<json_text> encode(const std::optional<T>& metadata) {
    return metadata ? std::optional{model<T>::encode(*metadata)} : std::nullopt;
  }
  static std::optional<T> decode(const std::optional<json_text>& metadata) {
    return metadata ? std::optional<T>{model<T>::decode(*metadata)} : std::nullopt;
  }
  static std::vector<float> numbers(const floats& from) {
    const auto view = from.view();
    return {view.begin(), view.end()};
  }

  static std::optional<value> decode_value(std::optional<vector_value> found) {
    if (!found)
      return std::nullopt;
    return value{numbers(found->vector), decode(found->metadata)};
  }

  static std::vector<entry> decode_entries(std::vector<vector_entry> stored) {
    std::vector<entry> all;
    all.reserve(stored.size());
    for (auto& e : stored)
      all.push_back({std::move(e.id), numbers(e.vector), decode(e.metadata)});
    return all;
  }

  static hits decode_hits(near_hits found) {
    hits result{{}, found.how, found.exact};
    result.hits.reserve(found.hits.size());
    for (auto& h : found.hits)
      result.hits.push_back({std::move(h.id), h.score, decode(h.metadata)});
    return result;
  }

  friend class observable<vectors<T, Style>, Style>;
  std::string name_;
  Style style_;
};

} // namespace beaver
