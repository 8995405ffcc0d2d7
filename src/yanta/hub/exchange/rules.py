"""Drift between an accepted shape and the one found, settings as text, what looks personal: pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from yanta.hub.exchange.connectors.base import ColumnShape, TableShape
from yanta.hub.exchange.connectors.shapes import KIND_WORDS
from yanta.kernel.base import Refused
from yanta.kernel.base.texts import masked


@dataclass(frozen=True, slots=True)
class Drift:
    """One difference; `stops` says that reading on would lose or spoil values of columns in use."""

    change: str
    column: str
    before: str
    after: str
    stops: bool
    effect: str
    otherwise: str

    @property
    def identity(self) -> tuple[str, str]:
        return self.change, self.column


# A narrower kind found where a wider one was accepted loses nothing.
_HARMLESS = frozenset({
    ("decimal", "integer"), ("number", "integer"), ("text", "integer"), ("text", "decimal"), ("text", "number"),
    ("text", "date"), ("text", "instant"), ("text", "flag"), ("text", "time"), ("instant", "date"),
})  # fmt: skip


def drift_between(
    accepted: TableShape, found: TableShape, *, aliases: Mapping[str, str], ignored: Collection[str]
) -> list[Drift]:
    """What differs, in the order of the columns. A table that shows no columns now (an empty drop) has not drifted."""
    if not found.columns:
        return []
    there = {column.name: column for column in found.columns}
    gone = [column for column in accepted.columns if aliases.get(column.name, column.name) not in there]
    used = {aliases.get(column.name, column.name) for column in accepted.columns}
    new = [column for column in found.columns if column.name not in used and column.name not in ignored]
    renamed = _renamed(gone, new, accepted, found)
    drifts = [_renamed_drift(old, fresh) for old, fresh in renamed]
    old_names, new_names = {old.name for old, _ in renamed}, {fresh.name for _, fresh in renamed}
    drifts += [_removed(column) for column in gone if column.name not in old_names]
    drifts += [_added(column) for column in new if column.name not in new_names]
    for column in accepted.columns:
        present = there.get(aliases.get(column.name, column.name))
        if present is not None and present.kind != column.kind:
            drifts.append(_retyped(column, present))
    return drifts


def _renamed(
    gone: Iterable[ColumnShape], new: Iterable[ColumnShape], accepted: TableShape, found: TableShape
) -> list[tuple[ColumnShape, ColumnShape]]:
    """Pairs of the same kind that look alike by name or stand in the same place."""
    pairs, left = [], list(new)
    for old in gone:
        place = accepted.names.index(old.name)
        alike = [
            (SequenceMatcher(None, old.name.lower(), fresh.name.lower()).ratio(), fresh)
            for fresh in left
            if fresh.kind == old.kind
        ]
        alike = [(score + (found.names.index(fresh.name) == place) * 0.5, fresh) for score, fresh in alike]
        best = max(alike, key=lambda pair: pair[0], default=None)
        if best is not None and best[0] >= 0.5:
            pairs.append((old, best[1]))
            left.remove(best[1])
    return pairs


def _renamed_drift(old: ColumnShape, new: ColumnShape) -> Drift:
    return Drift(
        "renamed", old.name, old.name, new.name, True,
        f"改读“{new.name}”，仍以“{old.name}”的名字交给管道，管道不必改",
        f"视为“{old.name}”已删除，读取继续停止；目标里的数据不动",
    )  # fmt: skip


def _removed(column: ColumnShape) -> Drift:
    return Drift(
        "removed", column.name, KIND_WORDS[column.kind], "", True,
        "以后不再读这一列；目标里已有的值原样保留，引用它的管道会在运行前被提醒",
        "读取继续停止，直到源头恢复这一列；目标里的数据不动",
    )  # fmt: skip


def _added(column: ColumnShape) -> Drift:
    return Drift(
        "added", column.name, "", KIND_WORDS[column.kind], False,
        "以后一并读取这一列；要不要写入目标，由管道的映射决定",
        "这一列不读，也不再提请",
    )  # fmt: skip


def _retyped(old: ColumnShape, new: ColumnShape) -> Drift:
    harmless = (old.kind, new.kind) in _HARMLESS
    return Drift(
        "retyped", old.name, KIND_WORDS[old.kind], KIND_WORDS[new.kind], not harmless,
        "以后按新类型读取；管道里对这一列的处理请一并核对",
        "仍按原类型读取" if harmless else "读取继续停止，直到源头恢复原类型；目标里的数据不动",
    )  # fmt: skip


def stop_sentence(drifts: Iterable[Drift], wanted: Collection[str]) -> str | None:
    """Why a read of these columns must not go on, or None."""
    stopping = [drift for drift in drifts if drift.stops and drift.column in wanted]
    if not stopping:
        return None
    said = "；".join(_words(drift) for drift in stopping)
    return f"源表结构变了：{said}。为免丢失或写坏数据，本次没有读取；请在“结构变化”里处理"


def _words(drift: Drift) -> str:
    if drift.change == "retyped":
        return f"“{drift.column}”由{drift.before}变为{drift.after}"
    if drift.change == "renamed":
        return f"“{drift.column}”不见了，疑似改名为“{drift.after}”"
    return f"“{drift.column}”不见了"


def shape_after(accepted: TableShape, change: str, column: str, found: ColumnShape | None) -> TableShape:
    """The accepted shape once a drift is accepted."""
    if change == "added" and found is not None and accepted.column(column) is None:
        return replace(accepted, columns=(*accepted.columns, found))
    if change == "removed":
        key = tuple(name for name in accepted.key if name != column)
        return replace(accepted, columns=tuple(c for c in accepted.columns if c.name != column), key=key)
    if change == "retyped" and found is not None:
        columns = tuple(replace(c, kind=found.kind) if c.name == column else c for c in accepted.columns)
        return replace(accepted, columns=columns)
    return accepted


def settings_of(text: str) -> dict[str, str]:
    """`name = value` by line; empty lines and those after # are for people."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        name, sign, value = line.partition("=")
        if not sign or not name.strip():
            raise Refused(f"参数“{line}”应写作“名 = 值”", field="settings")
        found[name.strip()] = value.strip()
    return found


_PERSONAL_WORDS = re.compile(
    r"身份证|证件号|手机|电话|联系方式|银行|卡号|账号|帐号|邮箱|住址|地址|姓名|密码|口令|"
    r"(?<![a-z])(name|phone|mobile|tel|email|mail|address|idcard|cert|card|bank|account|password|token|secret|xm)(?![a-z])"
    r"|sfzjh|sjhm|yhkh",
    re.IGNORECASE,
)
_PERSONAL_VALUES = re.compile(r"^(\d{15}|\d{17}[\dXx]|1[3-9]\d{9}|\d{16,19}|[^@\s]+@[^@\s]+\.[^@\s]+)$")


def shown_cell(column: str, value: object) -> str:
    """A cell of a preview; whatever looks personal, by the column's name or by itself, is masked."""
    if value is None:
        return ""
    text = f"（{len(value)} 字节）" if isinstance(value, bytes) else str(value)
    if _PERSONAL_VALUES.match(text.strip()):
        return masked(text.strip())
    if _PERSONAL_WORDS.search(column):
        return masked(text, head=1, tail=1) if len(text) > 3 else text[:1] + "*" * (len(text) - 1)
    return text if len(text) <= 60 else f"{text[:60]}…"
