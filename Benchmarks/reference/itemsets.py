"""Borgelt's FP-Growth (pyfim) on a CSV file of baskets: itemsets.py FILE SUPPORT [--sets]; writes JSON."""

import csv
import json
import math
import sys
import time

import fim

baskets, names, codes = {}, [], {}
with open(sys.argv[1], newline="") as file:
    for basket, item in list(csv.reader(file))[1:]:
        if item not in codes:
            codes[item] = len(names)
            names.append(item)
        baskets.setdefault(basket, []).append(codes[item])
# Items as whole numbers, which it reads fastest.
transactions = list(baskets.values())
least = math.ceil(float(sys.argv[2]) * len(transactions) * (1 - 1e-12))
began = time.perf_counter()
found = fim.fpgrowth(transactions, target="s", supp=-least, zmin=1, report="a")
answer = {"seconds": time.perf_counter() - began}
if "--sets" in sys.argv:
    answer["itemsets"] = [{"items": [names[code] for code in items], "count": count} for items, count in found]
print(json.dumps(answer))
