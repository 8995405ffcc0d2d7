"""Who may see which codes: sets are public, but codes of master data are rows with a scope."""

from __future__ import annotations

from yanta.kernel.base import Actor
from yanta.kernel.base.refused import NotAllowed, OutOfScope
from yanta.kernel.codes import providers, service
from yanta.kernel.codes.rules import CodeTable


def require(actor: Actor, permission: str) -> None:
    if not actor.may(permission):
        raise NotAllowed("您没有查看信息编码的权限", rule=permission)


def table_for(actor: Actor, set_id: str) -> CodeTable:
    """The set as this person may see it: of master data only the rows in their scope."""
    live = providers.source_of(set_id)
    if live is not None:
        return live.seen_by(actor).table()
    try:
        return service.table_of(set_id)
    except service.UnknownCodeSet:
        raise OutOfScope(f"没有代码集 {set_id}") from None
