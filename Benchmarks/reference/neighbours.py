"""scikit-learn's t-SNE and its measure of trustworthiness: `write ROWS.csv`, `judge ROWS.csv PLACES.json K`."""

import csv
import json
import sys
import time

import numpy as np
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE, trustworthiness


def write(path):
    rows = load_digits().data
    # A column in which nothing varies says nothing, and ours leaves it out.
    rows = rows[:, rows.std(axis=0) > 0]
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id"] + [f"x{column}" for column in range(rows.shape[1])])
        for index, row in enumerate(rows):
            writer.writerow([index, *row])


def judge(path, places, neighbours):
    rows = np.loadtxt(path, delimiter=",", skiprows=1)[:, 1:]
    ours = np.array(json.load(open(places)))
    started = time.monotonic()
    theirs = TSNE(random_state=1, init="pca", perplexity=30).fit_transform(rows)
    seconds = time.monotonic() - started
    measure = lambda map: float(trustworthiness(rows, map, n_neighbors=neighbours))
    principal = PCA(2, random_state=1).fit_transform(rows)
    figures = {"ours": measure(ours), "theirs": measure(theirs), "principal": measure(principal)}
    print(json.dumps({**figures, "seconds": seconds}))


if sys.argv[1] == "write":
    write(sys.argv[2])
else:
    judge(sys.argv[2], sys.argv[3], int(sys.argv[4]))
