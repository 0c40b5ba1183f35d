#include "beaver/actors/blob_source.hpp"

#include "beaver/actors/engine.hpp"
#include "beaver/actors/session.hpp"
#include "beaver/storage/blob_stream.hpp"

namespace beaver {

/// The stream belongs to the session, which may end before the source does.
struct blob_source::impl {
  impl(std::shared_ptr<snapshot_session> s, const blob_stream& b)
    : session(std::move(s)), stream(b), size(b.size()) {}

  ~impl() {
    try {
      session->with_connection([this](connection&) { session->detach(&stream); });
    } catch (const error&) {
      // The session has ended and taken the stream along.
    }
  }
  impl(const impl&) = delete;
  impl& operator=(const impl&) = delete;

  std::shared_ptr<snapshot_session> session;
  const blob_stream& stream;
  std::uint64_t size;
};

blob_source::blob_source(std::unique_ptr<impl> inside) noexcept : impl_(std::move(inside)) {}
blob_source::blob_source(blob_source&&) noexcept = default;
blob_source& blob_source::operator=(blob_source&&) noexcept = default;
blob_source::~blob_source() = default;

std::optional<blob_source> blob_source::open(const std::shared_ptr<backend>& from,
                                             const std::string& name, const std::string& key) {
  auto view = from;
  if (auto* e = dynamic_cast<engine*>(from.get()))
    view = e->snapshot();
  auto session = std::dynamic_pointer_cast<snapshot_session>(view);
  if (!session)
    throw error(errc::not_supported, "a blob cannot be streamed out of a transaction or a remote "
                                     "database; read it in ranges");
  return session->with_connection([&](connection& db) -> std::optional<blob_source> {
    auto stream = blob_stream::open(db, name, key);
    if (!stream)
      return std::nullopt;
    auto kept = std::make_shared<blob_stream>(std::move(*stream));
    session->attach(kept);
    return blob_source{std::make_unique<impl>(session, *kept)};
  });
}

std::uint64_t blob_source::size() const noexcept { return impl_->size; }

std::size_t blob_source::read(std::uint64_t offset, std::span<std::byte> target) {
  return impl_->session->with_connection(
    [&](connection&) { return impl_->stream.read(offset, target); });
}

} // namespace beaver
