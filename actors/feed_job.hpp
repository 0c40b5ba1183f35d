#pragma once
#include "beaver/actors/job.hpp"
#include "beaver/actors/operation.hpp"
#include "beaver/actors/stream_buffer.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/message.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace beaver {

/// Items of a feed behind some position, with the position of each.
struct feed_page {
  std::vector<stream_buffer::pointer> items{};
  std::vector<std::uint64_t> positions{}; ///< of the items, ascending
  std::uint64_t upto = 0;                 ///< nothing more is up to this position
};

/// How a manager reads what its subscribers follow: rows in the order of their positions, which
/// only grow.
struct feed_source {
  /// The position of the newest row there is, of the feed `name` or of any; the next one is beyond
  /// it.
  std::uint64_t (*head)(job_context&, const std::string& name);
  /// The position behind which a subscription begins that `message` opens.
  std::uint64_t (*start)(job_context&, const void* message);
  /// At most `most` items of the feed `name`, perhaps fewer, in their order.
  feed_page (*read)(job_context&, const std::string& name, std::uint64_t after, std::size_t most);
  /// When a row gets its turn by itself, without a commit. May be null.
  std::optional<unix_seconds> (*due)(job_context&, const std::string& name) = nullptr;
};

/// One look at the file for everything that the manager of a feed wants to know, so that it all
/// comes from one state of the file.
class feed_job final : public job, public std::enable_shared_from_this<feed_job> {
public:
  feed_job(const feed_source& source, std::string name) : source_(source), name_(std::move(name)) {}

  struct arrival {
    std::uint64_t id;
    std::shared_ptr<const void> message;
    std::uint64_t start = 0;          ///< set by `run`
    std::optional<failure> refusal{}; ///< or this
  };
  struct reading {
    std::uint64_t id; ///< of a subscriber; 0: the tail, for all that are up to date
    std::uint64_t after;
    std::size_t most;
    feed_page page{}; ///< set by `run`
  };

  std::vector<arrival> arrivals;
  std::vector<reading> readings;
  std::uint64_t head = 0;          ///< set by `run`
  std::optional<unix_seconds> due; ///< likewise

  [[nodiscard]] bool idle() const noexcept { return arrivals.empty() && readings.empty(); }

  /// Answers with this job, filled in.
  caf::message run(job_context& context) override;
  [[nodiscard]] bool reads() const noexcept override { return true; }

private:
  const feed_source& source_;
  const std::string name_;
};

using feed_job_ptr = std::shared_ptr<feed_job>;

/// A subscription within this process: the message that opens it, and the buffer to fill.
struct subscription_request {
  const operation* opens;
  std::shared_ptr<const void> message; ///< checked
  std::shared_ptr<stream_buffer> buffer;
};

} // namespace beaver

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(beaver::feed_job_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(beaver::subscription_request)
