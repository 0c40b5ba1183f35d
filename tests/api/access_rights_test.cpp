#include "beaver/actors/registry.hpp"
#include "beaver/actors/sketch.hpp"
#include "beaver/api/access.hpp"
#include "beaver/api/database.hpp"
#include "support/failure.hpp"
#include "support/operations.hpp"

#include <boost/test/unit_test.hpp>
#include <map>
#include <set>
#include <sstream>

using namespace beaver;
using namespace beaver::test;

namespace {

/// Every operation of the registry by what it takes: a new one is placed here by hand.
constexpr const char* takes_read = R"(
  blob_contains blob_count blob_find blob_info blob_list blob_names blob_read blob_stat
  changes_follow changes_read changes_watched
  channel_count channel_cursors channel_get_cursor channel_get_retention channel_history
  channel_info channel_names channel_pattern_subscribe channel_read channel_subscribe
  dict_contains dict_count dict_find dict_info dict_items dict_keys dict_names dict_ttl dict_values
  docs_aggregate docs_count docs_explain docs_find docs_get_many docs_get_options docs_indexes
  docs_info docs_list docs_names docs_search
  graph_children graph_components graph_count graph_cycle graph_degree graph_dot graph_edges
  graph_find graph_info graph_labels graph_linked graph_names graph_neighbourhood graph_nodes
  graph_pagerank graph_parents graph_shortest_path graph_walk
  list_contains list_count list_find list_find_at list_info list_items list_names list_range
  lock_count lock_holder lock_info lock_names lock_waiters
  log_aggregate log_count log_explain log_follow log_get_retention log_indexes log_info log_live log_names
  log_now log_range log_tail
  queue_count queue_count_by_state queue_get_options queue_info queue_items queue_names queue_peek
  sketch_compare sketch_contains sketch_count sketch_dump sketch_estimate sketch_info sketch_names
  sketch_quantiles sketch_ranks sketch_top
  vectors_compaction vectors_count vectors_explain vectors_find vectors_get_many
  vectors_get_options vectors_indexes vectors_info vectors_list vectors_names vectors_near
  vectors_near_many)";
constexpr const char* takes_write = R"(
  blob_clear blob_commit blob_discard blob_erase blob_put blob_set_metadata blob_stage
  changes_unwatch changes_watch
  channel_clear channel_erase_cursor channel_publish channel_publish_ephemeral
  channel_publish_many channel_retain channel_set_cursor
  dict_clear dict_compare_and_set dict_erase dict_increment dict_persist dict_pop dict_set
  dict_set_if_absent dict_sweep dict_touch
  docs_clear docs_configure docs_create_index docs_drop docs_drop_index docs_index docs_index_many
  docs_open docs_patch docs_reindex
  graph_clear graph_link graph_link_many graph_unlink graph_unlink_node
  list_clear list_erase list_extend list_insert list_move list_pop list_pop_front list_prepend
  list_push list_remove list_set list_trim
  lock_acquire lock_check lock_clear lock_release lock_renew lock_try
  log_append log_append_many log_clear log_create_index log_drop_index log_erase log_reindex
  log_retain
  queue_ack queue_clear queue_configure queue_extend queue_get queue_get_many queue_nack queue_open
  queue_put queue_put_many queue_redrive queue_take queue_take_many
  sketch_add sketch_add_many sketch_clear sketch_drop sketch_load sketch_merge sketch_open
  vectors_clear vectors_compact vectors_configure vectors_create_index vectors_drop_index
  vectors_erase vectors_open vectors_reindex vectors_set vectors_set_many)";
constexpr const char* takes_admin = R"(
  database_batch database_info database_sweep
  token_create token_list token_revoke token_verify)";

/// Members that are texts and name no further manager: a new one is looked at by hand.
constexpr const char* harmless_members = R"(
  after by candidates close cursor direction field from full_text functions group_by how id ids
  key kind label labels node on open order overflow prefix query receipt scopes source start
  target to token upload view waiter weight)";

std::set<std::string> words(const char* text) {
  std::istringstream in{text};
  return {std::istream_iterator<std::string>{in}, {}};
}

const operation& op(std::string_view name) { return get_operation(name); }

caller with(std::initializer_list<const char*> scopes) {
  std::vector<scope> all;
  for (const auto* text : scopes)
    all.emplace_back(text);
  return {"test", std::move(all)};
}

