"""Topics of a corpus by scikit-learn: LDA, and k-means on TF-IDF.

    python3 text_topics.py TERMS.tsv [TOPICS [SEEDS]]

Each line of TERMS.tsv is a class, a tab, and the document's terms with blanks between them. Every tenth document is held
out. Prints for LDA (batch variational Bayes) the perplexity of every other term of held-out documents given the terms
between, the mean NPMI of the ten top words of each topic, and for both how groups agree with classes.
"""

import sys
import time

import numpy as np
from sklearn.cluster import KMeans
from sklearn.decomposition import LatentDirichletAllocation
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.metrics import adjusted_rand_score, v_measure_score


def coherence(tops, present):
    total = present.shape[0]
    values = []
    for words in tops:
        joint = (present[:, words].T @ present[:, words]).toarray() / total
        for i in range(len(words)):
            for j in range(i + 1, len(words)):
                p = joint[i, j]
                values.append(-1 if p == 0 else np.log(p / joint[i, i] / joint[j, j]) / -np.log(p))
    return float(np.mean(values))


def main():
    lines = [line.rstrip("\n").split("\t") for line in open(sys.argv[1], encoding="utf-8")]
    topics = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    classes, documents = [line[0] for line in lines], [line[1].split() for line in lines]
    held = [i % 10 == 9 for i in range(len(lines))]
    training = [d for d, h in zip(documents, held) if not h]
    test = [d for d, h in zip(documents, held) if h]
    vectorizer = CountVectorizer(analyzer=lambda terms: terms, min_df=2, max_df=0.5)
    counts = vectorizer.fit_transform(training)
    known = set(vectorizer.vocabulary_)
    seeds = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    for seed in range(seeds):
        # First with scikit-learn's own priors (1 / topics), then with those that our sampler uses.
        for alpha, beta in [(None, None), (0.1, 0.05)]:
            start = time.perf_counter()
            model = LatentDirichletAllocation(
                topics, doc_topic_prior=alpha, topic_word_prior=beta, max_iter=20, random_state=seed, n_jobs=1
            ).fit(counts)
            seconds = time.perf_counter() - start
            shares = model.components_ / model.components_.sum(axis=1, keepdims=True)
            kept = [[t for t in d if t in known] for d in test]
            mixtures = model.transform(vectorizer.transform([d[0::2] for d in kept]))
            second = vectorizer.transform([d[1::2] for d in kept]).tocoo()
            logs = np.log(np.einsum("ik,ki->i", mixtures[second.row], shares[:, second.col]))
            perplexity = np.exp(-(second.data * logs).sum() / second.data.sum())
            tops = [np.argsort(-row)[:10] for row in shares]
            npmi = coherence(tops, (counts > 0).astype(float).tocsc())
            groups = model.transform(vectorizer.transform(documents)).argmax(axis=1)
            print(
                f"LDA seed {seed}, priors {alpha}, {beta}: {seconds:.1f} s, perplexity {perplexity:.0f}, NPMI {npmi:.3f}, "
                f"V {v_measure_score(classes, groups):.3f}, ARI {adjusted_rand_score(classes, groups):.3f}"
            )
        start = time.perf_counter()
        tfidf = TfidfTransformer().fit_transform(vectorizer.transform(documents))
        groups = KMeans(topics, n_init=3, random_state=seed).fit_predict(tfidf)
        print(
            f"k-means on TF-IDF seed {seed}: {time.perf_counter() - start:.1f} s, "
            f"V {v_measure_score(classes, groups):.3f}, ARI {adjusted_rand_score(classes, groups):.3f}"
        )


if __name__ == "__main__":
    main()
