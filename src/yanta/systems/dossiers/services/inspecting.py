"""四性检测 (DA/T 70): authentic, whole, usable, safe; each check says what it looked at and what it found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import orjson
from django.db import connection

from yanta.kernel import files
from yanta.kernel.base import Actor, Refused, ciphers, signatures
from yanta.kernel.base.archives import pieces_of, ranges
from yanta.kernel.files import kinds, storing
from yanta.kernel.operation import operation
from yanta.sso.seals import papers
from yanta.sso.seals import public as seals
from yanta.systems.dossiers.models import Dossier, Entry, Inspection
from yanta.systems.dossiers.rules import chain, completeness
from yanta.systems.dossiers.services.collecting import bound

Verdict = Literal["pass", "warn", "fail"]
KEEPERS = ("clerk", "head", "counsellor")


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: of which of the four properties, what was looked at, how it came out."""

    property: str
    check: str
    verdict: Verdict
    text: str


@operation("四性检测", icon="shield-check", roles=KEEPERS)
def inspect(dossier: Dossier, *, actor: Actor) -> Inspection:
    """Look through the file and sign the list of what is there."""
    return look_through(dossier, by=actor.signature)


def look_through(dossier: Dossier, *, by: str) -> Inspection:
    """The same without asking whose file it is: a person checks one's own."""
    entries = list(dossier.entries.select_related("file").order_by("serial"))
    if not entries:
        raise Refused("档案里还没有材料，不用检测")
    found = [
        *_authentic(dossier, entries),
        *_whole(dossier, entries),
        *_usable(entries),
        *_safe(dossier, entries),
    ]
    manifest = manifest_of(dossier, entries)
    sound = all(one.verdict != "fail" for one in found)
    made = Inspection.objects.create(
        dossier=dossier, by=by, is_sound=sound, findings=[asdict(one) for one in found], entries_count=len(entries),
        manifest_digest=ciphers.sm3_hex(manifest), signature=signatures.sign(manifest).as_text(),
    )  # fmt: skip
    Dossier.objects.filter(pk=dossier.pk).update(inspected_at=made.created_at, is_sound=sound)
    return made


def manifest_of(dossier: Dossier, entries: Sequence[Entry]) -> bytes:
    """The list of everything in the file, each line with its digest; the same bytes for the same file."""
    rows = [
        {
            **bound(one),
            "digest": one.digest,
            "happened_on": str(one.happened_on),
            "keep_until": str(one.keep_until or ""),
        }
        for one in entries
    ]
    head = {
        "person": dossier.person.number,
        "name": dossier.person.name,
        "kind": dossier.kind,
        "number": dossier.number,
    }
    return orjson.dumps({"dossier": head, "entries": rows}, option=orjson.OPT_SORT_KEYS)


def _said(what: str, check: str, bad: Sequence[str], good: str, *, verdict: Verdict = "fail") -> Finding:
    return Finding(
        what,
        check,
        verdict if bad else "pass",
        "；".join(bad[:5]) + (f" 等 {len(bad)} 处" if len(bad) > 5 else "") if bad else good,
    )


def _authentic(dossier: Dossier, entries: Sequence[Entry]) -> Iterator[Finding]:
    broken = chain.first_broken([bound(one) for one in entries], ciphers.sm3_hex)
    changed = [f"第 {broken} 件与归档时不一致"] if broken else []
    yield _said("真实性", "逐件链值与归档时一致", changed, f"{len(entries)} 件的链值全部相符")
    contents = [
        f"第 {one.serial} 件的内容被改动" for one in entries
        if ciphers.sm3_hex(chain.content(one.title, one.happened_on, one.facts, one.file_digest)) != one.digest
    ]  # fmt: skip
    yield _said("真实性", "内容摘要与归档时一致", contents, "内容摘要全部相符")
    sealed = [one for one in entries if one.file and one.range_key == "certificates"]
    forged = [f"第 {one.serial} 件的电子签章无效" for one in sealed if not _is_genuine(one)]
    yield _said(
        "真实性",
        "电子签章有效",
        forged,
        f"{len(sealed)} 件带电子签章，全部有效" if sealed else "没有带电子签章的材料",
    )
    yield _source(dossier, entries)


def _is_genuine(entry: Entry) -> bool:
    if entry.file is None:
        return False
    try:
        with files.open_file(entry.file) as content:
            return seals.is_genuine(content.read())
    except OSError:
        return False


