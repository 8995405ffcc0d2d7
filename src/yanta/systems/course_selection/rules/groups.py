"""Course groups by name. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from yanta.kernel.codes.rules.closeness import closest

NEAR, SHOWN = 3, 20


def refusal(name: str, known: Sequence[str]) -> str | None:
    """Why this is no group of the plans in force, with what was perhaps meant, or None."""
    if name in known:
        return None
    if not known:
        return "还没有执行中的培养方案，没有课程组可选"
    near = closest(known, name, limit=NEAR)
    meant = f"是不是：{'、'.join(near)}" if near else f"有：{'、'.join(known[:SHOWN])}"
    return f"执行中的培养方案里没有“{name}”这个课程组；{meant}"
