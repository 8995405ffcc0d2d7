"""What other systems may ask: seal, sign, withdraw and verify documents.

Nothing is sealed without an approval: `authority` is the number (`YY2026000012`) of a standing authority that the
unit's head approved and the keeper put in force; each call uses one of its documents up.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from yanta.kernel import files
from yanta.kernel.base import Actor, Refused
from yanta.kernel.people.models import Person
from yanta.sso.seals import registering, rules, verifying
from yanta.sso.seals.issuers import Told, finds, tells
from yanta.sso.seals.models import Seal, SealRequest, SignedDocument

__all__ = [
    "Sealed", "Told", "approval_of", "finds", "is_genuine", "seal_document", "sign_document", "standing_of", "tells",
    "withdraw_document",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sealed:
    """A document that was signed: its number for people, the address of its verification, the stored file."""

    document_id: int
    number: str
    address: str
    content: bytes
    file_id: int


def seal_document(
    content: bytes,
    *,
    authority: str,
    title: str,
    actor: Actor,
    places: str = "末页右下",
    person_id: int | None = None,
) -> Sealed:
    """Press the authority's seal onto a PDF. Refused: no such authority, used up, ended, or the seal cannot be used."""
    with transaction.atomic():
        request = _authority(authority)
        seal = Seal.objects.select_for_update(of=("self",), no_key=True).get(pk=request.seal_id)
        person = Person.objects.filter(pk=person_id).first() if person_id else None
        order = registering.Order(content, title, _places(places), approval_of(request), 1, request, person)
        document = registering.seal(order, seal, actor=actor)
        request.used += 1
        request.save(update_fields=["used", "updated_at"])
        return _sealed(document)


def sign_document(
    content: bytes, *, person_id: int, title: str, actor: Actor, places: str = "末页右下"
) -> Sealed:
    """Sign a PDF as this person. Refused unless the actor is that person and has a certificate."""
    if actor.person_id != person_id:
        raise Refused("个人签名只能由本人作出", rule="seals.own-signature")
    row = registering.own_certificate(person_id)
    order = registering.Order(content, title, _places(places), "本人签署")
    return _sealed(registering.sign(order, row, actor=actor))


def withdraw_document(number: str, *, reason: str) -> None:
    """The document counts no more. Refused when there is no such document or it is withdrawn already."""
    from yanta.sso.seals.services.documents import withdraw_document as withdraw

    document = SignedDocument.objects.filter(number=rules.number_in(number) or "").first()
    if document is None:
        raise Refused("没有这个验证编号")
    withdraw(document, actor=Actor.system("seals"), reason=reason)


def standing_of(number: str) -> str:
    """valid, revoked, withdrawn or unknown: what the verification page says of this number now."""
    return verifying.by_number(number).standing


def is_genuine(content: bytes) -> bool:
    """Whether this file is a version we sealed, its signatures hold, and nobody altered it."""
    return verifying.by_content(content).standing in ("valid", "withdrawn")


def approval_of(request: SealRequest) -> str:
    return f"授权 {request.number}，{request.endorsed_by} 批准，{request.kept_by} 启用"


def _authority(number: str) -> SealRequest:
    """The standing authority, locked."""
    key = number[6:] if number.startswith("YY") and number[2:].isdecimal() else ""
    rows = SealRequest.objects.select_for_update(of=("self",), no_key=True)
    request = rows.filter(pk=int(key or 0), kind=SealRequest.Kind.STANDING).first()
    if request is None or request.number != number or request.state != SealRequest.State.IN_FORCE:
        raise Refused("没有生效的用印授权，不能盖章", rule="seals.approval")
    if request.valid_to is None or timezone.localdate() > request.valid_to:
        raise Refused("用印授权已过期", rule="seals.approval")
    if request.used >= (request.quota or 0):
        raise Refused("用印授权的份数已用完", rule="seals.approval")
    return request


def _places(text: str) -> list[rules.Place]:
    try:
        return rules.places_in(text)
    except rules.UnreadableError as error:
        raise Refused(str(error)) from error


def _sealed(document: SignedDocument) -> Sealed:
    with files.open_file(document.file) as content:
        return Sealed(
            document.pk,
            document.shown_number,
            registering.address_of(document.number),
            content.read(),
            document.file_id,
        )
