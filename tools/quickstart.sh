#!/usr/bin/env bash
# Builds the release version and shows it at work on real data: 1,500 WordNet entries around "beaver".
# Leaves build/quickstart.db behind, a plain SQLite file to play with.
cd "$(dirname "$0")/.." || exit
# shellcheck source=tools/lib.sh
. tools/lib.sh

db=build/quickstart.db
beaver=build/release/tools/beaver
embed=build/release/examples/example_embed

say() { printf '\n%s\n' "$*"; }
show() { # show WORDS...: the command as one would type it, then what it prints
  printf '\n$ %s\n' "$*"
  "$@"
}

say "1. Packages and release build"
tools/install_deps.sh
mkdir -p build
cmake --preset release >build/quickstart.log 2>&1 || { cat build/quickstart.log >&2; exit 1; }
cmake --build build/release --target tools/beaver examples/example_embed

short() { # without the vectors of 100 numbers: left out of what is shown, not of what is stored
  sed -E 's/, "vector": \[[^]]*\]//g'
}
run() { # run WORDS...: the same for the program, on the database
  printf '\n$ beaver --db %s' "$db"
  printf ' %q' "$@"
  printf '\n'
  "$beaver" --db "$db" --raw "$@" | short
}

near() { # near SENTENCE WORDS...: makes a vector of the sentence and searches with it
  local sentence=$1
  shift
  printf '\n$ %s %s %q | beaver --db %s' "$embed" "$db" "$sentence" "$db"
  printf ' %q' "$@"
  printf '\n'
  "$embed" "$db" "$sentence" | "$beaver" --db "$db" --raw "$@" | short
}

say "2. Import: each line becomes a document, found by its words, also when they are misspelt"
rm -f "$db" "$db-wal" "$db-shm" "$db-bell"
run docs wordnet open --fuzzy
run import examples/data/wordnet-sample.jsonl --docs wordnet --key id
run import examples/data/wordnet-edges.jsonl --graph wordnet
run import examples/data/wordnet-sample.jsonl --vectors wordnet
run import examples/data/word-vectors.jsonl --vectors words

say "3. Search: words, phrases, exclusions, filters"
run docs wordnet search 'rodent "webbed feet"~3' --limit 2 --highlight
run docs wordnet search 'dams OR lodges' --where 'topic=noun.animal' --limit 1
run docs wordnet search 'semiaqautic rodnet' --fuzzy --limit 1
run docs wordnet count --where 'topic=noun.animal'

say "4. Vectors: a sentence becomes the mean of the vectors of its words, and what is near means alike;
   the last search is by words and vector at once"
near 'small swimming rodent with soft fur' vectors wordnet near - --k 3
near 'warm hat made of fur' vectors wordnet near - --k 3 --where 'topic=noun.artifact'
near 'animal that builds dams' docs wordnet search 'animal that builds dams' --any --vector - --limit 3

say "5. The graph of their pointers: what a beaver is, and how it is related to a capybara"
run graph wordnet walk n02365657 --labels '["hypernym"]' --depth 20
run graph wordnet shortest_path n02365657 n02368132 --direction both

say "6. What the file holds"
show "$beaver" --db "$db" info

say "7. The proof that it is a plain SQLite file: the sqlite3 shell reads the same rows"
query="SELECT count(*) AS documents FROM __beaver_documents__ WHERE collection = 'wordnet';
SELECT item_id, json_extract(data, '\$.words') AS words, json_extract(data, '\$.gloss') AS gloss
  FROM __beaver_documents__ WHERE collection = 'wordnet' AND item_id = 'n02365657';
PRAGMA integrity_check;"
printf '\n$ sqlite3 %s <<SQL\n%s\nSQL\n' "$db" "$query"
printf '%s\n' "$query" | sqlite3 "$db"

say "Done. Try: $beaver --db $db docs wordnet --help"
