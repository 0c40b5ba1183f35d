#include "beaver/tools/stream_verb.hpp"

#include "beaver/api/database.hpp"
#include "beaver/tools/output.hpp"
#include "beaver/tools/signal_post.hpp"
#include "beaver/tools/verbs.hpp"

#include <atomic>

namespace beaver::cli {

namespace {

using steady = stream_buffer::steady;

constexpr std::size_t items_at_once = 64;

/// Options of the command alone: when it ends by itself.
struct bounds {
  std::optional<std::uint64_t> count;
  std::optional<steady::duration> silence;
};

bounds bounds_of(const invocation& call, std::size_t first) {
  bounds result;
  result.count = count_of(call.given.at(first), "--count");
  if (const auto seconds = seconds_of(call.given.at(first + 1), "--timeout"))
    result.silence = std::chrono::duration_cast<steady::duration>(
      std::chrono::duration<double>{std::min(*seconds, 1e9)});
  return result;
}

/// Whether the file has to be written to before the stream begins.
bool writes(const operation& op) { return &op == &operation_of_stream<changes_follow>(); }

/// The cursor of a channel that a message names; it moves behind what has been printed.
std::optional<std::string> cursor_of(const operation& op, const void* message) {
  if (&op == &operation_of_stream<channel_subscribe>())
    return static_cast<const channel_subscribe*>(message)->cursor;
  return std::nullopt;
}

void commit(backend& to, const std::string& name, const std::string& cursor,
            const stream_buffer::pointer& last) {
  if (const auto sequence = item_of<channel_subscribe>(last).sequence; sequence != 0)
    beaver::call(to, channel_set_cursor{name, cursor, sequence});
}

int follow(const operation& op, const std::string& name, std::span<const parameter> members,
           const invocation& call) {
  const auto message = make_message(op, name, members, call);
  auto limit = bounds_of(call, members.size());
  std::atomic<int> ended_by{0};
  std::stop_source stop;
  const signal_post signals{[&](int signal, bool) {
    ended_by = signal;
    stop.request_stop();
  }};
  const auto cursor = cursor_of(op, message.get());
  auto db = open_database(call, cursor || writes(op) ? access::write : access::read);
  auto& to = *db.style().to;
  const auto buffer = to.subscribe(op, message.get());
  bool anything = false;
  std::string text;
  while (limit.count != 0u) {
    std::optional<steady::time_point> deadline;
    if (limit.silence)
      deadline = steady::now() + *limit.silence;
    if (!buffer->wait(deadline, stop.get_token()))
      break;
    const auto taken =
      buffer->take(std::min<std::uint64_t>(limit.count.value_or(items_at_once), items_at_once));
    if (taken.why)
      throw error(taken.why->code, taken.why->text);
    if (taken.missed > 0)
      complain(std::to_string(taken.missed) + " items were missed here");
    text.clear();
    for (const auto& item : taken.items) {
      op.encode_item(item.get(), text);
      text += '\n';
    }
    print(text);
    if (taken.items.empty())
      continue;
    anything = true;
    if (limit.count)
      *limit.count -= taken.items.size();
    if (cursor)
      commit(to, name, *cursor, taken.items.back());
  }
  if (ended_by != 0)
    return ended_by_signal + ended_by;
  return anything ? succeeded : absent;
}

} // namespace

command stream_command(const operation& op, const std::string& name, command made) {
  const auto members = made.parameters;
  made.parameters.push_back({"count", form::option, false, "integer", "end after so many items"});
  made.parameters.push_back(
    {"timeout", form::option, false, "number", "end when nothing has come for so many seconds"});
  made.notes = "Prints items as they come, one JSON value a line, until it is interrupted.\n"
               "Ends with status 1 if --timeout ends it before there was one.\n";
  made.run = [&op, name, members](const invocation& call) {
    return follow(op, name, members, call);
  };
  return made;
}

command watch_command() {
  const auto& op = operation_of_stream<changes_follow>();
  command c;
  c.words = "watch";
  c.summary = "Follow the changes of managers, by whatever program.";
  c.parameters = parameters_of(op);
  c.parameters.insert(c.parameters.begin(), {"name", form::word, true, "string",
                                             "TYPE:NAME with *, ? and [abc], as in dict:user.*"});
  c = stream_command(op, {}, std::move(c));
  c.notes +=
    "Has the changes recorded from the first time on; changes PATTERN unwatch ends that.\n";
  return c;
}

} // namespace beaver::cli
