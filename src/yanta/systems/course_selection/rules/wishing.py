"""The wishes of one student as a list that may be stored, or why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class Wanted:
    """One wish of a list whose order is the rank."""

    place_id: int
    points: int = 0


def objection(wanted: Sequence[Wanted], *, most: int, points: int) -> str:
    """Why this list may not be stored: `most` wishes, `points` to spread over them; empty when it may."""
    if len({one.place_id for one in wanted}) != len(wanted):
        return _("同一个教学班只能填一个志愿")
    if len(wanted) > most:
        return _("最多填 %(n)s 个志愿") % {"n": most}
    if any(one.points < 0 for one in wanted):
        return _("意愿值不能小于 0")
    spent = sum(one.points for one in wanted)
    if spent and not points:
        return _("这一轮按志愿先后抽签，不用意愿值")
    if spent > points:
        return _("意愿值共 %(m)s 分，您填了 %(n)s 分，请减去 %(d)s 分") % {
            "m": points, "n": spent, "d": spent - points,
        }  # fmt: skip
    return ""
