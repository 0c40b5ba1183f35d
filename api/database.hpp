#pragma once
#include "beaver/actors/database.hpp"
#include "beaver/api/async.hpp"
#include "beaver/api/changes.hpp"
#include "beaver/api/dump.hpp"
#include "beaver/api/events.hpp"
#include "beaver/api/handles.hpp"
#include "beaver/api/lock.hpp"
#include "beaver/api/options.hpp"

#include <concepts>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

namespace beaver {

class engine;
class far_backend;

/// Several writes and reads, over all data types, that happen together or not at all. Handles made
/// here work only inside the transaction and only on its thread.
class transaction : public handles<transaction, sync> {
public:
  explicit transaction(std::shared_ptr<backend> inside) : inside_(std::move(inside)) {}
  [[nodiscard]] sync style() const { return {inside_, {}}; }

private:
  std::shared_ptr<backend> inside_;
};

/// The whole database as it was at one instant, for reading; writes are `errc::read_only`. It holds
/// back the emptying of the write-ahead log, so it ends by itself at the limits in `options`
/// (`errc::timeout`). Ends with its last copy and handle. Usable from any thread.
class snapshot : public handles<snapshot, sync> {
public:
  explicit snapshot(std::shared_ptr<backend> inside) : inside_(std::move(inside)) {}
  [[nodiscard]] sync style() const { return {inside_, {}}; }

private:
  std::shared_ptr<backend> inside_;
};

/// Writes over any data types that are collected and applied together by `commit`, or dropped.
/// Unlike a transaction it holds no lock meanwhile and cannot read. Not thread-safe.
class batch : public pending_writes, public handles<batch, batched> {
public:
  using pending_writes::pending_writes;
};

/// The same handles with calls that return futures.
class async_database : public handles<async_database, async> {
public:
  explicit async_database(async style) : style_(std::move(style)) {}
  [[nodiscard]] const async& style() const noexcept { return style_; }

private:
  async style_;
};

/// One database file, open in this process. Everything is thread-safe; calls from many threads
/// share the cost of making writes durable.
class database : public handles<database, sync> {
public:
  /// Opens `path`, creates the file if there is none; ":memory:" is a private database in memory,
  /// in which reads wait for writes and which has no snapshots. Throws `error`: not_found
  /// (read-only and missing), unsupported_version (a file of the Python original before 2.0 or of a
  /// newer release; not a byte of it is changed), busy, corrupt, io.
  explicit database(const std::string& path, options how = {});

  /// Works within an engine that is open already.
  explicit database(std::shared_ptr<engine> inside);

  /// That of a server: see `connect` in api/remote.hpp.
  database(std::shared_ptr<far_backend> to, std::string url);

  /// `close`.
  ~database();
  database(database&&) noexcept;
  database& operator=(database&&) noexcept;

  /// Releases held locks, lets calls in flight end, writes everything out and closes the file.
  /// Handles that are left get `errc::closed`. Throws `error` would_deadlock inside a transaction
  /// of its own.
  void close();

  /// The path, or the URL of the server.
  [[nodiscard]] const std::string& path() const;

  /// Calls `body(transaction&)` on this thread and commits when it returns; gives what it returns.
  /// If it throws, nothing has happened and the exception goes on. Other writers wait meanwhile.
  /// A call on this database itself inside `body` is `errc::would_deadlock`. Throws `error` timeout
  /// beyond `options::transaction_timeout`.
  template <std::invocable<transaction&> F>
  auto transaction(F&& body) {
    using value_type = std::invoke_result_t<F, beaver::transaction&>;
    if constexpr (std::is_void_v<value_type>) {
      transact([&](beaver::transaction& tx) { body(tx); });
    } else {
      std::optional<value_type> value;
      transact([&](beaver::transaction& tx) { value.emplace(body(tx)); });
      return std::move(*value);
    }
  }

  /// The same under a lock: throws `error` lost_lock, and nothing has happened, if `under` does not
  /// hold it at the beginning, or at the end by the clock of that time.
  template <std::invocable<beaver::transaction&> F>
  auto transaction(const fence& under, F&& body) {
    return transaction([&](beaver::transaction& tx) {
      const auto check = [&] { tx.style()(check_of(under)); };
      check();
      if constexpr (std::is_void_v<std::invoke_result_t<F, beaver::transaction&>>) {
        body(tx);
        check();
      } else {
        auto value = body(tx);
        check();
        return value;
      }
    });
  }

  /// Fixes this instant for reading. Throws `error` not_supported in memory.
  [[nodiscard]] beaver::snapshot snapshot() const;

  /// Writes all that a manager holds at this instant, given by its handle, in the form of `dump` in
  /// api/dump.hpp, with its errors, and those of `snapshot`; a database in memory keeps writers
  /// waiting meanwhile instead. A server sends it piece by piece.
  template <class Handle>
  dump_status dump(const Handle& manager, const byte_sink& to, const dump_options& how = {}) const {
    static_assert(requires { beaver::dump(detail::as_stored(manager), to, how); });
    return detail::dump_whole(*style().to, Handle::type_name, manager.name(), to, how);
  }

