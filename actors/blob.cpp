#include "beaver/actors/blob.hpp"

#include "beaver/actors/checks.hpp"
#include "beaver/actors/table_type.hpp"
#include "beaver/actors/types.hpp"
#include "beaver/storage/blob_upload.hpp"

namespace beaver {
using blob_wire = detail::wire_block<blob_messages, 21200>;
}
BEAVER_WIRE_BLOCK(beaver::blob_wire)

namespace beaver {

namespace {

struct blob_operations {
  template <class M>
  static void check(M& m) {
    if constexpr (requires { m.name; })
      check_name("blob store", m.name);
    if constexpr (requires { m.key; })
      check_key("key", m.key);
    if constexpr (requires { m.upload; })
      check_key("upload", m.upload);
    if constexpr (requires { m.metadata; }) {
      if (m.metadata)
        normalise("metadata", *m.metadata);
    }
  }

  static void run(job_context& x, const blob_put& m) {
    blob_table::put(x.db, m.name, m.key, m.data, m.metadata);
  }
  static auto run(job_context& x, const blob_find& m) {
    return blob_table::find(x.db, m.name, m.key);
  }
  static auto run(job_context& x, const blob_read& m) {
    return blob_table::read(x.db, m.name, m.key, m.offset, m.length);
  }
  static auto run(job_context& x, const blob_stat& m) {
    return blob_table::stat(x.db, m.name, m.key);
  }
  static auto run(job_context& x, const blob_set_metadata& m) {
    return blob_table::set_metadata(x.db, m.name, m.key, m.metadata);
  }
  static auto run(job_context& x, const blob_erase& m) {
    return blob_table::erase(x.db, m.name, m.key);
  }
  static auto run(job_context& x, const blob_contains& m) {
    return blob_table::contains(x.db, m.name, m.key);
  }
  static auto run(job_context& x, const blob_count& m) {
    return blob_table::count(x.db, m.name, m.prefix);
  }
  static auto run(job_context& x, const blob_list& m) { return blob_table::list(x.db, m.name, m); }
  static void run(job_context& x, const blob_clear& m) { blob_table::clear(x.db, m.name); }
  static auto run(job_context& x, const blob_stage& m) {
    return blob_table::stage(x.db, m.name, m.upload, m.data, x.now);
  }
  static auto run(job_context& x, const blob_commit& m) {
    return blob_table::commit_upload(x.db, m.name, m.upload, m.key, m.metadata);
  }
  static auto run(job_context& x, const blob_discard& m) {
    return blob_table::discard(x.db, m.name, m.upload);
  }
  static auto run(job_context& x, const blob_info& m) { return blob_table::info(x.db, m.name); }
  static auto run(job_context& x, const blob_names&) { return blob_table::names(x.db); }
};

} // namespace

const data_type& blob_type() {
  return detail::describe_table_type<blob_operations, blob_wire, blob_messages>("blob", "blobs");
}

} // namespace beaver
