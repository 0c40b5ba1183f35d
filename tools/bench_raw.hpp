#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace beaver::bench {

struct raw_options {
  bool full_sync = false;
  bool create = false;
  int autocheckpoint = 4'000; ///< frames, as many as the library waits for; 0: never
};

/// What a program would write that uses SQLite's C API without a library in between: prepared
/// statements on the same tables, one connection, the settings that the library makes. One thread
/// at a time. Everything throws std::runtime_error with SQLite's text.
class raw_database {
public:
  raw_database(const std::filesystem::path& path, raw_options options);
  ~raw_database();
  raw_database(const raw_database&) = delete;
  raw_database& operator=(const raw_database&) = delete;

  void begin(); ///< BEGIN IMMEDIATE
  void commit();

  /// One value of a dict in a buffer of its own; throws if there is none.
  [[nodiscard]] std::string get(std::string_view dict, std::string_view key);
  void upsert(std::string_view dict, std::string_view key, std::string_view value);
  void update(std::string_view dict, std::string_view key, std::string_view value);

  /// A write transaction around one upsert.
  void set(std::string_view dict, std::string_view key, std::string_view value);

  /// A write transaction around one blob.
  void put_blob(std::string_view store, std::string_view key, std::string_view data);

  /// A copy of a blob.
  [[nodiscard]] std::unique_ptr<char[]> get_blob(std::string_view store, std::string_view key,
                                                 std::size_t& size);

  /// One item of a list.
  void append(std::string_view list, std::string_view key, std::string_view value);

  /// The value of one item of a list, which stays; throws if there is none.
  [[nodiscard]] std::string list_item(std::string_view list, std::string_view key);

  /// The value of the first item of a list, which is removed; empty if there is none.
  [[nodiscard]] std::string take_first(std::string_view list);

  /// One item of a queue, put now.
  void put_item(std::string_view queue, double priority, std::string_view value);

  /// The value of the first item of a queue, which is removed; empty if there is none.
  [[nodiscard]] std::string get_item(std::string_view queue);

  /// One entry of a log.
  void append_entry(std::string_view log, double timestamp, std::string_view data);

  /// Copies of the newest entries of a log, newest first.
  [[nodiscard]] std::vector<std::pair<double, std::string>> newest_entries(std::string_view log,
                                                                           std::size_t limit);

  /// Count, sum, least, greatest and mean of the member "ms" of the entries between two times.
  [[nodiscard]] std::array<double, 5> sum_of_entries(std::string_view log, double after,
                                                     double upto);

  /// One message of a channel.
  void publish(std::string_view channel, double time, std::string_view payload);
  /// Makes an index of the member "user" of the entries of all logs, in a table of its own.
  void index_entries_by_user();

  /// Copies of the entries of a log with this user, in order, by way of that index.
  [[nodiscard]] std::vector<std::pair<double, std::string>> entries_of(std::string_view log,
                                                                       std::int64_t user);

  [[nodiscard]] sqlite3* handle() const noexcept { return handle_; }

  /// One edge of a graph, without metadata.
  void link(std::string_view graph, std::string_view source, std::string_view target,
            std::string_view label);

  /// Copies of the nodes to which a node has edges, each once, in order; and of those that have
  /// edges to it.
  [[nodiscard]] std::vector<std::string> targets_of(std::string_view graph,
                                                    std::string_view source);
  [[nodiscard]] std::vector<std::string> sources_of(std::string_view graph,
                                                    std::string_view target);

  /// Calls `visit(source, target)` for each edge, by source.
  void each_edge(std::string_view graph,
                 const std::function<void(std::string_view, std::string_view)>& visit);

  /// Runs statements without results.
  void run(const std::string& sql);

  /// The statements that made all tables and indexes, and what marks the file as complete.
  [[nodiscard]] std::vector<std::string> schema();

private:
  enum action {
    begin_write,
    end_write,
    find,
    put,
    change,
    put_bytes,
    find_bytes,
    append_item,
    find_item,
    first_item,
    remove_item,
    enqueue,
    first_queued,
    remove_queued,
    log_entry,
    newest_logged,
    sum_entries,
    message,
    logged_by_user,
    put_edge,
    list_targets,
    list_sources,
    list_edges,
    actions
  };
  class use;

  static std::vector<std::pair<double, std::string>> entries_in(use& u);
  static std::vector<std::string> ids_in(use& u);

  /// The text that `first` finds under a name, whose row `remove` removes.
  [[nodiscard]] std::string take_row(std::string_view name, action first, action remove);

  [[noreturn]] void fail(const char* doing) const;
  sqlite3_stmt* prepared(action which);

  sqlite3* handle_ = nullptr;
  std::array<sqlite3_stmt*, actions> statements_{};
};

} // namespace beaver::bench
