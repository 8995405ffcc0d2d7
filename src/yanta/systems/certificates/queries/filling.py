"""From what is known of a person to the paper: values, their English, where each came from."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from yanta.kernel.base import ciphers
from yanta.kernel.base.elements import Element, Known, declared, known
from yanta.kernel.organisation.models import OrgUnit
from yanta.masterdata.models import Course
from yanta.systems.certificates.models import Kind, OfficialName
from yanta.systems.certificates.rules import english, limits, wording

# Names of people are spelt, not translated; these change by themselves and say nothing about the holder.
SPELT = frozenset({"person.name", "student.counsellor", "student.head_teacher"})
PASSING = frozenset({"today", "school.year", "school.term", "school.name"})


@dataclass(frozen=True, slots=True)
class Filled:
    """What could be written for one person; `missing` and `untranslated` say why it cannot be issued."""

    values: Mapping[str, Known] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    rows: Mapping[str, list[dict[str, str]]] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    untranslated: tuple[str, ...] = ()

    @property
    def refusal(self) -> str | None:
        """In words, what is lacking and who can put it right."""
        if self.missing:
            return f"还缺：{'、'.join(self.missing)}。请先由主管部门补全，再来开具"
        if self.untranslated:
            return f"还没有官方英文：{'、'.join(self.untranslated)}。请联系出具单位补上译名"
        return None


def wanted_of(kind: Kind) -> dict[str, bool]:
    """The elements a kind is written from, and whether each must be known; its audience's state always is asked."""
    found = wording.elements_of(wording.blocks_in(kind.body))
    return {**found, limits.WATCHED[kind.audience]: True}


def filled_for(kind: Kind, person_ids: Collection[int], *, on: date) -> dict[int, Filled]:
    """Everybody at once: each provider is asked one time."""
    wanted = wanted_of(kind)
    offered = declared()
    asked = [name for name in wanted if name in offered]
    # Providers may answer more than they were asked.
    found = {
        person: {name: values[name] for name in asked if name in values}
        for person, values in known(person_ids, asked, on=on).items()
    }
    names = english_of(found.values()) if kind.is_english else {}
    return {person: _filled(values, wanted, offered, kind, names) for person, values in found.items()}


def _filled(
    values: Mapping[str, Known],
    wanted: Mapping[str, bool],
    offered: Mapping[str, Element],
    kind: Kind,
    names: Mapping[str, str],
) -> Filled:
    missing = [_label(name, offered) for name, needed in wanted.items() if needed and name not in values]
    texts: dict[str, str] = {}
    rows: dict[str, list[dict[str, str]]] = {}
    unknown: list[str] = []
    watched = limits.WATCHED[kind.audience]
    written = wording.elements_of(wording.blocks_in(kind.body))
    for name, value in values.items():
        if name == watched and name not in written:
            continue
        if offered[name].kind == "rows":
            rows[name] = _rows(value.value, kind, names, unknown)
        else:
            texts[name] = _text(name, value, offered[name].kind, kind, names, unknown)
    return Filled(values, texts, rows, tuple(missing), tuple(dict.fromkeys(unknown)))


def _label(name: str, offered: Mapping[str, Element]) -> str:
    one = offered.get(name)
    return name if one is None else f"{one.label}（{one.owner}）" if one.owner else one.label


def _text(
    name: str, one: Known, kind_of_value: str, kind: Kind, names: Mapping[str, str], unknown: list[str]
) -> str:
    if not kind.is_english:
        return one.shown
    if name in SPELT:
        return english.latin_name(str(one.value))
    if kind_of_value == "code":
        return _translated(one.shown, "text", names, unknown)
    return _translated(one.value, kind_of_value, names, unknown)


def _translated(value: Any, kind: str, names: Mapping[str, str], unknown: list[str]) -> str:
    found = english.in_english(value, kind=kind, names=names)
    if found is None:
        unknown.append(f"“{value}”")
    return found or ""


def _rows(
    rows: Iterable[Mapping[str, Any]], kind: Kind, names: Mapping[str, str], unknown: list[str]
) -> list[dict[str, str]]:
    if not kind.is_english:
        return [
            {name: f"{value:f}" if isinstance(value, Decimal) else str(value) for name, value in row.items()}
            for row in rows
        ]
    return [{name: _cell(value, names, unknown) for name, value in row.items()} for row in rows]


def _cell(value: Any, names: Mapping[str, str], unknown: list[str]) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else _translated(value, "text", names, unknown)


