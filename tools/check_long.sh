#!/usr/bin/env bash
# The slow checks beyond tools/check.sh: clang-tidy, sanitizers, fuzzing, the smallest build, long tests.
#   tools/check_long.sh               all of them
#   tools/check_long.sh asan tsan     only these; names: tidy clang asan tsan fuzz minimal web long
#   BEAVER_FUZZ_SECONDS=60            how long each fuzz target runs
#   BEAVER_SKIP_DEPS=1                do not look at packages
cd "$(dirname "$0")/.." || exit
# shellcheck source=tools/lib.sh
. tools/lib.sh
report_end

run_tests() { # run_tests FOLDER [ARGUMENTS OF CTEST]
  local folder=$1
  shift
  "${run_under[@]}" ctest --test-dir "$folder" --no-tests=error --output-on-failure --timeout 3600 "$@"
}
run_under=()

# ThreadSanitizer cannot place its shadow memory under some kernels' address randomisation.
fix_addresses() {
  local without=(setarch "$(uname -m)" -R)
  if "${without[@]}" true 2>/dev/null; then run_under=("${without[@]}"); fi
}

# -- tidy --------------------------------------------------------------------------------------------

tidy() {
  # Configured for clang, since flags that only g++ knows are warnings to clang-tidy.
  cmake --preset dev -B build/tidy -DCMAKE_CXX_COMPILER=clang++-14 \
    -DCMAKE_EXPORT_COMPILE_COMMANDS=ON >build/tidy.log
  # Tests are left out: Boost.Test's macros would need a suppression at every case.
  sources "${library_folders[@]}" tools | grep '\.cpp$' \
    | xargs -P "$jobs" -n 1 clang-tidy-14 -p build/tidy --quiet --warnings-as-errors='*'
}

# -- sanitizers --------------------------------------------------------------------------------------

asan() {
  cmake --preset asan
  cmake --build build/asan
  ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1 \
    UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 run_tests build/asan -j "$jobs"
}

tsan() {
  local run_under=()
  tools/build_tsan_caf.sh
  cmake --preset tsan -DBEAVER_CAF_ROOT="$PWD/build/tsan-caf"
  cmake --build build/tsan
  fix_addresses
  TSAN_OPTIONS=exitcode=66:second_deadlock_stack=1 run_tests build/tsan
}

# A sanitizer that finds nothing proves something only if it would find a race that is there.
planted_race() {
  local program run_under=()
  fix_addresses
  cmake --build build/tsan --target planted_race
  program=$(find build/tsan -type f -name planted_race -perm -u+x | head -n 1)
  [ -n "$program" ] || { echo "target planted_race has no program" >&2; return 1; }
  if TSAN_OPTIONS=exitcode=66 "${run_under[@]}" "$program" >build/planted_race.log 2>&1; then
    echo "the planted race was not reported; see build/planted_race.log" >&2
    return 1
  fi
  if ! grep -q 'WARNING: ThreadSanitizer: data race' build/planted_race.log; then
    echo "planted_race failed, but not of a race; see build/planted_race.log" >&2
    return 1
  fi
  grep -m 1 'SUMMARY: ThreadSanitizer' build/planted_race.log
}

# -- fuzzing -----------------------------------------------------------------------------------------

fuzz() {
  local seconds=${BEAVER_FUZZ_SECONDS:-60} program name corpus seeds found=0
  cmake --preset fuzz
  cmake --build build/fuzz
  for program in $(find build/fuzz -type f -name '*_fuzz' -perm -u+x | sort); do
    found=1
    name=$(basename "$program")
    corpus=build/fuzz/corpus/$name
    seeds=()
    [ ! -d "tests/fuzz/corpus/$name" ] || seeds=("tests/fuzz/corpus/$name")
    mkdir -p "$corpus"
    echo "-- $name, $seconds s"
    "$program" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
      -artifact_prefix="build/fuzz/$name-" "$corpus" "${seeds[@]}" 2>"build/fuzz/$name.log" || {
      tail -n 40 "build/fuzz/$name.log" >&2
      return 1
    }
    grep -E 'stat::(number_of_executed_units|average_exec_per_sec)' "build/fuzz/$name.log"
  done
  [ $found -eq 1 ] || { echo "no fuzz target was built" >&2; return 1; }
}

# -- other builds ------------------------------------------------------------------------------------

clang() {
  cmake --preset dev -B build/clang -DCMAKE_CXX_COMPILER=clang++-14
  cmake --build build/clang
  run_tests build/clang -j "$jobs"
}

minimal() {
  cmake --preset dev -B build/minimal -DBEAVER_WITH_HNSW=OFF -DBEAVER_WITH_SERVER=OFF \
    -DBEAVER_WITH_ACTOR_NET=OFF
  cmake --build build/minimal
  run_tests build/minimal -j "$jobs"
}

# What programs in other languages and browsers see of a server.
web() {
  local folder url
  cmake --preset dev
  cmake --build build/dev --target beaver_cli
  folder=$(mktemp -d)
  build/dev/tools/beaver --db "$folder/web.db" serve --port 0 >"$folder/said" &
  server=$!
  stop_server() {
    kill "$server" && wait "$server"
    rm -rf "$folder"
  }
  until grep -q ' at http' "$folder/said"; do kill -0 "$server" && sleep 0.1; done
  url=$(sed 's/.* //' "$folder/said")
  tests/http_client_check.py "$url" && tests/docs_page_check.py "$url" || { stop_server; return 1; }
  stop_server
}

long() {
  cmake --preset release -B build/long -DBEAVER_BUILD_TESTS=ON
  cmake --build build/long
  BEAVER_LONG_TESTS=1 run_tests build/long
}

if [ $# -gt 0 ]; then chosen=("$@"); else chosen=(tidy clang asan tsan fuzz minimal web long); fi
for name in "${chosen[@]}"; do
  case "$name" in
    tidy | clang | asan | tsan | fuzz | minimal | web | long) ;;
    *)
      echo "tools/check_long.sh: no check is called '$name'; there are tidy clang asan tsan fuzz minimal web long" >&2
      exit 2
      ;;
  esac
done

mkdir -p build
step "packages" tools/install_deps.sh --long
for name in "${chosen[@]}"; do
  step "$name" "$name"
  [ "$name" != tsan ] || step "planted race" planted_race
done
