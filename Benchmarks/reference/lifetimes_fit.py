#!/usr/bin/env python3
"""One purchase model of `lifetimes` on a file of histories.

    python Benchmarks/reference/lifetimes_fit.py HISTORIES.csv --model BG|MBG|Pareto

The file has columns frequency, recency and T. Prints JSON: the parameters, the log-likelihood over all customers in the file's
unit of time, and the seconds of the fit.
"""

import argparse
import json
import time
import warnings

import numpy as np
import pandas as pd
from lifetimes import BetaGeoFitter, ModifiedBetaGeoFitter, ParetoNBDFitter

FITTERS = {"BG": BetaGeoFitter, "MBG": ModifiedBetaGeoFitter, "Pareto": ParetoNBDFitter}


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("histories")
    options.add_argument("--model", choices=FITTERS, required=True)
    arguments = options.parse_args()
    warnings.simplefilter("ignore")
    data = pd.read_csv(arguments.histories)
    fitter = FITTERS[arguments.model]()
    start = time.perf_counter()
    fitter.fit(data["frequency"], data["recency"], data["T"])
    seconds = time.perf_counter() - start
    # lifetimes learns in a unit of time in which the highest age is 1.
    unit = -np.log(data["T"].max()) * data["frequency"].sum()
    print(
        json.dumps(
            {
                "parameters": {key: float(value) for key, value in fitter.params_.items()},
                "log_likelihood": float(-fitter._negative_log_likelihood_ * len(data) + unit),
                "seconds": seconds,
            }
        )
    )


if __name__ == "__main__":
    main()
