"""From a stored connection to an opened connector."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from yanta.hub.exchange import rules
from yanta.hub.exchange.connectors import kinds
from yanta.hub.exchange.connectors.base import Address, Connector
from yanta.hub.exchange.models import Connection, Delivery, Table
from yanta.kernel.base import Refused


def folders() -> tuple[Path, ...]:
    """Where files may be read and written: the installation's own exchange folder first, then what it is allowed."""
    own = Path(settings.HOME) / "exchange"
    own.mkdir(parents=True, exist_ok=True)
    return own, *(Path(text) for text in getattr(settings, "YANTA_EXCHANGE_FOLDERS", ()))


def address_of(row: Connection) -> Address:
    """The address, not yet checked."""
    kind = kinds.kind_named(row.kind)
    given = rules.settings_of(row.settings)
    if unknown := [name for name in given if not kind.knows(name)]:
        usable = "、".join(kind.settings) or "无"
        raise Refused(f"{kind.title}不认识参数“{'、'.join(unknown)}”；可用：{usable}", field="settings")
    fixed = {
        kind.reach: row.address,
        "port": str(row.port or ""),
        "database": row.database,
        "user": row.account,
    }
    return Address(row.kind, {**given, **fixed}, {"password": str(row.secret or "")})


def check(row: Connection) -> None:
    """Refused when the parameters cannot be right or lead where nothing may lead; opens nothing."""
    kinds.checked(address_of(row), folders=folders())


def opened(row: Connection) -> Connector:
    if row.state == Connection.State.PAUSED:
        raise Refused(f"连接“{row.title}”已停用")
    known = {table.name: table.accepted for table in row.tables.all()} if row.pk else {}
    around = kinds.Surroundings(folders(), DeliveryLedger(row), known)
    return kinds.opened(address_of(row), around)


class DeliveryLedger:
    """Deliveries offered and taken, in the database: taken in the same transaction as their rows are stored."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def is_taken(self, table: str, name: str, digest: str) -> bool:
        return self._of(table).filter(name=name, digest=digest, taken_at__isnull=False).exists()

    def offer(self, table: str, parcels: Sequence[tuple[str, str]]) -> str:
        kept = Table.objects.filter(connection=self.connection, name=table).first()
        if kept is None:
            raise Refused(f"“{table}”还没有登记为数据表，取走的文件无处记账；请先登记")
        # The same files offered again are the same offer.
        token = hashlib.sha256(repr(sorted(parcels)).encode()).hexdigest()[:32]
        for name, digest in parcels:
            Delivery.objects.update_or_create(table=kept, name=name, digest=digest, defaults={"token": token})
        return token

    def settle(self, table: str, token: str) -> None:
        self._of(table).filter(token=token, taken_at__isnull=True).update(taken_at=timezone.now())

    def _of(self, table: str) -> QuerySet[Delivery]:
        return Delivery.objects.filter(table__connection=self.connection, table__name=table)
