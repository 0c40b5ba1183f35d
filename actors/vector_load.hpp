#pragma once
#include "beaver/actors/filter_choices.hpp"
#include "beaver/actors/value_codec_impl.hpp"
#include "beaver/actors/vectors.hpp"
#include "beaver/storage/connection.hpp"
#include "beaver/storage/vector_snapshot.hpp"
#include "beaver/vector/collection.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <string_view>

// From the tables to what is searched. No threads: whoever calls sees to that.

namespace beaver {

/// Of the bytes in the parts of snapshots, as vector/base.hpp writes them.
inline constexpr std::uint64_t snapshot_format = 1;

/// A collection in memory, as it is in one state of the file.
struct loaded_vectors {
  vector_collection vectors;
  vectors_options options;
  std::uint64_t applied = 0; ///< entries of the log up to here are in it
  std::uint64_t ahead = 0;   ///< entries up to here may be in it
  std::uint64_t epoch = 0;   ///< of the newest snapshot when it was loaded
  std::optional<double> recall{};
  bool had_head = true;                          ///< that one was valid
  bool from_rows = false;                        ///< no snapshot holds what is in its base
  bool damaged = false;                          ///< there is a snapshot, and it cannot be used
  std::set<std::string, std::less<>> unusable{}; ///< ids of rows that are no vector of the length

  /// What filters have chosen in this state.
  std::shared_ptr<filter_choices> choices = std::make_shared<filter_choices>();

  /// Who sees less of the log cannot catch up with it.
  [[nodiscard]] std::uint64_t newest() const noexcept { return std::max(applied, ahead); }

  /// Vectors that no snapshot holds, and those that replaced one.
  [[nodiscard]] std::size_t unsaved() const noexcept {
    return vectors.delta() + (from_rows ? vectors.base().rows->count() : 0);
  }
};

/// The metric of a collection.
[[nodiscard]] inline metric metric_of(const vectors_options& options) {
  return options.by.value_or(metric::cosine);
}

/// How enumerators are stored.
template <class E>
[[nodiscard]] std::string word_of(E value) {
  for (const auto& known : codec::detail::enumerators<E>)
    if (known.value == static_cast<long long>(value))
      return std::string{known.name};
  return {};
}
template <class E>
[[nodiscard]] std::optional<E> enumerator_of(const std::optional<std::string>& word) {
  if (word)
    for (const auto& known : codec::detail::enumerators<E>)
      if (known.name == *word)
        return static_cast<E>(known.value);
  return std::nullopt;
}

/// As they are stored. Words that this release does not know count as absent.
[[nodiscard]] vectors_options read_options(connection& c, std::string_view name);
void write_options(connection& c, std::string_view name, const vectors_options& options);

/// Loads a collection from its snapshot and the log, or if there is none, or it is damaged, from
/// its rows. Empty if nothing has decided how many numbers a vector has. Inside one read
/// transaction. Linear. Throws `error`.
[[nodiscard]] std::optional<loaded_vectors> load_vectors(connection& c, std::string_view name);

/// Whether a collection that was loaded can be brought to the state of the file by `catch_up`: not
/// if its options have changed, if the entries of the log that it lacks are gone or may be, or if a
/// newer snapshot spares it a long delta.
[[nodiscard]] bool can_catch_up(connection& c, std::string_view name, const loaded_vectors& loaded);

/// Applies what the log has behind `applied`, up to its entry `last`. Inside one read transaction.
void catch_up(connection& c, std::string_view name, loaded_vectors& loaded, std::uint64_t last);

/// Whether what has changed since the snapshot is worth another one.
[[nodiscard]] bool wants_compaction(const loaded_vectors& loaded);

/// A builder with all usable rows of the file, and the ids of the others. Inside one read
/// transaction.
[[nodiscard]] base_builder read_rows(connection& c, std::string_view name, std::size_t dims,
                                     std::set<std::string, std::less<>>& unusable);

} // namespace beaver
