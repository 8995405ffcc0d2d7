"""Boards of people's own."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from django.db import transaction

from yanta.hub.warehouse.models import Board, Indicator
from yanta.hub.warehouse.sight import Sight
from yanta.kernel.access.roles import ROLES
from yanta.kernel.audit import record
from yanta.kernel.base import Actor, Refused
from yanta.kernel.base.refused import OutOfScope
from yanta.kernel.organisation.models import OrgUnit

MOST_ITEMS = 24


def may_change(board: Board, actor: Actor) -> bool:
    """One's own; those that come with the platform by the engineers."""
    if board.is_declared:
        return actor.has_role("engineer")
    return actor.person_id is not None and board.person_id == actor.person_id


def board_to_change(code: str, actor: Actor) -> Board:
    board = Board.objects.filter(code=code).first()
    if board is None or not may_change(board, actor):
        raise OutOfScope("只能修改自己的看板")
    return board


@transaction.atomic
def keep_board(
    code: str,
    *,
    actor: Actor,
    name: str,
    note: str,
    items: Sequence[str],
    role: str,
    unit_code: str,
    sight: Sight,
) -> Board:
    """A new board or a changed one; it may be shared with a role, with a unit, or with a role within a unit."""
    board = (
        board_to_change(code, actor)
        if code
        else Board(code=f"b{secrets.token_hex(5)}", person_id=actor.person_id)
    )
    wanted = list(dict.fromkeys(items))
    known = set(Indicator.objects.filter(code__in=wanted, is_open=True).values_list("code", flat=True))
    if not name:
        raise Refused("请给看板起个名字", field="name")
    if not wanted or set(wanted) - known:
        raise Refused("请至少选一个在用的指标", field="items")
    if len(wanted) > MOST_ITEMS:
        raise Refused(f"一块看板最多 {MOST_ITEMS} 个指标", field="items")
    if not board.is_declared:
        board.role, board.unit = _shared_with(role, unit_code, sight)
    board.name, board.note, board.items = name[:60], note[:200], wanted
    board.save()
    record(
        "warehouse.board.keep",
        actor=actor,
        subject=board,
        summary=f"保存看板 {board.name}",
        data={"items": wanted},
    )
    return board


def _shared_with(role: str, unit_code: str, sight: Sight) -> tuple[str, OrgUnit | None]:
    if role and role not in ROLES:
        raise Refused(f"没有“{role}”这个角色", field="role")
    if not unit_code:
        return role, None
    return role, sight.unit(unit_code)


@transaction.atomic
def drop_board(board: Board, *, actor: Actor) -> None:
    if board.is_declared:
        raise Refused("随系统提供的看板不能删除")
    record("warehouse.board.drop", actor=actor, subject=board, summary=f"删除看板 {board.name}")
    board.delete()
