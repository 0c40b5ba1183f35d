# Shared by the scripts in this folder; sourced, never run.
# shellcheck shell=bash
# shellcheck disable=SC2034  # what is set here is used by the scripts

set -euo pipefail
export LC_ALL=C
: "${HOME:=/tmp}"
export HOME

# The folders that hold sources of ours, lowest layer first.
library_folders=(storage sketches vector actors api)
all_folders=("${library_folders[@]}" tools tests examples)

jobs=$(nproc 2>/dev/null || echo 2)

# sources FOLDER...: all C++ files in these folders, sorted, one a line. By folder and not by git, so that
# a file counts before it is tracked and a source archive without .git can be checked.
sources() {
  local folder
  for folder in "$@"; do
    [ ! -d "$folder" ] || find "$folder" -name build -prune -o \( -name '*.cpp' -o -name '*.hpp' \) -print
  done | sort
}

current_step=""

# step TITLE COMMAND...: runs the command, says how long it took; the first failure ends the script.
step() {
  current_step=$1
  shift
  local start=$SECONDS
  printf '\n== %s\n' "$current_step"
  "$@"
  printf '== %s: ok, %d s\n' "$current_step" $((SECONDS - start))
  current_step=""
}

# To be called once by a script that uses steps: the last line then always tells how it ended.
report_end() {
  trap 'tell_end $?' EXIT
}
tell_end() {
  if [ "$1" -eq 0 ]; then
    printf '\n%s: all passed in %d s\n' "$0" $SECONDS
  else
    printf '\n%s: FAILED%s, status %d, after %d s\n' "$0" "${current_step:+ in \"$current_step\"}" "$1" $SECONDS >&2
  fi
}
