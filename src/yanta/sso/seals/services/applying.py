"""Handing documents in for a seal, asking for a standing authority, and signing by oneself."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import pghistory
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from yanta.kernel import audit, files, workflow
from yanta.kernel.base import Actor, Refused, ciphers
from yanta.kernel.base.refused import NotAllowed
from yanta.kernel.events import publish
from yanta.kernel.files.models import StoredFile
from yanta.kernel.operation import operation
from yanta.kernel.organisation.models import OrgUnit
from yanta.kernel.people.models import Affiliation, Person
from yanta.sso.seals import events, papers, registering, rules
from yanta.sso.seals.models import RequestFile, Seal, SealRequest, SignedDocument

STAFF = ("teacher", "counsellor", "clerk", "head", "leader")
APPLY, SIGN = "seals.sealrequest.apply", "seals.signeddocument.sign"
PROCESS = "seals.use"
MOST_FILES = 500
UNPACKED_MEGABYTES = 300


@dataclass(frozen=True, slots=True)
class Handed:
    """One file as it came in."""

    name: str
    content: bytes


def seals_for(actor: Actor) -> list[Seal]:
    """The seals in use that this person may apply for: those open to the school, and those of the units one is of."""
    units = [unit.path for unit in _units_of(actor.person_id)]
    mine = Q(audience=Seal.Audience.SCHOOL)
    for path in units:
        # A unit's members include those of its sections.
        mine |= Q(org_unit__path__in=[path[:length] for length in range(4, len(path) + 1, 4)])
    rows = Seal.objects.filter(mine, state=Seal.State.IN_USE).exclude(kind=Seal.Kind.PERSONAL)
    return list(rows.select_related("org_unit", "keeper"))


def _units_of(person_id: int | None) -> list[OrgUnit]:
    today = timezone.localdate()
    rows = Affiliation.objects.filter(person_id=person_id or 0, role=Affiliation.Role.STAFF).filter(
        Q(valid_to=None) | Q(valid_to__gte=today)
    )
    found = [row.org_unit for row in rows.select_related("org_unit") if row.org_unit is not None]
    home = Person.objects.select_related("home_unit").filter(pk=person_id or 0).first()
    return [*found, home.home_unit] if home and home.home_unit else found


def unpacked(handed: Sequence[Handed]) -> list[Handed]:
    """PDF files as they are, archives as the PDF files in them. Refused: anything else, too many, too large."""
    found: list[Handed] = []
    for one in handed:
        found += _members(one) if one.content[:4] == b"PK\x03\x04" else [one]
    if not 0 < len(found) <= MOST_FILES:
        raise Refused(f"一次申请须有 1 至 {MOST_FILES} 份 PDF，这次有 {len(found)} 份", field="documents")
    return found


def _members(archive: Handed) -> list[Handed]:
    try:
        with zipfile.ZipFile(io.BytesIO(archive.content)) as opened:
            parts = [part for part in opened.infolist() if part.filename.lower().endswith(".pdf")]
            if (
                sum(part.file_size for part in parts) > UNPACKED_MEGABYTES * 1024 * 1024
                or len(parts) > MOST_FILES
            ):
                raise Refused("压缩包展开后过大，请分几次申请", field="documents")
            return [Handed(part.filename.rpartition("/")[2], opened.read(part)) for part in parts]
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError) as error:
        raise Refused("压缩包打不开，请重新打包（不加密码）", field="documents") from error


def taken_in(handed: Sequence[Handed], *, actor: Actor) -> list[StoredFile]:
    """Keep what was handed in, each a PDF that may be sealed; Refused names the file that may not."""
    found = []
    for one in unpacked(handed):
        try:
            papers.checked(one.content)
        except Refused as refusal:
            raise Refused(f"{one.name}：{refusal.message}", field="documents", rule=refusal.rule) from refusal
        found.append(files.store(
            one.name, one.content, actor=actor, purpose="seals.request", allow=("pdf",), megabytes=papers.MEGABYTES
        ))  # fmt: skip
    return found


@contextmanager
def _deed(permission: str, actor: Actor) -> Iterator[None]:
    """Like an operation, but on somebody else's seal: whoever may apply writes into the scope of the seal's unit."""
    if not actor.may(permission):
        raise NotAllowed("您没有申请用印的权限", rule=permission)
    with transaction.atomic(), pghistory.context(operation=permission, actor=actor.name):
        yield


@dataclass(frozen=True, slots=True)
class Wish:
    """What an applicant says about the documents: how they are called, what for, where the seal goes (see `rules`)."""

    title: str
    purpose: str
    places: str = ""
    copies: int = 1


def apply(seal: Seal, documents: Sequence[StoredFile], wish: Wish, *, actor: Actor) -> SealRequest:
    """Hand in documents for a seal. Every one is looked through now, so that nothing is approved that cannot be sealed."""
    with _deed(APPLY, actor):
        request = _handed_in(seal, documents, wish, actor=actor)
        if not actor.is_system:
            workflow.start(PROCESS, subject=request, actor=actor)
        audit.record(APPLY, actor=actor, subject=request, summary="申请用印")
    return request


def _handed_in(seal: Seal, documents: Sequence[StoredFile], wish: Wish, *, actor: Actor) -> SealRequest:
    _check(seal, actor)
    wanted = _places(wish.places)
    if not 0 < wish.copies <= 1000:
        raise Refused("份数须在 1 至 1000 之间", field="copies")
    if not (documents and wish.title and wish.purpose):
        raise Refused("请填写标题和用途，并上传要盖章的 PDF", field="documents")
    request = SealRequest.objects.create(
        seal=seal, applicant_id=actor.person_id, title=wish.title[:120], purpose=wish.purpose[:300],
        copies=wish.copies,
        places="；".join(str(place) for place in wanted), contents=_contents([one.digest for one in documents]),
        state=SealRequest.State.SUBMITTED if seal.needs_head else SealRequest.State.ENDORSED,
    )  # fmt: skip
    for file in documents:
        with files.open_file(file) as content:
            pages = len(papers.checked(content.read()).sheets)
        RequestFile.objects.create(
            request=request, file=file, name=file.name, digest=file.digest, pages=pages
        )
    publish(events.RequestMoved(request_id=request.pk))
    return request


@operation("申请授权用印", model=SealRequest, icon="license", roles=("clerk", "head"))
def authorise(
    *, actor: Actor, seal: Seal, title: str, purpose: str, quota: int, valid_to: date
) -> SealRequest:
    """Ask that a system may press a seal by itself, so often at most and until that day (inclusive)."""
    _check(seal, actor)
    if not 0 < quota <= 1_000_000:
        raise Refused("授权份数须在 1 至 1,000,000 之间", field="quota")
    if not timezone.localdate() <= valid_to <= timezone.localdate().replace(month=12, day=31):
        raise Refused("授权最长到本年底", field="valid_to")
    return SealRequest.objects.create(
        kind=SealRequest.Kind.STANDING, seal=seal, applicant_id=actor.person_id, title=title, purpose=purpose, quota=quota,
        valid_to=valid_to, state=SealRequest.State.SUBMITTED,
    )  # fmt: skip


def _check(seal: Seal, actor: Actor) -> None:
    if not actor.is_system and seal.pk not in {one.pk for one in seals_for(actor)}:
        raise Refused("您不能申请使用这枚印章", field="seal", rule="seals.audience")
    refusal = seal.refusal_to_press(on=timezone.localdate())
    if refusal:
        raise Refused(refusal, field="seal")


def _places(text: str) -> list[rules.Place]:
    try:
        return rules.places_in(text)
    except rules.UnreadableError as error:
        raise Refused(str(error), field="places") from error


def _contents(digests: Sequence[str]) -> str:
    """One digest for all documents in their order: what is approved is what is sealed."""
    return ciphers.sm3_hex("".join(digests).encode())


def contents_of(request: SealRequest) -> str:
    """The digest of what would be sealed now, from the stored files themselves."""
    digests = []
    for one in request.files.select_related("file").order_by("pk"):
        with files.open_file(one.file) as content:
            digests.append(ciphers.sm3_hex(content.read()))
    return _contents(digests)


def sign_paper(document: StoredFile, *, actor: Actor, title: str, places: str = "") -> SignedDocument:
    """Sign a document with one's own certificate; earlier signatures on it remain valid."""
    with _deed(SIGN, actor):
        with files.open_file(document) as content:
            order = registering.Order(content.read(), title[:120], _places(places), "本人签署")
        signed = registering.sign(order, registering.own_certificate(actor.person_id), actor=actor)
        audit.record(SIGN, actor=actor, subject=signed, summary="签署文件")
    return signed
