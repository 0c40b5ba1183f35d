#include "beaver/tools/stores.hpp"

#include "beaver/api/database.hpp"
#include "beaver/tools/verbs.hpp"

#include <array>
#include <optional>

namespace beaver::cli {

namespace {

struct kind_row {
  std::string_view option;
  std::string_view help;
  void (*check)(const std::string& name); // throws usage_error
};

template <message Info>
void check_name(const std::string& name) {
  Info message{.name = name};
  check_message(operation_of<Info>(), &message);
}

/// In the order of store_kind.
constexpr std::array<kind_row, store_kinds> kind_table{
  {{"dict", "the name of a dict", check_name<dict_info>},
   {"docs", "of documents", check_name<docs_info>},
   {"graph", "of a graph", check_name<graph_info>},
   {"vectors", "of vectors", check_name<vectors_info>},
   {"list", "of a list", check_name<list_info>},
   {"queue", "of a queue", check_name<queue_info>},
   {"log", "of a log", check_name<log_info>},
   {"blob", "of a blob store", check_name<blob_info>}}};

[[noreturn]] void not_exactly_one(std::size_t kinds) {
  std::string text = "exactly one of ";
  for (std::size_t i = 0; i < kinds; ++i)
    text.append(i == 0 ? "--" : i + 1 == kinds ? " and --" : ", --").append(kind_table[i].option);
  throw usage_error(text + " must be given");
}

} // namespace

std::vector<parameter> store_options(std::size_t kinds) {
  std::vector<parameter> all;
  for (std::size_t i = 0; i < kinds; ++i)
    all.push_back({kind_table[i].option, form::option, false, "string", kind_table[i].help});
  return all;
}

row_store store_of(const arguments& given, std::size_t first, std::size_t kinds) {
  std::optional<row_store> store;
  for (std::size_t i = 0; i < kinds; ++i)
    if (const auto* name = given.at(first + i)) {
      if (store)
        not_exactly_one(kinds);
      store.emplace(row_store{*name, static_cast<store_kind>(i)});
    }
  if (!store)
    not_exactly_one(kinds);
  return store_named(store->kind, store->name);
}

row_store store_named(store_kind kind, const std::string& name) {
  kind_table[static_cast<std::size_t>(kind)].check(name);
  return {name, kind};
}

} // namespace beaver::cli
