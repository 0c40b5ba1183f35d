#include "beaver/tools/bench_peer.hpp"
#include "beaver/tools/bench_vector_data.hpp"
#include "beaver/tools/bench_workload.hpp"

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <fnmatch.h>
#include <optional>
#include <stdexcept>
#include <sys/vfs.h>

namespace beaver::bench {

namespace {

constexpr const char* usage =
  R"(usage: beaver-bench [--list] [--case GLOB] [--seconds S] [--reps N] [--dir DIR]
                    [--data FILE] [--json]

Times the library against the raw SQLite C API on the same schema and settings, both in turns.
ratio = our time per operation / the baseline's: below 1 the library is faster.

  --list         the cases and what they time
  --case GLOB    only cases whose name matches
  --seconds S    how long each side is timed per repetition (default 1)
  --reps N       repetitions, of which the median counts (default 3)
  --dir DIR      where a temporary folder for the files is made (default: here)
  --data FILE    vectors of this file instead of made ones: int32 rows, int32 numbers of a row, then
                 all rows as float32, little-endian; or a folder that holds wink100.fmat
  --json         one JSON object a line
)";

struct usage_error : std::runtime_error {
  using runtime_error::runtime_error;
};

struct settings {
  bool help = false;
  bool list = false;
  bool json = false;
  std::string glob = "*";
  double seconds = 1;
  unsigned repetitions = 3;
  std::filesystem::path folder = ".";
};

template <class T>
T number(std::string_view option, std::string_view text, T least) {
  T value{};
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc{} || end != text.data() + text.size() || !(value >= least))
    throw usage_error("'" + std::string{text} + "' is no value for " + std::string{option});
  return value;
}

settings parse(std::span<char*> arguments) {
  settings s;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view option = arguments[i];
    const auto value = [&]() -> std::string_view {
      if (++i == arguments.size())
        throw usage_error(std::string{option} + " needs a value");
      return arguments[i];
    };
    if (option == "--help")
      s.help = true;
    else if (option == "--list")
      s.list = true;
    else if (option == "--json")
      s.json = true;
    else if (option == "--case")
      s.glob = value();
    else if (option == "--seconds")
      s.seconds = number(option, value(), 0.01);
    else if (option == "--reps")
      s.repetitions = number(option, value(), 1u);
    else if (option == "--dir")
      s.folder = value();
    else if (option == "--data")
      use_vectors_of(value());
    else
      throw usage_error("unknown option " + std::string{option});
  }
  return s;
}

std::vector<const bench_case*> matching(const std::string& glob) {
  std::vector<const bench_case*> found;
  for (const auto part :
       {dict_cases(), blob_cases(), list_cases(), queue_cases(), log_cases(), docs_cases(),
        graph_cases(), vector_search_cases(), vectors_cases(), sketch_cases(), live_cases(),
        channel_cases(), lock_cases(), hand_over_cases(), waiting_cases(), database_cases(),
        server_cases(), token_cases()})
    for (const auto& c : part)
      if (fnmatch(glob.c_str(), std::string{c.name}.c_str(), 0) == 0)
        found.push_back(&c);
  if (found.empty())
    throw usage_error("no case matches '" + glob + "'; --list shows them");
  return found;
}

/// A folder of our own, gone at the end.
class temporary_folder {
public:
  explicit temporary_folder(const std::filesystem::path& parent) {
    auto name = (parent / "beaver-bench-XXXXXX").string();
    if (!mkdtemp(name.data()))
      throw std::runtime_error("cannot make a folder in '" + parent.string()
                               + "': " + std::strerror(errno));
    path_ = name;
  }
  ~temporary_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;

  /// An empty folder within it.
  [[nodiscard]] std::filesystem::path inner(std::string_view name) const {
    auto folder = path_ / name;
    std::filesystem::create_directory(folder);
    return folder;
  }

private:
  std::filesystem::path path_;
};

void warn_about_memory(const std::filesystem::path& folder) {
  constexpr long tmpfs = 0x01021994;
  struct statfs info {};
  if (statfs(folder.c_str(), &info) == 0 && info.f_type == tmpfs)
    std::fprintf(stderr,
                 "beaver-bench: '%s' is in memory, where durability costs nothing; "
                 "name a folder on a disk with --dir\n",
                 folder.c_str());
}

void run(const settings& s) {
  const auto chosen = matching(s.glob);
  if (s.list) {
    for (const auto* c : chosen)
      std::printf("%-20.*s  %.*s\n%-20s    against: %.*s\n", static_cast<int>(c->name.size()),
                  c->name.data(), static_cast<int>(c->operation.size()), c->operation.data(), "",
                  static_cast<int>(c->baseline.size()), c->baseline.data());
    return;
  }
  warn_about_memory(s.folder);
  const temporary_folder files{s.folder};
  if (!s.json)
    print_header();
  for (const auto* c : chosen) {
    const auto r =
      measure(*c, files.inner(c->name), std::chrono::duration<double>{s.seconds}, s.repetitions);
    s.json ? print_json(r) : print_row(r);
  }
}

} // namespace

} // namespace beaver::bench

int main(int count, char** arguments) {
  using namespace beaver::bench;
  try {
    const auto words = std::span{arguments, static_cast<std::size_t>(count)}.subspan(1);
    if (!words.empty() && std::string_view{words[0]} == "--peer")
      return run_peer(words.subspan(1));
    const auto s = parse(words);
    if (s.help)
      std::fputs(usage, stdout);
    else
      run(s);
    return EXIT_SUCCESS;
  } catch (const usage_error& e) {
    std::fprintf(stderr, "beaver-bench: %s\n%s", e.what(), usage);
    return 2;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "beaver-bench: %s\n", e.what());
    return 3;
  }
}
