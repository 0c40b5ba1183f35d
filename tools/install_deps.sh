#!/usr/bin/env bash
# Installs the Debian packages that building and testing needs; does nothing if all are there.
#   tools/install_deps.sh           what tools/check.sh and tools/quickstart.sh need
#   tools/install_deps.sh --long    and what tools/check_long.sh needs beyond that
# BEAVER_SKIP_DEPS=1 trusts the system as it is (for systems without apt).
set -euo pipefail

packages=(
  g++ cmake ninja-build git ca-certificates
  libcaf-dev libsqlite3-dev libeigen3-dev libhnswlib-dev
  libboost1.81-dev libboost-test1.81-dev libssl-dev libfmt-dev
  nlohmann-json3-dev clang-format-14 sqlite3
)
long_packages=(clang-14 clang-tidy-14 libclang-rt-14-dev dpkg-dev python3 curl chromium)

case "${1-}" in
  "") ;;
  --long) packages+=("${long_packages[@]}") ;;
  *)
    echo "usage: tools/install_deps.sh [--long]" >&2
    exit 2
    ;;
esac

if [ "${BEAVER_SKIP_DEPS:-0}" = 1 ]; then
  echo "packages: not looked at (BEAVER_SKIP_DEPS=1)"
  exit 0
fi

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  {
    echo "This system has no apt. Install the equivalents of these Debian 12 packages yourself, then"
    echo "run again with BEAVER_SKIP_DEPS=1:"
    printf '  %s\n' "${packages[@]}"
  } >&2
  exit 1
fi

missing=()
for package in "${packages[@]}"; do
  # db:Status-Status is "installed" only for a package that is unpacked and configured.
  state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$state" = installed ] || missing+=("$package")
done

if [ ${#missing[@]} -eq 0 ]; then
  echo "packages: all ${#packages[@]} are installed"
  exit 0
fi
echo "packages: missing ${missing[*]}"

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "Neither root nor sudo. Run as root: apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi

apt() {
  # env, because sudo drops the variable otherwise.
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 "$@"
}

apt update
if ! apt install -y --no-install-recommends "${missing[@]}"; then
  echo "apt could not install them. They are in Debian 12 (bookworm); other releases may lack some," >&2
  echo "above all Boost 1.81 and CAF 0.17." >&2
  exit 1
fi
