"""What is new goes into the files; what reads otherwise than before is kept beside the old."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from yanta.kernel.base import ciphers
from yanta.kernel.base.archives import PERIODS, Piece, Range, pieces_of, ranges
from yanta.kernel.codes import service as codes
from yanta.kernel.files.models import StoredFile
from yanta.kernel.organisation.models import OrgUnit
from yanta.masterdata.models import StaffMember, Student
from yanta.systems.dossiers.models import Dossier, Entry
from yanta.systems.dossiers.rules import chain, completeness

AT_ONCE = 500
KEEPER = "人事处"
STUDYING = frozenset({"01", "02", "05", "12", "13"})


@dataclass(frozen=True, slots=True)
class Collected:
    """What one passage did: pieces = new + corrected + unchanged + without a file."""

    people: int = 0
    pieces: int = 0
    new: int = 0
    corrected: int = 0
    unchanged: int = 0
    homeless: int = 0

    def plus(self, other: Collected) -> Collected:
        return Collected(
            self.people + other.people, self.pieces + other.pieces, self.new + other.new, self.corrected + other.corrected,
            self.unchanged + other.unchanged, self.homeless + other.homeless,
        )  # fmt: skip


def collect(person_ids: Collection[int]) -> Collected:
    """Bring these people's files up to date."""
    done, people = Collected(), sorted(set(person_ids))
    for start in range(0, len(people), AT_ONCE):
        done = done.plus(_collect(people[start : start + AT_ONCE]))
    return done


@transaction.atomic
def _collect(people: list[int]) -> Collected:
    known = ranges()
    dossiers = _opened(people)
    pieces = sorted(pieces_of(people), key=lambda one: (one.person_id, one.happened_on, one.origin))
    digests = dict(
        StoredFile.objects.filter(pk__in={one.file_id for one in pieces if one.file_id}).values_list(
            "pk", "digest"
        )
    )
    last = _last_by_origin(dossiers.values())
    counts: dict[str, int] = defaultdict(int)
    fresh: dict[int, list[Entry]] = defaultdict(list)
    for piece in pieces:
        dossier = dossiers.get((piece.person_id, known[piece.range_key].audience))
        counts[_put(piece, dossier, known[piece.range_key], digests, last, fresh)] += 1
    Entry.objects.bulk_create([one for found in fresh.values() for one in found], batch_size=2000)
    _closed(dossiers.values(), known)
    return Collected(
        len(people), len(pieces), counts["new"], counts["corrected"], counts["unchanged"], counts["homeless"]
    )


def _put(
    piece: Piece, dossier: Dossier | None, found: Range, digests: dict[int, str],
    last: dict[tuple[int, str], tuple[int, str]], fresh: dict[int, list[Entry]],
) -> str:  # fmt: skip
    if dossier is None:
        return "homeless"
    file_digest = digests.get(piece.file_id or 0, "")
    digest = ciphers.sm3_hex(chain.content(piece.title, piece.happened_on, piece.facts, file_digest))
    before = last.get((dossier.pk, piece.origin))
    if before is not None and before[1] == digest:
        return "unchanged"
    fresh[dossier.pk].append(
        _entry(piece, dossier, found, file_digest, digest, before[0] if before else None)
    )
    return "corrected" if before else "new"


def _entry(
    piece: Piece, dossier: Dossier, found: Range, file_digest: str, digest: str, replaces: int | None
) -> Entry:
    entry = Entry(
        dossier=dossier, serial=dossier.entries_count + 1, range_key=found.key, range_title=found.title, period=found.period,
        title=piece.title[:150], happened_on=piece.happened_on, origin=piece.origin, owner=found.owner,
        facts=[list(pair) for pair in piece.facts], file_id=piece.file_id, file_digest=file_digest, digest=digest,
        secrecy=found.secrecy, keep_until=completeness.keep_until(piece.happened_on, found.years), replaces_id=replaces,
    )  # fmt: skip
    entry.link = chain.link_of(dossier.head, bound(entry), ciphers.sm3_hex)
    dossier.entries_count, dossier.head = entry.serial, entry.link
    return entry


