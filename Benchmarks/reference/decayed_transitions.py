#!/usr/bin/env python3
"""Windowed decayed transitions in scipy: the same formula and the same protocol as Lode's DecayedTransitions.

Leave-one-out over all items: the last item of each user is the test, everything before it is learned from and is the
user's history; items of the history are not ranked; ties, and items without a score, count against the model.
Prints JSON with the seconds of each fit and, unless --fit-only is given, HR@10 and NDCG@10.
"""

import argparse
import gzip
import json
import time

import numpy as np
import scipy.sparse as sp


def read(path):
    """Item sequences of users with at least three events, in the order of the lines."""
    users, items, order = {}, {}, []
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rt") as lines:
        for line in lines:
            user, item = line.split()[:2]
            index = users.setdefault(user, len(order))
            if index == len(order):
                order.append([])
            order[index].append(items.setdefault(item, len(items)))
    return [np.array(sequence) for sequence in order], len(items)


def fit(sequences, items, window, distance_decay, backward, row_exponent, popularity_exponent):
    """The normalized transition matrix."""
    flat = np.concatenate(sequences)
    owner = np.repeat(np.arange(len(sequences)), [len(s) for s in sequences])
    rows, columns, values = [], [], []
    for k in range(1, window + 1):
        same = owner[:-k] == owner[k:]
        earlier, later = flat[:-k][same], flat[k:][same]
        weight = distance_decay ** (k - 1)
        rows += [earlier, later]
        columns += [later, earlier]
        values += [np.full(len(earlier), weight, np.float32), np.full(len(earlier), weight * backward, np.float32)]
    shape = (items, items)
    counts = sp.coo_matrix((np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape).tocsr()
    row_sums = np.asarray(counts.sum(axis=1)).ravel()
    popularity = np.bincount(flat, minlength=items)
    row_scale = np.where(row_sums > 0, np.maximum(row_sums, 1e-12) ** -row_exponent, 0)
    column_scale = np.where(popularity > 0, np.maximum(popularity, 1) ** -float(popularity_exponent), 0)
    return (sp.diags(row_scale) @ counts @ sp.diags(column_scale)).tocsr().astype(np.float32)


def evaluate(transitions, histories, targets, length, decay, block=512):
    """HR@10 and NDCG@10 over all users."""
    items = transitions.shape[0]
    gains, hits = 0.0, 0
    for start in range(0, len(histories), block):
        part = histories[start : start + block]
        rows, columns, values = [], [], []
        for row, history in enumerate(part):
            recent = history[-length:][::-1]
            rows += [row] * len(recent)
            columns += list(recent)
            values += [decay**rank for rank in range(len(recent))]
        latest = sp.csr_matrix((np.array(values, np.float32), (rows, columns)), (len(part), items))
        scores = (latest @ transitions).toarray()
        for row, history in enumerate(part):
            target = targets[start + row]
            scores[row, history] = -1
            score = scores[row, target]
            if score <= 0:
                continue
            rank = int((scores[row] >= score).sum())
            if rank <= 10:
                hits += 1
                gains += 1 / np.log2(rank + 1)
    return hits / len(histories), gains / len(histories)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--interactions", required=True)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--fit-only", action="store_true")
    parser.add_argument("--window", type=int, default=10)
    parser.add_argument("--distance-decay", type=float, default=0.9)
    parser.add_argument("--backward", type=float, default=0.8)
    parser.add_argument("--row-exponent", type=float, default=0.2)
    parser.add_argument("--popularity-exponent", type=float, default=0.1)
    parser.add_argument("--history", type=int, default=20)
    parser.add_argument("--history-decay", type=float, default=0.7)
    options = parser.parse_args()
    sequences, items = read(options.interactions)
    sequences = [s for s in sequences if len(s) >= 3]
    histories, targets = [s[:-1] for s in sequences], [s[-1] for s in sequences]
    seconds = []
    for _ in range(options.repeat):
        started = time.perf_counter()
        transitions = fit(
            histories, items, options.window, options.distance_decay, options.backward, options.row_exponent,
            options.popularity_exponent)
        seconds.append(time.perf_counter() - started)
    result = {"model": "scipy", "seconds": seconds, "entries": transitions.nnz}
    if not options.fit_only:
        hr, ndcg = evaluate(transitions, histories, targets, options.history, options.history_decay)
        result.update({"hr@10": hr, "ndcg@10": ndcg, "users": len(histories)})
    print(json.dumps(result))


if __name__ == "__main__":
    main()
