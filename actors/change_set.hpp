#pragma once
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace beaver {

/// The managers whose data a transaction has changed, as far as somebody may wait for that or keeps
/// an index over it. Says too much where a part of the transaction was undone.
class change_set {
public:
  using key = std::pair<std::string, std::string>; ///< data type, name

  change_set() = default;
  change_set(const change_set&) = delete;
  change_set& operator=(const change_set&) = delete;

  void add(std::string_view type, std::string_view name) {
    if (last_ == names_.end() || last_->first.second != name || last_->first.first != type)
      last_ = names_.try_emplace({std::string{type}, std::string{name}}).first;
    last_->second = news::yes;
  }

  /// Whoever waits for changes of this manager has seen what there is so far.
  void settle(std::string_view type, std::string_view name) {
    if (const auto found = names_.find({std::string{type}, std::string{name}});
        found != names_.end())
      found->second = news::no;
  }

  void clear() {
    names_.clear();
    last_ = names_.end();
  }

  enum class news : bool { no, yes };
  [[nodiscard]] const std::map<key, news>& names() const noexcept { return names_; }

private:
  std::map<key, news> names_;
  std::map<key, news>::iterator last_ = names_.end();
};

} // namespace beaver
