#include "beaver/api/dump.hpp"

#include "beaver/storage/clock.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <initializer_list>
#include <utility>

namespace beaver {

namespace {

// Items that no message has in this form.

struct dict_item {
  std::string key;
  json_text value;
};
BOOST_DESCRIBE_STRUCT(dict_item, (), (key, value))

struct blob_item {
  std::string key;
  json_text metadata{}; // null: none
  std::optional<std::uint64_t> size{};
  bytes payload{};
};
BOOST_DESCRIBE_STRUCT(blob_item, (), (key, metadata, size, payload))

/// This moment as a member of the metadata, with a comma in front: as Python's `isoformat` writes
/// it in UTC, without parts of a second.
std::string dump_date() {
  const auto seconds = static_cast<std::time_t>(system_now());
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 60> text{};
  std::strftime(text.data(), text.size(), ", \"dump_date\": \"%Y-%m-%dT%H:%M:%S+00:00\"", &parts);
  return text.data();
}

std::string_view name_of_item(const dict_item& i) { return i.key; }
std::string_view name_of_item(const blob_item& i) { return i.key; }
std::string_view name_of_item(const document& i) { return i.id; }
std::string_view name_of_item(const vector_entry& i) { return i.id; }
std::string_view name_of_item(const auto&) { return {}; }

/// Puts a dump together and gives it away in parts of about a mebibyte.
class dump_writer {
public:
  /// `more` are members of the metadata, each with a comma in front.
  dump_writer(std::string_view type, const std::string& name, std::uint64_t count,
              const byte_sink& to, const dump_options& how, std::string_view more = {})
    : what_(std::string{type} + " '" + name + '\''), to_(to), how_(how),
      json_(how.format == dump_format::json) {
    if (!json_)
      return;
    text_.append("{\n  \"metadata\": {\"type\": \"").append(type).append("\", \"name\": ");
    json::append_string(text_, name);
    text_.append(", \"count\": ").append(std::to_string(count)).append(more);
    text_ += "},\n  \"items\": [";
  }

  /// Throws `error` corrupt, cancelled.
  template <class Item>
  void add(const Item& item) {
    if (json_)
      text_ += status_.items == 0 ? "\n    " : ",\n    ";
    const auto start = text_.size();
    codec::sink into{text_, true, true};
    codec::encode(into, item);
    if (!into.normal)
      check(start, name_of_item(item));
    if (!json_)
      text_ += '\n';
    ++status_.items;
    if (text_.size() >= part)
      give_away();
    stop_if_asked();
  }

  dump_status finish() {
    if (json_)
      text_ += "\n  ]\n}\n";
    give_away();
    return status_;
  }

private:
  static constexpr std::size_t part = 1 << 20;

  /// What other programs have stored may be no JSON, or stand on several lines.
  void check(std::size_t start, std::string_view name) {
    try {
      json_cursor in{std::string_view{text_}.substr(start)};
      in.skip();
      in.finish();
    } catch (const error& e) {
      throw error(errc::corrupt, what_ + ", "
                                   + (name.empty() ? "item " + std::to_string(status_.items + 1)
                                                   : '\'' + std::string{name} + '\'')
                                   + ": not JSON: " + e.what());
    }
    std::replace_if( // within strings a line break is always escaped
      text_.begin() + static_cast<std::ptrdiff_t>(start), text_.end(),
      [](char c) { return c == '\n' || c == '\r'; }, ' ');
  }

  void give_away() {
    to_(text_);
    status_.bytes += text_.size();
    text_.clear();
    if (how_.progress)
      how_.progress(status_);
  }

  void stop_if_asked() const {
    if (how_.stop.stop_requested())
      throw error(errc::cancelled, what_ + ": the dump was stopped after "
                                     + std::to_string(status_.items) + " items");
  }

