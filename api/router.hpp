#pragma once
#include "beaver/actors/operation.hpp"
#include "beaver/api/url.hpp"

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace beaver {

struct data_type;

/// Finds the operation of a request among the routes of all messages that may leave the process.
///
/// A segment of a path is literal or one member. Literal ones win, from the left on, and are
/// compared before anything is decoded: a key named "count" is reached as "%63ount". Immutable.
class router {
public:
  explicit router(std::span<const data_type* const> types);

  struct route {
    const operation* op;
    verb method;
    std::string_view path;
    bool lenient; ///< an empty reply is `null`
  };

  struct match {
    const route* to = nullptr;                                       ///< null: there is none
    std::vector<std::pair<std::string_view, std::string>> members{}; ///< from the path, decoded
    std::string allowed{}; ///< without a route: methods that this path has, "GET, PUT"
  };

  /// `method` as in a request. O(routes of the first segment).
  [[nodiscard]] match find(std::string_view method, const url_parts& target) const;

  [[nodiscard]] std::span<const route> routes() const noexcept { return routes_; }

private:
  struct pattern {
    std::vector<std::string_view> segments; // "{name}" for a member
    std::size_t route;
  };

  void add(const operation& op, std::string_view path, bool lenient);

  std::vector<route> routes_;
  std::map<std::string_view, std::vector<pattern>> by_first_; // most literal ones first
};

/// Whether the status alone tells what the reply is: 404 for a put or del that found nothing.
[[nodiscard]] bool tells_by_status(const operation& op) noexcept;

/// "GET"
[[nodiscard]] std::string_view to_string(verb method) noexcept;

} // namespace beaver
