#!/usr/bin/env python3
"""Plain PyTorch factorisation machine and DeepFM on MovieLens 100K as clicks, to compare with Lode's in one run.

4 and 5 stars are a yes, 1 and 2 a no, 3 is left out; fields: user, item, age in steps of five, gender, occupation, two digits
of the zip code, year, genres; 8:1:1 by a hash of the line, as in Lode's tests. Adam, early stop on validation AUC. Prints
JSON with AUC and log loss on the test part, the logits calibrated by Platt's line on validation.
"""

import argparse
import copy
import json
import os
import time

import torch
from torch import nn

MASK = (1 << 64) - 1


def bucket(line, split):
    z = (line + split * 1_000_003 + 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return ((z ^ (z >> 31)) & MASK) % 10


def rows(folder, name):
    with open(os.path.join(folder, "ml-100k." + name), encoding="utf-8") as lines:
        return [line.rstrip("\n").split("\t") for line in lines][1:]


def read(folder, split):
    users = {r[0]: r for r in rows(folder, "user")}
    items = {r[0]: r for r in rows(folder, "item")}
    parts = ([], [], [])
    for line, (user, item, rating, _) in enumerate(rows(folder, "inter")):
        if rating == "3":
            continue
        u, i = users[user], items[item]
        case = [[user], [item], [str(int(u[1]) // 5)], [u[2]], [u[3]], [u[4][:2]], [i[2]], i[3].split()]
        place = bucket(line, split)
        parts[0 if place == 0 else 1 if place == 1 else 2].append((case, float(rating > "3")))
    return parts[2], parts[1], parts[0]


def encoder(training):
    fields = len(training[0][0])
    names = {}
    widths = [max(len(case[f]) for case, _ in training) for f in range(fields)]
    for case, _ in training:
        for f in range(fields):
            for word in case[f]:
                names.setdefault((f, word), len(names) + 1)

    def encode(cases):
        index = torch.zeros(len(cases), sum(widths), dtype=torch.long)
        value = torch.zeros(len(cases), sum(widths))
        for row, (case, _) in enumerate(cases):
            place = 0
            for f in range(fields):
                known = [names[f, w] for w in case[f] if (f, w) in names][: widths[f]]
                for step, feature in enumerate(known):
                    index[row, place + step] = feature
                    value[row, place + step] = 1 / len(known)
                place += widths[f]
        return index, value, torch.tensor([label for _, label in cases])

    return encode, len(names) + 1, widths


class Machine(nn.Module):
    def __init__(self, features, widths, size, hidden, dropout):
        super().__init__()
        self.widths = widths
        self.bias = nn.Parameter(torch.zeros(1))
        self.weights = nn.Embedding(features, 1)
        self.vectors = nn.Embedding(features, size)
        nn.init.normal_(self.weights.weight, std=0.01)
        nn.init.normal_(self.vectors.weight, std=0.05)
        layers, inputs = [], len(widths) * size
        for outputs in hidden:
            layers += [nn.Linear(inputs, outputs), nn.ReLU(), nn.Dropout(dropout)]
            inputs = outputs
        self.deep = nn.Sequential(*layers, nn.Linear(inputs, 1)) if hidden else None

    def forward(self, index, value):
        value = value.unsqueeze(-1)
        scaled = self.vectors(index) * value
        pairs = 0.5 * (scaled.sum(1) ** 2 - (scaled ** 2).sum(1)).sum(1)
        logit = self.bias + (self.weights(index) * value).sum(1).squeeze(-1) + pairs
        if self.deep is not None:
            fields = [part.sum(1) for part in scaled.split(self.widths, dim=1)]
            logit = logit + self.deep(torch.cat(fields, 1)).squeeze(-1)
        return logit


def area(scores, labels):
    order = torch.argsort(scores)
    ranks = torch.empty(len(scores), dtype=torch.double)
    ranks[order] = torch.arange(1, len(scores) + 1, dtype=torch.double)
    positives = labels.sum().item()
    return (ranks[labels > 0].sum().item() - positives * (positives + 1) / 2) / (positives * (len(labels) - positives))


def calibrated(logits, labels):
    line = torch.tensor([1.0, 0.0], dtype=torch.double, requires_grad=True)
    solver = torch.optim.LBFGS([line], max_iter=100)
    x, y = logits.double(), labels.double()

    def closure():
        solver.zero_grad()
        loss = nn.functional.binary_cross_entropy_with_logits(line[0] * x + line[1], y)
        loss.backward()
        return loss

    solver.step(closure)
    return line.detach()


def run(parts, hidden, options):
    torch.manual_seed(options.seed)
    encode, features, widths = encoder(parts[0])
    training, validation, test = map(encode, parts)
    model = Machine(features, widths, options.size, hidden, options.dropout)
    optimizer = torch.optim.Adam(model.parameters(), lr=options.rate, weight_decay=options.regularization)
    best, kept, since = -1.0, None, 0
    started = time.perf_counter()
    for _ in range(options.epochs):
        model.train()
        for part in torch.randperm(len(training[2])).split(1024):
            loss = nn.functional.binary_cross_entropy_with_logits(
                model(training[0][part], training[1][part]), training[2][part])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            figure = area(model(*validation[:2]), validation[2])
        since += 1
        if figure > best:
            best, kept, since = figure, copy.deepcopy(model.state_dict()), 0
        if since >= options.patience:
            break
    seconds = time.perf_counter() - started
    model.load_state_dict(kept)
    model.eval()
    with torch.no_grad():
        held, final = model(*validation[:2]), model(*test[:2])
    line = calibrated(held, validation[2])
    loss = nn.functional.binary_cross_entropy_with_logits(line[0] * final.double() + line[1], test[2].double())
    return {"auc": area(final, test[2]), "log_loss": loss.item(), "seconds": seconds}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", required=True, help="where ml-100k.inter, .user and .item lie")
    parser.add_argument("--split", type=int, default=1)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--size", type=int, default=16)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--regularization", type=float, default=1e-5)
    parser.add_argument("--dropout", type=float, default=0.2)
    parser.add_argument("--epochs", type=int, default=50)
    parser.add_argument("--patience", type=int, default=3)
    options = parser.parse_args()
    parts = read(options.folder, options.split)
    print(json.dumps({
        "torch": torch.__version__, "FactorizationMachine": run(parts, [], options),
        "DeepFM": run(parts, [64, 32], options)}))


if __name__ == "__main__":
    main()
