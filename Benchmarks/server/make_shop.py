#!/usr/bin/env python3
"""Writes the files of a simulated shop of a given size: what `Benchmarks/server/pages` imports.

    Benchmarks/server/make_shop.py FOLDER [--items N] [--customers N] [--orders N] [--seed N]

Items belong to groups of twenty that are bought together; popularity falls off as Zipf's law has it. The shop says nothing
about how good recommendations are: it is there for its size.
"""

import argparse
import pathlib
import random

parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
parser.add_argument("folder", type=pathlib.Path)
parser.add_argument("--items", type=int, default=100_000)
parser.add_argument("--customers", type=int, default=20_000)
parser.add_argument("--orders", type=int, default=150_000)
parser.add_argument("--seed", type=int, default=7)
options = parser.parse_args()
chance = random.Random(options.seed)
options.folder.mkdir(parents=True, exist_ok=True)
groups = options.items // 20

with open(options.folder / "items.csv", "w") as out:
    out.write("item_id,title,category,brand,price,stock,margin\n")
    for item in range(options.items):
        out.write(f"i{item},Item {item} of group {item // 20},category {item // 2000},brand {item % 50},"
                  f"{1 + item % 97}.5,{item % 13},0.{item % 50:02d}\n")

with open(options.folder / "orders.csv", "w") as out:
    out.write("event_id,kind,customer_id,item_id,order_id,timestamp,quantity,amount\n")
    for order in range(options.orders):
        customer = chance.randrange(options.customers)
        day = chance.randrange(360)
        moment = 1_700_000_000 + day * 86_400 + chance.randrange(86_400)
        home = (customer * 7919) % groups
        for line in range(chance.randint(3, 11)):
            # Two of three lines come from the customer's own corner of the shop, the others from what is popular.
            group = (home + chance.randrange(4)) % groups if chance.random() < 0.66 else int(groups * chance.random() ** 3)
            item = group * 20 + int(20 * chance.random() ** 2)
            out.write(f"e{order}-{line},purchase,c{customer},i{item},o{order},{moment},1,{1 + item % 97}.5\n")
        if order < options.items:
            # Every item is bought at least once, so that the model knows all of them.
            out.write(f"e{order}-x,purchase,c{customer},i{order},o{order},{moment},1,{1 + order % 97}.5\n")
