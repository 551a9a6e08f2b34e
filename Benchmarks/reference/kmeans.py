"""scikit-learn's k-means on a CSV file of numbers, whose first column is an id: kmeans.py FILE CLUSTERS SEED; writes JSON."""

import json
import sys
import time

import pandas
from sklearn.cluster import KMeans

points = pandas.read_csv(sys.argv[1]).to_numpy()[:, 1:].copy()
began = time.perf_counter()
model = KMeans(int(sys.argv[2]), n_init=1, random_state=int(sys.argv[3])).fit(points)
print(json.dumps({"seconds": time.perf_counter() - began, "inertia": float(model.inertia_), "iterations": int(model.n_iter_)}))
