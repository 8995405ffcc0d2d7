"""Which wished changes of a code make sense."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from yanta.kernel.codes.rules.tables import Entry


@dataclass(frozen=True, slots=True)
class Fault:
    field: str
    message: str


def wrong_with(
    kind: str, code: str, name: str, parent: str, successor: str, entries: Mapping[str, Entry]
) -> Fault | None:
    """What is wrong with a proposal against the set as it stands, or None."""
    if kind == "add" and code in entries:
        return Fault("code", f"代码 {code} 已存在（{entries[code].name}），代码不能重复使用")
    if kind != "add" and code not in entries:
        return Fault("code", f"没有代码 {code}")
    if kind != "retire" and not name:
        return Fault("name", "请填写名称")
    if parent and parent not in entries:
        return Fault("parent", f"没有上级代码 {parent}")
    return _wrong_retirement(code, successor, entries) if kind == "retire" else None


def _wrong_retirement(code: str, successor: str, entries: Mapping[str, Entry]) -> Fault | None:
    if entries[code].valid_to is not None:
        return Fault("code", f"代码 {code} 已于 {entries[code].valid_to} 停用")
    if successor == code:
        return Fault("successor", "不能用自己代替自己")
    return None


def lasting(successors: Mapping[str, str]) -> dict[str, str]:
    """Each retired code with the end of its line of successors; a circle leads nowhere."""
    ends = {}
    for old in successors:
        end, seen = old, {old}
        while (following := successors.get(end)) is not None and following not in seen:
            end = following
            seen.add(end)
        if following is None:
            ends[old] = end
    return ends


def values_of(proposal: Any) -> dict[str, str]:
    """A proposal as the revision keeps it."""
    return {
        "kind": proposal.kind,
        "code": proposal.code,
        "name": proposal.name,
        "parent": proposal.parent,
        "successor": proposal.successor,
        "effective_on": proposal.effective_on.isoformat(),
        "reason": proposal.reason,
    }
