"""The work list of rows that were held back."""

from __future__ import annotations

from typing import Annotated

import orjson
from django.utils import timezone

from yanta.hub.pipelines import queries
from yanta.hub.pipelines.models import HeldRow
from yanta.kernel.base import Actor, Refused, ciphers
from yanta.kernel.operation import Label, operation
from yanta.kernel.people.models import Person

State, Kind = HeldRow.State, HeldRow.Kind
UNDECIDED = (State.OPEN, State.CORRECTED)


@operation("更正", icon="edit", bulk=False, when=lambda item: item.state in UNDECIDED)
def correct(
    item: HeldRow, *, actor: Actor, cells: Annotated[str, Label("更正后的各列", "JSON：列名到值")]
) -> None:
    """The row as it should have been; it goes in with the next replay."""
    if item.state not in UNDECIDED:
        raise Refused(f"{item.get_state_display()}的行不能再更正")
    try:
        put_right = orjson.loads(cells)
    except orjson.JSONDecodeError as error:
        raise Refused("更正内容不是有效的 JSON", field="cells") from error
    if item.kind == Kind.REMOVAL:
        raise Refused("来源已删除的行没有可更正的内容，请确认离开或不予采用")
    if not isinstance(put_right, dict) or not put_right:
        raise Refused("请至少改动一列", field="cells")
    unknown = set(put_right) - set(queries.original_of(item))
    if unknown:
        raise Refused(f"原行没有这些列：{'、'.join(sorted(unknown))}", field="cells")
    item.corrected = ciphers.seal(orjson.dumps(put_right).decode())
    _move(item, State.CORRECTED, actor, "")


@operation("不予采用", icon="trash", danger=True, when=lambda item: item.state in UNDECIDED)
def dismiss(item: HeldRow, *, actor: Actor, reason: str) -> None:
    """The row stays out; it is kept with its original."""
    if item.state not in UNDECIDED:
        raise Refused(f"{item.get_state_display()}的行不能再处理")
    _move(item, State.DISMISSED, actor, reason)


@operation("重新打开", icon="rotate", when=lambda item: item.state == State.DISMISSED)
def reopen(item: HeldRow, *, actor: Actor, reason: str) -> None:
    """A dismissal was wrong."""
    if item.state != State.DISMISSED:
        raise Refused("只有不予采用的行可以重新打开")
    _move(item, State.OPEN, actor, reason)


Candidate = Annotated[Person, Label("就是此人")]


@operation(
    "认定为此人",
    icon="user-check",
    bulk=False,
    when=lambda item: item.kind == Kind.DOUBT and item.state in UNDECIDED,
)
def identify(item: HeldRow, *, actor: Actor, person: Candidate) -> None:
    """Whom the row speaks of; it goes in with the next replay, and the same facts need not be asked about again."""
    if item.kind != Kind.DOUBT or item.state not in UNDECIDED:
        raise Refused("这一行不是待认定的疑似行")
    if person.pk not in {one["person"] for one in item.candidates}:
        raise Refused("请在列出的人中选择", field="person")
    item.person = person
    _move(item, State.CORRECTED, actor, f"认定为 {person.name}（{person.number}）")


@operation(
    "确认离开",
    icon="user-minus",
    danger=True,
    when=lambda item: item.kind == Kind.REMOVAL and item.state == State.OPEN,
)
def let_go(item: HeldRow, *, actor: Actor) -> None:
    """The row bears the mark of leaving that the pipeline's version names; nothing is deleted."""
    from yanta.hub.pipelines.running import leaving

    if item.kind != Kind.REMOVAL or item.state != State.OPEN:
        raise Refused("这一行不是待确认的删除")
    said = leaving.mark(item, at=timezone.now())
    _move(item, State.REPLAYED, actor, said)


def _move(item: HeldRow, state: HeldRow.State, actor: Actor, note: str) -> None:
    item.state, item.note = state, note
    item.decided_by, item.decided_at = actor.name, timezone.now()
    item.save()
