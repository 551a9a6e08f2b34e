#!/usr/bin/env python3
"""PyPI's implicit item-kNN with BM25 under the protocol of `lode evaluate recommendation --protocol leave-one-out`.

Prints JSON with the seconds of each fit, on all cores, and unless --fit-only is given NDCG@10.
"""

import argparse
import json
import os
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import scipy.sparse as sp
from implicit.nearest_neighbours import BM25Recommender

from implicit_als import read


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--interactions", required=True)
    parser.add_argument("--neighbours", type=int, default=250)
    parser.add_argument("--k1", type=float, default=1.2)
    parser.add_argument("--b", type=float, default=0.2)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--fit-only", action="store_true")
    options = parser.parse_args()
    sequences, items = read(options.interactions)
    measured = [user for user, sequence in enumerate(sequences) if len(sequence) >= 3]
    targets = {user: sequences[user][-1] for user in measured}
    histories = [s[:-1] if user in targets else s for user, s in enumerate(sequences)]
    rows = np.repeat(np.arange(len(histories)), [len(h) for h in histories])
    columns = np.concatenate([np.array(h, dtype=np.int64) for h in histories])
    matrix = sp.coo_matrix((np.ones(len(rows)), (rows, columns)), (len(histories), items)).tocsr()
    seconds = []
    for _ in range(options.repeat):
        # One more neighbour, since implicit counts an item among its own.
        model = BM25Recommender(K=options.neighbours + 1, K1=options.k1, B=options.b, num_threads=0)
        started = time.perf_counter()
        model.fit(matrix, show_progress=False)
        seconds.append(time.perf_counter() - started)
    result = {"model": "implicit", "seconds": seconds}
    if not options.fit_only:
        similarity = sp.csr_matrix(model.similarity)
        similarity.setdiag(0)
        gains = 0.0
        for start in range(0, len(measured), 512):
            part = measured[start : start + 512]
            block = (matrix[part] @ similarity).toarray()
            for row, user in enumerate(part):
                scores = block[row]
                scores[histories[user]] = -np.inf
                target = targets[user]
                # What no neighbour speaks of is ranked by popularity behind all that is: never among the first ten here.
                if target in histories[user] or scores[target] <= 0:
                    continue
                rank = int((scores >= scores[target]).sum())
                if rank <= 10:
                    gains += 1 / np.log2(rank + 1)
        result["ndcg@10"] = gains / len(measured)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
