#include "beaver/tools/bench_peer.hpp"

#include "beaver/tools/bench_workload.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <spawn.h>
#include <stdexcept>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

namespace beaver::bench {

namespace {

[[noreturn]] void fail(const char* doing) {
  throw std::runtime_error(std::string{doing} + ": " + std::strerror(errno));
}

/// Gets whatever is put into the queue, and counts.
void consume(const std::string& database, shared_page& page) {
  using namespace std::chrono_literals;
  const auto db = open_ours(database, durability::full);
  auto queue = db.queue("jobs");
  ++page.ready;
  while (!page.stop)
    if (queue.get(50ms))
      ++page.received;
}

/// Counts what arrives on standard input, a byte each, until its end.
void count_bytes(shared_page& page) {
  ++page.ready;
  char byte = 0;
  while (::read(STDIN_FILENO, &byte, 1) == 1)
    ++page.received;
}

template <class F>
void write_until_stopped(shared_page& page, std::atomic<std::uint64_t>& count, F write) {
  ++page.ready;
  while (!page.go && !page.stop)
    pause_briefly();
  for (std::uint64_t n = 0; !page.stop; ++n) {
    write(n);
    ++count;
  }
}

} // namespace

shared_memory::shared_memory(std::filesystem::path file) : file_(std::move(file)) {
  const int descriptor = ::open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0)
    fail("making a shared file");
  void* memory = MAP_FAILED;
  if (::ftruncate(descriptor, sizeof(shared_page)) == 0)
    memory =
      ::mmap(nullptr, sizeof(shared_page), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  ::close(descriptor);
  if (memory == MAP_FAILED)
    fail("sharing memory");
  page_ = static_cast<shared_page*>(memory);
}

shared_memory::~shared_memory() { ::munmap(page_, sizeof(shared_page)); }

peer::peer(const std::string& role, const std::filesystem::path& database,
           const shared_memory& memory, int number, int input)
  : page_(memory.operator->()) {
  std::vector<std::string> words{
    "beaver-bench",        "--peer", role, database.string(), memory.file().string(),
    std::to_string(number)};
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (auto& word : words)
    arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t files;
  ::posix_spawn_file_actions_init(&files);
  if (input >= 0)
    ::posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
  const auto before = page_->ready.load();
  const int code =
    ::posix_spawn(&child_, "/proc/self/exe", &files, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&files);
  if (code != 0) {
    errno = code;
    fail("starting another process");
  }
  while (page_->ready == before)
    if (::waitpid(child_, nullptr, WNOHANG) == child_)
      throw std::runtime_error("the process for '" + role + "' ended at once");
}

peer::~peer() {
  page_->stop = 1;
  wait_ended();
}

void peer::wait_ended() {
  if (child_ > 0)
    ::waitpid(std::exchange(child_, -1), nullptr, 0);
}

int run_peer(std::span<char*> arguments) {
  if (arguments.size() != 4)
    return 2;
  const std::string role = arguments[0];
  const std::string database = arguments[1];
  const shared_memory memory{arguments[2]};
  auto& page = *memory.operator->();
  auto& count = page.counts[std::stoul(arguments[3])];
  sample_value text;
  if (role == "consumer") {
    consume(database, page);
  } else if (role == "listener") {
    count_bytes(page);
  } else if (role == "writer") {
    const auto db = open_ours(database, durability::full);
    auto dict = db.dict(std::string{"d"}.append(arguments[3]));
    write_until_stopped(page, count,
                        [&](std::uint64_t n) { dict.set("k", json_text{text.with(n)}); });
  } else if (role == "raw-writer") {
    raw_database raw{database, raw_options{.full_sync = true}};
    write_until_stopped(page, count,
                        [&](std::uint64_t n) { raw.set("d", arguments[3], text.with(n)); });
  } else {
    return 2;
  }
  return 0;
}

} // namespace beaver::bench