def _source(dossier: Dossier, entries: Sequence[Entry]) -> Finding:
    """What the sources say today; a source that says otherwise is no fault of the file, but somebody should know."""
    now = {one.origin for one in pieces_of([dossier.person_id])}
    gone = [f"第 {one.serial} 件“{one.title}”的来源已不在" for one in entries if one.origin not in now]
    return _said("真实性", "来源可追溯", gone, "每一件都能在来源系统找到", verdict="warn")


def _whole(dossier: Dossier, entries: Sequence[Entry]) -> Iterator[Finding]:
    gaps = (
        []
        if [one.serial for one in entries] == list(range(1, dossier.entries_count + 1))
        else ["件号不连续或件数不符"]
    )
    heads = [] if entries[-1].link == dossier.head else ["末件链值与档案登记的不符"]
    yield _said("完整性", "件号连续、件数与登记一致", gaps + heads, f"第 1 至 {len(entries)} 件连续")
    bare = [
        f"第 {one.serial} 件缺著录项"
        for one in entries
        if not (one.title and one.origin and one.owner and one.range_title)
    ]
    yield _said("完整性", "著录项齐全", bare, "题名、形成日期、形成单位、来源齐全")
    present = {one.range_key for one in entries}
    lacks = completeness.lacking(ranges().values(), present, kind=dossier.kind, has_left=dossier.has_left)
    missing = [f"缺“{one.title}”（{one.owner}）" for one in lacks]
    yield _said("完整性", "归档范围内的材料齐全", missing, "应归档的材料都在", verdict="warn")


def _usable(entries: Sequence[Entry]) -> Iterator[Finding]:
    held = [one for one in entries if one.file]
    unreadable, wrong = [], []
    for one in held:
        try:
            if one.file is None or not storing.is_whole(one.file) or one.file.digest != one.file_digest:
                unreadable.append(f"第 {one.serial} 件的原文与归档时不一致")
                continue
            with files.open_file(one.file) as content:
                if (
                    kinds.TYPES.get(kinds.kind_of(content, kinds.claim_of(one.file.name)))
                    != one.file.content_type
                ):
                    wrong.append(f"第 {one.serial} 件的格式与登记不符")
        except OSError:
            unreadable.append(f"第 {one.serial} 件的原文读不出来")
    yield _said(
        "可用性", "原文可读、摘要相符", unreadable, f"{len(held)} 件原文全部可读" if held else "没有原文件"
    )
    yield _said(
        "可用性",
        "格式与登记一致",
        wrong,
        "格式都是长期可读的（PDF/A、图片）" if held else "内容为结构化数据，可直接读",
    )


def _safe(dossier: Dossier, entries: Sequence[Entry]) -> Iterator[Finding]:
    loose = [
        f"第 {one.serial} 件没有密级" for one in entries if one.secrecy not in ("open", "internal", "private")
    ]
    yield _said("安全性", "密级已定", loose, "每一件都有密级")
    active = [f"第 {one.serial} 件：{why}" for one in entries if (why := _active(one))]
    yield _said("安全性", "原文不含脚本、宏、附件", active, "没有会自己运行的内容")
    guards = _guards()
    yield _said(
        "安全性",
        "数据库禁止改动和删除",
        [] if guards == 3 else ["防改动的触发器被停用"],
        "材料、检测、查看记录只增不改",
    )
    yield Finding("安全性", "查看留痕", "pass", f"共 {dossier.readings.count()} 次他人查看，全部有记录")


def _active(entry: Entry) -> str:
    if entry.file is None or entry.file.content_type != kinds.TYPES["pdf"]:
        return ""
    try:
        with files.open_file(entry.file) as content:
            papers.checked(content.read())
    except Refused as refusal:
        return refusal.message
    except OSError:
        return ""  # said under 可用性
    return ""


def _guards() -> int:
    """How many of the three tables the database still guards."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(DISTINCT tgrelid) FROM pg_trigger WHERE tgname LIKE 'pgtrigger_append_only%%' AND tgenabled <> 'D'"
            " AND tgrelid IN ('dossiers_entry'::regclass, 'dossiers_inspection'::regclass, 'dossiers_reading'::regclass)"
        )
        row: Any = cursor.fetchone()
    return int(row[0])
