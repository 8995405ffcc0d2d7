"""The owner of a kind writes its text, stops and resumes it."""

from __future__ import annotations

import re
from typing import Annotated

from yanta.kernel.base import Actor, Refused
from yanta.kernel.base.elements import declared
from yanta.kernel.operation import Label, operation
from yanta.kernel.organisation.models import OrgUnit
from yanta.systems.certificates.models import Kind
from yanta.systems.certificates.rules import starters, wording


def problems_of(text: str) -> list[str]:
    """What stands in a text that nobody could fill."""
    offered = declared()
    columns = {
        one.name: [column.name for column in one.columns] for one in offered.values() if one.kind == "rows"
    }
    photos = {one.name for one in offered.values() if one.kind == "photo"}
    return wording.problems_in(text, names=set(offered) - photos, columns=columns)


@operation("修改文字", icon="edit", roles=("owner",), bulk=False)
def write(
    kind: Kind, *, actor: Actor, title: Annotated[str, Label("抬头")], body: Annotated[str, Label("正文")],
    closing: Annotated[str, Label("落款")],
) -> None:  # fmt: skip
    """From now on; what was issued stays as it was."""
    problems = problems_of(body)
    if problems:
        raise Refused("；".join(problems[:5]), field="body")
    if not title.strip() or not closing.strip():
        raise Refused("请写抬头和落款", field="title")
    kind.title, kind.body, kind.closing = title.strip()[:80], body.strip(), closing.strip()[:80]
    kind.save(update_fields=["title", "body", "closing", "updated_at"])


@operation("暂停办理", icon="player-pause", danger=True, roles=("owner",), when=lambda kind: kind.is_open)
def close(kind: Kind, *, actor: Actor, reason: Annotated[str, Label("原因", "申请人会看到")]) -> None:
    """Nobody gets one until it is opened again; people read why."""
    kind.is_open, kind.closed_for = False, reason.strip()[:120]
    kind.save(update_fields=["is_open", "closed_for", "updated_at"])


@operation("恢复办理", icon="player-play", roles=("owner",), when=lambda kind: not kind.is_open)
def reopen(kind: Kind, *, actor: Actor) -> None:
    """Its text must be one that can be filled."""
    problems = problems_of(kind.body)
    if problems:
        raise Refused("；".join(problems[:5]))
    kind.is_open, kind.closed_for = True, ""
    kind.save(update_fields=["is_open", "closed_for", "updated_at"])


@operation("载入常用种类", model=Kind, icon="download", roles=("owner",))
def add_starters(*, actor: Actor) -> int:
    """Those that are not there yet; each waits for the authority of a seal before anything can be issued."""
    there = set(Kind.objects.values_list("code", flat=True))
    root = OrgUnit.objects.filter(depth=1).first()
    added = 0
    for order, one in enumerate(starters.STARTERS, 1):
        office = OrgUnit.objects.filter(name__contains=one.office, valid_to=None).first() or root
        if one.code in there or office is None:
            continue
        Kind.objects.create(
            code=one.code, name=one.name, language=one.language, unit=office, audience=one.audience, summary=one.summary,
            title=one.title, body=one.body, closing=closing_of(root, office, english=one.language == "en"),
            needs_approval=one.needs_approval, most=one.most, valid_days=one.valid_days, ending=one.ending, order=order * 10,
            is_open=not one.closed_for, closed_for=one.closed_for,
        )  # fmt: skip
        added += 1
    return added


def closing_of(root: OrgUnit | None, office: OrgUnit, *, english: bool) -> str:
    """The school and the office, in the language of the paper."""
    if english:
        return ", ".join(one.english_name or one.name for one in (office, root) if one is not None)[:80]
    name = re.sub(r"^.*（(.+)）$", r"\1", office.name)
    return f"{root.name if root else ''}{name}"[:80]
