#pragma once
#include <cstdint>
#include <string>
#include <utility>

/// The bell file as a file: how it is made, found, locked and removed. See bell_file.hpp.
namespace beaver::detail {

/// The words of the file. Bit i of the two masks belongs to the process that holds the lock on byte
/// `first_place + i`; the last bit belongs to all who found no other free.
struct bell_page {
  char magic[16];
  alignas(64) std::uint32_t counter;
  alignas(64) std::uint32_t sleeping; ///< who is in `bell::wait`
  alignas(64) std::uint32_t queuing;  ///< who asks for a turn by locks, until it is over
};

// Locked bytes of the file, behind its words.
constexpr std::int64_t turnstile_byte = 1024;
constexpr std::int64_t inside_byte = 1025;
constexpr std::int64_t first_place = 1040;
constexpr int places = 31;
constexpr std::uint32_t common_bit = std::uint32_t{1} << places;

/// What a `write_turn` needs of a bell file. The page is valid while the bell lives.
struct turn_place {
  int descriptor = -1; ///< with locks of its own, closed by whoever takes it; -1: no place
  bell_page* page = nullptr;
  std::uint32_t mine = 0; ///< the bit
};

/// Locks on single bytes of the file, never waited for. They belong to the open file, not to the
/// process as POSIX locks do, and go with it, also when its process is killed.
enum class lock_result { taken, busy, impossible };
[[nodiscard]] lock_result lock_byte(int descriptor, std::int64_t at) noexcept;
void unlock_byte(int descriptor, std::int64_t at) noexcept;

/// Clears the bits of processes that died with one set. They only cost time.
void forget_the_dead(const turn_place& place) noexcept;

/// The bell file of a database, open and in memory. Empty where there is none, with the reason.
class mapped_bell {
public:
  /// By the name of the database. Waits up to a second for a process that stands still in the
  /// middle of its own open or close.
  [[nodiscard]] static mapped_bell open(const std::string& database);

  explicit mapped_bell(std::string reason) : reason_(std::move(reason)) {}
  mapped_bell(std::string path, int descriptor, bell_page* page, bool writable) noexcept
    : path_(std::move(path)), descriptor_(descriptor), page_(page), writable_(writable) {}
  mapped_bell(mapped_bell&& other) noexcept
    : path_(std::move(other.path_)), reason_(std::move(other.reason_)),
      descriptor_(other.descriptor_), page_(std::exchange(other.page_, nullptr)),
      writable_(other.writable_) {}
  mapped_bell& operator=(mapped_bell&&) = delete;
  /// Removes the file if nobody else has it open.
  ~mapped_bell();

  [[nodiscard]] const std::string& reason() const noexcept { return reason_; }
  [[nodiscard]] bell_page* page() const noexcept { return page_; } ///< null: empty
  [[nodiscard]] bool writable() const noexcept { return writable_; }
  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

  /// A second descriptor of the file with locks of its own; -1 if the file has lost its name.
  [[nodiscard]] int open_again() const noexcept;

private:
  std::string path_;
  std::string reason_;
  int descriptor_ = -1;
  bell_page* page_ = nullptr;
  bool writable_ = false;
};

} // namespace beaver::detail
