#ifndef __clang__
// CAF reads an enum of a list into a variable that has no value if that fails.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include "beaver/actors/registry.hpp"

#include "beaver/actors/blob.hpp"
#include "beaver/actors/changes.hpp"
#include "beaver/actors/channel.hpp"
#include "beaver/actors/database.hpp"
#include "beaver/actors/dict.hpp"
#include "beaver/actors/graph.hpp"
#include "beaver/actors/inspect.hpp"
#include "beaver/actors/list.hpp"
#include "beaver/actors/log.hpp"
#include "beaver/actors/queue.hpp"
#include "beaver/actors/shape.hpp"
#include "beaver/actors/token.hpp"
#include "support/operations.hpp"

#include <boost/mp11/algorithm.hpp>
#include <boost/test/unit_test.hpp>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>
#include <caf/deep_to_string.hpp>
#include <caf/message.hpp>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <vector>

using namespace beaver;
using beaver::test::all_operations;

namespace {

/// A value for every kind of member, as it would stand on a command line.
std::string sample_of(const operation& op, const member_info& member) {
  if (member.name == "overflow")
    return "drop_oldest";
  if (member.name == "where")
    return R"([{"path": "a", "operator": "==", "value": [1]}])";
  if (member.name == "labels")
    return R"(["a", "b"])";
  if (member.name == "direction")
    return "both";
  static const std::map<std::string, std::string> own{
    {"channel_publish_many.payloads", "[1, {}]"},
    {"graph_edges.after", R"({"source": "a", "target": "b", "label": "c"})"},
    {"graph_link_many.edges", R"([{"source": "a", "target": "b", "label": "c", "metadata": [1]},)"
                              R"( {"source": "a", "target": "b", "label": "d"}])"},
    {"graph_pagerank.personal", R"({"a": 0.5, "b": 2.0})"},
    {"log_append_many.entries", R"([{"data": [1], "timestamp": 2.5}, {"data": null}])"},
    {"docs_aggregate.functions", R"(["avg"])"},
    {"docs_configure.full_text", R"(["title", "a.b"])"},
    {"docs_get_many.ids", R"(["a", "b"])"},
    {"docs_index_many.documents", R"([{"body": [1], "id": "x"}, {"body": null}])"},
    {"docs_list.sort", R"([{"field": "a", "order": "DESC"}, {"field": "b"}])"},
    {"docs_open.full_text", "[]"},
    {"docs_search.fusion", R"({"method": "weighted_scores", "text_weight": 0.5})"},
    {"docs_search.on", R"(["title"])"},
    {"docs_search.vector", "[0.5, -1.0]"},
    {"docs_search.weights", R"([{"field": "a", "weight": 2.5}])"},
    {"log_range.order", "desc"},
    {"log_aggregate.functions", R"(["sum", "p99"])"},
    {"log_live.functions", R"(["max"])"},
    {"queue_items.view", "held"},
    {"queue_items.after", R"({"priority": -1.5, "timestamp": 1.5, "ordinal": 2})"},
    {"queue_put_many.items", R"([{"data": [1], "priority": 3, "delay": 2.5}])"},
    {"sketch_add.kind", "top_k"},
    {"sketch_add_many.kind", "count_min"},
    {"sketch_open.kind", "quantiles"},
    {"sketch_quantiles.shares", "[0.5, 1.0]"},
    {"sketch_ranks.values", "[-1.5, 2.0]"},
    {"token_create.scopes", R"(["read:dicts/cfg", "admin:*"])"},
    {"vectors_configure.by", "inner_product"},
    {"vectors_configure.how", "lsh"},
    {"vectors_get_many.ids", R"(["a", "b"])"},
    {"vectors_near.by", "manhattan"},
    {"vectors_near.candidates", R"(["a", "b"])"},
    {"vectors_near.vector", "[0.5, -1.0]"},
    {"vectors_near_many.by", "euclid"},
    {"vectors_near_many.candidates", "[]"},
    {"vectors_near_many.vectors", "[[0.5, -1.0], [2.0, 3.0]]"},
    {"vectors_open.by", "cosine"},
    {"vectors_open.how", "automatic"},
    {"vectors_set.vector", "[0.5, -1.0]"},
    {"vectors_set_many.vectors", R"([{"id": "a", "vector": [0.5], "metadata": [1]},)"
                                 R"( {"id": "b", "vector": [1.0]}])"}};
  if (const auto found = own.find(std::string{op.name} + '.' + std::string{member.name});
      found != own.end())
    return found->second;
  static const std::map<std::string_view, std::string> samples{
    {"string", "some text"},
    {"integer", "7"},
    {"number", "2.5"},
    {"boolean", "true"},
    {"json", R"({"a": [1, "\u00e9"]})"},
    {"bytes", std::string{"\0\xff raw", 6}},
    {"array", R"([{"operation": "dict_clear", "arguments": {"name": "n"}}])"}};
  const auto found = samples.find(member.type);
  BOOST_REQUIRE_MESSAGE(found != samples.end(), "no sample for type " << member.type);
  return found->second;
}

std::shared_ptr<void> sample_message(const operation& op, bool with_optional_members) {
  auto m = op.make();
  for (const auto& member : op.members)
    if (member.required || with_optional_members)
      op.set_member(m.get(), member.name, sample_of(op, member));
  return m;
}

std::string json_of(const operation& op, const void* message) {
  std::string text;
  op.encode(message, text);
  return text;
}

struct network_system : caf::actor_system_config {
  network_system() {
    for (const auto* type : registry())
      type->register_messages(*this);
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", size_t{1});
  }
};

struct fixture {
  network_system config;
  caf::actor_system system{config};

