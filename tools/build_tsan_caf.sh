#!/usr/bin/env bash
# Builds CAF with ThreadSanitizer into build/tsan-caf, once: Debian's library is not instrumented, and
# then either false races are reported at every hand-off of a message or real ones are hidden.
# The source is Debian's own source package of the same version, fetched through a private apt
# configuration: the system's list of sources stays as it is.
#   tools/build_tsan_caf.sh            CMake then finds it through -DBEAVER_CAF_ROOT=build/tsan-caf
#   BEAVER_CAF_SOURCE=DIR              take CAF's source from DIR instead of asking apt
cd "$(dirname "$0")/.." || exit
# shellcheck source=tools/lib.sh
. tools/lib.sh

prefix=$PWD/build/tsan-caf
work=$PWD/build/tsan-caf-work
done_mark=$prefix/.complete

if [ -e "$done_mark" ]; then
  echo "CAF with ThreadSanitizer: $(cat "$done_mark") is in build/tsan-caf"
  exit 0
fi
rm -rf "$prefix" "$work"
mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/sources.d"

# The system's sources, asked for source packages instead of binary ones.
copy_sources() {
  local file
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [ ! -f "$file" ] || sed -nE 's/^[[:space:]]*deb[[:space:]]/deb-src /p' "$file" \
      >"$work/sources.d/$(basename "$file" .list).list"
  done
  for file in /etc/apt/sources.list.d/*.sources; do
    [ ! -f "$file" ] || sed -E 's/^Types:.*/Types: deb-src/' "$file" \
      >"$work/sources.d/$(basename "$file")"
  done
}

fetch() {
  local options=(-q
    -o Dir::Etc::sourcelist=/dev/null
    -o "Dir::Etc::sourceparts=$work/sources.d"
    -o "Dir::State::lists=$work/lists"
    -o "Dir::Cache=$work/cache"
    -o APT::Sandbox::User=)
  copy_sources
  apt-get "${options[@]}" update
  # The upstream archive is enough: Debian's patches concern its own packaging.
  (cd "$work" && apt-get "${options[@]}" source --download-only --tar-only actor-framework)
  mkdir "$work/source"
  tar -xf "$work"/actor-framework_*.orig.tar.* -C "$work/source" --strip-components=1
}

if [ -n "${BEAVER_CAF_SOURCE:-}" ]; then
  source_folder=$BEAVER_CAF_SOURCE
else
  fetch
  source_folder=$work/source
fi
[ -f "$source_folder/CMakeLists.txt" ] || {
  echo "no CAF source in '$source_folder'" >&2
  exit 1
}

launcher=()
! command -v ccache >/dev/null || launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
cmake -S "$source_folder" -B "$work/build" -G Ninja \
  "${launcher[@]}" -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_CXX_COMPILER=g++ \
  -DCMAKE_CXX_FLAGS="-fsanitize=thread -g -fno-omit-frame-pointer" \
  -DCMAKE_INSTALL_PREFIX="$prefix" -DCMAKE_INSTALL_LIBDIR=lib \
  -DCAF_BUILD_STATIC_ONLY=yes -DCAF_NO_EXAMPLES=yes -DCAF_NO_UNIT_TESTS=yes -DCAF_NO_IO=yes \
  -DCAF_NO_TOOLS=yes -DCAF_NO_OPENSSL=yes -DCAF_NO_OPENCL=yes -DCAF_NO_PYTHON=yes
nice cmake --build "$work/build"
cmake --install "$work/build" >"$work/install.log"

sed -n 's/^#define CAF_VERSION /CAF_VERSION /p' "$prefix/include/caf/config.hpp" >"$done_mark"
rm -rf "$work"
echo "CAF with ThreadSanitizer: $(cat "$done_mark") is in build/tsan-caf"
