#include "beaver/actors/feed_job.hpp"

#include "beaver/storage/error.hpp"

#include <caf/make_message.hpp>

namespace beaver {

caf::message feed_job::run(job_context& context) {
  head = source_.head(context, name_);
  if (source_.due)
    due = source_.due(context, name_);
  for (auto& a : arrivals)
    try {
      a.start = source_.start(context, a.message.get());
    } catch (const error& e) {
      a.refusal = failure{e.code(), e.what()};
    }
  for (auto& r : readings)
    r.page = source_.read(context, name_, r.after, r.most);
  return caf::make_message(shared_from_this());
}

} // namespace beaver
