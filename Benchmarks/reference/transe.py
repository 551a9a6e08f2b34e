#!/usr/bin/env python3
"""TransE in numpy, batch by batch, with the split and the settings of `lode evaluate graph`.

The split is the same one: pairs of entities in the order of a hash of the seed and their ids, all facts of a pair together,
no entity left without any. Loss, corruptions, unit length and Adagrad are those of `TransE`; a step takes a batch of facts
instead of one, their gradients added up. Prints JSON: filtered MRR and hits at 1, 3 and 10 over both directions, ties counted
against, and the seconds of training.
"""

import argparse
import collections
import json
import os
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

MASK = (1 << 64) - 1


def read(path):
    rows = [line.rstrip("\r\n").split("\t") for line in open(path, encoding="utf-8")]
    entities, relations, facts = {}, {}, {}
    for head, relation, tail in rows[1:]:
        fact = (entities.setdefault(head, len(entities)), relations.setdefault(relation, len(relations)), None)
        facts[(fact[0], fact[1], entities.setdefault(tail, len(entities)))] = None
    return list(entities), list(relations), np.array(list(facts))


def key(seed, first, second):
    first, second = sorted((first.encode(), second.encode()))
    value = 0xCBF29CE484222325
    for byte in f"{seed}\t".encode() + first + b"\t" + second:
        value = ((value ^ byte) * 0x100000001B3) & MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & MASK
    return value ^ (value >> 31)


def split(entities, facts, share, seed):
    pairs = collections.defaultdict(list)
    for row, (head, _, tail) in enumerate(facts):
        pairs[min(head, tail), max(head, tail)].append(row)
    degrees = collections.Counter(entity for pair in pairs for entity in set(pair))
    wanted = int(len(facts) * share + 0.5)
    held = []
    order = sorted((key(seed, entities[a], entities[b]), rows[0], a, b) for (a, b), rows in pairs.items())
    for _, _, a, b in order:
        rows = pairs[a, b]
        if len(held) + len(rows) <= wanted and degrees[a] > 1 and degrees[b] > 1:
            for entity in {a, b}:
                degrees[entity] -= 1
            held += rows
    test = np.zeros(len(facts), bool)
    test[held] = True
    return facts[~test], facts[test]


def unit(rows):
    return rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-12)


def adagrad(values, squares, rows, gradients, rate):
    order = np.argsort(rows, kind="stable")
    starts = np.flatnonzero(np.diff(rows[order], prepend=-1))
    total = np.add.reduceat(gradients[order], starts)
    rows = rows[order][starts]
    squares[rows] += total * total
    values[rows] -= rate * total / np.sqrt(squares[rows] + 1e-10)
    return rows


def train(facts, entities, relations, options):
    random = np.random.default_rng(options.seed)
    size, limit = options.embedding_size, 6 / np.sqrt(options.embedding_size)
    e = unit(random.uniform(-limit, limit, (entities, size))).astype(np.float32)
    r = unit(random.uniform(-limit, limit, (relations, size))).astype(np.float32)
    e2, r2 = np.zeros_like(e), np.zeros_like(r)
    for _ in range(options.epochs):
        order = random.permutation(len(facts))
        for start in range(0, len(order), options.batch_size):
            h, rel, t = facts[order[start:start + options.batch_size]].T
            n = random.integers(0, entities, (len(h), options.negatives))
            corrupts_head = random.random(len(h)) < 0.5
            own = e[h] + r[rel] - e[t]
            fixed = np.where(corrupts_head[:, None], r[rel] - e[t], e[h] + r[rel])
            sign = np.where(corrupts_head, 1, -1).astype(np.float32)[:, None, None]
            other = fixed[:, None, :] + sign * e[n]
            d, d2 = np.linalg.norm(own, axis=1), np.linalg.norm(other, axis=2)
            active = (options.margin + d[:, None] - d2 > 0) / np.float32(options.negatives)
            g = own / np.maximum(d, 1e-9)[:, None] * active.sum(1, keepdims=True)
            g2 = -other / np.maximum(d2, 1e-9)[:, :, None] * active[:, :, None]
            both = g2.sum(1)
            used = active.ravel() > 0
            rows = np.concatenate([h, t, n.ravel()[used]])
            gradients = np.concatenate([
                g + np.where(corrupts_head[:, None], 0, both), -g - np.where(corrupts_head[:, None], both, 0),
                (sign * g2).reshape(-1, size)[used]])
            touched = adagrad(e, e2, rows, gradients.astype(np.float32), options.learning_rate)
            e[touched] = unit(e[touched])
            adagrad(r, r2, rel, (g + both).astype(np.float32), options.learning_rate)
    return e, r


def ranks(e, r, facts, test):
    tails, heads = collections.defaultdict(list), collections.defaultdict(list)
    for h, rel, t in facts:
        tails[h, rel].append(t)
        heads[rel, t].append(h)
    squares = (e * e).sum(1)
    for h, rel, t in test:
        for query, target, known in ((e[h] + r[rel], t, tails[h, rel]), (e[t] - r[rel], h, heads[rel, t])):
            distance = squares - 2 * (e @ query)
            own = distance[target]
            distance[known] = np.inf
            yield 1 + int((distance <= own).sum())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--graph", required=True)
    parser.add_argument("--share", type=float, default=0.1)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--embedding-size", type=int, default=64)
    parser.add_argument("--margin", type=float, default=0.5)
    parser.add_argument("--negatives", type=int, default=16)
    parser.add_argument("--epochs", type=int, default=100)
    parser.add_argument("--learning-rate", type=float, default=0.1)
    parser.add_argument("--batch-size", type=int, default=128)
    options = parser.parse_args()
    entities, relations, facts = read(options.graph)
    training, test = split(entities, facts, options.share, options.seed)
    started = time.perf_counter()
    e, r = train(training, len(entities), len(relations), options)
    seconds = time.perf_counter() - started
    found = np.array(list(ranks(e, r, facts, test)))
    result = {"mrr": float((1 / found).mean()), "seconds": seconds, "cases": len(test)}
    for limit in (1, 3, 10):
        result[f"hits@{limit}"] = float((found <= limit).mean())
    print(json.dumps(result))


if __name__ == "__main__":
    main()
