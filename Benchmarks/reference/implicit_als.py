#!/usr/bin/env python3
"""PyPI's implicit AlternatingLeastSquares under the protocol of `lode evaluate recommendation --protocol leave-one-out`.

The last item of each user with at least three events is the test; everything else is learned from, every row with weight 1.
All items that are not in the history are ranked, ties against the model. Prints JSON with the seconds of each iteration and,
unless --fit-only is given, NDCG@10 and HR@10 for each seed.
"""

import argparse
import gzip
import json
import os
import time

# implicit parallelizes over rows itself and asks for BLAS with one thread.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import scipy.sparse as sp
from implicit.cpu.als import AlternatingLeastSquares


def read(path):
    """Item sequences of all users by time; lines are `user item`, or `user item rating time` with a header."""
    users, items, rows = {}, {}, []
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rt") as lines:
        for number, line in enumerate(lines):
            fields = line.split()
            if number == 0 and fields[0].startswith("user"):
                continue
            when = float(fields[3]) if len(fields) > 3 else number
            rows.append((users.setdefault(fields[0], len(users)), when, number, items.setdefault(fields[1], len(items))))
    sequences = [[] for _ in users]
    for user, _, _, item in sorted(rows):
        sequences[user].append(item)
    return sequences, len(items)


def evaluate(user_factors, item_factors, histories, targets, measured, block=512):
    gains, hits = 0.0, 0
    for start in range(0, len(measured), block):
        part = measured[start : start + block]
        scores = user_factors[part] @ item_factors.T
        for row, user in enumerate(part):
            scores[row, histories[user]] = -np.inf
            rank = int((scores[row] >= scores[row, targets[user]]).sum())
            if targets[user] not in histories[user] and rank <= 10:
                hits += 1
                gains += 1 / np.log2(rank + 1)
    return hits / len(measured), gains / len(measured)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--interactions", required=True)
    parser.add_argument("--factors", type=int, default=64)
    parser.add_argument("--iterations", type=int, default=15)
    parser.add_argument("--regularization", type=float, default=0.01)
    parser.add_argument("--alpha", type=float, default=10)
    parser.add_argument("--cholesky", action="store_true")
    parser.add_argument("--seeds", default="1")
    parser.add_argument("--fit-only", action="store_true")
    options = parser.parse_args()
    sequences, items = read(options.interactions)
    measured = [user for user, sequence in enumerate(sequences) if len(sequence) >= 3]
    targets = {user: sequences[user][-1] for user in measured}
    histories = [s[:-1] if user in targets else s for user, s in enumerate(sequences)]
    rows = np.repeat(np.arange(len(histories)), [len(h) for h in histories])
    columns = np.concatenate([np.array(h, dtype=np.int64) for h in histories])
    matrix = sp.coo_matrix((np.ones(len(rows), np.float32), (rows, columns)), (len(histories), items)).tocsr()
    seconds, results = [], []
    for seed in map(int, options.seeds.split(",")):
        model = AlternatingLeastSquares(
            factors=options.factors, iterations=options.iterations, regularization=options.regularization,
            alpha=options.alpha, use_cg=not options.cholesky, random_state=seed)
        started = time.perf_counter()
        model.fit(matrix, show_progress=False)
        seconds.append((time.perf_counter() - started) / options.iterations)
        if not options.fit_only:
            stored = evaluate(model.user_factors, model.item_factors, histories, targets, measured)
            folded = model.recalculate_user(np.arange(len(histories)), matrix)
            exact = evaluate(folded, model.item_factors, histories, targets, measured)
            results.append({"seed": seed, "hr@10": stored[0], "ndcg@10": stored[1], "folded_ndcg@10": exact[1]})
    print(json.dumps({"model": "implicit", "seconds_per_iteration": seconds, "results": results}))


if __name__ == "__main__":
    main()