  template <class T>
  std::vector<char> save(T& x) {
    std::vector<char> buffer;
    caf::binary_serializer sink{system, buffer};
    BOOST_REQUIRE(!sink(x));
    return buffer;
  }

  template <class T>
  T through_the_wire(T x) {
    auto buffer = save(x);
    T y;
    caf::binary_deserializer source{system, buffer};
    BOOST_REQUIRE(!source(y));
    return y;
  }
};

/// JSON that looks as a shape says, with all members; what is deeper than any of ours is left out.
std::string sample_of(const shape& s, int depth = 0) {
  const auto parts = [&](const char* open, const char* close, auto text_of) {
    std::string all = open;
    for (const auto& part : s.parts)
      all += (all.size() > 1 ? ", " : "") + text_of(part);
    return all + close;
  };
  const auto plain = [&](const shape_part& part) { return sample_of(part.of(), depth + 1); };
  switch (s.kind) {
  case shape_kind::any:
    return R"({"a": [1]})";
  case shape_kind::null:
    return "null";
  case shape_kind::boolean:
    return "true";
  case shape_kind::integer:
    return "-7";
  case shape_kind::natural:
    return "7";
  case shape_kind::number:
    return "2.5";
  case shape_kind::string:
    return R"("some text")";
  case shape_kind::word:
    return '"' + std::string{s.words.back().name} + '"';
  case shape_kind::base64:
    return R"("AP8gcmF3")";
  case shape_kind::array:
    return depth > 6 ? "[]" : parts("[", "]", plain);
  case shape_kind::tuple:
    return parts("[", "]", plain);
  case shape_kind::choice:
    return plain(s.parts.back());
  case shape_kind::map:
    return parts("{", "}", [&](const shape_part& part) { return R"("k": )" + plain(part); });
  case shape_kind::object:
    break;
  }
  return parts("{", "}", [&](const shape_part& part) {
    return '"' + std::string{part.name} + R"(": )" + plain(part);
  });
}

