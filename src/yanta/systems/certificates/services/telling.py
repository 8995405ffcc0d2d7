"""Messages to the holder."""

from __future__ import annotations

from yanta.kernel import notify
from yanta.systems.certificates.models import Certificate


def _of(certificate_id: int) -> Certificate:
    return Certificate.objects.select_related("kind").get(pk=certificate_id)


def tell_ended(certificate_id: int) -> None:
    one = _of(certificate_id)
    notify.send(
        "certificates.ended", to=[one.person_id], link=f"/certificates/{one.pk}/", once=f"{one.pk}:{one.state}",
        context={"name": one.kind.name, "number": one.number, "result": one.get_state_display(), "reason": one.opinion},
    )  # fmt: skip


def tell_issued(certificate_id: int) -> None:
    """Only who had to wait, or who got one without asking."""
    one = _of(certificate_id)
    if one.kind.needs_approval or one.batch_id:
        said = "审核通过，可以下载" if one.kind.needs_approval else f"由学院统一开具，用途：{one.purpose}"
        _decided(one, "已开具", said)


def tell_refused(certificate_id: int) -> None:
    one = _of(certificate_id)
    _decided(one, "未通过", one.opinion)


def _decided(one: Certificate, result: str, opinion: str) -> None:
    notify.send(
        "certificates.decided", to=[one.person_id], link=f"/certificates/{one.pk}/", once=f"{one.pk}:{one.state}",
        context={"name": one.kind.name, "result": result, "opinion": opinion},
    )  # fmt: skip
