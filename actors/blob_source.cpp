#include "beaver/actors/blob_source.hpp"

#include "beaver/actors/blob.hpp"
#include "beaver/actors/engine.hpp"
#include "beaver/actors/session.hpp"
#include "beaver/storage/blob_stream.hpp"

#include <algorithm>

namespace beaver {

struct blob_source::impl {
  virtual ~impl() = default;
  virtual std::size_t read(std::uint64_t offset, std::span<std::byte> target) = 0;
  std::uint64_t size = 0;
};

namespace {

/// The stream belongs to the session, which may end before the source does.
struct streamed_source final : blob_source::impl {
  streamed_source(std::shared_ptr<snapshot_session> s, const blob_stream& b)
    : session(std::move(s)), stream(b) {
    size = b.size();
  }

  ~streamed_source() override {
    try {
      session->with_connection([this](connection&) { session->detach(&stream); });
    } catch (const error&) {
      // The session has ended and taken the stream along.
    }
  }

  std::size_t read(std::uint64_t offset, std::span<std::byte> target) override {
    return session->with_connection([&](connection&) { return stream.read(offset, target); });
  }

  std::shared_ptr<snapshot_session> session;
  const blob_stream& stream;
};

/// What another process gave.
struct held_source final : blob_source::impl {
  explicit held_source(bytes b) : content(std::move(b)) { size = content.size(); }

  std::size_t read(std::uint64_t offset, std::span<std::byte> target) override {
    const auto rest = content.view().subspan(std::min<std::size_t>(offset, content.size()));
    const auto n = std::min(rest.size(), target.size());
    std::copy_n(rest.begin(), n, target.begin());
    return n;
  }

  const bytes content;
};

} // namespace

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
  if (std::dynamic_pointer_cast<transaction_session>(view))
    throw error(errc::not_supported,
                "a blob cannot be streamed out of a transaction; read it in ranges");
  if (!session) {
    auto whole = call(*view, blob_find{name, key});
    if (!whole)
      return std::nullopt;
    return blob_source{std::make_unique<held_source>(std::move(whole->data))};
  }
  return session->with_connection([&](connection& db) -> std::optional<blob_source> {
    auto stream = blob_stream::open(db, name, key);
    if (!stream)
      return std::nullopt;
    auto kept = std::make_shared<blob_stream>(std::move(*stream));
    session->attach(kept);
    return blob_source{std::make_unique<streamed_source>(session, *kept)};
  });
}

std::uint64_t blob_source::size() const noexcept { return impl_->size; }

std::size_t blob_source::read(std::uint64_t offset, std::span<std::byte> target) {
  return impl_->read(offset, target);
}

} // namespace beaver
