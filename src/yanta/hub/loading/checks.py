"""Checks that are arithmetic over a column, done on its bytes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

_WEIGHTS = np.array((7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), dtype=np.int16)
_LETTERS = np.frombuffer(b"10X98765432", dtype=np.uint8)


def wrong_identity(numbers: pa.Array) -> npt.NDArray[np.bool_]:
    """Which identity-card numbers are not 17 digits and the check character that belongs to them."""
    full = pc.fill_null(pc.equal(pc.binary_length(numbers), 18), False)
    place = full.to_numpy(zero_copy_only=False)
    wrong: npt.NDArray[np.bool_] = numbers.is_valid().to_numpy(zero_copy_only=False) & ~place
    cells = np.frombuffer(b"".join(numbers.filter(full).cast(pa.binary()).to_pylist()), dtype=np.uint8)
    wrong[place] = ~_right(cells.reshape(-1, 18))
    return wrong


def _right(cells: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    digits = cells[:, :17].astype(np.int16) - ord("0")
    letters = _LETTERS[(digits @ _WEIGHTS) % 11]
    right: npt.NDArray[np.bool_] = ((digits >= 0) & (digits <= 9)).all(axis=1) & (letters == cells[:, 17])
    return right
