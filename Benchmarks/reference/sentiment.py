#!/usr/bin/env python3
"""Polarity of reviews by scikit-learn: tf-idf of words (jieba) and characters, linear support vector machine.

    sentiment.py REVIEWS.csv[.gz] [--text review] [--label label]

Rows whose text was seen before are removed; the rest are numbered from 0. Every fifth (number % 5 == 4) is the test part,
number % 5 == 3 decides the cost, and the model is learned anew from all rows outside the test part. Prints JSON: the figures
for words alone, characters alone and both, with seconds of the last fit.
"""

import argparse
import csv
import gzip
import json
import time

import jieba
import numpy as np
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC


def read(options):
    opened = gzip.open if options.reviews.endswith(".gz") else open
    seen, texts, labels = set(), [], []
    with opened(options.reviews, "rt", encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            text = row[options.text]
            if text not in seen:
                seen.add(text)
                texts.append(text)
                labels.append(row[options.label])
    return texts, np.array(labels)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("reviews")
    parser.add_argument("--text", default="review")
    parser.add_argument("--label", default="label")
    texts, labels = read(parser.parse_args())
    number = np.arange(len(texts)) % 5
    learned, deciding, test = number < 3, number == 3, number == 4
    cut = [" ".join(jieba.lcut(text)) for text in texts]
    words = dict(ngram_range=(1, 2), min_df=2, sublinear_tf=True, token_pattern=r"\S+")
    characters = dict(analyzer="char", ngram_range=(1, 3), min_df=2, sublinear_tf=True)
    settings = {"words": [(cut, words)], "characters": [(texts, characters)],
                "both": [(cut, words), (texts, characters)]}
    for name, parts in settings.items():
        def features(rows):
            made = [(TfidfVectorizer(**options), given) for given, options in parts]
            chosen = [[text for text, take in zip(given, rows) if take] for _, given in made]
            return (hstack([v.fit_transform(c) for (v, _), c in zip(made, chosen)]).tocsr(),
                    lambda other: hstack([v.transform([t for t, take in zip(given, other) if take])
                                          for v, given in made]).tocsr())

        x, transform = features(learned)
        held = transform(deciding)
        accuracy = {c: float((LinearSVC(C=c).fit(x, labels[learned]).predict(held) == labels[deciding]).mean())
                    for c in (0.1, 0.25, 0.5, 1, 2)}
        best = max(accuracy, key=accuracy.get)
        start = time.perf_counter()
        x, transform = features(~test)
        prepared = time.perf_counter()
        model = LinearSVC(C=best).fit(x, labels[~test])
        fitted = time.perf_counter()
        right = model.predict(transform(test)) == labels[test]
        print(json.dumps({
            "features": name, "cost": best, "columns": x.shape[1], "validation": round(accuracy[best], 4),
            "test": round(float(right.mean()), 4), "tested": int(test.sum()),
            "seconds": {"features": round(prepared - start, 2), "fit": round(fitted - prepared, 2)}}), flush=True)


if __name__ == "__main__":
    main()
