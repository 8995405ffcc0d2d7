"""The work list of rows that were held back."""

from __future__ import annotations

from typing import Annotated

import orjson
from django.utils import timezone

from yanta.hub.models import QuarantinedRow
from yanta.kernel.base import Actor, Refused, ciphers
from yanta.kernel.operation import Label, operation

State = QuarantinedRow.State
UNDECIDED = (State.OPEN, State.CORRECTED)


@operation("更正", icon="edit", bulk=False, when=lambda item: item.state in UNDECIDED)
def correct(
    item: QuarantinedRow, *, actor: Actor, cells: Annotated[str, Label("更正后的各列", "JSON：列名到值")], reason: str = "",
) -> None:  # fmt: skip
    """The row as it should have been; it goes in with the next replay."""
    if item.state not in UNDECIDED:
        raise Refused(f"{item.get_state_display()}的行不能再更正")
    try:
        put_right = orjson.loads(cells)
    except orjson.JSONDecodeError as error:
        raise Refused("更正内容不是有效的 JSON", field="cells") from error
    if not isinstance(put_right, dict) or not any(str(value).strip() for value in put_right.values()):
        raise Refused("请至少填写一列", field="cells")
    item.corrected = ciphers.seal(orjson.dumps(put_right).decode())
    _move(item, State.CORRECTED, actor, reason)


@operation("不予采用", icon="trash", danger=True, when=lambda item: item.state in UNDECIDED)
def dismiss(item: QuarantinedRow, *, actor: Actor, reason: str) -> None:
    """The row is no person of ours; it stays with its original."""
    if item.state not in UNDECIDED:
        raise Refused(f"{item.get_state_display()}的行不能再处理")
    _move(item, State.DISMISSED, actor, reason)


@operation("重新打开", icon="rotate", when=lambda item: item.state == State.DISMISSED)
def reopen(item: QuarantinedRow, *, actor: Actor, reason: str) -> None:
    """A dismissal was wrong."""
    if item.state != State.DISMISSED:
        raise Refused("只有不予采用的行可以重新打开")
    _move(item, State.OPEN, actor, reason)


def _move(item: QuarantinedRow, state: QuarantinedRow.State, actor: Actor, note: str) -> None:
    item.state, item.note = state, note
    item.decided_by, item.decided_at = actor.name, timezone.now()
    item.save()