  /// Stores a dump in a manager, given by its handle, in one transaction, as `load` in api/dump.hpp
  /// does. If it throws, nothing has happened. Other writers wait as long as `from` takes: no limit
  /// of `options` ends that, but `how.stop` does. A server takes all of it first, up to its
  /// `max_body` (else `errc::invalid_argument`); `progress` then tells of bytes alone until the
  /// end.
  template <class Handle>
  dump_status load(const Handle& manager, const byte_source& from, const load_options& how = {}) {
    static_assert(requires { beaver::load(from, detail::as_stored(manager), how); });
    return detail::load_whole(*style().to, Handle::type_name, manager.name(), from, how);
  }

  /// Collects writes for one commit.
  [[nodiscard]] batch batched() const;

  /// The same under a lock: a commit is `errc::lost_lock` unless `under` holds it then.
  [[nodiscard]] batch batched(fence under) const;

  /// The changes of managers, by whatever program, in the order of their commits: `pattern` is
  /// TYPE:NAME, as in "dict:settings" or "*:user.*", with `*`, `?` and `[abc]`. From here on, or
  /// from where `how` says.
  ///
  /// Has them recorded in the file, by triggers, from the first call on until `unwatch`: a row for
  /// each change, kept for a week, which costs its writer about as much as one more small insert.
  /// What was changed before is not known. A read-only database follows what is recorded already
  /// (else not_found).
  [[nodiscard]] subscription<followed_change> watch(std::string pattern,
                                                    const watch_options& how = {}) const {
    return {
      detail::open_stream(*style().to, detail::opening<changes_follow>(std::move(pattern), how)),
      detail::followed_of};
  }

  /// The same for a callback, which gets a `followed_change`, on the database's callback thread, or
  /// by `where`. One that throws ends its own subscription alone; `on_end` is told why.
  template <std::invocable<followed_change> F>
  [[nodiscard]] listener watch(std::string pattern, F callback, const watch_options& how = {},
                               listener::end_function on_end = {}, executor where = {}) const {
    return detail::listen<detail::followed_of>(
      style(), detail::opening<changes_follow>(std::move(pattern), how), std::move(where),
      std::move(callback), std::move(on_end));
  }

  /// Calls back for changes of one kind, as `on` of a handle does.
  template <std::invocable<followed_change> F>
  [[nodiscard]] listener on(std::string pattern, change_operation which, F callback,
                            listener::end_function on_end = {}, executor where = {}) const {
    return detail::listen_for(style(), std::move(pattern), which, std::move(callback),
                              std::move(on_end), std::move(where));
  }

  /// Records the changes of this very pattern no more; whether they were.
  bool unwatch(std::string pattern);

  /// The patterns whose changes are recorded.
  [[nodiscard]] std::vector<std::string> watched() const;

  /// The bus `name` of events that programs emit for each other.
  template <class T = json_text>
  [[nodiscard]] beaver::events<T> events(const std::string& name) const {
    return {name, style()};
  }

  /// All channels whose name matches `pattern`, with `*`, `?` and `[abc]`.
  template <class T = json_text>
  [[nodiscard]] beaver::channel_pattern<T> channel_pattern(std::string pattern) const {
    return {std::move(pattern), style()};
  }

  /// The lock `name`.
  [[nodiscard]] beaver::lock lock(std::string name, lock_options how = {}) const;

  /// The lock of a manager, by its handle, which programs with beaver-db 2.3 take when they enter
  /// it as a context. It keeps nobody from using the manager who does not ask for it.
  template <class Handle>
  [[nodiscard]] beaver::lock lock_of(const Handle& manager, lock_options how = {}) const {
    return lock(lock_table::manager_lock(Handle::type_name, manager.name()), how);
  }

  /// Handles with calls that return futures.
  [[nodiscard]] async_database async() const;

  /// Names that hold at least one entry, in order.
  [[nodiscard]] std::vector<std::string> dicts() const;
  [[nodiscard]] std::vector<std::string> blobs() const;
  [[nodiscard]] std::vector<std::string> lists() const;
  [[nodiscard]] std::vector<std::string> queues() const;
  [[nodiscard]] std::vector<std::string> logs() const;
  [[nodiscard]] std::vector<std::string> documents() const;
  [[nodiscard]] std::vector<std::string> channels() const;
  [[nodiscard]] std::vector<std::string> graphs() const;
  [[nodiscard]] std::vector<std::string> vector_collections() const;
  [[nodiscard]] std::vector<std::string> sketches() const;
  [[nodiscard]] std::vector<std::string> locks() const; ///< held or waited for

  /// File, contents and counters.
  [[nodiscard]] database_status info() const;

  /// Removes from the file what has expired; the background sweep does the same.
  sweep_result sweep();

  [[nodiscard]] sync style() const;

private:
  void transact(const std::function<void(beaver::transaction&)>& body);

  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace beaver
