#pragma once
#include "beaver/actors/sketch.hpp"
#include "beaver/api/changes.hpp"
#include "beaver/api/model.hpp"
#include "beaver/api/style.hpp"

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace beaver {

// Sketches answer questions about far more items than they keep, with bounds on their errors. All
// four kinds share one list of names. Handles are cheap to copy, usable from any thread, and valid
// until their database closes (then every call is `errc::closed`). Every call may fail with
// `error`: invalid_argument (also for a sketch of another kind), busy, io, full, closed. With
// `Style` = `async` calls return futures, with `batched` they wait for a commit. What any program
// has committed before a call is seen by it.

/// How an approximate set is made.
struct sketch_size {
  std::uint64_t capacity = 1'000'000; ///< different items up to which error_rate holds
  double error_rate = 0.01;           ///< of `contains`, and of the count; > 0, < 1
};

struct count_min_size {
  double error_rate = 0.001;  ///< share of all that was added by which a number may be too high
  double failure_rate = 0.01; ///< share of items for which it may be more
};

struct top_k_size {
  std::uint64_t capacity = 100; ///< items that are wanted
  double error_rate = 0.001;    ///< share of all that was added by which a number may be too high
};

struct quantiles_size {
  double error_rate = 0.01; ///< share of all values by which a rank may be off, in 99 of 100 cases
};

template <class T>
struct top_item_of {
  T item;
  std::uint64_t count; // at most; at least count - error
  std::uint64_t error;
};

namespace detail {

/// What all kinds of sketches have in common.
template <class Handle, class T, sketch_kind Kind, class Style>
class any_sketch : public observable<Handle, Style> {
protected:
  template <class R>
  using reply = typename Style::template reply<R>;

public:
  static constexpr std::string_view type_name = "sketch";
  using value_type = T;

  any_sketch(std::string name, Style style) : name_(std::move(name)), style_(std::move(style)) {}

  [[nodiscard]] const std::string& name() const noexcept { return name_; }

  /// Makes the sketch, or makes sure that it has these options; already_exists if it has others.
  reply<void> open(const sketch_options& options) {
    sketch_open m;
    static_cast<sketch_options&>(m) = options;
    m.kind = Kind;
    m.name = name_;
    return style_(std::move(m));
  }

  /// Adds all with one write of what changes.
  template <std::ranges::input_range Items>
  reply<void> add_many(Items&& items) {
    sketch_add_many m{name_, {}, Kind};
    for (const T& item : items)
      m.items.push_back(model<T>::encode(item));
    return style_(std::move(m));
  }

  /// About how many different items were added to a `sketch`; to the others how many, exactly.
  [[nodiscard]] reply<std::uint64_t> count() const requires(Style::reads) {
    return style_(sketch_count{name_});
  }

  /// Adds what was added to another sketch of the same options, which stays as it is.
  reply<void> merge(std::string_view other) {
    return style_(sketch_merge{name_, std::string{other}});
  }
  /// The same for the bytes of one, as `dump_bytes` gives them.
  reply<void> merge(bytes other) { return style_(sketch_load{name_, std::move(other), true}); }

  /// Replaces the sketch by such bytes of one of the same options.
  reply<void> load_bytes(bytes data) { return style_(sketch_load{name_, std::move(data), {}}); }

  /// All of the sketch; empty if there is none.
  [[nodiscard]] reply<std::optional<bytes>> dump_bytes() const requires(Style::reads) {
    return style_(sketch_dump{name_});
  }

  /// Forgets all that was added. Options stay.
  reply<void> clear() { return style_(sketch_clear{name_}); }

  /// Removes the sketch, options included; whether there was one.
  reply<bool> drop() { return style_(sketch_drop{name_}); }

  /// Options, size and the errors to be expected now; empty if there is none.
  [[nodiscard]] reply<std::optional<sketch_summary>> info() const requires(Style::reads) {
    return style_(sketch_info{name_});
  }

protected:
  friend class observable<Handle, Style>;

  reply<void> add_item(const T& item, std::optional<std::uint64_t> times = {}) {
    return style_(sketch_add{name_, model<T>::encode(item), times, Kind});
  }

  std::string name_;
  Style style_;
};

} // namespace detail

/// A set of which is known about how many different items it has (HyperLogLog), and of any item
/// that it is not in it or very likely is (Bloom filter): what beaver-db 2.3 calls a sketch, byte
/// for byte. 1.2 MB with the defaults; nothing can be taken out.
template <class T = json_text, class Style = sync>
class sketch : public detail::any_sketch<sketch<T, Style>, T, sketch_kind::approximate_set, Style> {
  using super = detail::any_sketch<sketch<T, Style>, T, sketch_kind::approximate_set, Style>;
  template <class R>
  using reply = typename Style::template reply<R>;

public:
  using super::super;

  /// Writes the few bytes that change. O(1).
  reply<void> add(const T& item) { return this->add_item(item); }

  /// False: the item was never added. True: it was, but for `error_rate`. O(1).
  [[nodiscard]] reply<bool> contains(const T& item) const requires(Style::reads) {
    return this->style_(sketch_contains{this->name_, model<T>::encode(item)});
  }

  /// How many different items this and another set of the same options have together.
  [[nodiscard]] reply<sketch_overlap> compare(std::string_view other) const requires(Style::reads) {
    return this->style_(sketch_compare{this->name_, std::string{other}});
  }

  /// A handle that collects writes for one commit.
  [[nodiscard]] batch_of<sketch<T, beaver::batched>>
  batched() const requires std::same_as<Style, sync> {
    return {this->style_.to, this->name_};
  }
};

/// How often each item has come: never too few, seldom much too many (count-min sketch).
template <class T = json_text, class Style = sync>
class count_min : public detail::any_sketch<count_min<T, Style>, T, sketch_kind::count_min, Style> {
  using super = detail::any_sketch<count_min<T, Style>, T, sketch_kind::count_min, Style>;
  template <class R>
  using reply = typename Style::template reply<R>;

public:
  using super::super;

  reply<void> add(const T& item, std::uint64_t times = 1) { return this->add_item(item, times); }

  /// At most how often the item has come, and by how much that may be too high.
  [[nodiscard]] reply<sketch_frequency> estimate(const T& item) const requires(Style::reads) {
    return this->style_(sketch_estimate{this->name_, model<T>::encode(item)});
  }

  /// A handle that collects writes for one commit.
  [[nodiscard]] batch_of<count_min<T, beaver::batched>>
  batched() const requires std::same_as<Style, sync> {
    return {this->style_.to, this->name_};
  }
};

/// The items that have come most (Space-Saving).
template <class T = json_text, class Style = sync>
class top_k : public detail::any_sketch<top_k<T, Style>, T, sketch_kind::top_k, Style> {
  using super = detail::any_sketch<top_k<T, Style>, T, sketch_kind::top_k, Style>;
  template <class R>
  using reply = typename Style::template reply<R>;

public:
  using super::super;

  reply<void> add(const T& item, std::uint64_t times = 1) { return this->add_item(item, times); }

  /// The most frequent items, most frequent first; absent: `capacity` of them.
  [[nodiscard]] reply<std::vector<top_item_of<T>>>
  top(std::optional<std::uint64_t> limit = {}) const requires(Style::reads) {
    return this->style_(sketch_top{this->name_, limit}, [](std::vector<sketch_top_item> items) {
      std::vector<top_item_of<T>> all;
      all.reserve(items.size());
      for (const auto& i : items)
        all.push_back({model<T>::decode(i.item), i.count, i.error});
      return all;
    });
  }

  /// At most how often the item has come, and by how much that may be too high.
  [[nodiscard]] reply<sketch_frequency> estimate(const T& item) const requires(Style::reads) {
    return this->style_(sketch_estimate{this->name_, model<T>::encode(item)});
  }

  /// A handle that collects writes for one commit.
  [[nodiscard]] batch_of<top_k<T, beaver::batched>>
  batched() const requires std::same_as<Style, sync> {
    return {this->style_.to, this->name_};
  }
};

/// How numbers are distributed (KLL).
template <class Style = sync>
class quantiles
  : public detail::any_sketch<quantiles<Style>, double, sketch_kind::quantiles, Style> {
  using super = detail::any_sketch<quantiles<Style>, double, sketch_kind::quantiles, Style>;
  template <class R>
  using reply = typename Style::template reply<R>;

public:
  using super::super;

  /// A finite number.
  reply<void> add(double value) { return this->add_item(value); }

  /// The least value of which a share of all, 0..1, is not greater; 0 and 1 are exact. Empty if
  /// nothing was added.
  [[nodiscard]] reply<std::optional<double>> quantile(double share) const requires(Style::reads) {
    return this->style_(sketch_quantiles{this->name_, {share}}, first);
  }
  /// The same for several, in their order.
  [[nodiscard]] reply<std::vector<double>> at(std::vector<double> shares) const
    requires(Style::reads) {
    return this->style_(sketch_quantiles{this->name_, std::move(shares)});
  }

  /// The share of all values that are not greater. Empty if nothing was added.
  [[nodiscard]] reply<std::optional<double>> rank(double value) const requires(Style::reads) {
    return this->style_(sketch_ranks{this->name_, {value}}, first);
  }
  /// The same for several, in their order.
  [[nodiscard]] reply<std::vector<double>> ranks(std::vector<double> values) const
    requires(Style::reads) {
    return this->style_(sketch_ranks{this->name_, std::move(values)});
  }

  /// A handle that collects writes for one commit.
  [[nodiscard]] batch_of<quantiles<beaver::batched>>
  batched() const requires std::same_as<Style, sync> {
    return {this->style_.to, this->name_};
  }

private:
  static std::optional<double> first(const std::vector<double>& all) {
    return all.empty() ? std::nullopt : std::optional{all.front()};
  }
};

} // namespace beaver