  const std::string what_;
  const byte_sink& to_;
  const dump_options& how_;
  const bool json_;
  std::string text_;
  dump_status status_;
};

/// Names of types in the metadata of dumps, first that of our own.
using type_names = std::initializer_list<std::string_view>;

/// Throws `error` invalid_argument if there is another type in the metadata of a dump.
void check_type(std::string_view metadata, type_names types) {
  json_cursor in{metadata};
  in.enter_object();
  while (const auto member = in.next_member()) {
    if (*member != "type") {
      in.skip();
      continue;
    }
    const std::string type{in.read_string()};
    if (std::find(types.begin(), types.end(), type) == types.end())
      throw error(errc::invalid_argument,
                  "a dump of the type '" + type + "', not '" + std::string{*types.begin()} + '\'');
  }
}

/// Reads item after item out of a dump of one of the types, each with `take(json_cursor&)`, which
/// stores it.
template <class Handle, class Take>
dump_status load_items(const byte_source& from, Handle& to, type_names types,
                       const load_options& how, Take take) {
  constexpr std::uint64_t often = 256; // items between two calls of `progress`
  const auto what = std::string{Handle::type_name} + " '" + to.name() + "': ";
  const bool lines = how.format == dump_format::jsonl;
  std::unique_ptr<detail::piece_source> pieces;
  if (lines)
    pieces = std::make_unique<detail::line_pieces>(from, 2'000'000'000);
  else
    pieces = std::make_unique<detail::item_pieces>(
      from, [&](std::string_view metadata) { check_type(metadata, types); });
  dump_status status;
  std::uint64_t number = 0;
  const auto stop_if_asked = [&] {
    if (how.stop.stop_requested())
      throw error(errc::cancelled, what + "the load was stopped");
  };
  const auto next = [&] {
    try {
      auto piece = pieces->next();
      stop_if_asked(); // then the piece may end early
      return piece;
    } catch (const error& e) {
      stop_if_asked();
      throw error(e.code(), what + e.what());
    }
  };
  if (how.mode == load_mode::overwrite)
    to.clear();
  while (const auto piece = next()) {
    ++number;
    if (lines && piece->bytes.find_first_not_of(" \t\r") == piece->bytes.npos && piece->bad.empty())
      continue;
    try {
      if (!piece->bad.empty())
        throw error(errc::invalid_argument, piece->bad);
      json_cursor in{piece->bytes};
      take(in);
      in.finish();
    } catch (const error& e) {
      throw error(e.code(),
                  what + (lines ? "line " : "item ") + std::to_string(number) + ": " + e.what());
    }
    status.bytes = pieces->bytes();
    if (++status.items % often == 0 && how.progress)
      how.progress(status);
  }
  status.bytes = pieces->bytes();
  if (how.progress)
    how.progress(status);
  return status;
}

/// The same for items that are a record.
template <class Item, class Handle, class Store>
dump_status load_records(const byte_source& from, Handle& to, type_names types,
                         const load_options& how, Store store) {
  return load_items(from, to, types, how, [&](json_cursor& in) {
    Item item{};
    codec::decode(in, item, codec::place{"item", codec::surplus::ignore});
    store(item);
  });
}

} // namespace

// -- dump ---------------------------------------------------------------------------------------

dump_status dump(const dict<>& from, const byte_sink& to, const dump_options& how) {
  dump_writer out{"Dict", from.name(), from.count(), to, how, ", \"encrypted\": false"};
  for (const auto& [key, value] : from)
    out.add(dict_item{key, value});
  return out.finish();
}

dump_status dump(const list<>& from, const byte_sink& to, const dump_options& how) {
  dump_writer out{"List", from.name(), from.count(), to, how, dump_date()};
  for (const auto& value : from.values())
    out.add(value);
  return out.finish();
}

dump_status dump(const queue<>& from, const byte_sink& to, const dump_options& how) {
  const auto numbers = from.counts();
  dump_writer out{"Queue", from.name(), numbers.ready + numbers.delayed + numbers.leased,
                  to,      how,         dump_date()};
  for (const auto& entry : from.items(queue_view::all))
    out.add(queue_item{entry.position.priority, entry.position.timestamp, entry.value});
  return out.finish();
}

dump_status dump(const log<>& from, const byte_sink& to, const dump_options& how) {
  dump_writer out{"Log", from.name(), from.count(), to, how};
  for (const auto& [timestamp, data] : from)
    out.add(log_entry{timestamp, data});
  return out.finish();
}

dump_status dump(const blob<>& from, const byte_sink& to, const dump_options& how) {
  dump_writer out{"BlobStore", from.name(), from.count(), to, how};
  for (const auto& entry : from.entries())
    if (const auto found = from.find(entry.key)) // or gone by now
      out.add(blob_item{entry.key, found->metadata.value_or(json_text{}), found->data.size(),
                        found->data});
  return out.finish();
}

dump_status dump(const docs<>& from, const byte_sink& to, const dump_options& how) {
  dump_writer out{"Documents", from.name(), from.count(), to, how};
  for (const auto& [id, body] : from)
    out.add(document{id, body});
  return out.finish();
}

dump_status dump(const graph<>& from, const byte_sink& to, const dump_options& how) {
  dump_writer out{"Graph", from.name(), from.count(), to, how};
  for (const auto& edge : from.entries())
    out.add(graph_edge{edge.source, edge.target, edge.label, edge.metadata});
  return out.finish();
}

dump_status dump(const vectors<>& from, const byte_sink& to, const dump_options& how) {
  dump_writer out{"Vectors", from.name(), from.count(), to, how};
  for (const auto& [id, vector, metadata] : from) {
    if (vector.empty())
      throw error(errc::corrupt, "what another program has stored under '" + id
                                   + "' is no vector; erase it, or store one there");
    out.add(vector_entry{id, floats{vector}, metadata});
  }
  return out.finish();
}

// -- load ---------------------------------------------------------------------------------------

dump_status load(const byte_source& from, dict<> to, const load_options& how) {
  return load_records<dict_item>(from, to, {"Dict"}, how,
                                 [&](const dict_item& i) { to.set(i.key, i.value); });
}

dump_status load(const byte_source& from, list<> to, const load_options& how) {
  return load_items(from, to, {"List"}, how, [&](json_cursor& in) { to.push(in.read_value()); });
}

dump_status load(const byte_source& from, queue<> to, const load_options& how) {
  // By hand, since a priority may be infinite, and there need be no time.
  return load_items(from, to, {"Queue"}, how, [&](json_cursor& in) {
    std::optional<double> priority;
    std::optional<json_text> data;
    in.enter_object();
    while (const auto member = in.next_member()) {
      if (*member == "priority")
        priority = in.read_double();
      else if (*member == "data")
        data = in.read_value();
      else
        in.skip();
    }
    if (!priority || !data)
      throw error(errc::invalid_argument,
                  std::string{"item."} + (priority ? "data" : "priority") + " is missing");
    to.put(*data, *priority);
  });
}

dump_status load(const byte_source& from, log<> to, const load_options& how) {
  return load_records<log_entry>(from, to, {"Log"}, how,
                                 [&](const log_entry& e) { to.append(e.data, e.timestamp); });
}

dump_status load(const byte_source& from, blob<> to, const load_options& how) {
  return load_records<blob_item>(from, to, {"BlobStore"}, how, [&](blob_item& i) {
    if (i.size && *i.size != i.payload.size())
      throw error(errc::invalid_argument, "item.payload has " + std::to_string(i.payload.size())
                                            + " bytes, not " + std::to_string(*i.size));
    const bool has_metadata = i.metadata.text() != "null";
    to.put(i.key, std::move(i.payload),
           has_metadata ? std::optional{std::move(i.metadata)} : std::nullopt);
  });
}

dump_status load(const byte_source& from, docs<> to, const load_options& how) {
  return load_records<document>(from, to, {"Documents", "Collection"}, how,
                                [&](const document& d) { to.index(d.id, d.body); });
}

dump_status load(const byte_source& from, graph<> to, const load_options& how) {
  return load_records<graph_edge>(from, to, {"Graph"}, how, [&](const graph_edge& e) {
    to.link(e.source, e.target, e.label, e.metadata);
  });
}

dump_status load(const byte_source& from, vectors<> to, const load_options& how) {
  return load_records<vector_entry>(from, to, {"Vectors"}, how, [&](const vector_entry& e) {
    to.set(e.id, e.vector.view(), e.metadata);
  });
}

} // namespace beaver