def english_of(values: Iterable[Mapping[str, Known]]) -> dict[str, str]:
    """The official English of every Chinese text among these: at its own source where it has one, else the glossary."""
    texts: set[str] = set()
    for one in values:
        for found in one.values():
            if isinstance(found.value, list):
                texts |= {str(cell) for row in found.value for cell in row.values()}
            elif not isinstance(found.value, bytes):
                texts |= {str(found.value), found.shown}
    wanted = {text for text in texts if not text.isascii()}
    units = (
        OrgUnit.objects.filter(name__in=wanted).exclude(english_name="").values_list("name", "english_name")
    )
    courses = (
        Course.objects.filter(name__in=wanted).exclude(english_name="").values_list("name", "english_name")
    )
    glossary = OfficialName.objects.filter(chinese__in=wanted).values_list("chinese", "english")
    return {**dict(glossary), **dict(courses), **dict(units)}


def evidence_of(filled: Filled) -> list[dict[str, str]]:
    """What a certificate keeps of its facts: names, sources, keyed digests; never a value."""
    offered = declared()
    return [
        {
            "name": name, "label": offered[name].label, "source": one.source, "owner": one.owner, "origin": one.origin,
            "digest": digest_of(one),
        }
        for name, one in sorted(filled.values.items())
    ]  # fmt: skip


def digest_of(one: Known) -> str:
    text = repr(one.value) if isinstance(one.value, list) else one.shown
    return ciphers.blind_index(text).hex()


def changed_since(facts: Sequence[Mapping[str, str]], person_id: int, *, on: date) -> list[str]:
    """Labels of the facts that are no longer what they were."""
    offered = declared()
    kept = [one for one in facts if one["name"] in offered and one["name"] not in PASSING]
    now = known([person_id], [one["name"] for one in kept], on=on)[person_id]
    return [
        one["label"] for one in kept if one["name"] not in now or digest_of(now[one["name"]]) != one["digest"]
    ]


@dataclass(frozen=True, slots=True)
class Own:
    """What a certificate knows of itself."""

    purpose: str
    number: str
    code: str
    issued_on: date
    valid_to: date | None
    school: str
    address: str


def paper_of(kind: Kind, filled: Filled, own: Own) -> dict[str, Any]:
    """All that the typesetter is given."""
    texts = {**filled.texts, **_own_texts(kind, own)}
    blocks = [_block(block, texts, filled.rows) for block in wording.blocks_in(kind.body)]
    return {
        "language": kind.language, "title": kind.title, "closing": kind.closing, "school": own.school,
        "date": _day(kind, own.issued_on), "dense": any(one["kind"] == "table" for one in blocks), "blocks": blocks,
        "foot": _foot(kind, own), "page": ["Page ", ""] if kind.is_english else ["第", "页"],
    }  # fmt: skip


def _day(kind: Kind, day: date) -> str:
    return english.english_date(day) if kind.is_english else f"{day.year}年{day.month}月{day.day}日"


def _own_texts(kind: Kind, own: Own) -> dict[str, str]:
    until = _day(kind, own.valid_to) if own.valid_to else ("unlimited" if kind.is_english else "长期有效")
    return {
        "purpose": own.purpose,
        "number": own.number,
        "issued_on": _day(kind, own.issued_on),
        "valid_to": until,
    }


def _foot(kind: Kind, own: Own) -> list[str]:
    if kind.is_english:
        until = f"    Valid until: {own.valid_to}" if own.valid_to else ""
        return [
            f"No. {own.number}    Code: {own.code}{until}",
            "Verify it and see whether it still holds: scan the code at the right, or enter",
            f"number and code at {own.address}",
        ]
    until = f"　有效期至 {own.valid_to}" if own.valid_to else ""
    return [
        f"证明编号 {own.number}　验证码 {own.code}{until}",
        "真伪与现状：扫右侧二维码，或打开下面的网址输入编号和验证码",
        own.address,
    ]


def _block(
    block: wording.Block, texts: Mapping[str, str], rows: Mapping[str, list[dict[str, str]]]
) -> dict[str, Any]:
    if isinstance(block, wording.Paragraph):
        return {
            "kind": "text",
            "text": "".join(one if isinstance(one, str) else texts.get(one.name, "") for one in block.parts),
        }
    found = [[row.get(name, "") for _, name in block.columns] for row in rows.get(block.name, [])]
    longest = [
        max([len(label.encode()), *(len(row[at].encode()) for row in found)])
        for at, (label, _) in enumerate(block.columns)
    ]
    return {
        "kind": "table", "headings": [label for label, _ in block.columns], "rows": found,
        "widths": [min(max(width, 6), 30) for width in longest],
        "numbers": [bool(found) and all(_is_number(row[at]) for row in found) for at in range(len(block.columns))],
    }  # fmt: skip


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).replace(",", "").isdigit()