def bound(entry: Entry) -> dict[str, Any]:
    """An entry as the chain sees it."""
    return {**{name: getattr(entry, name) for name in chain.BOUND}, "link": entry.link}


def _opened(people: list[int]) -> dict[tuple[int, str], Dossier]:
    """The files of these people, held; opened where there is none."""
    wanted = _facts_of(people)
    rows = Dossier.objects.select_for_update(no_key=True).filter(person__in=people)
    there = {(one.person_id, one.kind): one for one in rows}
    made = [
        Dossier(person_id=person, kind=kind, **facts)
        for (person, kind), facts in wanted.items()
        if (person, kind) not in there
    ]
    for one in Dossier.objects.bulk_create(made):
        there[one.person_id, one.kind] = one
    for key, facts in wanted.items():
        for name, value in facts.items():
            setattr(there[key], name, value)
    return there


def _facts_of(people: Iterable[int]) -> dict[tuple[int, str], dict[str, Any]]:
    """Number, keeper and state of each file, by the latest enrolment and employment."""
    found: dict[tuple[int, str], dict[str, Any]] = {}
    for one in Student.objects.filter(person__in=people).order_by("enrolled_on", "pk"):
        state = codes.name_of("JYT1001_XSDQZT", one.status)
        found[one.person_id, "student"] = {
            "number": one.number, "unit_id": one.department_id, "state": state, "has_left": one.status not in STUDYING,
        }  # fmt: skip
    office = OrgUnit.objects.filter(name__contains=KEEPER, valid_to=None).values_list("pk", flat=True).first()
    for member in StaffMember.objects.filter(person__in=people).order_by("entered_on", "pk"):
        found[member.person_id, "staff"] = {
            "number": member.number, "unit_id": office or member.department_id, "state": member.get_status_display(),
            "has_left": member.status in ("retired", "left"),
        }  # fmt: skip
    return found


def _last_by_origin(dossiers: Iterable[Dossier]) -> dict[tuple[int, str], tuple[int, str]]:
    rows = Entry.objects.filter(dossier__in=[one.pk for one in dossiers]).order_by("serial")
    return {
        (dossier, origin): (key, digest)
        for key, dossier, origin, digest in rows.values_list("pk", "dossier_id", "origin", "digest")
    }


def _closed(dossiers: Iterable[Dossier], known: Any) -> None:
    """Counts, head and what is missing."""
    files = list(dossiers)
    present: dict[int, set[str]] = defaultdict(set)
    for dossier, key in (
        Entry.objects.filter(dossier__in=[one.pk for one in files])
        .values_list("dossier_id", "range_key")
        .distinct()
    ):
        present[dossier].add(key)
    now = timezone.now()
    for one in files:
        lacking = completeness.lacking(known.values(), present[one.pk], kind=one.kind, has_left=one.has_left)
        one.missing, one.collected_at, one.updated_at = len(lacking), now, now
    Dossier.objects.bulk_update(
        files,
        [
            "number",
            "unit",
            "state",
            "has_left",
            "entries_count",
            "head",
            "missing",
            "collected_at",
            "updated_at",
        ],
        batch_size=500,
    )


def everybody() -> list[int]:
    """Whoever is or was a student or a member of staff."""
    students = Student.objects.values_list("person_id", flat=True)
    return sorted({*students, *StaffMember.objects.values_list("person_id", flat=True)})


def period_names(kind: str) -> dict[str, str]:
    return dict(PERIODS["staff" if kind == "staff" else "student"])


def due_for_review(*, on: date) -> int:
    """Entries whose time is over: a person decides what becomes of them."""
    return int(Entry.objects.filter(keep_until__lt=on).count())
