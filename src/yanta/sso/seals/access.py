"""Who may read the documents: whoever sees the application, or the sealed document."""

from __future__ import annotations

from yanta.kernel.access import roles
from yanta.kernel.base import Actor
from yanta.kernel.files import readable
from yanta.kernel.files.models import StoredFile
from yanta.sso.seals.models import RequestFile, SealRequest, SignedDocument
from yanta.sso.seals.services.applying import APPLY, SIGN, STAFF

for role in STAFF:
    roles.allow(role, [APPLY, SIGN])


def may_see(request: SealRequest, actor: Actor) -> bool:
    """The applicant, the keeper, and those whose scope the seal's unit lies in."""
    if actor.person_id is not None and actor.person_id in (request.applicant_id, request.seal.keeper_id):
        return True
    return bool(SealRequest.objects.visible_to(actor).filter(pk=request.pk).exists())


@readable("seals.request")
def reads_material(file: StoredFile, actor: Actor) -> bool:
    rows = RequestFile.objects.filter(file=file).select_related("request__seal")
    return any(may_see(one.request, actor) for one in rows)


@readable("seals.signed")
def reads_result(file: StoredFile, actor: Actor) -> bool:
    documents = SignedDocument.objects.filter(file=file)
    if documents.visible_to(actor).exists():
        return True
    rows = RequestFile.objects.filter(document__in=documents).select_related("request__seal")
    return any(may_see(one.request, actor) for one in rows)
