"""Entities by a linear-chain CRF over characters (python-crfsuite, L-BFGS), entity-level scores.

    entity_crf.py ecommerce TRAIN.txt.gz DEV.txt.gz
    entity_crf.py newspaper 199801.txt          (trained on the first 90 % of lines, scored on the last 10 %)

Features: characters within two places, their pairs and runs of three, kinds of characters.
"""
import gzip
import sys
import tempfile
import time
from collections import Counter

import pycrfsuite


def read_columns(path):
    sentence = []
    for line in gzip.open(path, "rt", encoding="utf-8"):
        fields = line.split()
        if len(fields) == 2:
            sentence.append(tuple(fields))
        elif sentence:
            yield sentence
            sentence = []
    if sentence:
        yield sentence


def read_newspaper(path):
    kinds = {"nr": "PER", "ns": "LOC", "nt": "ORG"}
    for line in open(path, encoding="utf-8"):
        words = [field.rsplit("/", 1) for field in line.split()]
        sentence, index = [], 0
        while index < len(words):
            text, tag = words[index]
            if tag == "nr" and len(text) <= 2 and index + 1 < len(words):
                given, next_tag = words[index + 1]
                if next_tag == "nr" and len(given) <= 3:
                    text, index = text + given, index + 1
            kind = kinds.get(tag)
            for place, character in enumerate(text):
                sentence.append((character, "O" if kind is None else ("I-" if place else "B-") + kind))
            index += 1
        if words:
            yield sentence


def kind(character):
    if character.isdigit():
        return "d"
    if character.isascii() and character.isalpha():
        return "a"
    return "h" if "\u4e00" <= character <= "\u9fff" else "p"


def features(characters):
    padded = ["<", "<"] + characters + [">", ">"]
    kinds = [kind(character) for character in padded]
    rows = []
    for i in range(2, len(padded) - 2):
        w = padded
        rows.append(
            [f"{k}={w[i + k]}" for k in range(-2, 3)]
            + [f"{k}+={w[i + k]}{w[i + k + 1]}" for k in range(-2, 2)]
            + [f"s={w[i - 1]}{w[i + 1]}", f"t={w[i - 1]}{w[i]}{w[i + 1]}"]
            + [f"u={w[i - 2]}{w[i - 1]}{w[i]}", f"v={w[i]}{w[i + 1]}{w[i + 2]}"]
            + [f"k={''.join(kinds[i - 1 : i + 2])}"]
        )
    return rows


def entities(tags):
    found, start, label = set(), None, None
    for place, tag in enumerate(list(tags) + ["O"]):
        if label is not None and tag != "I-" + label:
            found.add((start, place, label))
            label = None
        if tag.startswith("B-") or (tag.startswith("I-") and label is None):
            start, label = place, tag[2:]
    return found


def main():
    if sys.argv[1] == "ecommerce":
        train, test = list(read_columns(sys.argv[2])), list(read_columns(sys.argv[3]))
        seen = {"".join(c for c, _ in sentence) for sentence in train}
        fresh = [sentence for sentence in test if "".join(c for c, _ in sentence) not in seen]
        print(f"{len(test) - len(fresh)} of {len(test)} titles are in the training part as well and are left out")
        test = fresh
    else:
        lines = list(read_newspaper(sys.argv[2]))
        cut = len(lines) * 9 // 10
        train, test = lines[:cut], lines[cut:]
    started = time.time()
    trainer = pycrfsuite.Trainer(verbose=False)
    trainer.set_params({"c1": 0.0, "c2": 1.0, "max_iterations": int(sys.argv[-1]) if sys.argv[-1].isdigit() else 100})
    for sentence in train:
        trainer.append(features([c for c, _ in sentence]), [t for _, t in sentence])
    with tempfile.TemporaryDirectory() as folder:
        trainer.train(folder + "/model")
        seconds = time.time() - started
        tagger = pycrfsuite.Tagger()
        with open(folder + "/model", "rb") as model:
            tagger.open_inmemory(model.read())
    counts = Counter()
    for sentence in test:
        gold = entities([t for _, t in sentence])
        found = entities(tagger.tag(features([c for c, _ in sentence])))
        for name, group in (("gold", gold), ("found", found), ("right", gold & found)):
            for _, _, label in group:
                counts[name, label] += 1
                counts[name, "all"] += 1
    for label in sorted({label for _, label in counts}):
        gold, found, right = (counts[name, label] for name in ("gold", "found", "right"))
        p, r = right / max(found, 1), right / max(gold, 1)
        print(f"crfsuite {label:6} P {p:.4f} R {r:.4f} F1 {2 * right / max(gold + found, 1):.4f} of {gold}")
    print(f"trained on {len(train)} sentences in {seconds:.0f} s")


if __name__ == "__main__":
    main()
