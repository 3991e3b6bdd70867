"""Chance for sample data, which can be repeated: the same number gives the same draws."""

import random
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

POOL = 4096  # values in a pool

T = TypeVar("T")


class Dice:
    """Draws from pools. Weights only count when a pool is filled, so that a draw is one multiplication."""

    def __init__(self, number: int) -> None:
        self._random = random.Random(number)  # noqa: S311 - sample data, to be repeated
        self.roll = self._random.random

    def one(self, pool: Sequence[T]) -> T:
        return pool[int(self.roll() * len(pool))]

    def some(self, pool: Sequence[T], most: int) -> tuple[T, ...]:
        """From none to `most` values, without repetition."""
        count = int(self.roll() * (most + 1))
        return tuple(dict.fromkeys(self.draws(pool, count)))

    def draws(self, pool: Sequence[T], count: int) -> list[T]:
        return [self.one(pool) for _ in range(count)]

    def one_above(self, limit: float, pool: Sequence[T], otherwise: T) -> T:
        """Draw if a roll, from 0 to 1, is above the limit."""
        if self.roll() > limit:
            return self.one(pool)
        return otherwise

    def one_below(self, limit: float, pool: Sequence[T], otherwise: T) -> T:
        """Draw if a roll, from 0 to 1, is below the limit."""
        if self.roll() < limit:
            return self.one(pool)
        return otherwise

    def above(self, limit: float, value: T, otherwise: T) -> T:
        """The value if a roll, from 0 to 1, is above the limit."""
        if self.roll() > limit:
            return value
        return otherwise

    def pool(self, weighted: Iterable[tuple[T, float]]) -> list[T]:
        values, weights = zip(*weighted, strict=True)
        return self._random.choices(values, weights, k=POOL)

    def skewed(self, values: Sequence[T]) -> list[T]:
        """A pool in which the n-th value is 1/n as frequent as the first (Zipf)."""
        return self.pool((value, 1 / rank) for rank, value in enumerate(values, 1))

    def many(self, draw: Callable[[], T], count: int = POOL) -> list[T]:
        return [draw() for _ in range(count)]

    def bits(self) -> int:
        return self._random.getrandbits(128)
