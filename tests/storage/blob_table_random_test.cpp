#include "beaver/storage/blob_stream.hpp"
#include "beaver/storage/blob_table.hpp"
#include "beaver/storage/blob_upload.hpp"
#include "blob_support.hpp"
#include "key_range_oracle.hpp"
#include "random_comparison.hpp"
#include "support/failure.hpp"

using namespace beaver;
using namespace beaver::test;

namespace {

struct stored_blob {
  std::string data;
  std::optional<std::string> metadata;
};

using blobs = std::map<std::string, stored_blob>;

struct upload {
  std::string store;
  std::string data;
  unix_seconds touched_at;
};

/// The oracle is a map for each store, and one for the uploads.
class comparison : public random_comparison<> {
  void step() override {
    now_ += 1;
    name_ = dice_.of(names_);
    key_ = dice_.of(trap_keys());
    switch (dice_.below(12)) {
    case 0:
    case 1:
      return put();
    case 2:
      return compare_one();
    case 3:
      return read();
    case 4:
    case 5:
      return set_metadata();
    case 6:
      return erase_or_clear();
    case 7:
      return list();
    case 8:
    case 9:
      return stage();
    case 10:
      return commit_or_discard();
    default:
      return sweep_and_summarise();
    }
  }

  void compare_all() override {
    for (const auto& name : names_) {
      name_ = name;
      check(blob_table::list(c(), name, {}).size(), store().size());
      for (const auto& entry : store()) {
        key_ = entry.first;
        compare_one();
      }
    }
  }

  blobs& store() { return stores_[name_]; }
  stored_blob* current() {
    auto at = store().find(key_);
    return at == store().end() ? nullptr : &at->second;
  }

  static std::optional<json_text> json(const std::optional<std::string>& value) {
    return value ? std::optional{json_text{*value}} : std::nullopt;
  }

  /// Mostly small, with the sizes at which the ways of reading and writing change.
  std::string random_data() {
    static const std::vector<std::size_t> sizes{0,      1,       3000,      5000,     65'536,
                                                65'537, 100'000, 1'048'576, 1'048'577};
    const std::size_t size =
      dice_.one_in(40) ? dice_.below(3'000'000) : sizes[dice_.below(dice_.one_in(8) ? 9 : 5)];
    return pattern(size, dice_.below(100));
  }

