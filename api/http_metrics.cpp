#include "beaver/api/http_metrics.hpp"

#include "beaver/actors/registry.hpp"

#include <algorithm>
#include <iterator>
#include <map>

namespace beaver {

namespace {

constexpr std::array<double, 12> bounds{0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005,
                                        0.01,   0.05,   0.1,    0.5,   1,     10};
constexpr std::array<std::string_view, 3> outcomes{"ok", "refused", "failed"};
constexpr std::size_t most_queues = 100; // whose depth is told: labels must not be without bound

std::string number(double x) {
  std::string text = std::to_string(x);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.')
    text.pop_back();
  return text;
}

/// Text between the quotes of a label.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == '"')
      out += '\\';
    if (c == '\n')
      out += "\\n";
    else
      out += c;
  }
  return out;
}

void head(std::string& out, std::string_view name, std::string_view type, std::string_view help) {
  ((((out += "# HELP ") += name) += ' ') += help) += '\n';
  ((((out += "# TYPE ") += name) += ' ') += type) += '\n';
}

template <class T>
void line(std::string& out, std::string_view name, const std::string& labels, T value) {
  out += name;
  if (!labels.empty())
    (out += '{').append(labels) += '}';
  (out += ' ') += std::to_string(value);
  out += '\n';
}

template <class T>
void single(std::string& out, std::string_view name, std::string_view type, std::string_view help,
            T value) {
  head(out, name, type, help);
  line(out, name, {}, value);
}

} // namespace

http_metrics::http_metrics() {
  for (const auto* type : registry())
    for (const auto& op : type->operations)
      rows_.emplace(&op, std::make_unique<row>());
}

std::size_t http_metrics::outcome_of(unsigned status) noexcept {
  return status < 400 ? 0 : status < 500 ? 1 : 2;
}

void http_metrics::count(const operation& op, unsigned status,
                         std::chrono::nanoseconds took) noexcept {
  auto& r = *rows_.at(&op);
  const auto ns = static_cast<std::uint64_t>(std::max<std::int64_t>(took.count(), 0));
  const auto seconds = static_cast<double>(ns) * 1e-9;
  const auto* bound = std::lower_bound(bounds.begin(), bounds.end(), seconds);
  const auto at = static_cast<std::size_t>(bound - bounds.begin());
  r.ended[outcome_of(status)].fetch_add(1, std::memory_order_relaxed);
  r.within[at].fetch_add(1, std::memory_order_relaxed);
  r.total_ns.fetch_add(ns, std::memory_order_relaxed);
  // A race loses one of two measurements, which does no harm.
  const auto usual = r.usual_ns.load(std::memory_order_relaxed);
  r.usual_ns.store(usual == 0 ? ns : usual - usual / 8 + ns / 8, std::memory_order_relaxed);
}

void http_metrics::count_other(unsigned status) noexcept {
  others_.ended[outcome_of(status)].fetch_add(1, std::memory_order_relaxed);
}

std::chrono::nanoseconds http_metrics::usual(const operation& op) const noexcept {
  return std::chrono::nanoseconds{rows_.at(&op)->usual_ns.load(std::memory_order_relaxed)};
}

std::string http_metrics::text(const database_status& of, std::size_t waiting) const {
  // In the order of names, and only what has run.
  std::map<std::string_view, const row*> rows;
  for (const auto& [op, r] : rows_)
    rows.emplace(op->name, r.get());
  const auto ran = [](const row& r) {
    return std::any_of(r.ended.begin(), r.ended.end(), [](const auto& n) { return n > 0; });
  };

  std::string out;
  head(out, "beaver_operations_total", "counter", "Operations carried out, by their end.");
  const auto ends_of = [&](std::string_view name, const row& r) {
    for (std::size_t i = 0; i < outcomes.size(); ++i)
      if (const auto n = r.ended[i].load(); n > 0)
        line(out, "beaver_operations_total",
             "operation=\"" + std::string{name} + "\",outcome=\"" + std::string{outcomes[i]} + '"',
             n);
  };
  for (const auto& [name, r] : rows)
    ends_of(name, *r);
  ends_of("", others_);

  head(out, "beaver_operation_seconds", "histogram", "Time from a whole request to its response.");
  for (const auto& [name, r] : rows) {
    if (!ran(*r))
      continue;
    const auto label = "operation=\"" + std::string{name} + '"';
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < bounds.size(); ++i) {
      sum += r->within[i];
      line(out, "beaver_operation_seconds_bucket", label + ",le=\"" + number(bounds[i]) + '"', sum);
    }
    sum += r->within[bounds.size()];
    line(out, "beaver_operation_seconds_bucket", label + ",le=\"+Inf\"", sum);
    line(out, "beaver_operation_seconds_sum", label, static_cast<double>(r->total_ns) * 1e-9);
    line(out, "beaver_operation_seconds_count", label, sum);
  }

  single(out, "beaver_connections", "gauge", "Open connections.", connections.load());
  single(out, "beaver_streams", "gauge", "Open WebSockets.", streams.load());
  single(out, "beaver_requests_in_work", "gauge", "Requests without response.", in_work.load());
  single(out, "beaver_waiting_bytes", "gauge", "Bytes of large bodies that wait.", waiting);
  single(out, "beaver_commits_total", "counter", "Commits of this process.", of.commits);
  single(out, "beaver_writes_total", "counter", "Writes acknowledged in them.", of.writes);
  single(out, "beaver_failed_writes_total", "counter", "Writes that failed.", of.failed_writes);
  single(out, "beaver_written_bytes_total", "counter", "Bytes handed in.", of.written_bytes);
  single(out, "beaver_largest_commit_writes", "gauge", "Most writes in one commit.",
         of.largest_group);
  single(out, "beaver_reads_total", "counter", "Reads of this process.", of.reads);
  single(out, "beaver_checkpoints_total", "counter", "Checkpoints.", of.checkpoints);
  single(out, "beaver_compactions_total", "counter", "Compactions of vectors.", of.compactions);
  single(out, "beaver_file_bytes", "gauge", "Size of the file.", of.file_bytes);
  single(out, "beaver_wal_bytes", "gauge", "Size of the write-ahead log.", of.wal_bytes);
  head(out, "beaver_commit_seconds", "gauge", "Duration of commits, upper bounds.");
  line(out, "beaver_commit_seconds", "quantile=\"0.5\"",
       static_cast<double>(of.commit_p50_us) * 1e-6);
  line(out, "beaver_commit_seconds", "quantile=\"0.99\"",
       static_cast<double>(of.commit_p99_us) * 1e-6);

  head(out, "beaver_queue_items", "gauge", "Items in a queue, of at most 100 queues.");
  std::size_t queues = 0;
  std::map<std::string_view, std::uint64_t> managers;
  for (const auto& each : of.managers) {
    ++managers[each.type];
    if (each.type == "queue" && queues++ < most_queues)
      line(out, "beaver_queue_items", "queue=\"" + escaped(each.name) + '"', each.count);
  }
  head(out, "beaver_managers", "gauge", "Named dictionaries, lists, ... that hold something.");
  for (const auto& [type, count] : managers)
    line(out, "beaver_managers", "type=\"" + std::string{type} + '"', count);
  return out;
}

} // namespace beaver
