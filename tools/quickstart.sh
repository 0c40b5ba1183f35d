#!/usr/bin/env bash
# Builds the release version and shows it at work on real data: 1,500 WordNet entries around "beaver".
# Leaves build/quickstart.db behind, a plain SQLite file to play with.
cd "$(dirname "$0")/.." || exit
# shellcheck source=tools/lib.sh
. tools/lib.sh

db=build/quickstart.db
data=examples/data/wordnet-sample.jsonl
beaver=build/release/tools/beaver

say() { printf '\n%s\n' "$*"; }
show() { # show WORDS...: the command as one would type it, then what it prints
  printf '\n$ %s\n' "$*"
  "$@"
}

say "1. Packages and release build"
tools/install_deps.sh
mkdir -p build
cmake --preset release >build/quickstart.log 2>&1 || { cat build/quickstart.log >&2; exit 1; }
cmake --build build/release --target tools/beaver

say "2. Import: each line becomes one entry of the dict 'wordnet', under its id"
rm -f "$db" "$db-wal" "$db-shm" "$db-bell"
show "$beaver" --db "$db" import "$data" --dict wordnet --key id

say "3. Look words up"
show "$beaver" --db "$db" dict wordnet count
for id in n02365657 n02821270 n02332053; do
  printf '\n$ %s --db %s --raw dict wordnet get %s\n' "$beaver" "$db" "$id"
  # The vector of 100 numbers is left out of what is shown, not of what is stored.
  "$beaver" --db "$db" --raw dict wordnet get "$id" | sed -E 's/, "vector": \[[^]]*\]/, "vector": [...]/'
done

say "4. Write and read back an entry of our own, in another dict"
show "$beaver" --db "$db" dict notes set lodge '{"built_by": "n02365657", "rooms": 2}'
show "$beaver" --db "$db" dict notes get lodge

say "5. What the file holds"
show "$beaver" --db "$db" info

say "6. The proof that it is a plain SQLite file: the sqlite3 shell reads the same rows"
query="SELECT count(*) AS entries FROM __beaver_dicts__ WHERE dict_name = 'wordnet';
SELECT key, json_extract(value, '\$.words') AS words, json_extract(value, '\$.gloss') AS gloss
  FROM __beaver_dicts__ WHERE dict_name = 'wordnet' AND key = 'n02365657';
PRAGMA integrity_check;"
printf '\n$ sqlite3 %s <<SQL\n%s\nSQL\n' "$db" "$query"
printf '%s\n' "$query" | sqlite3 "$db"

say "Done. Try: $beaver --db $db dict wordnet --help"