  std::optional<std::string> random_metadata() {
    if (dice_.one_in(3))
      return std::nullopt;
    const std::size_t size = dice_.one_in(10) ? dice_.below(10'000) : dice_.below(40);
    return "\"" + std::string(size, 'm') + "\"";
  }

  void put() {
    const stored_blob b{random_data(), random_metadata()};
    blob_table::put(c(), name_, key_, bytes{std::string_view{b.data}}, json(b.metadata));
    store()[key_] = b;
  }

  void compare_one() {
    const stored_blob* b = current();
    const auto found = blob_table::find(c(), name_, key_);
    const auto seen = blob_table::stat(c(), name_, key_);
    check(found.has_value(), b != nullptr);
    check(seen.has_value(), b != nullptr);
    check(blob_table::contains(c(), name_, key_), b != nullptr);
    if (!b)
      return;
    BOOST_REQUIRE((found->data.text() == b->data));
    check(text_of(found->metadata), b->metadata);
    check(text_of(seen->metadata), b->metadata);
    check(seen->size, std::uint64_t{b->data.size()});
  }

  void read() {
    const stored_blob* b = current();
    const std::uint64_t offset = b ? dice_.below(b->data.size() + 10) : 0;
    const std::uint64_t length = dice_.below(200'000);
    const auto part = blob_table::read(c(), name_, key_, offset, length);
    const auto stream = blob_stream::open(c(), name_, key_);
    check(part.has_value(), b != nullptr);
    check(stream.has_value(), b != nullptr);
    if (!b)
      return;
    const std::string expected =
      offset < b->data.size() ? b->data.substr(offset, length) : std::string{};
    BOOST_REQUIRE((part->text() == expected));
    std::vector<std::byte> buffer(length);
    const std::size_t n = stream->read(offset, buffer);
    BOOST_REQUIRE((std::string_view{reinterpret_cast<const char*>(buffer.data()), n} == expected));
  }

  void set_metadata() {
    if (dice_.one_in(2) && !store().empty()) // the large ones are few
      for (const auto& [key, b] : store())
        if (b.data.size() > 1'000'000)
          key_ = key;
    stored_blob* b = current();
    const auto metadata = random_metadata();
    check(blob_table::set_metadata(c(), name_, key_, json(metadata)), b != nullptr);
    if (b)
      b->metadata = metadata;
    compare_one();
  }

  void erase_or_clear() {
    if (dice_.one_in(20)) {
      check(blob_table::clear(c(), name_), std::uint64_t{store().size()});
      store().clear();
    } else {
      check(blob_table::erase(c(), name_, key_), store().erase(key_) == 1);
    }
  }

  void list() {
    const key_range range = random_range(dice_, trap_keys());
    BOOST_TEST_INFO(describe(range));
    const auto expected = in_range(store(), range);
    const auto got = blob_table::list(c(), name_, range);
    BOOST_REQUIRE(got.size() == expected.size());
    for (std::size_t i = 0; i < got.size(); ++i) {
      check(got[i].key, expected[i].first);
      check(got[i].size, std::uint64_t{expected[i].second.data.size()});
      check(text_of(got[i].metadata), expected[i].second.metadata);
    }
    const std::string prefix = dice_.of(trap_keys());
    check(blob_table::count(c(), name_, prefix),
          std::uint64_t{in_range(store(), {.prefix = prefix}).size()});
  }

  void stage() {
    const std::string id = dice_.of(uploads_names_);
    const std::string data = random_data();
    const auto at = uploads_.find(id);
    const bool foreign = at != uploads_.end() && at->second.store != name_;
    const auto result = outcome_of([&] {
      const auto size = blob_table::stage(c(), name_, id, bytes{std::string_view{data}}, now_);
      auto& mine = uploads_.try_emplace(id, upload{name_, "", 0}).first->second;
      mine.data += data;
      mine.touched_at = now_;
      check(size, std::uint64_t{mine.data.size()});
    });
    check(result.failed, foreign);
    check(result.is(errc::already_exists), foreign);
  }

  void commit_or_discard() {
    const std::string id = dice_.of(uploads_names_);
    const auto at = uploads_.find(id);
    const bool mine = at != uploads_.end() && at->second.store == name_;
    if (dice_.one_in(5)) {
      check(blob_table::discard(c(), name_, id), mine);
    } else {
      const auto metadata = random_metadata();
      const auto result = outcome_of([&] {
        const auto size = blob_table::commit_upload(c(), name_, id, key_, json(metadata));
        check(size, std::uint64_t{at->second.data.size()}); // there is one, or it had thrown
        store()[key_] = {at->second.data, metadata};
      });
      check(result.failed, !mine);
      check(result.is(errc::not_found), !mine);
      compare_one();
    }
    if (mine)
      uploads_.erase(at);
  }

  void sweep_and_summarise() {
    const auto removed = std::erase_if(
      uploads_, [&](const auto& item) { return item.second.touched_at < now_ - 100; });
    check(blob_table::sweep_uploads(c(), now_ - 100), std::uint64_t{removed});
    std::uint64_t size = 0;
    for (const auto& item : store())
      size += item.second.data.size();
    std::uint64_t mine = 0;
    for (const auto& item : uploads_)
      mine += item.second.store == name_;
    const auto sum = blob_table::info(c(), name_);
    check(sum.blobs, std::uint64_t{store().size()});
    check(sum.bytes, size);
    check(sum.uploads, mine);
    std::vector<std::string> expected;
    for (const auto& [name, content] : stores_)
      if (!content.empty())
        expected.push_back(name);
    check(blob_table::names(c()), expected);
  }

  unix_seconds now_ = 1000;
  std::vector<std::string> names_{"a", "a\U0010ffff"};
  std::vector<std::string> uploads_names_{"u", "v", "w"};
  std::map<std::string, blobs> stores_;
  std::map<std::string, upload> uploads_;
  std::string name_;
  std::string key_;
};

} // namespace

BOOST_AUTO_TEST_SUITE(blob_table_random)

BOOST_AUTO_TEST_CASE(random_operations_agree_with_maps_also_after_reopening) {
  comparison{}.run(
    {.transactions = 60, .long_transactions = 3'000, .steps = 20, .reopen_every = 30});
}

BOOST_AUTO_TEST_SUITE_END()