/// Whether a message of this JSON may be sent.
bool may_send(const caller& who, std::string_view name, std::string_view json) {
  const auto message = op(name).make();
  op(name).decode(message.get(), json);
  return who.may_send(op(name), message.get());
}

} // namespace

BOOST_AUTO_TEST_SUITE(access_rights)

BOOST_AUTO_TEST_CASE(every_operation_takes_the_kind_that_it_was_given_here) {
  std::map<std::string, access_kind> expected;
  for (const auto& [list, kind] : {std::pair{takes_read, access_kind::read},
                                   {takes_write, access_kind::write},
                                   {takes_admin, access_kind::admin}})
    for (const auto& name : words(list))
      BOOST_TEST(expected.emplace(name, kind).second, name << " is there twice");
  for (const auto* o : all_operations()) {
    const auto found = expected.find(std::string{o->name});
    BOOST_REQUIRE_MESSAGE(found != expected.end(), o->name << " is not in the table");
    BOOST_TEST((kind_of(*o) == found->second), o->name);
    expected.erase(found);
  }
  for (const auto& [name, kind] : expected)
    BOOST_TEST(false, name << " is no operation");
}

BOOST_AUTO_TEST_CASE(whatever_changes_a_file_takes_more_than_read) {
  for (const auto* o : all_operations())
    if (!o->streams && kind_of(*o) == access_kind::read)
      BOOST_TEST((o->reads && o->route->method == verb::get), o->name);
}

BOOST_AUTO_TEST_CASE(a_right_over_one_manager_is_none_over_lists_of_names) {
  BOOST_TEST(with({"read:dicts/cfg"}).may(op("dict_find"), "cfg"));
  BOOST_TEST(!with({"read:dicts/cfg"}).may(op("dict_names"), ""));
  BOOST_TEST(!with({"read:dicts/?*"}).may(op("dict_names"), ""));
  BOOST_TEST(with({"read:dicts"}).may(op("dict_names"), ""));
  BOOST_TEST(!with({"read:lists"}).may(op("dict_names"), ""));
}

BOOST_AUTO_TEST_CASE(patterns_take_all_names_that_they_could_match) {
  const auto& channels = op("channel_pattern_subscribe");
  BOOST_TEST(with({"read:channels"}).may(channels, "news.*"));
  BOOST_TEST(with({"write:*"}).may(channels, "news.*"));
  BOOST_TEST(!with({"read:channels/news.*"}).may(channels, "news.*"));
  BOOST_TEST(!with({"read:channels/n*", "read:dicts"}).may(channels, "news.*"));
  for (const auto* name : {"changes_follow", "changes_read", "changes_watched"}) {
    BOOST_TEST(with({"read:*"}).may(op(name), "dict:cfg"), name);
    BOOST_TEST(!with({"read:dicts"}).may(op(name), "dict:cfg"), name);
    BOOST_TEST(!with({"read:*/cfg"}).may(op(name), "dict:cfg"), name);
  }
  BOOST_TEST(!with({"read:*"}).may(op("changes_watch"), "dict:cfg"));
  BOOST_TEST(with({"write:*"}).may(op("changes_watch"), "dict:cfg"));
}

BOOST_AUTO_TEST_CASE(the_whole_file_takes_admin) {
  for (const auto* name : {"database_info", "database_sweep", "token_list"}) {
    BOOST_TEST(!with({"write:*"}).may(op(name), ""), name);
    BOOST_TEST(!with({"admin:dicts"}).may(op(name), ""), name);
    BOOST_TEST(with({"admin:*"}).may(op(name), ""), name);
  }
  BOOST_TEST(with({"admin:tokens"}).may(op("token_create"), ""));
  BOOST_TEST(!with({"admin:tokens"}).may(op("database_info"), ""));
  BOOST_TEST(with({"admin:database"}).may(op("database_info"), ""));
}

BOOST_AUTO_TEST_CASE(rights_add_up_and_nothing_comes_of_none) {
  const auto who = with({"read:dicts", "write:lists/a"});
  BOOST_TEST(who.may(op("dict_find"), "x"));
  BOOST_TEST(who.may(op("list_push"), "a"));
  BOOST_TEST(!who.may(op("dict_set"), "a"));
  BOOST_TEST(!who.may(op("list_push"), "b"));
  for (const auto* o : all_operations())
    BOOST_TEST(!with({}).may(*o, "x"), o->name);
}

