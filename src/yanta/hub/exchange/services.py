"""What is done with connections, their tables and what changed in them."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from typing import TYPE_CHECKING, Annotated, Any, cast

from django.utils import timezone

from yanta.hub.exchange import drift, events, middling, opening, rules
from yanta.hub.exchange.connectors.base import ColumnShape, Connector, TableShape
from yanta.hub.exchange.connectors.shapes import fingerprint, to_json
from yanta.hub.exchange.models import Connection, DriftProposal, Table
from yanta.kernel.base import Actor, Refused
from yanta.kernel.events import publish
from yanta.kernel.operation import Label, operation

if TYPE_CHECKING:
    from yanta.hub.exchange.connectors.postgres import PostgresConnector

State = Connection.State
TEST_SECONDS = 15
Opinion = Annotated[str, Label("意见")]


# --- connections ----------------------------------------------------------------------------------


@operation("测试连接", icon="plug", bulk=False, when=lambda row: row.state != State.PAUSED)
def test(row: Connection, *, actor: Actor) -> None:
    """Opens it and lists the tables, within a time limit; what was found is kept either way."""
    if row.state == State.PAUSED:
        raise Refused("已停用的连接不能测试，请先启用")
    began = time.monotonic()
    try:
        shapes = _within_limit(row)
        row.state = State.WORKING
        row.finding = f"{time.monotonic() - began:.1f} 秒内打开，见到 {len(shapes)} 张表"
    except Refused as refusal:
        row.state, row.finding = State.BROKEN, refusal.message[:400]
    row.tested_at = timezone.now()
    row.save(update_fields=["state", "finding", "tested_at", "updated_at"])


def _within_limit(row: Connection) -> list[TableShape]:
    """Drivers have limits of their own; whoever ignores them is left behind."""
    connector = opening.opened(row)
    pool = ThreadPoolExecutor(1)
    try:
        return pool.submit(_listed, connector).result(TEST_SECONDS)
    except TooLate as late:
        raise Refused(f"{TEST_SECONDS} 秒内没有应答，请检查地址、端口和防火墙") from late
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _listed(connector: Connector) -> list[TableShape]:
    try:
        return connector.tables()
    finally:
        connector.close()


@operation("停用", icon="player-pause", bulk=False, when=lambda row: row.state != State.PAUSED)
def pause(row: Connection, *, actor: Actor, reason: str) -> None:
    """Nothing is read or written until it is put to use again; tables, watermarks and positions stay."""
    if row.state == State.PAUSED:
        raise Refused("这个连接已经停用")
    row.state, row.finding = State.PAUSED, f"停用：{reason}"[:400]
    row.save(update_fields=["state", "finding", "updated_at"])


@operation("启用", icon="player-play", bulk=False, when=lambda row: row.state == State.PAUSED)
def resume(row: Connection, *, actor: Actor) -> None:
    """To be tested anew."""
    if row.state != State.PAUSED:
        raise Refused("这个连接没有停用")
    row.state, row.finding = State.NEW, ""
    row.save(update_fields=["state", "finding", "updated_at"])


@operation("登记数据表", icon="table-plus", bulk=False, when=lambda row: row.state != State.PAUSED)
def register_table(
    row: Connection,
    *,
    actor: Actor,
    table: Annotated[str, Label("表名", "与源头完全一致，大小写也一致")],
    title: Annotated[str, Label("中文名称")] = "",
    watermark_column: Annotated[str, Label("水位列", "更新时间或递增编号；留空为全量")] = "",
) -> None:
    """The table as it is now becomes the accepted shape; later differences are proposed."""
    if Table.objects.filter(connection=row, name=table).exists():
        raise Refused("这张表已经登记", field="table")
    shape = _shape_now(row, table)
    keep(row, shape, title=title, watermark_column=watermark_column)


def keep(row: Connection, shape: TableShape, *, title: str = "", watermark_column: str = "") -> Table:
    made = Table(connection=row, name=shape.name, title=title, watermark_column=watermark_column)
    made.shape, made.fingerprint = to_json(shape), fingerprint(shape)
    check_table(made)
    made.save()
    return made


def check_table(table: Table) -> None:
    """A watermark column must exist and have an order; a middle table says which columns mean what."""
    accepted = table.accepted
    if table.watermark_column:
        column = accepted.column(table.watermark_column)
        if column is None and accepted.columns:
            raise Refused(f"“{table.name}”没有列“{table.watermark_column}”", field="watermark_column")
        if column is not None and column.kind in ("flag", "binary"):
            raise Refused("是否列与二进制列不能作水位", field="watermark_column")
    if table.middle:
        agreed = middling.columns_of(table.middle)
        if accepted.columns:
            agreed.check(accepted)


# --- tables ---------------------------------------------------------------------------------------


@operation(
    "重新全量", icon="refresh", bulk=False, confirm="清除水位与日志位置，下次运行从头读取；目标里的数据不动。",
    when=lambda table: bool(table.watermark or table.position),
)  # fmt: skip
def start_over(table: Table, *, actor: Actor, reason: str) -> None:
    """The next run reads everything; nothing of the target is dropped by that."""
    if not (table.watermark or table.position):
        raise Refused("这张表还没有水位，下次运行本来就是全量")
    table.watermark = table.position = ""
    table.save(update_fields=["watermark", "position", "updated_at"])


@operation("核对结构", icon="arrows-diff", bulk=False)
def compare(table: Table, *, actor: Actor) -> None:
    """Looks at the source now; differences become proposals."""
    drift.noticed(table, _shape_now(table.connection, table.name))


@operation(
    "停止捕获", icon="plug-off", bulk=False, danger=True,
    confirm="删除源库的复制槽并清除日志位置；再次捕获须重新取快照。目标里的数据不动。",
    when=lambda table: bool(table.position) and table.connection.kind == Connection.Kind.POSTGRESQL,
)  # fmt: skip
def stop_capture(table: Table, *, actor: Actor, reason: str) -> None:
    """A slot that nobody reads makes the source keep its log until its disk is full."""
    if table.connection.kind != Connection.Kind.POSTGRESQL:
        raise Refused("只有 PostgreSQL 的捕获会在源库占用复制槽")
    connector = opening.opened(table.connection)
    try:
        cast("PostgresConnector", connector).release(table.name)
    finally:
        connector.close()
    table.position = ""
    table.save(update_fields=["position", "updated_at"])


def _shape_now(row: Connection, table: str) -> TableShape:
    connector = opening.opened(row)
    try:
        return connector.shape(table)
    except Refused as refusal:
        raise Refused(f"{refusal.message}；目标里的数据不动", field="table") from refusal
    finally:
        connector.close()


def _accept_shape(table: Table, shape: TableShape) -> None:
    table.shape, table.fingerprint = to_json(shape), fingerprint(shape)
    table.save(update_fields=["shape", "fingerprint", "updated_at"])


# --- what changed ---------------------------------------------------------------------------------


def _is_open(proposal: DriftProposal) -> bool:
    return bool(proposal.state == DriftProposal.State.OPEN)


@operation("采纳", icon="check", when=_is_open)
def accept(proposal: DriftProposal, *, actor: Actor, opinion: Opinion = "") -> None:
    """The accepted shape follows the source, as the proposal says; the target is not touched."""
    _decide(proposal, DriftProposal.State.ACCEPTED, actor, opinion)
    table = Table.objects.select_for_update().select_related("connection").get(pk=proposal.table_id)
    if proposal.change == "snapshot":
        table.position = ""
        table.save(update_fields=["position", "updated_at"])
    elif proposal.change == "renamed":
        table.aliases = {**table.aliases, proposal.column: proposal.after}
        table.save(update_fields=["aliases", "updated_at"])
    else:
        _accept_shape(table, _after(table, proposal))
    publish(events.ShapeAccepted(table.connection.code, table.name, proposal.change, proposal.column))


def _after(table: Table, proposal: DriftProposal) -> TableShape:
    if proposal.change == "removed" and proposal.column == table.watermark_column:
        raise Refused("不见了的是水位列：请先在数据表里改用别的水位列或改为全量，再采纳")
    found = None if proposal.change == "removed" else _found_column(table, proposal.column)
    return rules.shape_after(table.accepted, proposal.change, proposal.column, found)


def _found_column(table: Table, column: str) -> ColumnShape:
    """As the source has it at this moment, not as it was when the proposal was made."""
    shape = _shape_now(table.connection, table.name)
    there = shape.column(table.aliases.get(column, column))
    if there is None:
        raise Refused(f"源头现在没有列“{column}”了，请重新核对结构")
    return ColumnShape(column, there.kind, there.nullable)


@operation("不采纳", icon="x", when=_is_open)
def refuse(proposal: DriftProposal, *, actor: Actor, opinion: Opinion) -> None:
    """What that means stands on the proposal; the target is not touched."""
    _decide(proposal, DriftProposal.State.REFUSED, actor, opinion)
    table = proposal.table
    if proposal.change == "added" and proposal.column not in table.ignored:
        table.ignored = [*table.ignored, proposal.column]
        table.save(update_fields=["ignored", "updated_at"])


def _decide(proposal: DriftProposal, state: Any, actor: Actor, opinion: str) -> None:
    if not _is_open(proposal):
        raise Refused(f"这项变化{proposal.get_state_display()}，不能再处理")
    proposal.state, proposal.opinion = state, opinion
    proposal.decided_by, proposal.decided_at = actor.name, timezone.now()
    proposal.save(update_fields=["state", "opinion", "decided_by", "decided_at", "updated_at"])
