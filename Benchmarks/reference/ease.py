#!/usr/bin/env python3
"""EASE in numpy in double precision, and the bare LAPACK calls that no exact EASE can do without, in single precision.

The protocol is that of `lode evaluate recommendation --protocol leave-one-out`: the last item of each user with at least
three events is the test, all items that are not in the history are ranked, ties against the model. Prints JSON: NDCG@10 of
the reference, the seconds of its fit, and the seconds of `ssyrk + spotrf + spotri` alone, on one thread of BLAS each.
"""

import argparse
import json
import os
import statistics
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from scipy.linalg import blas, lapack

from implicit_als import read


def weights(matrix, regularization):
    gram = matrix.T @ matrix
    gram[np.diag_indices_from(gram)] += regularization
    inverse = np.linalg.inv(gram)
    result = -inverse / np.diag(inverse)
    np.fill_diagonal(result, 0)
    return result


def floor(matrix, regularization):
    dense = np.asfortranarray(matrix.astype(np.float32))
    started = time.perf_counter()
    gram = blas.ssyrk(1.0, dense, trans=1)
    gram[np.diag_indices_from(gram)] += regularization
    factor, _ = lapack.spotrf(gram, overwrite_a=1)
    lapack.spotri(factor, overwrite_c=1)
    return time.perf_counter() - started


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--interactions", required=True)
    parser.add_argument("--regularization", type=float, default=500)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--floor-only", action="store_true")
    options = parser.parse_args()
    sequences, items = read(options.interactions)
    measured = [user for user, sequence in enumerate(sequences) if len(sequence) >= 3]
    targets = {user: sequences[user][-1] for user in measured}
    histories = [s[:-1] if user in targets else s for user, s in enumerate(sequences)]
    matrix = np.zeros((len(histories), items))
    for user, history in enumerate(histories):
        matrix[user, history] = 1
    result = {"lapack_seconds": statistics.median(floor(matrix, options.regularization) for _ in range(options.repeat))}
    if not options.floor_only:
        started = time.perf_counter()
        found = weights(matrix, options.regularization)
        result["seconds"] = time.perf_counter() - started
        gains = 0.0
        for user in measured:
            scores = matrix[user] @ found
            scores[histories[user]] = -np.inf
            rank = int((scores >= scores[targets[user]]).sum())
            if targets[user] not in histories[user] and rank <= 10:
                gains += 1 / np.log2(rank + 1)
        result["ndcg@10"] = gains / len(measured)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
