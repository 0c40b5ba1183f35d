#!/usr/bin/env bash
# Checks who may include what:
#
#   tools/ -> api/ -> actors/ -> storage/    SQLite
#                             -> vector/     Eigen, hnswlib
#                             -> sketches/   the standard library only
#
# 1. each include line against the layers and the libraries that a file may see;
# 2. SQL text only in storage/;
# 3. what the public headers reach in the end, as the compiler sees it.
#   tools/check_includes.sh [ROOT]    ROOT: another checkout, default this one
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tools/lib.sh
. "$here/lib.sh"
cd "${1:-$here/..}" || exit
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Headers in actors/ that may see CAF: the engine's inside and the pieces that make actors.
caf_headers="inspect lent_unit reply_port port_pool private_system manager_directory wire_block table_type engine_actors typed
  commit_group wait_line watch_list waiting_type waiting_kinds waiting_manager manager_frame
  feed_job feed_manager feed_parts feed_type log_live stream_actor stream_pump compactor"

failed=0

# Reads file names, gives every include as: file <tab> line <tab> < or " <tab> header
include_lines() {
  # shellcheck disable=SC2016  # an awk program
  xargs -r awk '
    match($0, /^[ \t]*#[ \t]*include[ \t]*[<"]/) {
      kind = substr($0, RLENGTH, 1)
      rest = substr($0, RLENGTH + 1)
      sub(/[>"].*/, "", rest)
      print FILENAME "\t" FNR "\t" kind "\t" rest
    }'
}

check_lines() {
  sources "${all_folders[@]}" | include_lines | awk -F '\t' -v caf_headers="$caf_headers" '
    BEGIN {
      may["storage"] = "storage"
      may["sketches"] = "sketches"
      may["vector"] = "vector"
      may["actors"] = "actors storage sketches vector"
      may["api"] = "api actors storage sketches vector"
      may["tools"] = "tools api actors storage sketches vector"
      count = split(caf_headers, names, " ")
      for (i = 1; i <= count; ++i) caf_ok["actors/" names[i] ".hpp"] = 1
    }
    function wrong(why) { printf "%s:%s: %s: %s\n", $1, $2, $4, why; bad = 1 }
    function in_list(word, list) { return index(" " list " ", " " word " ") > 0 }
    {
      file = $1; header = $4
      folder = file; sub(/\/.*/, "", folder)
      outside = folder == "tests" || folder == "examples"
      source = file ~ /\.cpp$/

      if ($3 == "\"") {
        if (header ~ /^beaver\//) {
          split(header, part, "/")
          if (part[3] != "" && !outside && !in_list(part[2], may[folder]))
            wrong(folder "/ may not include " part[2] "/")
          if (part[3] == "" && header != "beaver/beaver.hpp" && header != "beaver/actors.hpp")
            wrong("our headers are named beaver/<folder>/<file>.hpp")
        } else if (!(folder == "tests" && header ~ /^([a-z_]+\/)?[a-z_0-9]+\.hpp$/) &&
                   !(folder == "tools" && header ~ /^[a-z_0-9]+\.hpp$/)) {
          wrong("our headers are named beaver/<folder>/<file>.hpp")
        }
      }
      if (header == "sqlite3.h" && folder != "storage" && !outside && file !~ /^tools\/bench/)
        wrong("SQLite is seen in storage/ only")
      sees_caf = outside || file ~ /^api\/(actors\.[ch]pp$|actor_n|net\/(actor_|stream_feeder))/ || (folder == "actors" && source) || file in caf_ok || file ~ /^actors\/caf_[a-z_]*\.hpp$/
      if (header ~ /^caf\// && !sees_caf)
        wrong("CAF is seen in actors/*.cpp, its listed headers and api/actor*, api/net/actor_* only")
      network = header ~ /^boost\/(beast|asio)/ || header ~ /^(sys\/socket|netinet\/|arpa\/)/
      if (network && folder != "tests" && file !~ /^(api\/net\/|tools\/bench_load.cpp)/ &&
          !(file == "api/asio.hpp" && header ~ /^boost\/asio\//))
        wrong("Beast and sockets are seen in api/net/ only, Asio in api/asio.hpp too")
      if (header ~ /^openssl\// && folder != "tests" && file !~ /^(api\/net\/|actors\/secret.cpp)/)
        wrong("OpenSSL is seen in actors/secret.cpp and api/net/ only")
      if (header ~ /^hnswlib/ && file != "vector/hnsw.cpp")
        wrong("hnswlib is seen in vector/hnsw.cpp only")
      if (header ~ /^Eigen\// && folder != "vector" && file !~ /^(tests\/vector\/|tools\/bench)/)
        wrong("Eigen is seen in vector/ only")
      if (header ~ /^boost\/json/ && !source && file != "api/boost_json.hpp")
        wrong("Boost.JSON is seen in sources and api/boost_json.hpp only")
      if (header ~ /^nlohmann\// && file != "api/nlohmann.hpp" && !outside)
        wrong("nlohmann::json is seen in api/nlohmann.hpp only")
      if (folder == "sketches" && $3 == "<" && header ~ /[.\/]/)
        wrong("sketches/ uses the standard library only")
      if ((folder == "storage" || folder == "vector") && header ~ /^boost\//)
        wrong(folder "/ does without Boost")
    }
    END { exit bad }'
}

check_sql() {
  local statements='SELECT|INSERT (OR [A-Z]+ )?INTO|DELETE FROM|UPDATE [_a-z]+ SET|CREATE (TABLE|INDEX|TRIGGER)|PRAGMA'
  ! sources actors api | xargs -r grep -nE "\"[^\"]*($statements) " | sed 's/^/SQL belongs into storage\/: /' | grep .
}

check_reach() {
  local include=$scratch/include header name allowed found
  mkdir -p "$include/beaver"
  for name in "${library_folders[@]}"; do
    [ ! -d "$name" ] || ln -s "$PWD/$name" "$include/beaver/$name"
  done
  local result=0
  for header in api/*.hpp; do
    [ -e "$header" ] || continue
    case "$header" in
      api/actors.hpp | api/actor_net.hpp | api/actor_node.hpp) continue ;;
      api/asio.hpp) allowed='/boost/asio' ;;
      api/boost_json.hpp) allowed='/boost/json' ;;
      api/nlohmann.hpp) allowed='/nlohmann/' ;;
      *) allowed='^$' ;;
    esac
    # One path a line, ours left out: the checkout may stand in a folder of any name.
    if ! g++ -std=c++20 -M -x c++ -I "$include" "$header" >"$scratch/deps"; then
      echo "$header: does not even preprocess" >&2
      result=1
      continue
    fi
    found=$(tr -s ' \\\n' '\n' <"$scratch/deps" | grep -vF "$include/" \
      | grep -E '^/.*(/caf/|/sqlite3\.h$|/Eigen/|/hnswlib/|/boost/(json|beast|asio)(/|\.hpp)|/nlohmann/|/openssl/)' \
      | grep -vE "$allowed" | sed -n '1,3p' || true)
    if [ -n "$found" ]; then
      printf '%s reaches, directly or not: %s\n' "$header" "$(printf '%s' "$found" | tr '\n' ' ')"
      result=1
    fi
  done
  return $result
}

[ -n "$(sources "${all_folders[@]}")" ] || { echo "no source files found in $PWD" >&2; exit 1; }
check_lines || failed=1
check_sql || failed=1
check_reach || failed=1
[ $failed -eq 0 ] || { echo "include rules: violated, see above" >&2; exit 1; }
sources "${all_folders[@]}" | wc -l | sed 's/$/ files/'
