#include "beaver/storage/queue_options.hpp"

#include "beaver/storage/connection.hpp"
#include "beaver/storage/queue_rows.hpp"

#include <cmath>
#include <limits>

namespace beaver::queue_table {
namespace {

constexpr std::size_t longest_name = 1024;
constexpr std::uint64_t most_attempts = std::numeric_limits<std::int64_t>::max();

void check(std::string_view name, const queue_options& o) {
  const auto refuse = [&](const std::string& why) {
    throw error(errc::invalid_argument, "queue '" + std::string{name} + "': " + why);
  };
  if (o.max_attempts && (*o.max_attempts == 0 || *o.max_attempts > most_attempts))
    refuse("max_attempts must be at least 1; leave it out to allow any number");
  if (o.visibility_seconds && !(*o.visibility_seconds > 0 && std::isfinite(*o.visibility_seconds)))
    refuse("visibility_seconds must be a number of seconds above 0");
  if (o.dead_letter && o.dead_letter->empty())
    refuse("the dead-letter queue has an empty name; leave it out for '" + std::string{name}
           + ".dead'");
  if (o.dead_letter && *o.dead_letter == name)
    refuse("it cannot be its own dead-letter queue; choose another name");
  if (o.max_attempts && dead_letter_of(name, o).size() > longest_name)
    refuse("the name of its dead-letter queue is longer than 1024 bytes; set a shorter one");
}

} // namespace

void set_options(connection& c, std::string_view name, const queue_options& options) {
  check(name, options);
  c.prepare("INSERT INTO __beaver_queue_options__(queue_name, max_attempts, visibility, "
            "dead_letter) VALUES(?1, ?2, ?3, ?4) ON CONFLICT(queue_name) DO UPDATE SET "
            "max_attempts = excluded.max_attempts, visibility = excluded.visibility, "
            "dead_letter = excluded.dead_letter")
    .bind(name, options.max_attempts, options.visibility_seconds, options.dead_letter)
    .run();
}

queue_options options(connection& c, std::string_view name) {
  return detail::from_ours(c, [&] {
    queue_options result;
    statement row = c.prepare("SELECT max_attempts, visibility, dead_letter "
                              "FROM __beaver_queue_options__ WHERE queue_name = ?1");
    row.bind(name);
    if (!row.step())
      return result;
    if (!row.is_null(0))
      result.max_attempts = static_cast<std::uint64_t>(row.integer(0));
    if (!row.is_null(1))
      result.visibility_seconds = row.real(1);
    if (!row.is_null(2))
      result.dead_letter = row.text(2);
    return result;
  });
}

std::vector<std::string> dead_letter_sources(connection& c, std::string_view name) {
  return detail::from_ours(c, [&] {
    std::vector<std::string> result;
    statement row = c.prepare("SELECT queue_name FROM __beaver_queue_options__ WHERE max_attempts "
                              "IS NOT NULL AND ifnull(dead_letter, queue_name || '.dead') = ?1");
    row.bind(name);
    while (row.step())
      result.emplace_back(row.text(0));
    return result;
  });
}

std::string dead_letter_of(std::string_view name, const queue_options& options) {
  return options.dead_letter.value_or(std::string{name} + ".dead");
}

} // namespace beaver::queue_table
