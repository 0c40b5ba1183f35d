#!/usr/bin/env bash
# What every change has to pass, and what CI runs: packages, format, include rules, build, headers that
# compile alone, tests, and a project that uses the installed library.
#   BEAVER_SKIP_DEPS=1   do not look at packages
cd "$(dirname "$0")/.." || exit
# shellcheck source=tools/lib.sh
. tools/lib.sh
report_end

check_format() {
  local files
  files=$(sources "${all_folders[@]}")
  [ -n "$files" ] || { echo "no source files found in $PWD" >&2; return 1; }
  printf '%s\n' "$files" | xargs clang-format-14 --dry-run -Werror
  printf '%s\n' "$files" | wc -l | sed 's/$/ files/'
}

# A project of its own that knows the library only as an installed package, with the program of the
# README in it, as a reader would copy it.
check_consumer() {
  rm -rf build/consumer
  mkdir -p build/consumer
  cmake --install build/dev --prefix build/consumer/prefix >build/consumer-install.log
  sed -n '/^```cpp$/,/^```$/{//!p}' README.md >build/consumer/readme.cpp
  cmake -S tests/consumer -B build/consumer/build -G Ninja -DCMAKE_BUILD_TYPE=Debug \
    -DCMAKE_PREFIX_PATH="$PWD/build/consumer/prefix"
  cmake --build build/consumer/build
  build/consumer/build/consumer
  local said
  said=$(cd build/consumer && build/readme)
  [ "$said" = $'36\nno bob' ] || { echo "the README's program says: $said" >&2; return 1; }
  sqlite3 build/consumer/app.db "SELECT key, value FROM __beaver_dicts__ WHERE dict_name = 'users'" \
    | grep -qxF 'ada|{"name": "Ada", "age": 37}'
}

step "packages" tools/install_deps.sh
step "format" check_format
step "include rules" tools/check_includes.sh
step "configure" cmake --preset dev
step "build" cmake --build build/dev
step "headers compile alone" cmake --build build/dev --target all_verify_interface_header_sets
step "tests" ctest --test-dir build/dev --no-tests=error --output-on-failure --timeout 600 -j "$jobs"
step "consumer project" check_consumer
