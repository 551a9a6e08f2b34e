"""What the customers of the small shop wrote: reviews and messages in both languages, with needs planted in them."""

import csv
import random
from datetime import timedelta
from pathlib import Path

from fixture_shop import CUSTOMERS, DAYS, END

# (what it is about, ratings, sentences): each text is one of the sentences.
PLANTED = [
    (
        "COFFEE",
        (1, 2),
        [
            "The bag leaks and the coffee goes stale within days.",
            "The packaging leaks, the beans were stale when I opened the bag.",
            "The bag does not close, so the coffee gets stale.",
            "Stale coffee again, because the bag leaks air.",
        ],
    ),
    (
        "COFFEE",
        (5,),
        [
            "The coffee tastes wonderful, rich and fresh.",
            "Wonderful taste, we drink this coffee every morning.",
            "Great coffee, the taste is rich.",
        ],
    ),
    (
        "MILK",
        (1, 2),
        [
            "The milk was sour two days before its date.",
            "Sour milk again, the date on the carton is wrong.",
            "The carton of milk arrived sour and warm.",
        ],
    ),
    (
        "TEA",
        (3,),
        [
            "I wish there were a larger box of this tea.",
            "It would be great if the tea came in a bigger box.",
            "Please offer a bigger box of tea.",
        ],
    ),
    (
        "DETERGENT",
        (1, 2),
        [
            "送货太慢了，等了整整一个星期。",
            "快递送货很慢，包裹还破了。",
            "送货慢，客服也不理人。",
            "客服态度很差，送货太慢。",
            "等了十天才送货，太慢了。",
        ],
    ),
    (
        "DETERGENT",
        (5,),
        ["洗得很干净，味道也好闻。", "味道好闻，洗衣服很干净。", "很干净，价格也便宜。"],
    ),
    (
        "BABY CARE",
        (3,),
        [
            "希望有小包装，出门带着方便。",
            "要是有小包装就好了，大包太重。",
            "希望出小包装，方便携带。",
        ],
    ),
    (
        "SNACKS",
        (1, 2),
        [
            "包装漏气，饼干都受潮了。",
            "饼干受潮了，包装漏气。",
            "打开一看包装漏气，饼干不脆。",
            "味道很差，价格太贵。",
        ],
    ),
]
HOSTILE = '<script>window.__hit = 1</script><img src=x onerror="window.__hit = 1"> The bag leaks, stale coffee.'
EMOJI = "😀👍"
# One sentence: what is shown of a text is a sentence.
LONG = "The bag leaks and the coffee is stale" + ", and I have written to the service about it" * 30
TEXTS = 420
NAMES = ["event_id", "kind", "customer_id", "item_id", "timestamp", "rating", "text"]


def write(folder):
    """Writes reviews.csv to a folder and returns its path."""
    path = Path(folder) / "reviews.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(NAMES)
        writer.writerows(_rows())
    return path


def _rows():
    """The rows of the file: the same on every run, complaints about the bag more frequent lately."""
    rng = random.Random(20250701)
    found = []
    for number in range(TEXTS):
        recent = rng.random() < 0.35
        planted = PLANTED[0] if recent and rng.random() < 0.4 else rng.choice(PLANTED)
        category, ratings, sentences = planted
        age = rng.uniform(0, 26) if recent else rng.uniform(27, min(DAYS, 200))
        customer = rng.randrange(CUSTOMERS) + 1
        moment = END - timedelta(days=age)
        found.append(_row(number, customer, category, moment, rng.choice(ratings), rng.choice(sentences)))
    for number, text in enumerate((HOSTILE, EMOJI, LONG), start=TEXTS):
        place = number - TEXTS + 1
        found.append(_row(number, place, "COFFEE", END - timedelta(hours=place), 1, text))
    return sorted(found, key=lambda row: (row[4], row[0]))


def _row(number, customer, category, moment, rating, text):
    item = f"{category.lower().replace(' ', '-')}-{number % 3 + 1}"
    return [
        f"review-{number}",
        "review",
        f"c{customer:04d}",
        item,
        moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        rating,
        text,
    ]
