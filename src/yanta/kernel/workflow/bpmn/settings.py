"""What a drawn node says of itself in Yanta's own attributes: who decides, how many, by when, what then happens.

Everything is one XML attribute in the namespace `urn:yanta:bpmn`, so that a person can read and write the file:

```xml
<bpmn:userTask id="counsellor" name="辅导员审批" yanta:operation="leave.leave.endorse" yanta:refuse="leave.leave.refuse"
    yanta:assignees="relation:counsellor" yanta:due="1wd" yanta:bulk="true"/>
```
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, Self, cast, get_args

NAMESPACE = "urn:yanta:bpmn"

AssigneeKind = Literal[
    "role", "unit", "relation", "person", "expression", "pool", "decision", "applicant", "node"
]
ASSIGNEE_KINDS: tuple[str, ...] = get_args(AssigneeKind)
Sign = Literal["one", "all", "share"]
Order = Literal["parallel", "sequential"]
SpanUnit = Literal["h", "d", "wh", "wd"]
Overdue = Literal["remind", "escalate", "pass", "refuse"]
Opinion = Literal["optional", "refusal", "required"]

_SPAN = re.compile(r"(\d{1,4})(wh|wd|h|d)")


class SettingError(ValueError):
    """An attribute that says nothing sensible; the message is for the person who draws."""


@dataclass(frozen=True, slots=True)
class Assignee:
    """Who is asked: `kind:value`, with `@school` when a role is meant beyond the subject's own unit.

    role:head (within the subject's unit) · role:registry@school · unit:0301 or unit:0301/dean (a position in it) ·
    relation:counsellor · person:000123 (number) · expression:owner_number (a name or an expression over the data) ·
    pool:registry (whoever claims it first) · decision:who_approves (a DMN table) · applicant · node:UserTask_1 (who
    decided there).
    """

    kind: AssigneeKind
    value: str = ""
    is_school_wide: bool = False

    @classmethod
    def parse(cls, text: str) -> Self:
        kind, _, value = text.strip().partition(":")
        if kind not in ASSIGNEE_KINDS:
            raise SettingError(f"办理人“{text.strip()}”的写法不对：应以 {'、'.join(ASSIGNEE_KINDS)} 之一开头")
        value, _, scope = (
            value.strip().partition("@") if kind in ("role", "pool") else (value.strip(), "", "")
        )
        if not value and kind != "applicant":
            raise SettingError(f"办理人“{text.strip()}”没有写明是谁")
        if scope not in ("", "school"):
            raise SettingError(f"办理人“{text.strip()}”的范围只能是 school（全校）")
        return cls(cast(AssigneeKind, kind), value, scope == "school")

    def __str__(self) -> str:
        return (
            self.kind + (f":{self.value}" if self.value else "") + ("@school" if self.is_school_wide else "")
        )


@dataclass(frozen=True, slots=True)
class Span:
    """A period as people say it: 4h, 3d, and wh, wd for working hours and working days."""

    amount: int
    unit: SpanUnit

    @classmethod
    def parse(cls, text: str) -> Self:
        found = _SPAN.fullmatch(text.strip())
        if not found:
            raise SettingError(
                f"期限“{text}”的写法不对：应为 4h（小时）、3d（天）、8wh（工作小时）或 2wd（工作日）"
            )
        return cls(int(found[1]), cast(SpanUnit, found[2]))

    def __str__(self) -> str:
        return f"{self.amount}{self.unit}"


@dataclass(frozen=True, slots=True)
class NodeSettings:
    """The contract between a drawing and the engine; `node_id`, `name` and `tag` (`userTask`, …) come from BPMN itself.

    `operation` is called when the node is approved (or reached, for a service task), `refuse` when it is refused,
    `compensate` when the instance is ended later; each is `system.noun.verb`. `service` names a `@service_task`.
    """

    node_id: str
    name: str = ""
    tag: str = "userTask"

    operation: str = ""
    refuse: str = ""
    compensate: str = ""
    service: str = ""

    assignees: tuple[Assignee, ...] = ()  # everybody they name, each person once
    fallback: Assignee | None = None  # when nobody is found; else the owner of the process
    copies: tuple[Assignee, ...] = ()  # 传阅: told when the node is done
    sign: Sign = "one"  # 或签, 会签, 比例签
    share: int = 100  # per cent that must agree, with sign="share"
    order: Order = "parallel"
    veto: bool = True  # one refusal refuses, even where a share would do

    due: Span | None = None
    amber: Span | None = None  # so long before `due` the light turns amber
    overdue: Overdue = "remind"
    escalate: Assignee | None = None  # whom an overdue item goes to with overdue="escalate"
    work_time: bool = False  # a timer event's duration counts working time only

    returns: tuple[str, ...] = ("any",)  # "any", "applicant", "none", or ids of nodes
    bulk: bool = False
    auto: str = ""  # an expression; true: passes by itself, with a line in the history
    skip_same: bool = False  # 同人跳过
    own_matter: bool = False  # the applicant may decide their own matter here
    opinion: Opinion = "refusal"
    forbids: tuple[str, ...] = ()  # verbs not offered here: hand_over, add_signer, delegate, withdraw …
    outcome: str = ""  # on an end event: what the matter came to (granted, refused …)

    @classmethod
    def read(cls, node_id: str, name: str, tag: str, attributes: Mapping[str, str]) -> Self:
        """From the attributes as written; raises SettingError at the first that says nothing sensible."""
        values: dict[str, Any] = {}
        for written, text in attributes.items():
            if written not in _READERS:
                raise SettingError(f"不认识的设置 yanta:{written}")
            field, reader = _READERS[written]
            if text.strip():
                values[field] = reader(text.strip())
        return cls(node_id, name, tag, **values)

    def written(self) -> dict[str, str]:
        """The attributes that say the same, defaults left out."""
        found: dict[str, str] = {}
        for field in fields(self)[3:]:
            value = getattr(self, field.name)
            if value != field.default:
                found[_camel(field.name)] = _written(value)
        return found


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ("; " if value and isinstance(value[0], Assignee) else " ").join(map(str, value))
    return str(value)


def _bool(text: str) -> bool:
    if text not in ("true", "false", "1", "0"):
        raise SettingError(f"“{text}”应为 true 或 false")
    return text in ("true", "1")


def _share(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 100:
        raise SettingError(f"比例“{text}”应为 1 到 100 的整数")
    return int(text)


def _people(text: str) -> tuple[Assignee, ...]:
    return tuple(Assignee.parse(one) for one in text.split(";") if one.strip())


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _one_of(kind: Any) -> Any:
    def read(text: str) -> str:
        if text not in get_args(kind):
            raise SettingError(f"“{text}”应为 {'、'.join(get_args(kind))} 之一")
        return text

    return read


_SPECIAL: dict[str, Any] = {
    "assignees": _people, "copies": _people, "fallback": Assignee.parse, "escalate": Assignee.parse,
    "due": Span.parse, "amber": Span.parse, "share": _share, "returns": _words, "forbids": _words,
    "sign": _one_of(Sign), "order": _one_of(Order), "overdue": _one_of(Overdue), "opinion": _one_of(Opinion),
    "veto": _bool, "work_time": _bool, "bulk": _bool, "skip_same": _bool, "own_matter": _bool,
}  # fmt: skip
_READERS: dict[str, tuple[str, Any]] = {
    _camel(field.name): (field.name, _SPECIAL.get(field.name, str)) for field in fields(NodeSettings)[3:]
}


@dataclass(frozen=True, slots=True)
class ProcessSettings:
    """What the process as a whole says: attributes of `<bpmn:process>` (or of the root when there are several)."""

    process_id: str
    name: str = ""
    owner: Assignee | None = None  # who is asked when nobody else is found, and who may mend instances
    withdraw: str = ""  # operations of the subject: when taken back, ended, refused without a node's own
    terminate: str = ""
    refuse: str = ""
    send_back: str = ""  # when returned to the applicant
    resume: str = ""  # when the applicant hands in again

    @classmethod
    def read(cls, process_id: str, name: str, attributes: Mapping[str, str]) -> Self:
        known = {_camel(field.name): field.name for field in fields(cls)[2:]}
        values: dict[str, Any] = {}
        for written, text in attributes.items():
            if written not in known:
                raise SettingError(f"不认识的设置 yanta:{written}")
            if text.strip():
                values[known[written]] = Assignee.parse(text) if written == "owner" else text.strip()
        return cls(process_id, name, **values)