/// The members of a message as they are told, those of bytes by their size.
struct told_members final : member_sink {
  void value(const member_info& member, std::string_view json) override {
    text += std::string{member.name} + '=' + std::string{json} + ' ';
  }
  void content(const member_info& member, const bytes& data) override {
    text += std::string{member.name} + '=' + std::to_string(data.size()) + ' ';
  }
  std::string text;
};

/// The segments of a path; a variable is "*".
std::vector<std::string> segments(std::string_view path) {
  std::vector<std::string> all;
  for (std::size_t at = 1; at <= path.size();) {
    const auto end = std::min(path.find('/', at), path.size());
    const auto part = path.substr(at, end - at);
    all.emplace_back(part.starts_with('{') ? "*" : part);
    at = end + 1;
  }
  return all;
}

bool overlap(const operation& a, const operation& b) {
  const auto x = segments(a.route->path);
  const auto y = segments(b.route->path);
  if (a.route->method != b.route->method || x.size() != y.size())
    return false;
  for (std::size_t i = 0; i < x.size(); ++i)
    if (x[i] != y[i] && x[i] != "*" && y[i] != "*")
      return false;
  return true;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(the_registry, fixture)

BOOST_AUTO_TEST_CASE(every_message_survives_the_wire) {
  for (const auto* op : all_operations())
    for (const bool optional_members : {false, true}) {
      BOOST_TEST_CONTEXT(op->name) {
        const auto m = sample_message(*op, optional_members);
        const auto before = json_of(*op, m.get());
        auto copy = through_the_wire(op->to_message(m.get()));
        BOOST_REQUIRE_EQUAL(copy.size(), 1u);
        BOOST_TEST(json_of(*op, copy.get(0)) == before);
      }
    }
}

BOOST_AUTO_TEST_CASE(every_truncated_message_is_refused) {
  using all_messages =
    boost::mp11::mp_append<database_messages, dict_messages, blob_messages, list_messages,
                           queue_messages, log_messages, channel_messages, changes_messages,
                           graph_messages, token_messages>;
  boost::mp11::mp_for_each<boost::mp11::mp_transform<boost::mp11::mp_identity, all_messages>>(
    [this](auto identity) {
      using M = typename decltype(identity)::type;
      BOOST_TEST_CONTEXT(name_of<M>()) {
        const auto m = sample_message(operation_of<M>(), true);
        const auto whole = save(*static_cast<M*>(m.get()));
        for (std::size_t size = 0; size < whole.size(); ++size) {
          std::vector<char> part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
          M loaded;
          caf::binary_deserializer source{system, part};
          BOOST_TEST(bool(source(loaded)), "accepted " << size << " of " << whole.size());
        }
      }
    });
}

BOOST_AUTO_TEST_CASE(replies_survive_the_wire) {
  const json_text value{R"({"a": 1})"};
  BOOST_TEST((through_the_wire(std::optional{value}) == std::optional{value}));
  BOOST_TEST(!through_the_wire(std::optional<json_text>{}));
  const auto entries =
    through_the_wire(std::vector<dict_entry>{{"k", value}, {"l", json_text{"2"}}});
  BOOST_REQUIRE_EQUAL(entries.size(), 2u);
  BOOST_TEST(entries[1].key == "l");
  BOOST_TEST((entries[0].value == value));
  const auto blob = through_the_wire(
    std::optional{blob_value{bytes{std::string_view{"\0\x01", 2}}, json_text{"null"}}});
  BOOST_REQUIRE(blob);
  BOOST_TEST(blob->data.size() == 2u);
  BOOST_TEST((blob->metadata == json_text{"null"}));
  const auto listed = through_the_wire(std::vector<queue_entry>{
    {{1.5, 2.5, 3}, value, queue_state::leased, 4, 5.5, {}},
    {{-std::numeric_limits<double>::infinity(), 0, 1}, value, queue_state::dead, 0, {}, "q"}});
  BOOST_REQUIRE_EQUAL(listed.size(), 2u);
  BOOST_TEST((listed[0].state == queue_state::leased));
  BOOST_TEST((listed[0].due == 5.5));
  BOOST_TEST(listed[1].position.priority == -std::numeric_limits<double>::infinity());
  BOOST_TEST((listed[1].source == "q"));
  const auto logged = through_the_wire(std::vector<log_entry>{{-1.5, value}, {2, value}});
  BOOST_REQUIRE_EQUAL(logged.size(), 2u);
  BOOST_TEST(logged[0].timestamp == -1.5);
  BOOST_TEST((logged[1].data == value));
  aggregate_row row;
  row.count = 3;
  row.p99 = std::numeric_limits<double>::infinity();
  row.group = json_text{"null"};
  const auto rows = through_the_wire(std::vector<aggregate_row>{row, {}});
  BOOST_REQUIRE_EQUAL(rows.size(), 2u);
  BOOST_TEST((rows[0].count == 3u && rows[0].p99 == row.p99 && rows[0].group == row.group));
  BOOST_TEST((!rows[1].group && !rows[1].sum));
  const auto linked =
    through_the_wire(std::vector<graph_edge>{{"a", "b", "c", value}, {"d", "e", "f"}});
  BOOST_REQUIRE_EQUAL(linked.size(), 2u);
  BOOST_TEST((linked[0].metadata == value && linked[1].target == "e" && !linked[1].metadata));
  const auto way = through_the_wire(std::optional{graph_path{{"a", "b"}, {{"a", "b", "c"}}, 1.5}});
  BOOST_TEST((way && way->nodes.at(1) == "b" && way->edges.at(0).label == "c"));
  BOOST_TEST(way->length == 1.5);
  const auto sets = through_the_wire(std::vector<std::vector<std::string>>{{"a", "b"}, {}});
  BOOST_TEST((sets.size() == 2 && sets[0].at(1) == "b" && sets[1].empty()));
  database_status status{};
  status.path = "p";
  status.managers = {{"dict", "d", 3}};
  BOOST_TEST(through_the_wire(status).managers.at(0).count == 3u);
}

BOOST_AUTO_TEST_CASE(printing_shows_sizes_and_no_content) {
  const dict_set m{"users", "ada", json_text{R"("secret")"}, {}};
  const auto text = caf::deep_to_string(m);
  BOOST_TEST(text.find("secret") == std::string::npos, text);
  BOOST_TEST(text.find("dict_set") != std::string::npos, text);
}

BOOST_AUTO_TEST_CASE(json_of_a_message_decodes_to_the_same) {
  for (const auto* op : all_operations())
    BOOST_TEST_CONTEXT(op->name) {
      const auto m = sample_message(*op, true);
      const auto text = json_of(*op, m.get());
      const auto n = op->make();
      op->decode(n.get(), text);
      BOOST_TEST(json_of(*op, n.get()) == text);
    }
}

BOOST_AUTO_TEST_CASE(replies_look_as_their_shapes_say_and_are_read_as_they_are_written) {
  for (const auto* op : all_operations())
    BOOST_TEST_CONTEXT(op->name) {
      if (op->reply_shape == nullptr) {
        BOOST_TEST(op->reply_type == "void");
        continue;
      }
      const auto sample = sample_of(op->reply_shape());
      std::string text;
      if (op->streams) {
        op->encode_item(op->decode_item(sample).get(), text);
      } else {
        const auto slot = op->make_slot();
        op->decode_reply(slot.get(), sample);
        BOOST_REQUIRE(op->encode_reply(slot.get(), text));
        op->decode_reply(slot.get(), op->reply_optional ? std::string_view{} : sample);
        std::string again;
        BOOST_TEST(op->encode_reply(slot.get(), again) != op->reply_optional);
        BOOST_CHECK_THROW(op->decode_reply(slot.get(), "{\"a\": "), error);
      }
      BOOST_TEST(text == sample);
    }
}

BOOST_AUTO_TEST_CASE(messages_look_as_their_shapes_say) {
  for (const auto* op : all_operations())
    BOOST_TEST_CONTEXT(op->name) {
      // The members of filters and the like are any JSON to a shape, and more to a message.
      const auto& looks = op->message_shape();
      BOOST_REQUIRE_EQUAL(looks.parts.size(), op->members.size());
      for (std::size_t i = 0; i < op->members.size(); ++i) {
        BOOST_TEST(looks.parts[i].name == op->members[i].name);
        BOOST_TEST(looks.parts[i].required == op->members[i].required);
      }
    }
}

BOOST_AUTO_TEST_CASE(bytes_of_a_reply_are_taken_as_they_are) {
  const auto& op = operation_of<blob_read>();
  const auto slot = op.make_slot();
  op.set_raw_reply(slot.get(), "a\0b");
  BOOST_TEST(op.raw_reply(slot.get())->text() == "a\0b");
  BOOST_TEST((operation_of<blob_find>().set_raw_reply == nullptr));
}

BOOST_AUTO_TEST_CASE(members_that_are_there_are_told_in_order) {
  told_members told;
  const blob_put put{"n", "k", bytes{"1234"}, json_text{"[1]"}};
  operation_of<blob_put>().visit(&put, told);
  BOOST_TEST(told.text == R"(name="n" key="k" data=4 metadata=[1] )");
  told.text.clear();
  const dict_keys keys{{.prefix = "p", .limit = 3}, "d"};
  operation_of<dict_keys>().visit(&keys, told);
  BOOST_TEST(told.text == R"(prefix="p" limit=3 name="d" )");
}

BOOST_AUTO_TEST_CASE(operations_are_found_by_their_names_alone) {
  std::set<std::string_view> names;
  for (const auto* op : all_operations()) {
    BOOST_TEST(names.insert(op->name).second, op->name << " is there twice");
    BOOST_TEST(find_operation(op->name) == op);
    BOOST_TEST(op->name == std::string{op->type} + '_' + std::string{op->method});
  }
  BOOST_TEST(find_operation("dict_nonsense") == nullptr);
}

BOOST_AUTO_TEST_CASE(verbs_and_aliases_of_a_type_do_not_collide) {
  for (const auto* type : registry()) {
    std::set<std::string> words;
    for (const auto& op : type->operations) {
      BOOST_TEST(words.insert(std::string{op.method}).second, op.name);
      std::string_view aliases = op.route->aliases;
      while (!aliases.empty()) {
        const auto end = std::min(aliases.find(' '), aliases.size());
        BOOST_TEST(words.insert(std::string{aliases.substr(0, end)}).second, op.name);
        aliases.remove_prefix(std::min(end + 1, aliases.size()));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(only_the_count_of_a_dict_overlaps_another_route) {
  // The Python original has it too: the key named "count" cannot be addressed by its plain path.
  const auto all = all_operations();
  for (std::size_t i = 0; i < all.size(); ++i)
    for (std::size_t j = i + 1; j < all.size(); ++j) {
      const bool known = all[i]->name == "dict_find" && all[j]->name == "dict_count";
      BOOST_TEST(overlap(*all[i], *all[j]) == known, all[i]->name << " and " << all[j]->name);
    }
}

BOOST_AUTO_TEST_CASE(every_member_of_a_path_exists_and_is_required) {
  for (const auto* op : all_operations()) {
    std::size_t variables = 0;
    for (const auto& part : segments(op->route->path))
      variables += part == "*";
    std::size_t members = 0;
    for (const auto& member : op->members)
      if (member.where == placement::path) {
        ++members;
        BOOST_TEST(member.required, op->name << ' ' << member.name);
      }
    BOOST_TEST(members == variables, op->name);
    BOOST_TEST(!op->route->summary.empty(), op->name);
  }
}

BOOST_AUTO_TEST_SUITE_END()
