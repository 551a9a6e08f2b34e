#!/usr/bin/env python3
"""SASRec's training step in plain PyTorch: the same network, batches, sampled loss and optimiser as Lode's.

Reads item sequences (`user item` lines in time order), learns from windows in batches of about one length, and prints JSON
with the processor seconds and the wall seconds of each epoch and the mean loss. On Debian, /usr/bin/python3 with
python3-torch runs on the libtorch that Lode runs on.
"""

import argparse
import gzip
import json
import math
import random
import time

import torch
from torch import nn
from torch.nn import functional as F


def read(path, users):
    sequences, items = {}, {}
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rt") as lines:
        for line in lines:
            user, item = line.split()[:2]
            index = items.setdefault(item, len(items))
            # Items of users that are left out keep their vectors, which the optimiser moves in every step.
            if user in sequences or not users or len(sequences) < users:
                sequences.setdefault(user, []).append(index)
    return list(sequences.values()), len(items)


def windows(sequences, length):
    found = []
    for sequence in sequences:
        last = len(sequence)
        while last >= 2:
            first = max(0, last - length - 1)
            found.append(sequence[first:last])
            last = first + 1
    return found


def batches(found, size):
    order = random.sample(range(len(found)), len(found))
    parts = []
    for start in range(0, len(order), size * 20):
        chunk = sorted(order[start : start + size * 20], key=lambda index: len(found[index]))
        parts += [[found[index] for index in chunk[at : at + size]] for at in range(0, len(chunk), size)]
    random.shuffle(parts)
    return parts


class Block(nn.Module):
    def __init__(self, size, heads, dropout):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(size, eps=1e-8), nn.LayerNorm(size, eps=1e-8)
        self.projection, self.output = nn.Linear(size, 3 * size), nn.Linear(size, size)
        self.first, self.second = nn.Linear(size, size), nn.Linear(size, size)
        self.dropout = nn.Dropout(dropout)

    def forward(self, state, mask):
        batch, length, size = state.shape
        q, k, v = (
            part.reshape(batch, length, self.heads, -1).transpose(1, 2)
            for part in self.projection(self.norm1(state)).split(size, dim=2))
        scores = (q * (size / self.heads) ** -0.5) @ k.transpose(2, 3)
        weights = self.dropout(scores.masked_fill(mask, -1e9).softmax(-1))
        mixed = (weights @ v).transpose(1, 2).reshape(batch, length, size)
        state = state + self.dropout(self.output(mixed))
        return state + self.dropout(self.second(self.dropout(self.first(self.norm2(state)).relu())))


class SASRec(nn.Module):
    def __init__(self, items, size, blocks, heads, dropout, length):
        super().__init__()
        self.items, self.positions = nn.Embedding(items, size), nn.Embedding(length, size)
        nn.init.normal_(self.items.weight, std=0.02)
        nn.init.normal_(self.positions.weight, std=0.02)
        self.blocks = nn.ModuleList(Block(size, heads, dropout) for _ in range(blocks))
        self.norm, self.dropout, self.length = nn.LayerNorm(size, eps=1e-8), nn.Dropout(dropout), length

    def encode(self, vectors, lengths):
        batch, time_steps, size = vectors.shape
        places = (self.length - lengths[:, None] + torch.arange(time_steps)[None]).clamp(max=self.length - 1)
        state = self.dropout(vectors * math.sqrt(size) + self.positions(places))
        mask = torch.ones(time_steps, time_steps, dtype=torch.bool).triu(1)
        for block in self.blocks:
            state = block(state, mask)
        return self.norm(state)


def step(model, optimizer, part, negatives, count):
    lengths = torch.tensor([len(window) - 1 for window in part])
    longest = int(lengths.max())
    read = torch.zeros(len(part), longest, dtype=torch.long)
    for row, window in enumerate(part):
        read[row, : len(window) - 1] = torch.tensor(window[:-1])
    targets = torch.tensor([item for window in part for item in window[1:]])
    places = (torch.arange(longest)[None] < lengths[:, None]).reshape(-1).nonzero()[:, 0]
    unique, mapped, uses = targets.unique(return_inverse=True, return_counts=True)
    drawn = torch.randint(count, (negatives,)).unique()
    drawn = drawn[~torch.isin(drawn, unique)]
    candidates = torch.cat([unique, drawn])
    uses = torch.cat([uses, torch.zeros(len(drawn), dtype=uses.dtype)]).double()
    chance = 1 - (1 - 1 / count) ** negatives * (1 - uses / len(targets)) ** len(targets)
    correction = -chance.clamp(min=1e-12).log().float()
    rows = model.items(torch.cat([read.reshape(-1), candidates]))
    size = rows.shape[1]
    vectors = rows[: read.numel()].reshape(len(part), longest, size)
    cases = F.embedding(places, model.encode(vectors, lengths).reshape(-1, size))
    loss = F.cross_entropy(F.linear(cases, rows[read.numel() :], correction), mapped)
    optimizer.zero_grad(set_to_none=True)
    value = loss.item()
    loss.backward()
    optimizer.step()
    return value


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--interactions", required=True)
    parser.add_argument("--users", type=int, default=0, help="learn from the first so many only, with all items")
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--negatives", type=int, default=1000)
    parser.add_argument("--dropout", type=float, default=0.3)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    random.seed(1)
    sequences, count = read(options.interactions, options.users)
    found = windows(sequences, 50)
    model = SASRec(count, 64, 2, 1, options.dropout, 50)
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0)
    processor, wall, losses = [], [], []
    for _ in range(options.epochs):
        started, clock = time.perf_counter(), time.process_time()
        values = [step(model, optimizer, part, options.negatives, count) for part in batches(found, options.batch)]
        processor.append(time.process_time() - clock)
        wall.append(time.perf_counter() - started)
        losses.append(sum(values) / len(values))
    print(json.dumps({
        "torch": torch.__version__, "steps": len(values), "processor_seconds": processor, "seconds": wall,
        "losses": losses}))


if __name__ == "__main__":
    main()
