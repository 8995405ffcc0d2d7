"""Signing and writing it down: the one way to an impression, for people's applications and for other systems."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from yanta.kernel import files
from yanta.kernel.base import Actor, Refused, ciphers
from yanta.kernel.events import publish
from yanta.kernel.people.models import Person
from yanta.sso.seals import drawing, events, papers, pressing, rules
from yanta.sso.seals import national as sm2
from yanta.sso.seals.models import Certificate, Impression, Seal, SealRequest, SignedDocument

WIDTHS = {
    Seal.Kind.OFFICIAL: (42.0, 42.0), Seal.Kind.COLLEGE: (40.0, 40.0), Seal.Kind.CONTRACT: (40.0, 40.0),
    Seal.Kind.FINANCE: (45.0, 30.0), Seal.Kind.SPECIAL: (40.0, 40.0), Seal.Kind.PERSONAL: (30.0, 12.0),
}  # fmt: skip
UNIT_REASON = "经审批加盖电子印章"
PERSON_REASON = "本人签名"


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be sealed, and on whose word."""

    content: bytes
    title: str
    places: Sequence[rules.Place]
    approval: str
    copies: int = 1
    request: SealRequest | None = None
    person: Person | None = None


def picture_of(seal: Seal) -> drawing.Picture:
    width, height = WIDTHS[Seal.Kind(seal.kind)]
    if seal.kind == Seal.Kind.PERSONAL:
        return drawing.personal(seal.name, width=width, height=height)
    return drawing.official(seal.name, seal.foot, width=width, height=height)


def art_of(seal: Seal) -> pressing.Art:
    """The uploaded picture of a seal, or our drawing of it."""
    if seal.image is None:
        return pressing.art_of(picture_of(seal))
    with files.open_file(seal.image) as image:
        return pressing.Art(None, image.read(), *WIDTHS[Seal.Kind(seal.kind)])


def seal(order: Order, with_seal: Seal, *, actor: Actor) -> SignedDocument:
    """Press a seal that is held (locked) by the caller and note it in the register, or Refused and nothing changed."""
    now = timezone.now()
    refusal = with_seal.refusal_to_press(on=timezone.localdate(now))
    if refusal:
        raise Refused(refusal, rule="seals.policy")
    row = with_seal.certificate
    if row is None or not row.is_usable(at=now):
        raise Refused(f"印章“{with_seal}”的证书不可用，请联系信息中心", rule="seals.certificate")
    with transaction.atomic():
        document = _carried_out(
            order, art_of(with_seal), row, str(with_seal), UNIT_REASON, now, actor,
            seal=with_seal, national=with_seal.national, org_unit_id=with_seal.org_unit_id,
        )  # fmt: skip
        Seal.objects.filter(pk=with_seal.pk).update(uses=F("uses") + 1)
    with_seal.uses += 1
    return document


def sign(order: Order, row: Certificate, *, actor: Actor) -> SignedDocument:
    """A person's own signature, by a certificate that is the person's."""
    now = timezone.now()
    if row.person is None or row.kind != Certificate.Kind.PERSON or not row.is_usable(at=now):
        raise Refused("您没有可用的个人证书，请先申请", rule="seals.certificate")
    width, height = WIDTHS[Seal.Kind.PERSONAL]
    art = pressing.art_of(drawing.personal(row.person.name, width=width, height=height))
    with transaction.atomic():
        return _carried_out(
            replace(order, person=row.person),
            art,
            row,
            row.person.name,
            PERSON_REASON,
            now,
            actor,
            org_unit_id=row.person.home_unit_id,
        )


def own_certificate(person_id: int | None) -> Certificate:
    """The certificate a person signs PDF with; Refused when there is none."""
    rows = Certificate.objects.filter(
        person_id=person_id or 0, kind=Certificate.Kind.PERSON, state=Certificate.State.ISSUED
    )
    row = rows.exclude(algorithm=Certificate.Algorithm.SM2).select_related("person").order_by("-pk").first()
    if row is None:
        raise Refused("您没有可用的个人证书，请先申请", rule="seals.certificate")
    return row


def _carried_out(
    order: Order, art: pressing.Art, row: Certificate, name: str, reason: str, at: datetime, actor: Actor,
    *, seal: Seal | None = None, national: Certificate | None = None, org_unit_id: int | None = None,
) -> SignedDocument:  # fmt: skip
    paper = papers.checked(order.content)
    known = document_of(order.content)
    if known is not None and known.state != SignedDocument.State.VALID:
        raise Refused("这份文件已被撤回，不能再签章", rule="seals.withdrawn")
    number = known.number if known else rules.new_number()
    signed = pressing.pressed(paper, pressing.Impress(
        art, order.places, row, name, reason, settings.YANTA_NODE_NAME, at,
        mark=None if paper.signatures else mark_of(number),
        national=national if settings.SEALS_SM2_INSIDE and national and national.private else None,
    ))  # fmt: skip
    document = _kept(known, order, signed, number, len(paper.sheets), org_unit_id, actor)
    _noted(document, order, signed, row, at, actor, seal=seal, national=national, org_unit_id=org_unit_id)
    publish(events.DocumentSealed(document_id=document.pk, number=number))
    return document


def address_of(number: str) -> str:
    return f"{settings.SITE_ADDRESS}/verify/{number}/"


def mark_of(number: str) -> drawing.Picture:
    shown = SignedDocument(number=number).shown_number
    return drawing.mark(address_of(number), ["扫码验证真伪", shown])


def document_of(content: bytes) -> SignedDocument | None:
    """The document whose registered version these bytes are."""
    found = Impression.objects.filter(sm3=ciphers.sm3_hex(content)).select_related("document").first()
    return found.document if found else None


def _kept(
    known: SignedDocument | None, order: Order, signed: bytes, number: str, pages: int, org_unit_id: int | None,
    actor: Actor,
) -> SignedDocument:  # fmt: skip
    file = files.store(
        f"{order.title}.pdf", signed, actor=actor, purpose="seals.signed", allow=("pdf",), megabytes=papers.MEGABYTES * 2,
        owner_id=order.person.pk if order.person else None, held=True,
    )  # fmt: skip
    if known is not None:
        known.file = file
        known.save(update_fields=["file", "updated_at"])
        return known
    return SignedDocument.objects.create(
        number=number,
        title=order.title,
        org_unit_id=org_unit_id,
        person=order.person,
        file=file,
        pages=pages,
        source_sm3=ciphers.sm3_hex(order.content),
    )


def _noted(
    document: SignedDocument, order: Order, signed: bytes, row: Certificate, at: datetime, actor: Actor,
    *, seal: Seal | None, national: Certificate | None, org_unit_id: int | None,
) -> None:  # fmt: skip
    digest = ciphers.sm3_hex(signed)
    Impression.objects.create(
        document=document, kind=Impression.Kind.SEAL if seal else Impression.Kind.SIGNATURE, seal=seal, certificate=row,
        national=national, request=order.request, org_unit_id=org_unit_id, person=order.person, at=at, by=actor.signature,
        account_id=actor.account_id, approval=order.approval, places="；".join(str(place) for place in order.places),
        copies=order.copies, sm3=digest, sha256=sha256(signed).hexdigest(), sm2=_national(national, digest),
    )  # fmt: skip


def _national(row: Certificate | None, digest: str) -> str:
    return sm2.sign(row, digest) if row is not None and row.private else ""
