#include "beaver/api/blob_io.hpp"

#include "beaver/actors/unique_id.hpp"

namespace beaver {

blob_writer::blob_writer(std::shared_ptr<backend> to, std::string name, std::string key,
                         std::optional<json_text> metadata)
  : to_(std::move(to)), name_(std::move(name)), key_(std::move(key)), upload_(make_unique_id()),
    metadata_(std::move(metadata)) {}

blob_writer::~blob_writer() {
  if (!to_ || staged_ == 0)
    return;
  try {
    call(*to_, blob_discard{name_, upload_});
  } catch (const error&) {
    // The sweep removes it.
  }
}

void blob_writer::write(std::span<const std::byte> part) {
  if (!to_)
    throw error(errc::closed, "the writer of blob '" + key_ + "' is finished");
  size_ += part.size();
  while (!part.empty()) {
    const auto fit = std::min(part.size(), chunk - buffer_.size());
    buffer_.append(reinterpret_cast<const char*>(part.data()), fit);
    part = part.subspan(fit);
    if (buffer_.size() == chunk)
      stage();
  }
}

std::uint64_t blob_writer::commit() {
  if (!to_)
    throw error(errc::closed, "the writer of blob '" + key_ + "' is finished");
  if (staged_ == 0) { // it fits one chunk: no need to stage anything
    call(*to_, blob_put{name_, key_, bytes{buffer_}, metadata_});
  } else {
    if (!buffer_.empty())
      stage();
    call(*to_, blob_commit{name_, upload_, key_, metadata_});
  }
  to_.reset();
  return size_;
}

void blob_writer::stage() {
  const auto so_far = call(*to_, blob_stage{name_, upload_, bytes{buffer_}});
  staged_ += buffer_.size();
  if (so_far != staged_) // begun anew, for what came before has been swept
    throw error(errc::not_found, "what was written of blob '" + key_
                                   + "' was swept after a day without a write; write it again");
  buffer_.clear();
}

} // namespace beaver