BOOST_AUTO_TEST_CASE(further_managers_of_a_message_take_their_own_right) {
  const auto both = [](const char* name, const char* json, const char* first, const char* second) {
    BOOST_TEST(!may_send(with({first}), name, json), name << ' ' << json);
    BOOST_TEST(!may_send(with({second}), name, json), name << ' ' << json);
    BOOST_TEST(may_send(with({first, second}), name, json), name << ' ' << json);
  };
  both("sketch_merge", R"({"name": "a", "other": "b"})", "write:sketches/a", "read:sketches/b");
  both("sketch_compare", R"({"name": "a", "other": "b"})", "read:sketches/a", "read:sketches/b");
  both("queue_configure", R"({"name": "a", "dead_letter": "b"})", "write:queues/a",
       "write:queues/b");
  both("queue_open", R"({"name": "a", "dead_letter": "b"})", "write:queues/a", "write:queues/b");
  both("docs_search", R"({"name": "a", "query": "x", "vector": [1.0], "vectors": "b"})",
       "read:documents/a", "read:vectors/b");
  both("docs_search", R"({"name": "a", "query": "", "vector": [1.0]})", "read:documents/a",
       "read:vectors/a");
  BOOST_TEST(may_send(with({"read:documents/a"}), "docs_search", R"({"name": "a", "query": "x"})"));
  BOOST_TEST(may_send(with({"write:queues/a"}), "queue_configure", R"({"name": "a"})"));
}

BOOST_AUTO_TEST_CASE(every_member_that_is_a_text_is_known_to_name_a_manager_or_none) {
  const auto harmless = words(harmless_members);
  auto unused = harmless;
  const std::set<std::string_view> managers{"other", "dead_letter", "vectors"};
  int naming = 0;
  for (const auto* o : all_operations())
    for (const auto& m : o->members) {
      if ((m.type != "string" && m.item_type != "string") || m.name == "name")
        continue;
      if (!managers.contains(m.name)) {
        BOOST_TEST(harmless.contains(std::string{m.name}), o->name << '.' << m.name);
        unused.erase(std::string{m.name});
        continue;
      }
      ++naming;
      const auto message = o->make();
      o->set_member(message.get(), "name", "mine");
      o->set_member(message.get(), m.name, "theirs");
      const auto all_but_theirs = with({"admin:*/mine"});
      BOOST_TEST(all_but_theirs.may(*o, "mine"), o->name);
      BOOST_TEST(!all_but_theirs.may_send(*o, message.get()), o->name << '.' << m.name);
    }
  BOOST_TEST(naming == 5);
  for (const auto& name : unused)
    BOOST_TEST(false, name << " is no member");
}

BOOST_AUTO_TEST_CASE(a_batch_takes_the_rights_of_its_steps) {
  const char* steps = R"({"steps": [
    {"operation": "dict_set", "arguments": {"name": "a", "key": "k", "value": 1}},
    {"operation": "sketch_merge", "arguments": {"name": "s", "other": "t"}}]})";
  BOOST_TEST(may_send(with({"write:dicts/a", "write:sketches"}), "database_batch", steps));
  BOOST_TEST(!may_send(with({"write:dicts/a", "write:sketches/s"}), "database_batch", steps));
  BOOST_TEST(!may_send(with({"write:dicts/b", "write:sketches"}), "database_batch", steps));
  BOOST_TEST(may_send(with({"admin:*"}), "database_batch", steps));
  const char* making = R"({"steps": [{"operation": "token_revoke", "arguments": {"id": "x"}}]})";
  BOOST_TEST(!may_send(with({"write:*"}), "database_batch", making));
  const char* nested =
    R"({"steps": [{"operation": "database_batch", "arguments": {"steps": []}}]})";
  BOOST_TEST(!may_send(with({"admin:*"}), "database_batch", nested));
  for (const auto* bad : {R"({"steps": [{"operation": "none", "arguments": {}}]})",
                          R"({"steps": [{"operation": "dict_set", "arguments": {"nam": 1}}]})"})
    BOOST_TEST(outcome_of([&] {
                 static_cast<void>(may_send(with({"admin:*"}), "database_batch", bad));
               }).is(errc::invalid_argument));
}

BOOST_AUTO_TEST_SUITE_END()
