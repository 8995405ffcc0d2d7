"""A million rows of the register of equipment as CSV, Parquet and Excel: rows a second and the most memory held.

Each format is made in a process of its own, the way the job makes it: read out into parts, then written with names for codes.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROWS = 1_000_000
FIELDS = ("number", "name", "category", "model_name", "department_name", "price", "bought_on", "status")


def run(*, address: str) -> dict[str, Any]:
    """Per format: rows a second over both passes, most memory, size of the file."""
    _fill()
    base = _in_its_own("none")
    found: dict[str, Any] = {"rows": ROWS, "fields": len(FIELDS), "memory before, MB": base["peak_mb"]}
    for kind in ("csv", "parquet", "xlsx"):
        told = _in_its_own(kind)
        found |= {
            f"{kind} rows/s": round(ROWS / told["seconds"]), f"{kind} s": told["seconds"], f"{kind} peak MB": told["peak_mb"],
            f"{kind} file MB": told["file_mb"],
        }  # fmt: skip
    return found


def _fill() -> None:
    """Made by the database itself; history is not what is measured."""
    from django.db import connection

    from yanta.kernel.organisation.models import OrgUnit

    root = OrgUnit.objects.filter(depth=1).first() or OrgUnit.add_root(
        code="10000", name="测试学校", kind="school"
    )
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            """INSERT INTO equipment_item (number, name, category, model_name, maker, serial, department_id, condition, price,
                 bought_on, status, created_at, updated_at)
               SELECT 'B' || n, '数字示波器 ' || n %% 977, lpad((1 + n %% 16)::text, 2, '0'), 'M' || n %% 313, '某厂', 'SN' || n, %s, '',
                 100 + n %% 90000, date '2015-01-01' + (n %% 4000)::int, 'in_use', now(), now()
               FROM generate_series(1, %s) n""",
            [root.pk, ROWS],
        )
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("ANALYZE equipment_item")


def _in_its_own(kind: str) -> dict[str, Any]:
    answer = subprocess.run([sys.executable, __file__, kind], check=True, capture_output=True, text=True)
    told: dict[str, Any] = json.loads(answer.stdout.strip().splitlines()[-1])
    return told


def _one(kind: str) -> dict[str, Any]:
    from yanta.config.cli.opening import open_django

    open_django()
    from django.utils import timezone

    from yanta.hub.warehouse import joining
    from yanta.hub.warehouse.exporting import staging, writing

    begun = time.monotonic()
    size = 0.0
    if kind != "none":
        subject = joining.widened("asset")
        with tempfile.TemporaryDirectory() as home:
            folder = Path(home)
            path = folder / f"out.{kind}"
            staged = staging.stage(subject, FIELDS, subject.rows(), folder, in_order=True)
            mark = writing.Mark("E0", "测试", timezone.now(), "测量")
            fields = [subject.field(name) for name in FIELDS]
            written = writing.write(kind, path, staging.worded(folder, fields), mark)
            if not staged == written == ROWS:
                raise SystemExit(f"{staged} read, {written} written, {ROWS} wanted")
            size = path.stat().st_size / 2**20
    seconds = round(time.monotonic() - begun, 2)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "peak_mb": round(peak), "file_mb": round(size, 1)}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_one(sys.argv[1])) + "\n")
