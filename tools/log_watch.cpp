#include "beaver/tools/log_watch.hpp"

#include "beaver/actors/value_codec.hpp"
#include "beaver/api/database.hpp"
#include "beaver/tools/output.hpp"
#include "beaver/tools/signal_post.hpp"
#include "beaver/tools/verbs.hpp"

#include <array>
#include <atomic>
#include <cstdio>
#include <ctime>

namespace beaver::cli {

namespace {

enum option : std::size_t { window, period, value_path, group, functions, where, count };

live_options options_of(const invocation& call) {
  live_options how;
  if (const auto seconds = seconds_of(call.given.at(window), "--window"))
    how.window = std::chrono::duration<double>{*seconds};
  if (const auto seconds = seconds_of(call.given.at(period), "--period"))
    how.period = std::chrono::duration<double>{*seconds};
  if (const auto* path = call.given.at(value_path))
    how.field = *path;
  if (const auto* path = call.given.at(group))
    how.group_by = *path;
  // The rest is read as the message has it that opens the stream.
  log_live m;
  const auto& op = operation_of_stream<log_live>();
  if (const auto* text = call.given.at(functions)) {
    std::string list = "[\"" + *text + "\"]";
    for (std::size_t at = 0; (at = list.find(',', at)) != std::string::npos; at += 3)
      list.replace(at, 1, "\",\"");
    set_member(op, &m, {.name = "functions", .type = "array"}, list);
    how.functions = *m.functions;
  }
  if (const auto* text = call.given.at(where)) {
    set_member(op, &m, {.name = "where", .type = "filter"}, *text);
    how.where = m.where;
  }
  return how;
}

std::string number(const std::optional<double>& x) {
  if (!x)
    return "-";
  std::array<char, 32> text{};
  return {text.data(),
          static_cast<std::size_t>(std::snprintf(text.data(), text.size(), "%.6g", *x))};
}

/// A table of all rows, one function a column.
std::string table_of(const live_frame& frame, bool grouped) {
  struct column {
    const char* title;
    std::string (*text)(const aggregate_row&);
  };
  static constexpr std::array<column, 10> all{{
    {"count", [](const aggregate_row& r) { return std::to_string(r.count); }},
    {"sum", [](const aggregate_row& r) { return number(r.sum); }},
    {"min", [](const aggregate_row& r) { return number(r.min); }},
    {"max", [](const aggregate_row& r) { return number(r.max); }},
    {"avg", [](const aggregate_row& r) { return number(r.avg); }},
    {"stddev", [](const aggregate_row& r) { return number(r.stddev); }},
    {"p50", [](const aggregate_row& r) { return number(r.p50); }},
    {"p90", [](const aggregate_row& r) { return number(r.p90); }},
    {"p99", [](const aggregate_row& r) { return number(r.p99); }},
    {"distinct",
     [](const aggregate_row& r) { return r.distinct ? std::to_string(*r.distinct) : "-"; }},
  }};
  std::vector<std::vector<std::string>> lines(1);
  if (grouped)
    lines[0].emplace_back("group");
  for (const auto& r : frame.rows) {
    lines.emplace_back();
    if (grouped)
      lines.back().emplace_back(r.group ? r.group->text() : "-");
  }
  for (const auto& c : all) {
    std::vector<std::string> texts;
    bool wanted = false;
    for (const auto& r : frame.rows)
      wanted |= texts.emplace_back(c.text(r)) != "-";
    if (!wanted)
      continue;
    lines[0].emplace_back(c.title);
    for (std::size_t i = 0; i < texts.size(); ++i)
      lines[i + 1].push_back(std::move(texts[i]));
  }
  std::vector<std::size_t> widths(lines[0].size());
  for (const auto& line : lines)
    for (std::size_t i = 0; i < line.size(); ++i)
      widths[i] = std::max(widths[i], line[i].size());
  std::string out;
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i)
      out += std::string(widths[i] - line[i].size() + (i > 0 ? 2 : 0), ' ') + line[i];
    out += '\n';
  }
  return out;
}

std::string clock_text(unix_seconds time) {
  const auto seconds = static_cast<std::time_t>(time);
  std::tm parts{};
  ::localtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%H:%M:%S", &parts)};
}

void print_frame(const live_frame& frame, const live_options& how, bool as_table) {
  if (as_table) {
    // From the corner, over what was there before.
    print("\x1b[H\x1b[J" + clock_text(frame.time) + "  last " + number(how.window.count())
          + " s\n\n" + table_of(frame, how.group_by.has_value()));
    return;
  }
  std::string line;
  codec::encode(line, frame);
  print(line += '\n');
}

int watch(const std::string& name, const invocation& call) {
  const auto how = options_of(call);
  auto left = count_of(call.given.at(count), "--count");
  std::atomic<int> ended_by{0};
  std::stop_source stop;
  const signal_post signals{[&](int signal, bool) {
    ended_by = signal;
    stop.request_stop();
  }};
  const auto db = open_database(call, access::read);
  const bool as_table = is_terminal(standard_output) && !call.globals.raw;
  try {
    auto frames = db.log(name).frames(how);
    for (; left != 0u; left = left ? std::optional{*left - 1} : left) {
      const auto frame = frames.next(for_ever, stop.get_token());
      if (!frame)
        break;
      print_frame(*frame, how, as_table);
    }
  } catch (const error& e) {
    if (e.code() == errc::invalid_argument)
      throw usage_error(e.what());
    throw;
  }
  return ended_by != 0 ? ended_by_signal + ended_by : succeeded;
}

} // namespace

command log_watch_command(const std::string& name) {
  command c;
  c.words = "log NAME watch";
  c.summary = "Show functions over the last seconds, again and again.";
  c.parameters = {
    {"window", form::option, false, "number", "seconds that are looked at; default: 10"},
    {"period", form::option, false, "number", "seconds between two looks; default: 1"},
    {"field", form::option, false, "string", "path of the values; without it entries are counted"},
    {"group", form::option, false, "string", "path; a row for each value there"},
    {"functions", form::option, false, "string",
     "such as avg,p99; default: sum,min,max,avg,stddev"},
    {"where", form::option, false, "filter", "only entries that satisfy this filter"},
    {"count", form::option, false, "integer", "end after so many looks"},
  };
  c.notes = "Shows a table on a terminal; otherwise, and with --raw, prints a JSON object a line.\n"
            "Ends when it is interrupted.\n";
  c.run = [name](const invocation& call) { return watch(name, call); };
  return c;
}

} // namespace beaver::cli
