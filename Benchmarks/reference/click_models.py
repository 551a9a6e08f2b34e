#!/usr/bin/env python3
"""Plain PyTorch factorisation machine and DeepFM on a file of cases, to compare with `lode evaluate clicks` in one run.

Takes the same file, columns and seed, and splits the cases as it does: eight tenths to learn from, a tenth to decide when to
stop and how to calibrate, a tenth for the test. Sizes and settings are Lode's defaults: Adam, early stop on the validation
AUC. Prints JSON with AUC and log loss on the test part, the logits calibrated by Platt's line on validation.
"""

import argparse
import copy
import csv
import json
import time

import torch
from splits import eight_one_one
from torch import nn


def read(options):
    names, lists = options.fields.split(","), [name for name in options.list_fields.split(",") if name]
    cases = []
    with open(options.cases, encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            case = [[row[name]] if row[name] else [] for name in names]
            case += [row[name].replace("|", " ").split() for name in lists]
            cases.append((case, float(row[options.label_column])))
    return [[cases[row] for row in part] for part in eight_one_one(len(cases), options.seed)]


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
    parser.add_argument("--cases", required=True, help="a CSV file with a header, one case a line")
    parser.add_argument("--label-column", default="clicked")
    parser.add_argument("--fields", required=True, help="columns with a name each")
    parser.add_argument("--list-fields", default="", help="columns with several names, separated by blanks or bars")
    parser.add_argument("--seed", type=int, default=42, help="seeds the models and the split")
    parser.add_argument("--size", type=int, default=16)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--regularization", type=float, default=1e-5)
    parser.add_argument("--dropout", type=float, default=0.2)
    parser.add_argument("--epochs", type=int, default=50)
    parser.add_argument("--patience", type=int, default=3)
    options = parser.parse_args()
    parts = read(options)
    print(json.dumps({
        "torch": torch.__version__, "cases": dict(zip(("training", "validation", "test"), map(len, parts))),
        "FactorizationMachine": run(parts, [], options),
        "DeepFM": run(parts, [64, 32], options)}))


if __name__ == "__main__":
    main()
