"""AutoARIMA of statsforecast on the M1 and Tourism competitions: mean MASE and seconds per series.

    pip install statsforecast==2.1.1
    python Benchmarks/reference/forecast_arima.py CACHE/data/forecast-competitions [EVERY] [OUT.json]

EVERY takes each so-manieth series of a competition (1: all). The time is that of two processes on two cores after a
warm-up on ten series of each frequency, which compiles what is compiled at run time. MASE scales by the errors in the
sample of the naive forecast one season back.
"""

import json
import resource
import sys
import time
import warnings

import numpy as np
import pandas as pd
from statsforecast import StatsForecast
from statsforecast.models import AutoARIMA

SEASONS = {"YEARLY": 1, "QUARTERLY": 4, "MONTHLY": 12}


def load(folder, name, every):
    with open(f"{folder}/{name}_data.json") as file:
        data = json.load(file)
    rows = sorted(data.items())[::every]
    return [(key, SEASONS[row["period"][0]], row["x"], row["xx"]) for key, row in rows]


def processor_seconds():
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def frame(series):
    return pd.concat(
        pd.DataFrame({"unique_id": key, "ds": np.arange(len(x)), "y": np.array(x, dtype=float)})
        for key, _, x, _ in series
    )


def forecast(series, season, jobs):
    horizon = max(len(test) for _, _, _, test in series)
    model = StatsForecast(models=[AutoARIMA(season_length=season)], freq=1, n_jobs=jobs)
    return model.forecast(df=frame(series), h=horizon)


def main():
    folder, every = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1
    warnings.simplefilter("ignore")
    errors = {}
    for name in ("m1", "tcomp"):
        series = load(folder, name, every)
        scaled = []
        for season in sorted({s for _, s, _, _ in series}):
            group = [row for row in series if row[1] == season]
            forecast(group[:10], season, 2)
            start, used = time.perf_counter(), processor_seconds()
            result = forecast(group, season, 2)
            wall, used = time.perf_counter() - start, processor_seconds() - used
            tables = {key: rows["AutoARIMA"].to_numpy() for key, rows in result.groupby("unique_id")}
            for key, _, x, test in group:
                scale = np.mean(np.abs(np.subtract(x[season:], x[:-season])))
                error = np.mean(np.abs(tables[key][: len(test)] - np.array(test)))
                errors[f"{name}-{key}"] = error / scale
                scaled.append(error / scale)
            print(
                f"{name} season {season}: {len(group)} series, MASE {np.mean(scaled[-len(group):]):.4f}, "
                f"{1000 * wall / len(group):.2f} ms a series, {1000 * used / len(group):.2f} ms of processor",
                flush=True,
            )
        print(f"{name}: {len(scaled)} series, mean MASE {np.mean(scaled):.4f}", flush=True)
    if len(sys.argv) > 3:
        with open(sys.argv[3], "w") as file:
            json.dump(errors, file)


if __name__ == "__main__":
    main()
