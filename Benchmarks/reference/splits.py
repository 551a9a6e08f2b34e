"""Splits of rows as `lode evaluate` draws them, so that a reference learns from the very same rows.

`Splits.kFold` of Lode shuffles the row numbers by Fisher and Yates with xoshiro256** (Blackman and Vigna, 2021,
https://doi.org/10.1145/3460772), bounded by Lemire's multiplication (2019, https://doi.org/10.1145/3230636), and deals them.
"""

MASK = (1 << 64) - 1


class RandomSource:
    def __init__(self, seed):
        self.state, state = [], seed & MASK
        for _ in range(4):
            state = (state + 0x9E3779B97F4A7C15) & MASK
            z = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
            z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
            self.state.append(z ^ (z >> 31))

    def next(self):
        a, b, c, d = self.state
        product = (b * 5) & MASK
        result = ((((product << 7) | (product >> 57)) & MASK) * 9) & MASK
        c, d = c ^ a, d ^ b
        self.state = [a ^ d, b ^ c, c ^ ((b << 17) & MASK), ((d << 45) | (d >> 19)) & MASK]
        return result

    def below(self, bound):
        product = self.next() * bound
        if product & MASK < bound:
            least = (MASK + 1 - bound) % bound
            while product & MASK < least:
                product = self.next() * bound
        return product >> 64


def folds(count, number, seed):
    """The number of the fold that holds each row out."""
    random, order, result = RandomSource(seed), list(range(count)), [0] * count
    for place in range(count - 1):
        other = place + random.below(count - place)
        order[place], order[other] = order[other], order[place]
    for position, row in enumerate(order):
        result[row] = position % number
    return result


def eight_one_one(count, seed):
    """The rows of `lode evaluate clicks`: training, validation, test."""
    fold = folds(count, 10, seed)
    return (
        [row for row in range(count) if fold[row] > 1], [row for row in range(count) if fold[row] == 1],
        [row for row in range(count) if fold[row] == 0])
