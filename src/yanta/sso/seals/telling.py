"""Messages of this system."""

from __future__ import annotations

from yanta.kernel import notify
from yanta.sso.seals.models import Certificate, SealRequest


def tell_applicant(request_id: int) -> None:
    """Once for every state of an application."""
    request = SealRequest.objects.select_related("seal").get(pk=request_id)
    if request.applicant_id:
        notify.send(
            "seals.request", to=[request.applicant_id], link=f"/seals/sealrequest/{request.pk}/",
            once=f"{request.pk}:{request.state}",
            context={"result": request.get_state_display(), "title": request.title, "opinion": request.opinion},
        )  # fmt: skip


def tell_holder(certificate_id: int) -> None:
    """The person whose certificate was suspended or revoked."""
    row = Certificate.objects.get(pk=certificate_id)
    if row.person_id:
        notify.send(
            "seals.certificate", to=[row.person_id], link=f"/seals/certificate/{row.pk}/", once=f"{row.pk}:{row.state}",
            context={"result": row.get_state_display(), "subject": row.subject, "opinion": row.opinion},
        )  # fmt: skip
