"""Thirty official forms for so many awkward people each: every file sound, every page as it was, every cell accounted for."""

from __future__ import annotations

import json
import multiprocessing
import os
import statistics
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from pathlib import Path
from typing import Any

from yanta.kernel.documents import layout
from yanta.kernel.documents.samples import SAMPLES
from yanta.kernel.documents.tests.proof import Proof, prove

SHOWN, AT_ONCE = 20, 2


def run(*, address: str, people: int = 200) -> dict[str, Any]:
    """All files are opened and printed, all pages compared; ratio = the greatest difference ÷ 1 %.

    `YANTA_BENCH_FORMS` names some forms by their keys, where not all are wanted. What is found of a form is kept
    in the file `YANTA_BENCH_PROGRESS`, one to a line, and a run that was broken off goes on with the other forms.
    """
    wanted = os.environ.get("YANTA_BENCH_FORMS", "").split() or list(SAMPLES)
    progress = os.environ.get("YANTA_BENCH_PROGRESS", "")
    proofs = sorted(
        _proofs(wanted, people, Path(progress or os.devnull)), key=lambda one: wanted.index(one.key)
    )
    shares = sorted(share for one in proofs for share in one.shares)
    cells = [cell for one in proofs for cell in one.cells]
    return {
        "ratio": shares[-1] / layout.ALLOWED,
        "forms": len(proofs),
        "people": people,
        "files": sum(one.files for one in proofs),
        "sound_forms": sum(one.is_sound for one in proofs),
        **{name: sum(len(getattr(one, name)) for one in proofs) for name in _COUNTED},
        "worst_difference": shares[-1],
        "median_difference": statistics.median(shares),
        "cells": len(cells),
        "values_written": sum(cell["written"] for cell in cells),
        **{
            kind: sum(cell.get(kind, 0) for cell in cells)
            for kind in ("unmapped", "missing", "too_long", "conflict", "broken")
        },
        "median_ms_to_fill": statistics.median(one.ms_to_fill for one in proofs),
        "by_form": {one.key: _shown(one) for one in proofs},
    }


_COUNTED = ("unsound", "not_printed", "lost", "unexplained", "wrongly_missing", "moved", "fewer_pages")


def _proofs(wanted: Sequence[str], people: int, progress: Path) -> Iterator[Proof]:
    """Of two forms at a time, each in a process of its own."""
    lines = progress.read_text().splitlines() if progress.exists() else []
    kept = [proof for proof in (Proof(**json.loads(line)) for line in lines) if proof.files == people]
    done = {one.key: one for one in kept if one.key in wanted}
    yield from done.values()
    alone = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(AT_ONCE, alone, initializer=_begin) as pool, progress.open("a") as file:
        asked = [pool.submit(_proved, key, people) for key in wanted if key not in done]
        for one in as_completed(asked):
            proof = _told(one.result())
            print(json.dumps(asdict(proof), ensure_ascii=False), file=file, flush=True)
            yield proof


def _begin() -> None:
    import django

    django.setup()


def _proved(key: str, people: int) -> Proof:
    return prove(SAMPLES[key], people)


def _told(proof: Proof) -> Proof:
    print(
        f"{proof.key}: {'sound' if proof.is_sound else 'NOT SOUND'}, {max(proof.shares):.4%}",
        file=sys.stderr,
        flush=True,
    )
    return proof


def _shown(proof: Proof) -> dict[str, Any]:
    """The findings of one form, the first of each kind, and every cell."""
    found = asdict(proof) | {"sound": proof.is_sound, "worst_difference": max(proof.shares)}
    del found["key"], found["shares"]
    for name in _COUNTED:
        some = found[name]
        found[name] = dict(list(some.items())[:SHOWN]) if isinstance(some, dict) else some[:SHOWN]
    return found
