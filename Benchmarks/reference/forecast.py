#!/usr/bin/env python3
"""statsforecast's automatic exponential smoothing and Theta methods on the M1 and Tourism competitions.

    scripts/fetch-data forecast-competitions
    python Benchmarks/reference/forecast.py CACHE/data/forecast-competitions [--every 10] [--methods AutoETS,Theta]

Forecasts the official held-out part of each series from its official first part, after a warm-up on one series of each
frequency. Prints for each competition and method the mean MASE (scaled by the errors in the first part of the naive forecast
one season back), the same by frequency, and milliseconds per series: on the clock, and of the processor, which other programs
on the machine disturb less. One process.
"""

import argparse
import json
import os
import resource
import time
import warnings

import numpy as np
from statsforecast.models import AutoETS, DynamicOptimizedTheta, OptimizedTheta, Theta

SEASONS = {"YEARLY": 1, "QUARTERLY": 4, "MONTHLY": 12}
METHODS = {
    "AutoETS": AutoETS,
    "Theta": Theta,
    "OptimizedTheta": OptimizedTheta,
    "DynamicOptimizedTheta": DynamicOptimizedTheta,
}


def read(path, every):
    with open(path) as file:
        rows = sorted(json.load(file).items())[::every]
    return [
        (SEASONS[row["period"][0]], np.array(row["x"], float), np.array(row["xx"], float)) for _, row in rows
    ]


def mase(season, known, said, came):
    return np.mean(np.abs(said - came)) / np.mean(np.abs(known[season:] - known[:-season]))


def processor():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def measure(series, method):
    for season in SEASONS.values():
        first = next((row for row in series if row[0] == season), None)
        if first:
            method(season_length=season).forecast(first[1], h=3)
    errors, clock, work = {}, time.perf_counter(), processor()
    for season, known, came in series:
        said = method(season_length=season).forecast(known, h=len(came))["mean"]
        errors.setdefault(season, []).append(mase(season, known, said, came))
    clock, work = time.perf_counter() - clock, processor() - work
    everything = np.concatenate(list(errors.values()))
    finite = everything[np.isfinite(everything)]
    return {
        "series": len(series),
        "mase": round(float(finite.mean()), 4),
        "by season": {season: round(float(np.mean(values)), 4) for season, values in sorted(errors.items())},
        "not finite": int(len(everything) - len(finite)),
        "ms per series": round(1000 * clock / len(series), 3),
        "processor ms per series": round(1000 * work / len(series), 3),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--every", type=int, default=1, help="take each so-manieth series")
    parser.add_argument("--methods", default=",".join(METHODS))
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    for name in ("m1", "tcomp"):
        series = read(os.path.join(arguments.folder, f"{name}_data.json"), arguments.every)
        for method in arguments.methods.split(","):
            print(json.dumps({"competition": name, "method": method, **measure(series, METHODS[method])}), flush=True)


if __name__ == "__main__":
    main()
