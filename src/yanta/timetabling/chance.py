"""A random generator that compiled code and Python share: one word of state (splitmix64)."""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Words = NDArray[np.uint64]


def seeded(seed: int) -> Words:
    return np.array([seed * 2654435761 + 1], dtype=np.uint64)


@njit(cache=True, inline="always")
def word(state: Words) -> Any:
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    mixed = state[0]
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


@njit(cache=True, inline="always")
def below(state: Words, limit: int) -> Any:
    """A whole number from 0 up to, not including, `limit`."""
    return np.int64((word(state) >> np.uint64(32)) * np.uint64(limit) >> np.uint64(32))


@njit(cache=True, inline="always")
def fraction(state: Words) -> Any:
    """A number above 0 and at most 1."""
    return (np.float64(word(state) >> np.uint64(11)) + 1.0) * (1.0 / 9007199254740992.0)
