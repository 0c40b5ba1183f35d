#include "beaver/storage/json_cursor.hpp"
#include "beaver/tools/import_rows.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>
#include <utility>

namespace beaver {

namespace {

/// Vectors for one commit after the other, all of one length: what a commit refuses as a whole must
/// not get into it.
class vector_batch {
public:
  explicit vector_batch(const vectors<>& to) : batch_(to.batched()), dims_(to.options().dims) {}

  /// Gives its bytes. Throws bad_line, or `error` invalid_argument.
  std::size_t add(std::string_view id, std::span<const float> v,
                  const std::optional<json_text>& metadata) {
    if (dims_ && !v.empty() && v.size() != *dims_)
      throw bad_line("a vector of " + std::to_string(v.size()) + " numbers, where "
                     + std::to_string(*dims_) + " are wanted");
    batch_.set(id, v, metadata);
    dims_ = v.size();
    return id.size() + v.size_bytes() + (metadata ? metadata->size() : 0);
  }

  /// What `add` takes rows from, and puts them into this.
  [[nodiscard]] row_target filled_by(std::function<std::size_t(std::string_view)> add) {
    return {std::move(add), [this] { return batch_.size(); }, [this] { batch_.commit(); }};
  }

private:
  batch_of<vectors<json_text, batched>> batch_;
  std::optional<std::uint64_t> dims_;
};

struct vector_row {
  std::optional<std::string> id{};
  std::optional<floats> vector{};
  std::optional<json_text> metadata{};
};

/// Only the metadata is brought into normal form, by whoever stores it: numbers of vectors are not
/// kept as text.
vector_row read_vector(std::string_view line, const vector_import_options& how) {
  json_cursor in{line};
  if (in.peek() != json_kind::object)
    throw bad_line("not a JSON object");
  vector_row row;
  std::string others;
  in.enter_object();
  while (const auto member = in.next_member()) {
    if (*member == how.key) {
      row.id = read_id(in, how.key);
    } else if (*member == how.vector) {
      codec::decode(in, row.vector.emplace(), codec::place{how.vector});
    } else if (how.value && *member == *how.value) {
      row.metadata = json_text{in.skip()};
    } else if (how.value) {
      in.skip();
    } else {
      others += others.empty() ? "{" : ", ";
      json::append_string(others, *member);
      others.append(": ").append(in.skip());
    }
  }
  in.finish();
  for (const auto& [field, is_there] :
       {std::pair{&how.key, row.id.has_value()}, {&how.vector, row.vector.has_value()}})
    if (!is_there)
      throw bad_line("no field '" + *field + '\'');
  if (!others.empty())
    row.metadata = json_text{others += '}'};
  return row;
}

/// Cuts a source into records of fvecs.
class fvecs_reader final : public detail::piece_source {
public:
  fvecs_reader(const byte_source& from, std::size_t longest) : from_(from), longest_(longest) {}

  std::optional<piece> next() override {
    begin_ += std::exchange(taken_, 0);
    if (!has(sizeof(std::int32_t)))
      return at_end();
    const auto dims = read_dims();
    if (dims <= 0 || static_cast<std::size_t>(dims) > longest_ / sizeof(float))
      throw error(errc::corrupt, "record " + std::to_string(number_) + " begins with the number "
                                   + std::to_string(dims)
                                   + " of dimensions, so this is no fvecs file, or damaged there");
    const auto size = sizeof dims + static_cast<std::size_t>(dims) * sizeof(float);
    if (!has(size))
      return at_end();
    taken_ = size;
    ++number_;
    return piece{std::string_view{buffer_}.substr(begin_ + sizeof dims, size - sizeof dims), true};
  }

  [[nodiscard]] std::uint64_t bytes() const noexcept override { return bytes_; }

private:
  /// What is left is too little for a record.
  std::optional<piece> at_end() {
    if (begin_ == buffer_.size())
      return {};
    taken_ = buffer_.size() - begin_;
    return piece{{}, false, "the file ends within it"};
  }

  [[nodiscard]] std::int32_t read_dims() const noexcept {
    std::int32_t dims = 0;
    std::memcpy(&dims, buffer_.data() + begin_, sizeof dims);
    return dims;
  }

  /// Whether there are so many bytes, once they have been read.
  bool has(std::size_t size) {
    constexpr std::size_t step = 1 << 18;
    while (buffer_.size() - begin_ < size && !ended_) {
      buffer_.erase(0, std::exchange(begin_, 0));
      const auto before = buffer_.size();
      buffer_.resize(before + step);
      const auto n = from_(std::span{buffer_}.subspan(before));
      buffer_.resize(before + n);
      bytes_ += n;
      ended_ = n == 0;
    }
    return buffer_.size() - begin_ >= size;
  }

  const byte_source& from_;
  const std::size_t longest_;
  std::string buffer_;
  std::size_t begin_ = 0; // of what has not been given yet
  std::size_t taken_ = 0; // bytes of the record that was given last
  bool ended_ = false;
  std::uint64_t number_ = 0;
  std::uint64_t bytes_ = 0;
};

} // namespace

import_result import_lines(const byte_source& from, vectors<> to, const vector_import_options& how,
                           const import_hooks& hooks) {
  vector_batch batch{to};
  const auto rows = batch.filled_by([&](std::string_view line) {
    const auto row = read_vector(line, how);
    return batch.add(*row.id, row.vector->view(), row.metadata);
  });
  return import_rows(from, rows, how.limits, hooks);
}

import_result import_fvecs(const byte_source& from, vectors<> to, const fvecs_import_options& how,
                           const import_hooks& hooks) {
  static_assert(std::endian::native == std::endian::little, "records are read as they lie there");
  constexpr std::size_t digits = 9; // ids in the order of records, up to a thousand million of them
  vector_batch batch{to};
  std::uint64_t number = 0;
  std::vector<float> vector;
  const auto rows = batch.filled_by([&](std::string_view record) {
    vector.resize(record.size() / sizeof(float));
    std::memcpy(vector.data(), record.data(), record.size());
    auto id = std::to_string(number++);
    id.insert(0, digits - std::min(digits, id.size()), '0');
    return batch.add(how.prefix + id, vector, {});
  });
  fvecs_reader records{from, how.limits.longest_line};
  return import_pieces(records, rows, how.limits, hooks);
}

} // namespace beaver
