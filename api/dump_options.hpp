#pragma once
#include "beaver/api/pieces.hpp"

#include <cstdint>
#include <functional>
#include <stop_token>

namespace beaver {

enum class dump_format : std::uint8_t {
  json, ///< {"metadata": {"type": ..., "name": ..., "count": ...}, "items": [...]}
  jsonl ///< each item on a line, and nothing else
};

/// How far a dump or a load has come.
struct dump_status {
  std::uint64_t items = 0;
  std::uint64_t bytes = 0; // written, or read
};

struct dump_options {
  dump_format format = dump_format::json;
  std::function<void(const dump_status&)> progress{}; // now and then; what it throws ends the dump
  std::stop_token stop{};                             // ends it with errc::cancelled
};

enum class load_mode : std::uint8_t {
  overwrite, ///< what was there before goes
  append     ///< stays; an item under a key or id that is there takes its place
};

struct load_options {
  dump_format format = dump_format::json;
  load_mode mode = load_mode::overwrite;
  std::function<void(const dump_status&)> progress{}; // now and then; what it throws ends the load
  std::stop_token stop{};                             // ends it with errc::cancelled
};

} // namespace beaver
