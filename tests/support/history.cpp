#include "support/history.hpp"

#include <algorithm>
#include <fstream>
#include <iomanip>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <tuple>

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

namespace beaver::test {
namespace {

void append(std::ostream& out, const values& numbers, std::string_view before,
            std::string_view between) {
  auto separator = before;
  for (const auto n : numbers) {
    out << separator << n;
    separator = between;
  }
}

std::string call_line(const event& e) {
  std::ostringstream line;
  line << "call " << e.client << ' ' << e.called << ' ' << std::quoted(e.what.object) << ' '
       << e.what.operation;
  append(line, e.what.arguments, " ", " ");
  line << '\n';
  return line.str();
}

std::string return_line(const event& e) {
  std::ostringstream line;
  line << "return " << e.client << ' ' << e.returned;
  append(line, *e.result, " ", " ");
  line << '\n';
  return line.str();
}

std::string refusal_line(int client) { return "refused " + std::to_string(client) + '\n'; }

values read_numbers(std::istream& in) {
  values numbers;
  for (std::int64_t n = 0; in >> n;)
    numbers.push_back(n);
  if (in.eof()) // also of a line that ends behind its last number
    in.clear(std::ios::eofbit);
  return numbers;
}

/// Reads lines; knows the last event of each client.
class reader {
public:
  void read(const std::string& text) {
    std::istringstream line{text};
    std::string kind;
    int client = 0;
    line >> kind >> client;
    if (kind == "call") {
      read_call(line, client);
    } else {
      const auto open = last_.find(client);
      if (open == last_.end() || events_[open->second].result)
        throw std::runtime_error("nothing was called");
      if (kind == "return")
        read_return(line, events_[open->second]);
      else if (kind == "refused")
        refused_.push_back(open->second);
      else
        throw std::runtime_error("neither call nor return");
      last_.erase(open);
    }
    if (line.fail())
      throw std::runtime_error("not understood");
  }

  [[nodiscard]] history take() {
    history result;
    auto refused = refused_.begin();
    std::sort(refused_.begin(), refused_.end());
    for (std::size_t i = 0; i < events_.size(); ++i)
      if (refused != refused_.end() && *refused == i)
        ++refused;
      else
        result.push_back(std::move(events_[i]));
    return result;
  }

private:
  void read_call(std::istream& line, int client) {
    event e;
    e.client = client;
    line >> e.called >> std::quoted(e.what.object) >> e.what.operation;
    if (line)
      e.what.arguments = read_numbers(line);
    last_[client] = events_.size();
    events_.push_back(std::move(e));
  }

  static void read_return(std::istream& line, event& e) {
    line >> e.returned;
    if (line)
      e.result = read_numbers(line);
  }

  history events_;
  std::map<int, std::size_t> last_;
  std::vector<std::size_t> refused_;
};

} // namespace

std::int64_t monotonic_now() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

std::string to_text(const event& e) {
  std::ostringstream out;
  out << e.what.operation << '(';
  append(out, e.what.arguments, "", ", ");
  out << ") -> ";
  if (e.result) {
    out << '(';
    append(out, *e.result, "", ", ");
    out << ')';
  } else {
    out << '?';
  }
  return out.str();
}

client_record::client_record(int client, const std::filesystem::path& file) : client_(client) {
  if (file.empty())
    return;
  file_ = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (file_ < 0)
    throw std::runtime_error("no new file for a client's record: " + file.string());
}

client_record::~client_record() {
  if (file_ >= 0)
    ::close(file_);
}

void client_record::begin(call what) {
  note({client_, std::move(what), std::nullopt, monotonic_now(), 0});
}

void client_record::end(values result) {
  const auto now = monotonic_now();
  auto& e = last_call();
  e.returned = now;
  e.result = std::move(result);
  if (file_ >= 0)
    write(return_line(e));
}

void client_record::refuse() {
  static_cast<void>(last_call());
  events_.pop_back();
  if (file_ >= 0)
    write(refusal_line(client_));
}

void client_record::may_happen(call what, std::int64_t from) {
  note({client_, std::move(what), std::nullopt, from, 0});
}

event& client_record::last_call() {
  if (events_.empty() || events_.back().result)
    throw std::logic_error("no call was begun");
  return events_.back();
}

void client_record::note(event e) {
  events_.push_back(std::move(e));
  if (file_ >= 0)
    write(call_line(events_.back()));
}

void client_record::write(const std::string& line) const {
  if (::write(file_, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
    throw std::runtime_error("a client's record cannot be written");
}

client_record& recorder::client(int number) {
  std::lock_guard lock{mutex_};
  const auto file =
    folder_.empty() ? folder_ : folder_ / ("client-" + std::to_string(number) + ".history");
  const auto found = clients_.find(number);
  if (found != clients_.end())
    return found->second;
  return clients_
    .emplace(std::piecewise_construct, std::tuple{number}, std::forward_as_tuple(number, file))
    .first->second;
}

history recorder::events() const {
  std::lock_guard lock{mutex_};
  history all;
  for (const auto& [number, client] : clients_)
    all.insert(all.end(), client.events().begin(), client.events().end());
  return all;
}

void write_history(std::ostream& out, const history& events) {
  for (const auto& e : events) {
    out << call_line(e);
    if (e.result)
      out << return_line(e);
  }
}

history read_history(std::istream& in) {
  reader lines;
  std::string text;
  for (int number = 1; std::getline(in, text) && !in.eof(); ++number)
    try {
      lines.read(text);
    } catch (const std::runtime_error& e) {
      throw std::runtime_error("history, line " + std::to_string(number) + ": " + e.what() + ": "
                               + text);
    }
  return lines.take();
}

void save_history(const std::filesystem::path& file, const history& events) {
  std::ofstream out{file};
  write_history(out, events);
  if (!out.flush())
    throw std::runtime_error("history cannot be written: " + file.string());
}

history read_histories(const std::filesystem::path& folder) {
  history all;
  for (const auto& file : std::filesystem::directory_iterator{folder}) {
    std::ifstream in{file.path()};
    for (auto& e : read_history(in))
      all.push_back(std::move(e));
  }
  return all;
}

} // namespace beaver::test
