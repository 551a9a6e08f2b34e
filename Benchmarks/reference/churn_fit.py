"""Learns churn from a table with scikit-learn and LightGBM: `churn_fit.py FILE TARGET [POSITIVE]`; JSON on standard output."""
import json
import sys
import time

try:
    import lightgbm
    import numpy as np
    import pandas as pd
    import shap
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import brier_score_loss, roc_auc_score
    from sklearn.preprocessing import StandardScaler
except ImportError as error:
    print(f"churn: {error}", file=sys.stderr)
    sys.exit(3)


def calibration_error(risks, left, bins=10):
    place = np.minimum((risks * bins).astype(int), bins - 1)
    return float(
        sum(abs(risks[place == k].sum() - left[place == k].sum()) for k in range(bins)) / len(risks))


def figures(risks, left, seconds):
    return {
        "auc": float(roc_auc_score(left, risks)), "brier": float(brier_score_loss(left, risks)),
        "ece": calibration_error(risks, left), "seconds": seconds,
    }


def main():
    table = pd.read_csv(sys.argv[1])
    target = table.pop(sys.argv[2])
    positive = sys.argv[3] if len(sys.argv) > 3 else None
    usual = {"1", "1.0", "true", "yes"}
    left = target.astype(str).map(lambda text: text == positive if positive else text.lower() in usual).to_numpy(int)
    table = table.drop(columns=[name for name in ("id", "customer", "customer_id") if name in table])
    columns = pd.get_dummies(table).astype(float)
    test = np.arange(len(left)) % 5 == 4
    answer = {}

    started = time.perf_counter()
    filled = columns.fillna(columns[~test].median())
    scaler = StandardScaler().fit(filled[~test])
    model = LogisticRegression(max_iter=2000).fit(scaler.transform(filled[~test]), left[~test])
    seconds = time.perf_counter() - started
    answer["scikit-learn regression"] = figures(
        model.predict_proba(scaler.transform(filled[test]))[:, 1], left[test], seconds)

    started = time.perf_counter()
    data = lightgbm.Dataset(columns[~test].to_numpy(), left[~test], free_raw_data=False)
    settings = dict(
        objective="binary", learning_rate=0.03, num_leaves=8, min_data_in_leaf=40, feature_fraction=0.5,
        bagging_fraction=0.8, bagging_freq=1, lambda_l2=5, verbose=-1, seed=1)
    searched = lightgbm.cv(
        settings, data, num_boost_round=1500, nfold=5, seed=1, callbacks=[lightgbm.early_stopping(50, verbose=False)])
    rounds = len(next(iter(searched.values())))
    booster = lightgbm.train(settings, data, num_boost_round=rounds)
    seconds = time.perf_counter() - started
    answer["LightGBM, shap"] = figures(booster.predict(columns[test].to_numpy()), left[test], seconds)
    started = time.perf_counter()
    shap.TreeExplainer(booster).shap_values(columns.to_numpy())
    answer["LightGBM, shap"]["rows_per_second"] = len(left) / (time.perf_counter() - started)
    print(json.dumps(answer))


main()
