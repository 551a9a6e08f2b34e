"""A small shop, the same on every run: households with habits, items in categories, a few broken rows."""

import csv
import random
from datetime import datetime, timedelta, timezone
from pathlib import Path

CATEGORIES = {  # name: (days between two purchases of a household that buys it, share of households, price)
    "COFFEE": (14, 0.6, 6.5),
    "TEA": (24, 0.35, 4.2),
    "MILK": (5, 0.85, 1.4),
    "BREAD": (4, 0.8, 2.1),
    "CHEESE": (9, 0.6, 4.8),
    "FRUIT": (6, 0.7, 3.3),
    "VEGETABLES": (6, 0.75, 2.7),
    "PASTA": (18, 0.55, 1.6),
    "SNACKS": (8, 0.6, 2.9),
    "SOFT DRINKS": (10, 0.5, 3.9),
    "DETERGENT": (40, 0.5, 8.9),
    "PET FOOD": (12, 0.3, 7.4),
    "BABY CARE": (11, 0.15, 11.5),
    "ICE CREAM": (20, 0.45, 5.2),
    "GREETING CARDS": (60, 0.25, 3.0),
}
CUSTOMERS = 240
LAPSED = range(7, CUSTOMERS, 40)  # the households that have not come for the last five weeks
GONE = 36  # further households, who bought bread for a while and stopped: without them nobody could be told to leave
ITEMS_PER_CATEGORY = 6
DAYS = 300
END = datetime(2025, 6, 30, 20, 0, tzinfo=timezone.utc)
BROKEN_TIME = "not-a-date"


def write(folder):
    """Writes events.csv, items.csv and customers.csv to a folder and returns their paths by kind."""
    rng = random.Random(20250630)
    folder = Path(folder)
    return {
        "items": _write(folder / "items.csv", ["item_id", "title", "category", "brand", "price"], _items()),
        "customers": _write(folder / "customers.csv", ["customer_id", "age", "city"], _customers(rng)),
        "events": _write(
            folder / "events.csv",
            [
                "event_id",
                "kind",
                "customer_id",
                "item_id",
                "timestamp",
                "quantity",
                "amount",
                "currency",
                "order_id",
            ],
            _events(rng),
        ),
    }


def _write(path, names, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        writer.writerows(rows)
    return path


def _items():
    for category, (_, _, price) in CATEGORIES.items():
        for number in range(ITEMS_PER_CATEGORY):
            item = f"{category.lower().replace(' ', '-')}-{number + 1}"
            yield [
                item,
                f"{category.title()} no. {number + 1}",
                category,
                f"Brand {number % 3 + 1}",
                f"{price * (0.8 + 0.1 * number):.2f}",
            ]


def _customers(rng):
    for number in range(CUSTOMERS):
        yield [
            f"c{number + 1:04d}",
            rng.choice(["25-34", "35-44", "45-54"]),
            rng.choice(["Lyon", "杭州", "Utrecht"]),
        ]
    for number in range(GONE):
        yield [f"g{number + 1:04d}", "35-44", "Lyon"]


def _events(rng):
    rows = []
    for number in range(CUSTOMERS):
        customer = f"c{number + 1:04d}"
        for day, basket in sorted(_visits(rng).items()):
            if number in LAPSED and day > DAYS - 35:
                continue
            moment = END - timedelta(days=DAYS - day, minutes=rng.randrange(600))
            order = f"{customer}-{day}"
            for line, category in enumerate(sorted(basket)):
                item = f"{category.lower().replace(' ', '-')}-{rng.randrange(ITEMS_PER_CATEGORY) + 1}"
                quantity = rng.choice([1, 1, 1, 2])
                amount = CATEGORIES[category][2] * quantity * rng.choice([1, 1, 0.8])
                rows.append(
                    [
                        f"{order}-{line}",
                        "purchase",
                        customer,
                        item,
                        moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
                        quantity,
                        f"{amount:.2f}",
                        "USD",
                        order,
                    ]
                )
    rows += _gone()
    rows.sort(key=lambda row: (row[4], row[0]))
    for number in range(6):
        rows.insert(
            50 * (number + 1),
            [
                f"broken-{number}",
                "purchase",
                "c0001",
                "coffee-1",
                BROKEN_TIME,
                1,
                "6.50",
                "USD",
                f"broken-order-{number}",
            ],
        )
    return rows


def _visits(rng):
    """Which categories a household buys on which day; a third of all ice cream falls in the last weeks."""
    visits = {}
    pace = rng.uniform(0.7, 1.6)
    for category, (cycle, share, _) in CATEGORIES.items():
        if rng.random() > share:
            continue
        day = rng.uniform(0, cycle * pace)
        while day < DAYS:
            step = cycle * pace * rng.lognormvariate(0, 0.3)
            if category == "ICE CREAM":
                step *= 0.4 if day > DAYS - 42 else 1.5
            visits.setdefault(int(day), set()).add(category)
            day += max(1.0, step)
    return visits


def _gone():
    """The purchases of those who stopped, one after the other over the last two thirds of the days."""
    rng = random.Random(20250701)
    for number in range(GONE):
        customer = f"g{number + 1:04d}"
        last = 100 + number * 5
        day = last - 90 + rng.uniform(0, 8)
        while day < last:
            moment = END - timedelta(days=DAYS - day, minutes=rng.randrange(600))
            time = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
            order = f"{customer}-{int(day * 10)}"
            yield [f"{order}-0", "purchase", customer, "bread-2", time, 1, "1.89", "USD", order]
            day += rng.uniform(3, 9) + (6 if last - day < 25 else 0)
