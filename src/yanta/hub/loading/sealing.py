"""From a clean batch to the batch that is stored: sensitive columns become one sealed blob and an index."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from yanta.hub.loading import roster
from yanta.kernel.base import ciphers


def packed(blobs: list[bytes]) -> pa.Array:
    """Bytes as an Arrow column in two copies instead of one per value."""
    ends = np.zeros(len(blobs) + 1, dtype=np.int32)
    np.cumsum(np.fromiter(map(len, blobs), dtype=np.int32, count=len(blobs)), out=ends[1:])
    return pa.Array.from_buffers(
        pa.binary(), len(blobs), [None, pa.py_buffer(ends), pa.py_buffer(b"".join(blobs))]
    )


def sealed_texts(texts: pa.Array) -> pa.Array:
    """A column of texts, each unreadable without the key."""
    return packed(ciphers.seal_many(texts.to_pylist()))


def sealed(batch: pa.RecordBatch, *, run: int) -> pa.RecordBatch:
    """The batch in the order of the table's columns, nothing readable of what must not be."""
    columns = {name: batch.column(name) for name in batch.schema.names}
    identity = columns["id_no"]
    index = packed(ciphers.blind_index_many(identity.fill_null("").to_pylist()))
    columns["id_index"] = pc.if_else(identity.is_valid(), index, pa.scalar(None, pa.binary()))
    columns["sealed"] = sealed_texts(columns["secret"])
    columns["run"] = pa.array(np.full(len(batch), run, dtype=np.int32))
    return pa.RecordBatch.from_arrays([columns[name] for name in roster.KEPT], list(roster.KEPT))
