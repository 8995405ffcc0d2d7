"""A school's students as a package at the authority: packed, then judged, merged and accounted for."""

from __future__ import annotations

import resource
import time
from datetime import date, timedelta
from typing import Any

ROWS = 100_000
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def run(*, address: str) -> dict[str, Any]:
    """Rows a second of the first package, of the same again, and of one with 1 % changed; memory at its highest."""
    from django.conf import settings

    settings.YANTA_NODE_LEVEL = "province"
    from yanta.hub.nodes.models import Node

    node = Node.objects.create(code="4161010001", name="甲大学", state="active")
    rows = [_row(serial) for serial in range(ROWS)]
    packing, size = _packed(rows)
    first = _applied(node, rows, number=1)
    again = _applied(node, rows, number=2)
    for row in rows[::100]:
        row["grade"] = "2020"
    some = _applied(node, rows, number=3)
    increment = _applied(node, [{**row, "grade": "2019"} for row in rows[:100]], number=4, kind="increment")
    return {
        "rows": ROWS, "packed_rows_per_second": round(ROWS / packing), "bytes_per_row": round(size / ROWS, 1),
        "first_rows_per_second": round(ROWS / first), "again_rows_per_second": round(ROWS / again),
        "changed_rows_per_second": round(ROWS / some), "increment_of_100_seconds": round(increment, 3),
        "peak_megabytes": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }  # fmt: skip


def _row(serial: int) -> dict[str, str]:
    born = date(2000, 1, 1) + timedelta(days=serial % 2000)
    body = f"610113{born:%Y%m%d}{serial // 2000 * 2 % 998 + 1:03d}"
    number = body + "10X98765432"[sum(int(d) * w for d, w in zip(body, WEIGHTS, strict=True)) % 11]
    return {
        "op": "u", "number": f"S{serial:09d}", "name": f"学生{serial}", "sex": "1", "birth_on": born.isoformat(),
        "id_type": "1", "id_number": number, "nationality": "CHN", "ethnic": "01", "political_status": "03",
        "department": f"{serial % 20:04d}", "programme": f"{serial % 60:04d}", "admin_class": f"{serial % 3000:06d}",
        "grade": "2024", "level": "3", "status": "01", "enrolled_on": "2024-09-01",
    }  # fmt: skip


def _parts(rows: list[dict[str, str]]) -> list[tuple[int, bytes]]:
    from yanta.hub.nodes import wire

    pieces = [rows[start : start + wire.PART_ROWS] for start in range(0, len(rows), wire.PART_ROWS)]
    return [(len(piece), wire.packed(piece)) for piece in pieces]


def _packed(rows: list[dict[str, str]]) -> tuple[float, int]:
    began = time.perf_counter()
    parts = _parts(rows)
    return time.perf_counter() - began, sum(len(content) for _, content in parts)


def _applied(node: Any, rows: list[dict[str, str]], *, number: int, kind: str = "full") -> float:
    """Seconds from a complete package to its receipt."""
    from django.utils import timezone

    from yanta.hub.nodes import applying, contracts, sealing, wire
    from yanta.hub.nodes.models import Arrival, ArrivalChunk, Holding

    at, parts = timezone.now(), _parts(rows)
    held = Holding.objects.filter(node=node, subject="student").first()
    manifest = {
        "format": wire.FORMAT, "node": node.code, "subject": "student", "kind": kind, "number": number,
        "previous": held.digest if held else "", "fields": list(contracts.contract("student").fields),
        "taken_at": wire.now_text(at), "built_at": wire.now_text(at), "rows": len(rows),
        "parts": [{"rows": n, "size": len(content), "sm3": wire.digest(content)} for n, content in parts],
    }  # fmt: skip
    text = wire.canonical(manifest)
    arrival = Arrival.objects.create(
        node=node, subject="student", number=number, kind=kind, state="received", rows=len(rows), manifest=text.decode(),
        digest=wire.digest(text), signature="-", announced_at=at,
    )  # fmt: skip
    for place, (_, content) in enumerate(parts):
        ArrivalChunk.objects.create(
            arrival=arrival, part=place, start=0, length=len(content), content=sealing.seal(content)
        )
    began = time.perf_counter()
    receipt = applying.apply(arrival, at=at)
    if receipt.quarantined:
        raise AssertionError(f"{receipt.quarantined} made-up rows were held back")
    return time.perf_counter() - began
